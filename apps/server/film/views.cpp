#include "film/views.h"

#include "phases/dialogue/sync_facts.h"

#include <algorithm>
#include <cmath>

namespace twopop::server {
namespace {

Lufs rounded(float x) { return {std::isfinite(x) ? std::round(static_cast<double>(x) * 100) / 100 : analysis::kNoLoudness}; }

std::vector<Lufs> thinned(const std::vector<float>& series, std::size_t every, bool greatest) {
  std::vector<Lufs> out;
  for (std::size_t at = 0; at < series.size(); at += every) {
    const std::size_t end = std::min(series.size(), at + every);
    float value = series[end - 1];
    if (greatest) value = *std::max_element(series.begin() + static_cast<std::ptrdiff_t>(at), series.begin() + static_cast<std::ptrdiff_t>(end));
    out.push_back(rounded(value));
  }
  return out;
}

SyncMeasured value_of(const analysis::SyncResult& r, const std::string& against) {
  SyncMeasured m{against, r.offset_s, r.drift_ppm, r.offset_interval_s * 1e3, r.residual_rms_ms, r.confidence, r.score, r.shared, r.windows_used, r.windows_tried, r.inverted, {}, {}, r.reason, {}};
  if (r.runner_up) {
    m.runner_up_offset_s = r.runner_up->offset_s;
    m.runner_up_score = r.runner_up->score;
  }
  for (const analysis::SyncWindow& w : r.windows) m.windows.push_back({r.file_second(w.at_s), w.left_s * 1e3, w.on_line});
  return m;
}

}  // namespace

LoudnessCurve loudness_curve(const FilmCompiler::Loudness& loudness, int points) {
  const analysis::LoudnessBlocks& blocks = loudness.measure.loudness;
  const std::vector<float> momentary = analysis::momentary_series(blocks), short_term = analysis::short_term_series(blocks), integrated = analysis::integrated_series(blocks);
  const std::size_t every = std::max<std::size_t>(1, (momentary.size() + static_cast<std::size_t>(points) - 1) / static_cast<std::size_t>(points));
  LoudnessCurve curve;
  curve.revision = loudness.film->revision;
  curve.step_s = 0.1 * static_cast<double>(every);
  curve.momentary = thinned(momentary, every, true);
  curve.short_term = thinned(short_term, every, true);
  curve.integrated = thinned(integrated, every, false);
  const deliver::FilmFigures& figures = loudness.measure.master.figures;
  curve.programme = figures.programme.integrated;
  curve.dialogue = figures.dialogue;
  curve.max_momentary = figures.programme.max_momentary;
  curve.max_short_term = figures.programme.max_short_term;
  curve.range = figures.programme.range;
  curve.true_peak = figures.programme.true_peak;
  curve.dialogue_share = std::clamp(figures.dialogue_share, 0.0, 1.0);
  const deliver::Specification& spec = loudness.film->spec;
  curve.spec = spec.name;
  curve.target = deliver::judged_target(spec, figures);
  curve.tolerance = spec.tolerance;
  curve.ceiling = spec.ceiling;
  curve.dialogue_gated = spec.dialogue_gated;
  for (deliver::Check& c : deliver::check(spec, figures)) curve.checks.push_back({c.judged, std::move(c.name), std::move(c.limit), c.figure, std::move(c.unit), c.pass});
  curve.passed = std::all_of(curve.checks.begin(), curve.checks.end(), [](const MixCheck& c) { return c.pass; });
  curve.speech = loudness.speech;
  return curve;
}

SyncView sync_view(const FilmCore& core, const session::Head& head) {
  const session::Document& document = *head.document;
  const phases::Context context{document, core.folder, *core.work, {}};
  SyncView view{head.revision, {}, {}};
  // What a recording may have been compared with: the picture's sound, and the rushes.
  std::vector<session::Id> references;
  for (const auto& [id, media] : document.media)
    if (media.channels > 0 && media.problem.empty() && (id == document.picture.media || media.kind == session::MediaKind::Rushes)) references.push_back(id);
  for (const auto& [id, placement] : document.dialogue.placements) {
    SyncPlacement out;
    out.id = id;
    out.media = placement.media;
    if (const auto media = document.media.find(placement.media); media != document.media.end()) {
      out.name = media->second.name;
      out.device = media->second.device;
      out.scene = media->second.scene;
      out.take = media->second.take;
    }
    out.method = placement.method;
    out.runner_up = placement.runner_up;
    out.reason = placement.decided.reason;
    out.film = placement.film;
    const double in_s = seconds(placement.film.in, document.rate), slope = 1 + placement.drift_ppm * 1e-6;
    out.offset_s = in_s - placement.source_at_in_s / slope;
    out.drift_ppm = placement.drift_ppm;
    out.drift_interval_ppm = placement.drift_interval_ppm;
    out.confidence = std::clamp(placement.decided.confidence, 0.0, 1.0);
    out.score = placement.score;
    out.by_person = placement.decided.by == session::By::Person;
    for (const SamplePosition at : {placement.film.in, placement.film.out}) {
      const double passed_s = seconds(at - placement.film.in, document.rate);
      out.line.push_back({at, placement.source_at_in_s + passed_s * slope, passed_s * placement.drift_ppm * 1e-3});
    }
    for (const session::Id& reference : references)
      if (reference != placement.media)
        if (const auto known = phases::detail::known_sync_of(context, reference, placement.media)) out.measured.push_back(value_of(*known, reference));
    // Of what the cut's sound says, the stretches under which it lies.
    for (const analysis::SyncResult& known : phases::detail::known_conform_of(context, document.picture.media, placement.media))
      if (known.overlap_begin_s < seconds(placement.film.out, document.rate) && known.overlap_end_s > in_s) out.measured.push_back(value_of(known, document.picture.media));
    std::sort(out.measured.begin(), out.measured.end(), [](const SyncMeasured& a, const SyncMeasured& b) { return a.score > b.score; });
    view.placements.push_back(std::move(out));
  }
  std::stable_sort(view.placements.begin(), view.placements.end(), [](const SyncPlacement& a, const SyncPlacement& b) { return a.film.in < b.film.in; });
  for (const auto& [id, refusal] : document.dialogue.refusals) view.refusals.push_back(refusal);
  return view;
}

}  // namespace twopop::server
