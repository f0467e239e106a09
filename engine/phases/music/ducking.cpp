#include "phases/music/ducking.h"

#include "analysis/loudness.h"
#include "core/bytes.h"
#include "phases/ranges.h"

#include <cmath>

namespace twopop::phases::music {
namespace {

constexpr double kBridge_s = 1.8;                  ///< shorter pauses do not let the music up
constexpr double kDown_s = 0.4, kUp_s = 0.9;
constexpr double kDeepest_db = 30;
constexpr double kMargin_lu = 0.5;                 ///< for what is rounded, so that small edits elsewhere change nothing

/// Loudness of a signal within the film, measured chunk by chunk through the cache.
Result<analysis::LoudnessBlocks> loudness_of(const Context& context, const signal::Signal& sound, const std::string& name) {
  const SampleRate rate = context.document.rate;
  const SampleRange film = context.document.extent();
  const signal::Signal heard = signal::stored(signal::cut(sound, film), name, signal::Keeping::Cheap);
  const SampleCount lead = analysis::loudness_pre_roll(rate);
  analysis::LoudnessBlocks blocks(rate, {{0}, {0}});
  const auto measure = [rate, lead](SampleRange chunk, AudioView<const float> samples) -> Result<cache::Bytes> {
    TWOPOP_TRY(const auto part, analysis::measure_loudness(samples, rate, chunk.begin, lead, {}, analysis::Following::More));
    ByteWriter writer;
    writer.put(part.to_bytes());
    return writer.take();
  };
  const auto take = [&blocks](SampleRange, const cache::Blob& blob) -> Result<void> {
    ByteReader reader(*blob);
    const auto bytes = reader.vector<std::byte>();
    TWOPOP_TRY(const auto part, analysis::LoudnessBlocks::from_bytes(bytes));
    return blocks.append(part);
  };
  TWOPOP_CHECK(context.work.chunk_facts(heard, film, "loudness for ducking", 1, lead, measure, take));
  return blocks;
}

double tenths(double x) { return std::round(10 * x) / 10; }

}  // namespace

Result<std::vector<Phrase>> phrases_of(const Context& context) {
  std::vector<SampleRange> speech;
  std::vector<signal::Signal> tracks;
  for (const char* phase : {"dialogue", "adr"}) {
    const auto found = context.earlier.find(phase);
    if (found == context.earlier.end()) continue;
    speech.insert(speech.end(), found->second->speech.begin(), found->second->speech.end());
    for (const Track& track : found->second->tracks)
      if (track.role == Role::Speech) tracks.push_back(track.sound);
  }
  const SampleCount bridge = samples(kBridge_s, context.document.rate);
  std::vector<Phrase> phrases;
  for (const SampleRange& range : intersect(unite(std::move(speech)), {context.document.extent()})) {
    if (!phrases.empty() && range.begin - phrases.back().film.end < bridge)
      phrases.back().film.end = range.end;
    else
      phrases.push_back({range, {}});
  }
  if (phrases.empty() || tracks.empty()) return phrases;
  const int channels = tracks.front()->channels();
  std::erase_if(tracks, [channels](const signal::Signal& s) { return s->channels() != channels; });
  TWOPOP_TRY(const auto blocks, loudness_of(context, tracks.size() == 1 ? tracks.front() : signal::sum(tracks, channels), "speech for ducking"));
  std::vector<SampleRange> all;
  for (const Phrase& phrase : phrases) all.push_back(phrase.film);
  const Lufs mean = analysis::dialogue_loudness(blocks, all);
  for (Phrase& phrase : phrases) {
    const Lufs own = analysis::dialogue_loudness(blocks, std::span(&phrase.film, 1));
    if (std::isfinite(own.value) && std::isfinite(mean.value)) phrase.over_mean = Lu{std::clamp(std::round((own - mean).value), -10.0, 6.0)};
  }
  return phrases;
}

Result<Duck> duck(const Context& context, const signal::Signal& music, SampleRange cue, const std::string& name, const std::vector<Phrase>& phrases, Lu distance, Lu balance) {
  Duck out;
  std::vector<SampleRange> spoken;
  for (const Phrase& phrase : phrases)
    if (phrase.film.overlaps(cue)) spoken.push_back(phrase.film);
  if (spoken.empty()) return out;
  TWOPOP_TRY(const auto blocks, loudness_of(context, music, "music before ducking, " + name));
  const std::vector<SampleRange> open = subtract({cue}, spoken);
  Lufs usual = analysis::dialogue_loudness(blocks, open);
  if (!std::isfinite(usual.value)) usual = analysis::dialogue_loudness(blocks, std::span(&cue, 1));
  if (!std::isfinite(usual.value)) return out;
  usual.value = std::round(2 * usual.value) / 2;
  const SampleCount down = samples(kDown_s, context.document.rate), up = samples(kUp_s, context.document.rate);
  for (const Phrase& phrase : phrases) {
    const SampleRange heard = intersection(phrase.film, cue);
    if (heard.empty()) continue;
    const Lufs here = analysis::dialogue_loudness(blocks, std::span(&heard, 1));
    if (!std::isfinite(here.value)) continue;
    // The mix sets speech to its anchor and the open music to anchor + balance. Wanted: anchor + over_mean - distance.
    const double depth = tenths(std::clamp((usual - here).value - balance.value + phrase.over_mean.value - distance.value - kMargin_lu, -kDeepest_db, 0.0));
    out.deepest = std::min(out.deepest, Decibels{depth});
    ++out.phrases;
    std::vector<signal::GainPoint> points{{phrase.film.begin - down, {0}}, {phrase.film.begin, {depth}}, {phrase.film.end, {depth}}, {phrase.film.end + up, {0}}};
    // Where the music has not come up when the next phrase calls it down, it goes straight from one depth to the other.
    if (!out.gain.empty() && out.gain.back().at > points.front().at) {
      out.gain.pop_back();
      points.erase(points.begin());
    }
    out.gain.insert(out.gain.end(), points.begin(), points.end());
  }
  if (out.deepest.value == 0) out.gain.clear();
  return out;
}

}  // namespace twopop::phases::music
