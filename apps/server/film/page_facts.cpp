#include "film/page_facts.h"

#include "phases/adr/take_fit.h"
#include "phases/clip_sound.h"
#include "phases/foley/performed.h"
#include "phases/music/piece.h"
#include "phases/ranges.h"

#include <algorithm>
#include <cmath>

namespace twopop::server {
namespace {

const char* name_of(deliver::Standing standing) {
  switch (standing) {
    case deliver::Standing::Seen: return "seen";
    case deliver::Standing::Quoted: return "quoted";
    case deliver::Standing::General: return "general";
  }
  return "";
}

template <class Map>
Result<const typename Map::mapped_type*> item_of(const Map& items, const session::Id& id, const char* what) {
  const auto found = items.find(id);
  if (found == items.end()) return Error{Code::NotFound, fmt::format("there is no {} {}", what, id), "somebody may have removed it: look at the list again"};
  return &found->second;
}

/// A take with the line it belongs to.
struct Spoken {
  const session::AdrTake* take = nullptr;
  const session::AdrCue* cue = nullptr;
  SampleRange where{};
};

Result<Spoken> spoken(const phases::Context& context, const session::Id& id) {
  const session::Document& document = context.document;
  Spoken found;
  TWOPOP_TRY(found.take, item_of(document.adr.takes, id, "take"));
  TWOPOP_TRY(found.cue, item_of(document.adr.cues, found.take->cue, "cue"));
  const auto clip = document.dialogue.clips.find(found.cue->clip);
  found.where = clip == document.dialogue.clips.end() ? found.cue->film.range() : intersection(found.cue->film.range(), clip->second.film.range());
  if (found.where.empty()) return Error{Code::InvalidArgument, fmt::format("cue {} does not touch its dialogue clip", found.cue->number), "set its in and out over the clip, or name another clip"};
  return found;
}

Result<phases::TakeFit> fit(const phases::Context& context, const Spoken& found) {
  TWOPOP_TRY(const signal::Signal line, phases::production_line(context, found.cue->clip));
  const auto media = context.document.media.find(found.take->media);
  const auto at = media == context.document.media.end() ? std::nullopt : phases::recorded_at(context.document, media->second);
  return phases::fit_of(context, line, found.where, found.take->media, found.take->channel, at);
}

/// The distance of a take from its line that no common shift takes away: 95 % of the map within it.
double distance_ms(const dsp::WarpMap& map, SampleRate rate) {
  if (map.size() < 2) return 0;
  constexpr int kLooks = 400;
  std::vector<double> shifts;
  const double from = static_cast<double>(map.front().source), to = static_cast<double>(map.back().source);
  for (int i = 0; i <= kLooks; ++i) {
    const double at = from + (to - from) * i / kLooks;
    shifts.push_back(dsp::warp_forward(map, at) - at);
  }
  std::nth_element(shifts.begin(), shifts.begin() + kLooks / 2, shifts.end());
  const double common = shifts[kLooks / 2];
  for (double& shift : shifts) shift = std::fabs(shift - common);
  const auto most = shifts.begin() + static_cast<std::ptrdiff_t>(shifts.size() * 19 / 20);
  std::nth_element(shifts.begin(), most, shifts.end());
  return *most * 1000 / rate.hz;
}

}  // namespace

KindTables kind_tables() { return {phases::effect_kinds(), phases::synth_kinds()}; }

std::vector<SpecificationInfo> specification_infos() {
  std::vector<SpecificationInfo> infos;
  for (const deliver::Specification& spec : deliver::specifications())
    infos.push_back({spec.id, spec.name, spec.source, name_of(spec.standing), spec.target, spec.tolerance, spec.ceiling, spec.dialogue_gated, spec.little_dialogue, spec.max_short_term, spec.max_momentary, spec.greatest_range});
  return infos;
}

Result<signal::Signal> clip_by_itself(const phases::Context& context, const session::Id& id, ClipStage stage) {
  TWOPOP_TRY(const session::DialogueClip* clip, item_of(context.document.dialogue.clips, id, "dialogue clip"));
  return phases::clip_sound(context, id, *clip, stage == ClipStage::Recorded ? phases::Repairs::LeftOut : phases::Repairs::Done);
}

Result<signal::Signal> take_by_itself(const phases::Context& context, const session::Id& id, TakeStage stage) {
  TWOPOP_TRY(const Spoken found, spoken(context, id));
  switch (stage) {
    case TakeStage::Line: {
      TWOPOP_TRY(signal::Signal line, phases::production_line(context, found.cue->clip));
      return signal::cut(std::move(line), found.where);
    }
    case TakeStage::Spoken: {
      TWOPOP_TRY(const signal::MediaDescription media, phases::describe_media(context, found.take->media));
      const SampleCount length = samples(seconds(media.length, media.rate), context.document.rate);
      return phases::media_on_session_clock(context, found.take->media, found.take->channel, 0, 0, length);
    }
    case TakeStage::Fitted: {
      TWOPOP_TRY(const phases::TakeFit measured, fit(context, found));
      if (measured.alignment.map.size() < 2) return Error{Code::Conflict, fmt::format("take {} was not fitted: {}", id, measured.alignment.reason), "choose another take, or record the line again"};
      return phases::fitted(context, id, measured, found.where, found.take->media, found.take->channel);
    }
  }
  return Error{Code::InvalidArgument, "unknown stage of a take"};
}

Result<TakeFitInfo> take_fit(const phases::Context& context, const session::Id& id) {
  TWOPOP_TRY(const Spoken found, spoken(context, id));
  TakeFitInfo info;
  info.take = id;
  info.where = {found.where.begin, found.where.end};
  if (!context.document.dialogue.clips.contains(found.cue->clip)) {
    info.reason = "the line was never recorded: the take is heard as it was spoken";
    return info;
  }
  TWOPOP_TRY(const phases::TakeFit measured, fit(context, found));
  const SampleRate rate = context.document.rate;
  info.same_words = measured.alignment.same_words;
  info.score = measured.alignment.score;
  info.before_ms = distance_ms(measured.alignment.map, rate);
  info.after_ms = measured.worst_ms;
  info.least_stretch = measured.alignment.least_stretch;
  info.most_stretch = measured.alignment.most_stretch;
  info.take_level_dbfs = measured.take_level.value;
  info.reason = measured.alignment.reason;
  // As many points as a picture of it can show.
  const std::size_t step = std::max<std::size_t>(1, measured.alignment.map.size() / 256);
  for (std::size_t i = 0; i < measured.alignment.map.size(); i += step) {
    info.take_s.push_back(static_cast<double>(measured.alignment.map[i].source) / rate.hz);
    info.line_s.push_back(static_cast<double>(measured.alignment.map[i].target) / rate.hz);
  }
  return info;
}

Result<PerformedInfo> performance_facts(const phases::Context& context, const session::Id& id) {
  const session::Foley& foley = context.document.foley;
  TWOPOP_TRY(const session::FoleyPerformance* performance, item_of(foley.performances, id, "performance"));
  TWOPOP_TRY(const phases::foley::Moved moved, phases::foley::performed(context, *performance, phases::foley::cues_played_by(foley, id)));
  const SampleCount start = phases::foley::start_of(*performance, context.document.rate) - SamplePosition{0};
  PerformedInfo info;
  for (const phases::foley::Laid& one : moved.laid) info.hits.push_back({one.cue, one.hit.onset + start, one.attack, one.moved_ms, one.hit.level.value});
  std::stable_sort(info.hits.begin(), info.hits.end(), [](const PerformedHit& a, const PerformedHit& b) { return a.heard < b.heard; });
  info.unplayed = moved.unplayed;
  info.left_over = moved.left_over;
  return info;
}

Result<CueFitInfo> music_fit(const phases::Context& context, const session::Id& id) {
  TWOPOP_TRY(const session::MusicCue* cue, item_of(context.document.music.cues, id, "music cue"));
  const SampleRate rate = context.document.rate;
  CueFitInfo info;
  TWOPOP_TRY(info.piece_s, phases::music::duration_s(context, cue->media));
  TWOPOP_TRY(const analysis::RetargetPlan plan, phases::music::fit_of(context, *cue));
  info.tempo_bpm = plan.tempo_bpm;
  info.worst_likeness = plan.worst_score;
  info.absorbed_ms = seconds(plan.absorbed, rate) * 1000;
  info.fade_in = plan.fade_in;
  info.fade_out = plan.fade_out;
  for (const analysis::RetargetSplice& s : plan.splices)
    info.splices.push_back({cue->film.in + (s.at - SamplePosition{0}), seconds(s.leave, rate) + cue->source_in_s, seconds(s.enter, rate) + cue->source_in_s, s.score, s.correlation, seconds(s.shift, rate) * 1000});
  return info;
}

}  // namespace twopop::server
