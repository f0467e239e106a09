#include "phases/detail/sources.h"
#include "phases/foley/foley.h"
#include "phases/foley/performed.h"
#include "phases/ranges.h"

#include <algorithm>
#include <cmath>

namespace twopop::phases::foley {
namespace {

using session::FoleyPass;

constexpr double kLead_s = 0.005;     ///< kept before the attack
constexpr double kFadeIn_s = 0.002, kFadeOut_s = 0.012;

void sort_by_time(CueList& cues) {
  std::stable_sort(cues.begin(), cues.end(), [](const auto& a, const auto& b) { return a.second->at < b.second->at; });
}

Result<std::vector<Recorded>> recordings_of(const Context& context, const session::FoleySet& set) {
  std::vector<Recorded> recordings;
  for (const auto& [item, media] : set.media) {
    TWOPOP_TRY(const auto hits, detail::hits_of(context, media));
    for (const analysis::Hit& hit : hits) recordings.push_back({media, hit});
  }
  // A set of soft and loud hits: what lies 20 dB under the loudest is a scrape between steps.
  double loudest = -200;
  for (const Recorded& r : recordings) loudest = std::max(loudest, r.hit.level.value);
  std::erase_if(recordings, [loudest](const Recorded& r) { return r.hit.level.value < loudest - 20; });
  return recordings;
}

/// One hit at its place: cut out with a little of what is before, varied in pitch by playing it faster or slower.
Result<signal::Signal> hit_sound(const Context& context, const Laid& laid, Layout layout) {
  const SampleRate rate = context.document.rate;
  const double speed = std::exp2(laid.pitch_semitones / 12);
  const double begin_s = std::max(0.0, seconds(laid.hit.onset, rate) - kLead_s);
  const double lead_s = seconds(laid.hit.onset, rate) - begin_s;
  const double length_s = (seconds(laid.hit.range.end, rate) - begin_s) / speed;
  const SampleCount length{std::max<std::int64_t>(16, samples(length_s, rate).value)};
  TWOPOP_TRY(signal::Signal sound, media_on_session_clock(context, laid.media, -1, begin_s, (speed - 1) * 1e6, length));
  // Steps are points: many-channel recordings are heard as one.
  if (sound->channels() > 1) {
    const std::vector<float> mean(static_cast<std::size_t>(sound->channels()), 1.0f / static_cast<float>(sound->channels()));
    sound = signal::mixed_to(std::move(sound), 1, mean);
  }
  const signal::FadeSettings in{{std::min(length.value / 4, samples(kFadeIn_s, rate).value)}, signal::Curve::Linear};
  const signal::FadeSettings out{{std::min(length.value / 4, samples(kFadeOut_s, rate).value)}, signal::Curve::SCurve};
  sound = signal::amplified(signal::faded(std::move(sound), in, out), laid.gain);
  if (layout != Layout::Mono) sound = detail::as_layout(std::move(sound), layout, laid.pan);
  const SamplePosition start = laid.attack - samples(lead_s / speed, rate);
  return signal::labelled(signal::shifted(std::move(sound), start - SamplePosition{0}), laid.cue.empty() ? "foley hit" : "foley cue " + laid.cue);
}

const char* text_of(FoleyPass pass) {
  for (const auto& name : session::names_of(FoleyPass{}))
    if (name.value == pass) return name.name;
  return "";
}

Role role_of(FoleyPass pass) {
  switch (pass) {
    case FoleyPass::Feet: return Role::Footsteps;
    case FoleyPass::Moves: return Role::Moves;
    case FoleyPass::Specifics: return Role::Specifics;
  }
  return Role::Specifics;
}

class Compiler {
 public:
  explicit Compiler(const Context& context) : context_(context), foley_(context.document.foley) {}

  Result<Compiled> run() {
    std::map<session::Id, CueList> by_set, by_performance;
    for (const auto& [id, cue] : foley_.cues) {
      if (cue.status == session::CueStatus::Omitted) continue;
      if (!cue.performance.empty())
        by_performance[cue.performance].push_back({id, &cue});
      else if (const session::Id set = set_of(foley_, cue); !set.empty())
        by_set[set].push_back({id, &cue});
    }
    for (auto& [set, cues] : by_set) lay_from_set(set, cues);
    for (const auto& [id, performance] : foley_.performances) lay_performance(id, performance);
    for (const auto& [id, cues] : by_performance)
      if (!foley_.performances.contains(id))
        for (const auto& [cue, value] : cues)
          compiled_.findings.push_back({Severity::Error, "foley", "performance-missing", SampleRange{value->at, value->at + SampleCount{1}}, "/foley/cues/" + cue,
                                        fmt::format("cue {} is played by {}, which is not there", cue, id), "choose a set or another performance", 0, ""});
    make_tracks();
    return std::move(compiled_);
  }

 private:
  void lay_from_set(const session::Id& id, CueList& cues) {
    sort_by_time(cues);
    const auto set = foley_.sets.find(id);
    const auto recordings = set == foley_.sets.end() ? Result<std::vector<Recorded>>(Error{Code::NotFound, fmt::format("there is no Foley set {}", id), "choose another set"})
                                                     : recordings_of(context_, set->second);
    if (!recordings || recordings->empty()) {
      const Error why = recordings ? Error{Code::NotFound, fmt::format("Foley set {} has no hit", id), "add recordings to it"} : recordings.error();
      for (const auto& [cue, value] : cues)
        compiled_.findings.push_back({Severity::Error, "foley", std::string(twopop::name_of(why.code)), SampleRange{value->at, value->at + SampleCount{1}}, "/foley/cues/" + cue, why.message, why.remedy, 0, ""});
      return;
    }
    const std::vector<Laid> laid = lay_set(cues, *recordings, foley_.seed);
    laid_.insert(laid_.end(), laid.begin(), laid.end());
    const SampleRange heard{cues.front().second->at, cues.back().second->at + SampleCount{1}};
    compiled_.treatments.push_back({"/foley/sets/" + id, set->second.surface, heard,
                                    fmt::format("{} cues from {} recorded hits, none twice in a row, level within 2 dB and pitch within half a semitone by seed {}", cues.size(),
                                                recordings->size(), foley_.seed),
                                    "set chosen on the Foley sheet"});
  }

  void lay_performance(const session::Id& id, const session::FoleyPerformance& performance) {
    const CueList cues = cues_played_by(foley_, id);
    auto found = performed(context_, performance, cues);
    if (!found) {
      compiled_.findings.push_back(detail::unusable("foley", performance.media, found.error()));
      return;
    }
    Moved& moved = *found;
    double worst = 0, sum = 0;
    for (Laid& one : moved.laid) {
      one.gain = one.gain + performance.gain;
      if (one.cue.empty()) one.pass = performance.pass;
      worst = std::max(worst, std::fabs(one.moved_ms));
      sum += std::fabs(one.moved_ms);
      if (!one.cue.empty())
        compiled_.treatments.push_back({"/foley/cues/" + one.cue, context_.document.media.at(performance.media).name, SampleRange{one.attack, one.attack + SampleCount{1}},
                                        fmt::format("hit moved by {:+.1f} ms onto its cue", one.moved_ms), "the performance was that far off the cue"});
    }
    for (const session::Id& cue : moved.unplayed) {
      const SamplePosition at = foley_.cues.at(cue).at;
      compiled_.findings.push_back({Severity::Warning, "foley", "cue-unplayed", SampleRange{at, at + SampleCount{1}}, "/foley/cues/" + cue,
                                    fmt::format("{} has no hit within a second of cue {}", context_.document.media.at(performance.media).name, cue), "record it again, or play it from a set", 0, ""});
    }
    if (!cues.empty() && moved.left_over > 0)
      compiled_.findings.push_back({Severity::Note, "foley", "hits-left-over", std::nullopt, "/foley/performances/" + id,
                                    fmt::format("{} hits of {} belong to no cue and are not heard", moved.left_over, context_.document.media.at(performance.media).name), "add cues for them if they are wanted",
                                    static_cast<double>(moved.left_over), "hits"});
    if (!moved.laid.empty())
      compiled_.treatments.push_back({"/foley/performances/" + id, context_.document.media.at(performance.media).name, std::nullopt,
                                      cues.empty() ? fmt::format("{} hits heard as they were played", moved.laid.size())
                                                   : fmt::format("split at {} hits; each moved onto its cue, by {:.1f} ms on average and {:.1f} ms at most", moved.laid.size(),
                                                                 sum / static_cast<double>(moved.laid.size()), worst),
                                      performance.decided.reason});
    laid_.insert(laid_.end(), moved.laid.begin(), moved.laid.end());
  }

  void make_tracks() {
    const Layout layout = detail::film_layout(context_.document);
    for (const FoleyPass pass : {FoleyPass::Feet, FoleyPass::Moves, FoleyPass::Specifics}) {
      std::vector<signal::Signal> sounds;
      std::vector<SampleRange> heard;
      // One channel is enough where nobody pans a cue.
      const bool placed = std::any_of(laid_.begin(), laid_.end(), [pass](const Laid& one) { return one.pass == pass && one.pan != 0; });
      const Layout own = placed ? layout : Layout::Mono;
      for (const Laid& one : laid_) {
        if (one.pass != pass) continue;
        auto sound = hit_sound(context_, one, own);
        if (!sound) {
          compiled_.findings.push_back(detail::unusable("foley", one.media, sound.error()));
          continue;
        }
        const SampleRange range = intersection((*sound)->extent(), context_.document.extent());
        if (!range.empty()) heard.push_back(range);
        sounds.push_back(*std::move(sound));
      }
      if (sounds.empty()) continue;
      Track track;
      track.id = fmt::format("foley-{}", text_of(pass));
      track.name = text_of(pass);
      track.stem = Stem::Foley;
      track.role = role_of(pass);
      track.sound = signal::sum(std::move(sounds), channel_count(own));
      track.heard = unite(std::move(heard));
      compiled_.tracks.push_back(std::move(track));
    }
  }

  const Context& context_;
  const session::Foley& foley_;
  std::vector<Laid> laid_;
  Compiled compiled_;
};

}  // namespace

Result<Compiled> compile(const Context& context) { return Compiler(context).run(); }

Result<std::vector<Finding>> review(const Context& context, const Compiled&) {
  std::vector<Finding> findings;
  for (const auto& [id, cue] : context.document.foley.cues) {
    const SampleRange at{cue.at, cue.at + SampleCount{1}};
    if (cue.status == session::CueStatus::Omitted) continue;
    if (cue.performance.empty() && set_of(context.document.foley, cue).empty())
      findings.push_back({Severity::Warning, "foley", "cue-without-sound", at, "/foley/cues/" + id,
                          fmt::format("{} ({}, {}) has neither a set nor a performance", id, text_of(cue.pass), cue.surface.empty() ? "no surface" : cue.surface),
                          "choose a set, or record it", 0, ""});
    if (!context.document.extent().contains(cue.at))
      findings.push_back({Severity::Warning, "foley", "cue-outside-film", std::nullopt, "/foley/cues/" + id, fmt::format("cue {} lies outside the film", id), "move it, or omit it",
                          seconds(cue.at, context.document.rate), "s"});
  }
  return findings;
}

}  // namespace twopop::phases::foley
