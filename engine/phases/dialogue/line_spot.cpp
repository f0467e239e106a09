#include "phases/dialogue/line_spot.h"

#include "analysis/speech_proposals.h"
#include "phases/dialogue/compile.h"
#include "phases/dialogue/effects_spot.h"
#include "phases/heard.h"
#include "phases/ranges.h"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace twopop::phases {
namespace {

using session::DialogueClip;
using session::Id;

constexpr double kSpeechTarget_dbfs = -26.0;   // RMS of speech after clip gain; the mix sets the loudness
constexpr double kPeakCeiling_dbfs = -3.0;
constexpr double kFadeIn_s = 0.06, kFadeOut_s = 0.12;
constexpr double kLeastLikeness = 0.38;        // of words; other sentences reach 0.30 against a noisy guide
constexpr double kGuideTells_db = 2;           // words under more noise than this are not compared: right ones fall under the limit too
constexpr double kLeastRegion_s = 0.15;
constexpr double kLongRecording_s = 1800;
constexpr double kBurst_s = 0.5, kBurstUnder_db = -5;  // shorter, and further under its background: a knock, not a word
constexpr double kLeastTone_s = 1.0, kMostTone_s = 20.0;
constexpr double kHumBesideNoise_db = -10.0;   // hum further under the background is left alone

using Source = PlacedChannel;

std::string slug(const std::string& name) {
  std::string out;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c))) out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!out.empty() && out.back() != '-') out += '-';
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

/// Clips of one microphone share a track, and so a strip of the mix.
std::string track_of(const session::Media& media, const Source& source) {
  if (source.rank == 2) return "dialogue-guide";
  if (source.rank == 1) return "dialogue-camera";
  const auto named = media.tracks.find(std::to_string(source.channel + 1));
  if (named != media.tracks.end() && !slug(named->second).empty()) return "dialogue-" + slug(named->second);
  const std::string who = slug(media.device.empty() ? media.name : media.device);
  return media.channels > 1 ? fmt::format("dialogue-{}-{}", who, source.channel + 1) : "dialogue-" + who;
}

class LineSpotter {
 public:
  LineSpotter(const Context& context, Proposal& proposal) : context_(context), proposal_(proposal), document_(proposal.document), rate_(document_.rate) {}

  Result<void> run() {
    forget_untouched(document_.dialogue.clips);
    forget_untouched(document_.dialogue.fills);
    TWOPOP_CHECK(gather());
    std::vector<SampleRange> regions = regions_of_speech();
    for (const auto& [id, clip] : document_.dialogue.clips) regions = subtract(regions, {clip.film.range()});
    TWOPOP_CHECK(measure_ahead(regions));
    for (const SampleRange& region : regions) TWOPOP_CHECK(spot_region(region));
    level();
    TWOPOP_CHECK(spot_effects(context_, sources_, proposal_));
    return spot_fills();
  }

 private:
  template <class Items>
  static void forget_untouched(Items& items) {
    std::erase_if(items, [](const auto& item) { return item.second.decided.by == session::By::Auto; });
  }

  /// Every channel of every placed recording; the picture's own sound where it has any.
  Result<void> gather() {
    auto& placements = document_.dialogue.placements;
    const auto picture = document_.media.find(document_.picture.media);
    if (picture != document_.media.end() && picture->second.channels > 0 && !placements.contains(kPictureSound)) {
      session::Placement own;
      own.media = picture->first;
      own.film = {{0}, {document_.picture.length.value}};
      own.method = "picture";
      own.score = 1;
      own.decided.reason = "the sound that came with the picture: used where no recording covers a stretch";
      placements[kPictureSound] = own;
      proposal_.items.push_back({std::string("/dialogue/placements/") + kPictureSound, own.decided.reason, 1.0});
    }
    const auto channels_of = [&](const session::Placement& placed) {
      const auto media = document_.media.find(placed.media);
      if (media == document_.media.end() || placed.film.range().empty()) return 0;
      // Both sides of a camera's stereo sound carry the same scene: the first stands for them.
      return media->second.kind == session::MediaKind::Recording ? media->second.channels : std::min(1, media->second.channels);
    };
    // Whoever listens for speech remembers megabytes of a long recording: those are heard one after the other.
    std::vector<signal::Fact> ahead;
    for (const auto& [id, placed] : placements)
      for (int channel = 0; channel < channels_of(placed); ++channel) {
        Result<signal::Fact> heard = heard_fact(context_, placed.media, channel);
        if (heard && document_.media.at(placed.media).duration_s > kLongRecording_s) TWOPOP_CHECK(context_.work.make_facts({*heard}));
        expect(ahead, std::move(heard));
        expect(ahead, hum_fact(context_, placed.media, channel));
      }
    TWOPOP_CHECK(context_.work.make_facts(ahead));
    for (const auto& [id, placed] : placements) {
      const auto media = document_.media.find(placed.media);
      const bool own = placed.media == document_.picture.media;
      for (int channel = 0; channel < channels_of(placed); ++channel) {
        Result<Heard> heard = heard_in(context_, placed.media, channel);
        if (!heard) {
          if (heard.error().code == Code::Cancelled) return heard.error();
          proposal_.findings.push_back({Severity::Error, "dialogue", "recording-unreadable", placed.film.range(), "/media/" + placed.media, heard.error().message,
                                        heard.error().remedy.empty() ? "replace the file" : heard.error().remedy, 0, ""});
          break;
        }
        Source s{id, &placed, channel, own ? 2 : media->second.kind == session::MediaKind::Recording ? 0 : 1, *std::move(heard), {}};
        for (const SampleRange& r : s.heard.ranges) {
          const SampleRange film{film_position(placed, seconds(r.begin, s.heard.rate), rate_), film_position(placed, seconds(r.end, s.heard.rate), rate_)};
          const SampleRange cut = intersection(intersection(film, placed.film.range()), document_.extent());
          if (!cut.empty()) s.speech.push_back(cut);
        }
        s.speech = unite(std::move(s.speech));
        sources_.push_back(std::move(s));
      }
    }
    return {};
  }

  /// Where somebody speaks, as the recorders hear it; cameras and the picture's sound are asked only where no better one is.
  std::vector<SampleRange> regions_of_speech() const {
    std::vector<SampleRange> regions, covered;
    for (int rank = 0; rank <= 2; ++rank) {
      std::vector<SampleRange> found, lies;
      for (const Source& s : sources_) {
        if (s.rank != rank) continue;
        found.insert(found.end(), s.speech.begin(), s.speech.end());
        lies.push_back(s.placed->film.range());
      }
      const std::vector<SampleRange> more = subtract(unite(std::move(found)), covered);
      regions.insert(regions.end(), more.begin(), more.end());
      lies.insert(lies.end(), covered.begin(), covered.end());
      covered = unite(std::move(lies));
    }
    return split_at_placements(unite(std::move(regions)));
  }

  /// A take ends where its placement does: what is said across a cut is two clips.
  std::vector<SampleRange> split_at_placements(const std::vector<SampleRange>& regions) const {
    std::vector<SamplePosition> edges;
    for (const Source& s : sources_)
      if (s.rank < 2) edges.push_back(s.placed->film.in), edges.push_back(s.placed->film.out);
    std::sort(edges.begin(), edges.end());
    std::vector<SampleRange> out;
    for (SampleRange region : regions) {
      for (const SamplePosition edge : edges)
        if (region.begin < edge && edge < region.end) {
          out.push_back({region.begin, edge});
          region.begin = edge;
        }
      out.push_back(region);
    }
    std::erase_if(out, [&](const SampleRange& r) { return r.length() < samples(kLeastRegion_s, rate_); });
    return out;
  }

  struct Candidate {
    const Source* source;
    analysis::LineQuality quality;
    double score;
  };

  static void expect(std::vector<signal::Fact>& ahead, Result<signal::Fact> fact) {
    if (fact) ahead.push_back(*std::move(fact));
  }

  /// The same moment of the film in a source.
  Stretch stretch_of(const Source& s, SampleRange region) const {
    return {s.placed->media, s.channel, source_second(*s.placed, region.begin, rate_), source_second(*s.placed, region.end, rate_)};
  }

  /// What the regions are going to be asked, on all threads: how good each source is, then whether the best says what the guide says.
  Result<void> measure_ahead(const std::vector<SampleRange>& regions) const {
    std::vector<signal::Fact> ahead;
    for (const SampleRange& region : regions)
      for (const Source* s : covering(region)) {
        const Stretch there = stretch_of(*s, region);
        expect(ahead, quality_fact(context_, there.media, there.channel, there.in_s, there.out_s));
      }
    TWOPOP_CHECK(context_.work.make_facts(ahead));
    ahead.clear();
    for (const SampleRange& region : regions) {
      TWOPOP_TRY(const std::vector<Candidate> candidates, candidates_of(region));
      const Source* guide = guide_of(candidates);
      if (!guide || candidates.front().source->rank == 2) continue;
      Result<std::optional<signal::Fact>> likeness = likeness_fact(context_, stretch_of(*guide, region), stretch_of(*candidates.front().source, region));
      if (likeness && *likeness) ahead.push_back(**std::move(likeness));
    }
    return context_.work.make_facts(ahead);
  }

  /// Sources that lie under nearly all of a region.
  std::vector<const Source*> covering(SampleRange region) const {
    std::vector<const Source*> found;
    for (const Source& s : sources_)
      if (10 * intersection(region, s.placed->film.range()).length().value >= 9 * region.length().value) found.push_back(&s);
    return found;
  }

  /// The best first.
  Result<std::vector<Candidate>> candidates_of(SampleRange region) const {
    std::vector<Candidate> candidates;
    for (const Source* s : covering(region)) {
      const Stretch there = stretch_of(*s, region);
      Result<analysis::LineQuality> q = quality_of(context_, there.media, there.channel, there.in_s, there.out_s);
      if (!q) {
        if (q.error().code == Code::Cancelled) return q.error();
        continue;
      }
      candidates.push_back({s, *q, q->score - 0.05 * s->rank});
    }
    std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
    return candidates;
  }

  Result<void> spot_region(SampleRange region) {
    TWOPOP_TRY(std::vector<Candidate> candidates, candidates_of(region));
    TWOPOP_CHECK(drop_strangers(region, candidates));
    if (candidates.empty() || candidates.front().quality.missing) return {};
    const Candidate& best = candidates.front();
    if (region.length() < samples(kBurst_s, rate_) && best.quality.snr.value < kBurstUnder_db) return {};
    const session::Media& media = document_.media.at(best.source->placed->media);

    DialogueClip clip;
    clip.placement = best.source->placement;
    clip.channel = best.source->channel;
    clip.film = {region.begin, region.end};
    clip.track = track_of(media, *best.source);
    clip.scene = media.scene;
    const SampleCount most{region.length().value / 4};
    clip.fade_in = {std::min(samples(kFadeIn_s, rate_), most), session::FadeShape::EqualPower};
    clip.fade_out = {std::min(samples(kFadeOut_s, rate_), most), session::FadeShape::EqualPower};
    for (const auto& [id, line] : document_.picture.script)
      if (line.film && line.film->range().overlaps(region) && clip.text.empty()) clip.text = line.text, clip.character = line.character;
    std::string why = fmt::format("{} channel {}: speech {:.1f} dB over the background", media.name, clip.channel + 1, best.quality.snr.value);
    if (candidates.size() > 1) {
      const Candidate& next = candidates[1];
      why += fmt::format(", best of {} (next: {} channel {}, {:.1f} dB)", candidates.size(), document_.media.at(next.source->placed->media).name, next.source->channel + 1, next.quality.snr.value);
    }
    TWOPOP_CHECK(propose_repairs(best, clip, why));
    int count = 0;
    for (auto c = candidates.begin() + 1; c != candidates.end(); ++c)
      clip.alternatives[fmt::format("a{}", ++count)] = {c->source->placement, c->source->channel, c->score};
    const double placed_for_sure = best.source->placed->decided.by == session::By::Person ? 1.0 : best.source->placed->decided.confidence;
    clip.decided = {session::By::Auto, std::move(why), std::min(placed_for_sure, std::clamp(0.6 + best.quality.score / 2, 0.6, 0.98))};
    const Id id = fmt::format("c{:09}", mul_div(region.begin.value, 1000, rate_.hz, Rounding::Floor));
    levels_[id] = {best.quality.speech_level.value, best.quality.peak.value, best.source->heard.speech_level.value};
    noise_[id] = best.quality;
    document_.dialogue.clips[id] = clip;
    proposal_.items.push_back({"/dialogue/clips/" + id, clip.decided.reason, clip.decided.confidence});
    return {};
  }

  /// The picture's own sound, where it can be heard well enough to be compared with.
  static const Source* guide_of(const std::vector<Candidate>& candidates) {
    const Source* guide = nullptr;
    for (const Candidate& c : candidates)
      if (c.source->rank == 2 && !c.quality.missing && c.quality.snr.value >= kGuideTells_db) guide = c.source;
    return guide;
  }

  /// A clean recording of another moment must not win over a noisy one of this: the best has to say what the picture's own
  /// sound says.
  Result<void> drop_strangers(SampleRange region, std::vector<Candidate>& candidates) {
    const Source* guide = guide_of(candidates);
    while (guide && !candidates.empty() && candidates.front().source->rank < 2) {
      const Source& s = *candidates.front().source;
      const Result<double> alike = likeness_of(context_, stretch_of(*guide, region), stretch_of(s, region));
      if (!alike && alike.error().code == Code::Cancelled) return alike.error();
      if (!alike || *alike >= kLeastLikeness) return {};
      proposal_.findings.push_back({Severity::Warning, "dialogue", "recording-says-other-words", region, "/dialogue/placements/" + s.placement,
                                    fmt::format("{} channel {} does not say what the picture's own sound says here (likeness {:.2f}, limit {:.2f})", document_.media.at(s.placed->media).name, s.channel + 1, *alike, kLeastLikeness),
                                    "check where it is placed", *alike, "score"});
      candidates.erase(candidates.begin());
    }
    return {};
  }

  Result<void> propose_repairs(const Candidate& best, DialogueClip& clip, std::string& why) {
    Result<dsp::Hum> hum = hum_in(context_, best.source->placed->media, clip.channel);
    if (!hum && hum.error().code == Code::Cancelled) return hum.error();
    if (hum && hum->present && hum->level.value > best.quality.noise_level.value + kHumBesideNoise_db) {
      clip.dehum.on = true;
      clip.dehum.fundamental_hz = hum->fundamental_hz;
      clip.dehum.harmonics = std::clamp(static_cast<int>(hum->level_dbfs.size()), 1, 40);
      why += fmt::format("; hum of {:.2f} Hz at {:.1f} dBFS", hum->fundamental_hz, hum->level.value);
    }
    analysis::SpeechMeasure m;
    m.rate = rate_;
    m.speech = {clip.film.range()};
    m.speech_level = best.quality.speech_level, m.noise_level = best.quality.noise_level, m.snr = best.quality.snr;
    const auto denoise = analysis::propose_denoise(m);
    if (denoise.wanted) {
      clip.denoise.on = true;
      clip.denoise.amount = denoise.settings.reduction;
      // The expander hears what the noise reduction leaves.
      const Decibels off{taken_off(clip, m.snr.value)};
      m.noise_level = m.noise_level - off;
      m.snr = m.snr + off;
    }
    const auto expander = analysis::propose_expander(m);
    if (expander.wanted) {
      clip.expander.on = true;
      clip.expander.threshold = expander.settings.threshold;
      clip.expander.ratio = expander.settings.ratio;
      clip.expander.range = expander.settings.range;
      clip.expander.hysteresis = expander.settings.hysteresis;
    }
    why += "; " + denoise.reason + "; expander: " + expander.reason;
    return {};
  }

  /// What the denoiser takes off the background of a clip: it does less where the clip is clean (dsp/denoise.h).
  static double taken_off(const DialogueClip& clip, double snr_db) {
    return clip.denoise.on ? clip.denoise.amount.value * std::clamp((40 - snr_db) / 20, 0.0, 1.0) : 0.0;
  }

  /// Clip gains: each recording to the common level, each line half of the rest of the way, at most 3 dB of it.
  void level() {
    for (auto& [id, clip] : document_.dialogue.clips) {
      const auto l = levels_.find(id);
      if (l == levels_.end()) continue;
      const auto [line, peak, recording] = l->second;
      double gain = kSpeechTarget_dbfs - recording + std::clamp((recording - line) / 2, -3.0, 3.0);
      gain = std::clamp(gain, -24.0, std::max(-24.0, std::min(24.0, kPeakCeiling_dbfs - peak)));
      clip.gain = {std::round(gain * 10) / 10};
    }
  }

  /// Room tone between the clips, of the take before or after; over the whole film, so that no gap is dead.
  Result<void> spot_fills() {
    std::vector<std::pair<SampleRange, const DialogueClip*>> clips;
    std::vector<SampleRange> taken;
    std::map<const DialogueClip*, Id> ids;
    for (const auto& [id, clip] : document_.dialogue.clips) {
      if (clip.muted || clip.role != session::ClipRole::Speech) continue;
      clips.push_back({clip.film.range(), &clip});
      ids[&clip] = id;
      // Tone and clip cross over within the clip's fades.
      const SampleRange full{clip.film.in + clip.fade_in.length, clip.film.out - clip.fade_out.length};
      if (!full.empty()) taken.push_back(full);
    }
    for (const auto& [id, fill] : document_.dialogue.fills) taken.push_back(fill.film.range());
    if (clips.empty()) return {};
    std::sort(clips.begin(), clips.end(), [](const auto& a, const auto& b) { return a.first.begin < b.first.begin; });
    int without = 0;
    SampleRange first_without{};
    for (const SampleRange& gap : subtract({document_.extent()}, unite(taken))) {
      if (gap.length() < samples(0.02, rate_)) continue;
      // Nearest clips first, by their distance from the gap.
      std::vector<std::pair<std::int64_t, const DialogueClip*>> near;
      for (const auto& [range, clip] : clips)
        near.push_back({std::min(std::abs(range.end.value - gap.begin.value), std::abs(range.begin.value - gap.end.value)), clip});
      std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
      session::ToneFill fill;
      bool found = false;
      for (std::size_t i = 0; i < std::min<std::size_t>(near.size(), 8) && !found; ++i) {
        TWOPOP_TRY(found, tone_for(*near[i].second, ids.at(near[i].second), fill));
      }
      if (!found) {
        if (without++ == 0) first_without = gap;
        continue;
      }
      fill.film = {gap.begin, gap.end};
      const auto fade_at = [&](SamplePosition edge, bool start) {
        for (const auto& [range, clip] : clips) {
          if (start && range.end - clip->fade_out.length == edge) return clip->fade_out.length;
          if (!start && range.begin + clip->fade_in.length == edge) return clip->fade_in.length;
        }
        return SampleCount{};
      };
      const SampleCount half{gap.length().value / 2};
      fill.fade_in = {std::min(half, fade_at(gap.begin, true)), session::FadeShape::EqualPower};
      fill.fade_out = {std::min(half, fade_at(gap.end, false)), session::FadeShape::EqualPower};
      const Id id = fmt::format("t{:09}", mul_div(gap.begin.value, 1000, rate_.hz, Rounding::Floor));
      document_.dialogue.fills[id] = fill;
      proposal_.items.push_back({"/dialogue/fills/" + id, fill.decided.reason, fill.decided.confidence});
    }
    if (without > 0)
      proposal_.findings.push_back({Severity::Warning, "dialogue", "no-room-tone", first_without, "/dialogue/fills",
                                    fmt::format("{} gaps have no room tone: no take holds {:.0f} s without speech", without, kLeastTone_s),
                                    "add a recording of room tone (`twopop add FILE --as room-tone`)", static_cast<double>(without), "gaps"});
    return {};
  }

  /// The longest pause of a clip's own recording, as loud as the clip's background is after its repairs.
  Result<bool> tone_for(const DialogueClip& clip, const Id& clip_id, session::ToneFill& fill) {
    const auto placed = document_.dialogue.placements.find(clip.placement);
    if (placed == document_.dialogue.placements.end()) return false;
    Result<Heard> heard = heard_in(context_, placed->second.media, clip.channel);
    if (!heard) {
      if (heard.error().code == Code::Cancelled) return heard.error();
      return false;
    }
    const SampleCount length = samples(heard->length_s, heard->rate);
    SampleRange longest{};
    for (const SampleRange& pause : analysis::silence_between(heard->ranges, length, samples(kLeastTone_s, heard->rate)))
      if (pause.length() > longest.length()) longest = pause;
    double gain = clip.gain.value, level = heard->noise_level.value;
    fill.media = placed->second.media, fill.channel = clip.channel;
    std::string from = fmt::format("room tone of {} channel {}", document_.media.at(fill.media).name, fill.channel + 1);
    if (longest.empty()) {
      // A recording of room tone made for it stands in, at the level of the take's background.
      for (const auto& [id, media] : document_.media) {
        if (media.kind != session::MediaKind::RoomTone || media.channels < 1) continue;
        Result<Heard> tone = heard_in(context_, id, 0);
        if (!tone || tone->length_s < kLeastTone_s) continue;
        fill.media = id, fill.channel = 0;
        longest = {{0}, {samples(tone->length_s, tone->rate).value}};
        gain += level - tone->noise_level.value;
        from = fmt::format("recorded room tone {}", media.name);
        heard = std::move(tone);
        break;
      }
      if (longest.empty()) return false;
    }
    fill.source_in_s = seconds(longest.begin, heard->rate);
    fill.source_out_s = std::min(seconds(longest.end, heard->rate), fill.source_in_s + kMostTone_s);
    const auto quality = noise_.find(clip_id);
    const double off = quality != noise_.end() ? taken_off(clip, quality->second.snr.value) : taken_off(clip, heard->snr.value);
    fill.gain = {std::clamp(std::round((gain - off) * 10) / 10, -96.0, 48.0)};
    fill.decided = {session::By::Auto, fmt::format("{} between its words, {:.1f} s of it", from, fill.source_out_s - fill.source_in_s), 0.9};
    return true;
  }

  struct Levels {
    double line, peak, recording;
  };

  const Context& context_;
  Proposal& proposal_;
  session::Document& document_;
  SampleRate rate_;
  std::vector<Source> sources_;
  std::map<Id, Levels> levels_;
  std::map<Id, analysis::LineQuality> noise_;
};

}  // namespace

Result<void> spot_lines(const Context& context, Proposal& proposal) {
  // Facts are looked up in the proposed document: placements of this very run are in it.
  const Context proposed{proposal.document, context.film, context.work, context.earlier};
  return LineSpotter(proposed, proposal).run();
}

}  // namespace twopop::phases
