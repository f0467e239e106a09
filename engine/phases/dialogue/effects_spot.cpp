#include "phases/dialogue/effects_spot.h"

#include "analysis/onsets.h"
#include "core/bytes.h"
#include "phases/ranges.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace twopop::phases {
namespace {

constexpr double kMinute_s = 60, kAround_s = 2;
constexpr double kFromSpeech_s = 0.25;       ///< on top of the pads of speech
constexpr double kLeastOverRoom_db = 20, kLeastStrength = 1.5, kMostSpeech = 0.25;
constexpr double kLeast_s = 0.03, kMost_s = 4;
constexpr double kSameMoment_s = 0.06;       ///< between microphones: sound takes this for 20 m
constexpr double kLead_s = 0.02, kFadeIn_s = 0.01, kFadeOut_s = 0.06;
constexpr double kSpeechTarget_dbfs = -26;   ///< as for lines (line_spot.cpp): effects keep their place beside them

double rms_of(const float* x, std::int64_t count) {
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) sum += static_cast<double>(x[i]) * x[i];
  return std::sqrt(sum / static_cast<double>(std::max<std::int64_t>(1, count)));
}

/// Level that a fifth of the stretches of 50 ms stay under, dBFS.
double room_level(AudioView<const float> sound, SampleRate rate) {
  const std::int64_t block = rate.hz / 20;
  std::vector<double> levels;
  for (std::int64_t at = 0; at + block <= sound.frames(); at += block) levels.push_back(level_of(rms_of(sound.channel(0) + at, block)).value);
  if (levels.empty()) return 0;
  const auto fifth = levels.begin() + static_cast<std::ptrdiff_t>(levels.size() / 5);
  std::nth_element(levels.begin(), fifth, levels.end());
  return std::max(*fifth, -100.0);
}

/// Where a hit has gone back to the room: the first of 100 ms that stay within 6 dB of it.
SamplePosition end_of(AudioView<const float> sound, SampleRate rate, const analysis::Hit& hit, double room) {
  const std::int64_t block = rate.hz / 50;
  int calm = 0;
  for (std::int64_t at = hit.onset.value; at + block <= hit.range.end.value; at += block) {
    calm = level_of(rms_of(sound.channel(0) + at, block)).value <= room + 6 ? calm + 1 : 0;
    if (calm == 5) return {at - 4 * block};
  }
  return hit.range.end;
}

/// A candidate in the film.
struct Candidate {
  const PlacedChannel* channel = nullptr;
  SetEvent event;
  SamplePosition onset{};
  SampleRange range{};
};

}  // namespace

namespace {

Result<signal::Fact> events_fact(const Context& context, const session::Id& id, int channel) {
  TWOPOP_TRY(const signal::MediaDescription media, describe_media(context, id));
  if (channel < 0 || channel >= media.channels)
    return Error{Code::InvalidArgument, fmt::format("{}: channel {} of a file with {}", media.path.filename().string(), channel + 1, media.channels), "choose another channel"};
  const auto measure = [pool = context.work.media(), media, channel]() -> Result<cache::Bytes> {
    std::vector<SetEvent> events;
    const std::int64_t minute = samples(kMinute_s, media.rate).value, around = samples(kAround_s, media.rate).value;
    for (std::int64_t at = 0; at < media.length.value; at += minute) {
      const std::int64_t begin = std::max<std::int64_t>(0, at - around), end = std::min(media.length.value, at + minute + around);
      AudioBuffer<float> block(media.channels, end - begin);
      TWOPOP_CHECK(pool->read(media, {begin}, block.view()));
      const AudioView<const float> sound = AudioView<const float>(block.view()).select(channel, 1);
      const double room = room_level(sound, media.rate);
      const std::vector<float> speech = analysis::measure_speech(sound, media.rate).probability;
      for (const analysis::Hit& hit : analysis::split_at_hits(sound, media.rate)) {
        if (begin + hit.onset.value < at || begin + hit.onset.value >= at + minute) continue;
        const auto second = [&](SamplePosition p) { return seconds(SamplePosition{begin + p.value}, media.rate); };
        const SamplePosition died = end_of(sound, media.rate, hit, room);
        SetEvent event{second(hit.range.begin), second(hit.onset), second(died), hit.level.value - room, hit.strength, 0};
        const auto frame = [&](SamplePosition p) { return static_cast<std::size_t>(std::clamp<std::int64_t>(100 * p.value / media.rate.hz, 0, static_cast<std::int64_t>(speech.size()))); };
        for (std::size_t i = frame(hit.range.begin); i < std::min(speech.size(), frame(died) + 1); ++i) event.speech = std::max(event.speech, static_cast<double>(speech[i]));
        events.push_back(event);
      }
    }
    ByteWriter writer;
    writer.put(events);
    return writer.take();
  };
  return signal::Fact{fmt::format("events in {} channel {}", context.document.media.at(id).name, channel + 1), "set events", 1,
                      Hasher().add(media.fingerprint).add(media.audio_stream).add(channel).finish(), measure};
}

}  // namespace

Result<std::vector<SetEvent>> events_in(const Context& context, const session::Id& id, int channel) {
  TWOPOP_TRY(const signal::Fact fact, events_fact(context, id, channel));
  TWOPOP_TRY(const cache::Blob blob, context.work.fact(fact));
  ByteReader reader(*blob);
  std::vector<SetEvent> events = reader.vector<SetEvent>();
  if (!reader.ok()) return Error{Code::Damaged, fmt::format("what is known of the {} cannot be read", fact.identity), "remove the film's cache folder"};
  return events;
}

Result<void> spot_effects(const Context& context, const std::vector<PlacedChannel>& channels, Proposal& proposal) {
  session::Document& document = proposal.document;
  const SampleRate rate = document.rate;
  const SampleCount away = samples(kFromSpeech_s, rate);
  std::vector<SampleRange> taken;
  for (const PlacedChannel& c : channels)
    for (const SampleRange& r : c.speech) taken.push_back({r.begin - away, r.end + away});
  for (const auto& [id, clip] : document.dialogue.clips) taken.push_back(clip.role == session::ClipRole::Speech ? SampleRange{clip.film.in - away, clip.film.out + away} : clip.film.range());
  const std::vector<SampleRange> free = subtract({document.extent()}, unite(std::move(taken)));
  // The picture's own sound is a copy of what the cameras heard: it is asked where nothing else is placed in the film.
  const bool others = std::any_of(channels.begin(), channels.end(), [](const PlacedChannel& c) { return c.rank < 2; });

  std::vector<signal::Fact> ahead;
  for (const PlacedChannel& c : channels)
    if (c.rank < 2 || !others)
      if (auto fact = events_fact(context, c.placed->media, c.channel)) ahead.push_back(*std::move(fact));
  TWOPOP_CHECK(context.work.make_facts(ahead));

  std::vector<Candidate> heard;
  for (const PlacedChannel& c : channels) {
    if (c.rank == 2 && others) continue;
    Result<std::vector<SetEvent>> events = events_in(context, c.placed->media, c.channel);
    if (!events) {
      if (events.error().code == Code::Cancelled) return events.error();
      continue;  // that it cannot be read was said where its speech was looked for
    }
    for (const SetEvent& e : *events) {
      if (e.over_room_db < kLeastOverRoom_db || e.strength < kLeastStrength || e.speech > kMostSpeech || e.end_s - e.begin_s < kLeast_s || e.end_s - e.begin_s > kMost_s) continue;
      const SampleRange range{film_position(*c.placed, e.begin_s - kLead_s, rate), film_position(*c.placed, e.end_s, rate)};
      const bool alone = std::any_of(free.begin(), free.end(), [&](const SampleRange& f) { return f.begin <= range.begin && range.end <= f.end; });
      if (!alone || range.begin < c.placed->film.in || range.end > c.placed->film.out) continue;
      heard.push_back({&c, e, film_position(*c.placed, e.onset_s, rate), range});
    }
  }
  std::stable_sort(heard.begin(), heard.end(), [](const Candidate& a, const Candidate& b) { return a.onset < b.onset; });

  for (std::size_t first = 0; first < heard.size();) {
    std::size_t last = first + 1;
    while (last < heard.size() && heard[last].onset - heard[first].onset <= samples(kSameMoment_s, rate)) ++last;
    const Candidate* best = &heard[first];
    std::set<std::pair<session::Id, int>> by;
    for (std::size_t i = first; i < last; ++i) {
      by.insert({heard[i].channel->placed->media, heard[i].channel->channel});
      if (heard[i].event.over_room_db - 6.0 * heard[i].channel->rank > best->event.over_room_db - 6.0 * best->channel->rank) best = &heard[i];
    }
    std::set<std::pair<session::Id, int>> there;
    for (const PlacedChannel& c : channels)
      if ((c.rank < 2 || !others) && c.placed->film.in <= best->range.begin && best->range.end <= c.placed->film.out) there.insert({c.placed->media, c.channel});
    first = last;

    const session::Media& media = document.media.at(best->channel->placed->media);
    const double confidence = std::clamp(0.4 + std::min(0.25, (best->event.over_room_db - kLeastOverRoom_db) / 60) + (by.size() > 1 ? 0.25 : there.size() > 1 ? -0.3 : 0.1), 0.05, 0.95);
    const std::string reason = fmt::format("{} channel {}: no speech within {:.2f} s (probability at most {:.2f}), {:.0f} dB over the room, heard by {} of {} microphones", media.name,
                                           best->channel->channel + 1, kFromSpeech_s, best->event.speech, best->event.over_room_db, by.size(), there.size());
    if (confidence < kAcceptConfidence) {
      proposal.findings.push_back({Severity::Note, "dialogue", "production-effect-unsure", best->range, "/dialogue/clips", "perhaps a production effect: " + reason,
                                   "listen to it; add a clip of that role if it is wanted", confidence, "probability"});
      continue;
    }
    session::DialogueClip clip;
    clip.placement = best->channel->placement;
    clip.channel = best->channel->channel;
    clip.role = session::ClipRole::ProductionEffect;
    clip.film = {best->range.begin, best->range.end};
    clip.scene = media.scene;
    const SampleCount most{best->range.length().value / 4};
    clip.fade_in = {std::min(samples(kFadeIn_s, rate), most), session::FadeShape::EqualPower};
    clip.fade_out = {std::min(samples(kFadeOut_s, rate), most), session::FadeShape::EqualPower};
    // As loud beside the lines as it was on set.
    const double level = best->channel->heard.speech_level.value;
    if (!best->channel->heard.speech.empty()) clip.gain = {std::clamp(std::round(10 * (kSpeechTarget_dbfs - level)) / 10, -24.0, 24.0)};
    clip.decided = {session::By::Auto, reason, confidence};
    const session::Id id = fmt::format("p{:09}", mul_div(best->range.begin.value, 1000, rate.hz, Rounding::Floor));
    if (document.dialogue.clips.contains(id)) continue;
    document.dialogue.clips[id] = clip;
    proposal.items.push_back({"/dialogue/clips/" + id, reason, confidence});
  }
  return {};
}

}  // namespace twopop::phases
