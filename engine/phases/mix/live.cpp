#include "phases/mix/live.h"

#include "analysis/loudness.h"

namespace twopop::phases {
namespace {

using signal::Playback;

constexpr std::int64_t kFade = 480;                       // frames over which changed settings come in
constexpr std::uint64_t kBudget = std::uint64_t{160} << 20;  // of chunks
constexpr std::int64_t kAhead = 2 * signal::kChunk.value;  // wanted before it is needed

std::int64_t chunk_of(SamplePosition at) { return mul_div(at.value, 1, signal::kChunk.value, Rounding::Floor); }

}  // namespace

LiveMixer::LiveMixer(LiveMix live) : live_(std::move(live)) {
  for (std::size_t i = 0; i < live_.tracks.size(); ++i) {
    const LiveTrack& track = live_.tracks[i];
    sounds_.push_back(signal::handed_over(track.channels, track.extent, "track " + track.id));
    track_of_[sounds_.back().get()] = static_cast<std::int32_t>(i);
  }
  session::Document document;
  document.layout = live_.layout;
  weights_ = analysis::channel_weights(layout_of(document));
  lead_ = analysis::loudness_pre_roll(live_.rate).value;
}
LiveMixer::~LiveMixer() = default;

Result<std::unique_ptr<LiveMixer>> LiveMixer::make(LiveMix live) {
  for (const LiveTrack& track : live.tracks)
    if (track.channels != 1 && track.channels != 2 && track.channels != 6 && track.channels != 8)
      return Error{Code::InvalidArgument, fmt::format("track {} has {} channels", track.id, track.channels)};
  std::unique_ptr<LiveMixer> mixer(new LiveMixer(std::move(live)));
  mixer->now_ = mixer->running();
  mixer->channels_ = mixer->now_.graph.mix->channels();
  mixer->other_ = AudioBuffer<float>(mixer->channels_, kBlock);
  mixer->heard_ = AudioBuffer<float>(mixer->channels_, mixer->lead_ + mixer->live_.rate.hz / 10 + kBlock);
  mixer->seek({0}, signal::Start::Exact);
  mixer->levels();
  return mixer;
}

namespace {

const signal::Node* placed_below(const signal::Node* node, std::string_view place) {
  if (node->place() == place) return node;
  for (const signal::Signal& input : node->inputs())
    if (const signal::Node* found = placed_below(input.get(), place)) return found;
  return nullptr;
}

}  // namespace

LiveMixer::Running LiveMixer::running() const {
  LiveMix heard = live_;
  bool soloed = false;
  for (const auto& [id, strip] : heard.mix.strips) soloed = soloed || strip.soloed;
  if (soloed)
    for (const LiveTrack& track : heard.tracks) {
      session::Strip& strip = heard.mix.strips[track.id];
      strip.muted = strip.muted || !strip.soloed;
    }
  Running made;
  made.graph = build_mix(heard, sounds_);
  if (heard.mix.master.compressor.on) made.compressor = placed_below(made.graph.gain.get(), "bus compressor gain");
  made.playback = std::make_unique<Playback>(made.graph.mix, static_cast<const signal::StoredSound&>(*this), kBlock);
  return made;
}

Result<void> LiveMixer::read(const signal::Node& node, SampleRange range, AudioView<float> out) const {
  const auto track = track_of_.find(&node);
  if (track == track_of_.end()) return Error{Code::Internal, "the live mix asks for a sound that is no track"};
  const SampleRange heard = intersection(range, node.extent());
  for (std::int64_t at = heard.begin.value; at < heard.end.value;) {
    const std::int64_t index = chunk_of({at}), begin = index * signal::kChunk.value, end = std::min(heard.end.value, begin + signal::kChunk.value);
    const auto found = chunks_.find({track->second, static_cast<std::int32_t>(index)});
    if (found == chunks_.end()) return Error{Code::Internal, fmt::format("chunk {} of track {} is not there", index, live_.tracks[static_cast<std::size_t>(track->second)].id)};
    if (const AudioBuffer<float>& sound = found->second.sound; !sound.empty())
      for (int c = 0; c < out.channels(); ++c) std::copy(sound.channel(c) + (at - begin), sound.channel(c) + (end - begin), out.channel(c) + (at - range.begin.value));
    at = end;
  }
  return {};
}

bool LiveMixer::silent(const signal::Node& node, SampleRange range) const {
  const auto track = track_of_.find(&node);
  if (track == track_of_.end()) return false;
  const SampleRange heard = intersection(range, node.extent());
  if (heard.empty()) return true;
  for (std::int64_t index = chunk_of(heard.begin); index <= chunk_of(heard.end - SampleCount{1}); ++index) {
    const auto found = chunks_.find({track->second, static_cast<std::int32_t>(index)});
    if (found == chunks_.end() || !found->second.sound.empty()) return false;
  }
  return true;
}

bool LiveMixer::there(SampleRange range) const {
  for (std::size_t i = 0; i < live_.tracks.size(); ++i) {
    const SampleRange heard = intersection(range, live_.tracks[i].extent);
    if (heard.empty() || heard.end.value <= 0) continue;
    for (std::int64_t index = std::max<std::int64_t>(0, chunk_of(heard.begin)); index <= chunk_of(heard.end - SampleCount{1}); ++index)
      if (!chunks_.contains({static_cast<std::int32_t>(i), static_cast<std::int32_t>(index)})) return false;
  }
  return true;
}

float* LiveMixer::hand_over(TrackChunk chunk) {
  make_room();
  Chunk& kept = chunks_[chunk];
  if (kept.sound.empty()) {
    kept.sound = AudioBuffer<float>(live_.tracks[static_cast<std::size_t>(chunk.track)].channels, signal::kChunk.value);
    held_bytes_ += static_cast<std::uint64_t>(kept.sound.channels()) * static_cast<std::uint64_t>(signal::kChunk.value) * sizeof(float);
  }
  return kept.sound.channel(0);
}
void LiveMixer::hand_over_silence(TrackChunk chunk) { chunks_[chunk]; }

void LiveMixer::forget(std::int32_t track) {
  for (auto at = chunks_.begin(); at != chunks_.end();) {
    if (track >= 0 && at->first.track != track) {
      ++at;
      continue;
    }
    held_bytes_ -= static_cast<std::uint64_t>(at->second.sound.channels()) * static_cast<std::uint64_t>(at->second.sound.frames()) * sizeof(float);
    at = chunks_.erase(at);
  }
}

namespace {

void chunks_of(const LiveMix& live, SampleRange range, std::vector<TrackChunk>& into) {
  range.begin = std::max(range.begin, SamplePosition{0});
  range.end = std::min(range.end, SamplePosition{live.length.value});
  if (range.empty()) return;
  for (std::int64_t index = chunk_of(range.begin); index <= chunk_of(range.end - SampleCount{1}); ++index)
    for (std::size_t i = 0; i < live.tracks.size(); ++i) {
      const SampleRange chunk{{index * signal::kChunk.value}, {(index + 1) * signal::kChunk.value}};
      if (chunk.overlaps(live.tracks[i].extent)) into.push_back({static_cast<std::int32_t>(i), static_cast<std::int32_t>(index)});
    }
}

}  // namespace

std::vector<TrackChunk> LiveMixer::wanted() {
  std::vector<TrackChunk> all, missing;
  chunks_of(live_, now_.playback->needs({kAhead / 2}), all);
  if (truing_.playback) chunks_of(live_, truing_.playback->needs({kBlock}), all);
  if (ahead_.playback) chunks_of(live_, ahead_.playback->needs({kAhead / 2}), all);
  chunks_of(live_, now_.playback->needs({kAhead}), all);
  // After a seek the place itself is wanted too, while the run-up comes to it.
  chunks_of(live_, {now_.playback->position(), now_.playback->position() + SampleCount{kAhead / 2}}, all);
  if (truing_.playback) chunks_of(live_, truing_.playback->needs({kAhead / 2}), all);
  for (const TrackChunk& chunk : all)
    if (!chunks_.contains(chunk) && std::find(missing.begin(), missing.end(), chunk) == missing.end()) missing.push_back(chunk);
  return missing;
}

void LiveMixer::make_room() {
  if (held_bytes_ < kBudget) return;
  std::vector<TrackChunk> kept;
  chunks_of(live_, now_.playback->needs({kAhead}), kept);
  if (before_.playback) chunks_of(live_, before_.playback->needs({kAhead}), kept);
  if (truing_.playback) chunks_of(live_, truing_.playback->needs({kAhead / 2}), kept);
  if (ahead_.playback) chunks_of(live_, ahead_.playback->needs({kAhead / 2}), kept);
  chunks_of(live_, {now_.playback->position(), now_.playback->position() + SampleCount{kAhead / 2}}, kept);
  const std::set<TrackChunk> needed(kept.begin(), kept.end());
  for (auto at = chunks_.begin(); at != chunks_.end();) {
    if (needed.contains(at->first)) {
      ++at;
      continue;
    }
    held_bytes_ -= static_cast<std::uint64_t>(at->second.sound.channels()) * static_cast<std::uint64_t>(at->second.sound.frames()) * sizeof(float);
    at = chunks_.erase(at);
  }
}

void LiveMixer::prepare(SamplePosition at) {
  ahead_ = running();
  ahead_.playback->start(at, signal::Start::Exact);
}

void LiveMixer::seek(SamplePosition at, signal::Start start) {
  before_ = {};
  truing_ = {};
  fade_left_ = 0;
  if (ahead_.playback && ahead_.playback->ready() && ahead_.playback->position() == at) {
    now_ = std::move(ahead_);
    ahead_ = {};
    pending_ = false;
    exact_ = true;
    return;
  }
  if (pending_) now_ = running();
  pending_ = false;
  now_.playback->start(at, start);
  exact_ = start == signal::Start::Exact;
}

SamplePosition LiveMixer::position() const { return now_.playback->position(); }

Result<LiveMixer::Step> LiveMixer::run_up(SampleCount frames) {
  if (now_.playback->ready()) return Step::Ready;
  if (!there(now_.playback->needs(frames))) return Step::Starved;
  TWOPOP_CHECK(now_.playback->run_up(frames));
  return now_.playback->ready() ? Step::Ready : Step::RunningUp;
}

Result<LiveMixer::Step> LiveMixer::render(AudioView<float> out) {
  const SampleCount n{out.frames()};
  for (int c = 0; c < out.channels(); ++c) std::fill_n(out.channel(c), n.value, 0.0f);
  if (!now_.playback->ready()) return Step::RunningUp;
  if (!there(now_.playback->needs(n)) || (before_.playback && !there(before_.playback->needs(n)))) return Step::Starved;
  TWOPOP_CHECK(now_.playback->render(out));
  meter(out);
  if (before_.playback) {
    const AudioView<float> old = other_.view().sub(0, n.value);
    TWOPOP_CHECK(before_.playback->render(old));
    for (std::int64_t i = 0; i < n.value; ++i) {
      const float share = std::max(0.0f, static_cast<float>(fade_left_ - i)) / static_cast<float>(kFade);
      for (int c = 0; c < out.channels(); ++c) out.at(c, i) = out.at(c, i) + share * (old.at(c, i) - out.at(c, i));
    }
    fade_left_ -= n.value;
    if (fade_left_ <= 0) {
      before_ = {};
      if (pending_) TWOPOP_CHECK(changed());
    }
  }
  return Step::Ready;
}

Result<void> LiveMixer::changed() {
  exact_ = false;
  truing_ = {};
  if (ahead_.playback) prepare(ahead_.playback->position());
  pending_ = before_.playback != nullptr;
  if (pending_) return {};  // taken up when the cross-fade is over
  Running next = running();
  if (!now_.playback->ready()) {
    next.playback->start(now_.playback->position(), signal::Start::Settled);
    now_ = std::move(next);
    return {};
  }
  next.playback->adopt(*now_.playback);
  before_ = std::move(now_);
  now_ = std::move(next);
  fade_left_ = kFade;
  return {};
}

Result<bool> LiveMixer::true_up(SampleCount frames) {
  if (ahead_.playback && !ahead_.playback->ready()) {
    if (!there(ahead_.playback->needs(frames))) return false;
    TWOPOP_CHECK(ahead_.playback->run_up(frames));
    return true;
  }
  if (exact_ || pending_ || before_.playback || !now_.playback->ready()) return false;
  if (!truing_.playback) {
    truing_ = running();
    truing_.playback->start(now_.playback->position(), signal::Start::Exact);
  }
  Playback& exact = *truing_.playback;
  if (!there(exact.needs(frames))) return false;
  if (!exact.ready()) {
    TWOPOP_CHECK(exact.run_up(frames));
    return true;
  }
  for (std::int64_t done = 0; done < frames.value && exact.position() < now_.playback->position();) {
    const std::int64_t n = std::min(kBlock, (now_.playback->position() - exact.position()).value);
    TWOPOP_CHECK(exact.render(other_.view().sub(0, n)));
    done += n;
  }
  if (exact.position() == now_.playback->position()) {
    now_ = std::move(truing_);
    truing_ = {};
    exact_ = true;
  }
  return true;
}

Result<void> LiveMixer::set_strip(const session::Id& track, session::Strip strip) {
  live_.mix.strips[track] = std::move(strip);
  return changed();
}
Result<void> LiveMixer::set_bus(const std::string& stem, session::Bus bus) {
  live_.mix.buses[stem] = std::move(bus);
  return changed();
}
Result<void> LiveMixer::set_master(session::Master master) {
  live_.mix.master = std::move(master);
  return changed();
}
Result<void> LiveMixer::set_mix(session::Mix mix) {
  live_.mix = std::move(mix);
  return changed();
}

namespace {

float peak_of(AudioView<const float> sound) {
  float most = 0;
  for (int c = 0; c < sound.channels(); ++c)
    for (std::int64_t i = 0; i < sound.frames(); ++i) most = std::max(most, std::fabs(sound.at(c, i)));
  return most;
}

/// The first compressor on the way down from a node, within the same stage.
const signal::Node* compressor_below(const signal::Node* node) {
  for (; !node->inputs().empty() && !node->additive(); node = node->inputs()[0].get())
    if (node->kind() == "compressor") return node;
  return nullptr;
}

}  // namespace

/// Peak after a strip or bus, and what its compressor does: the ratio of peaks before and after it in a block.
void LiveMixer::meter_node(const signal::Signal& after, const signal::Signal& strip, Level& level) const {
  const auto sound = now_.playback->latest(*after);
  const SamplePosition begin = now_.playback->position() - SampleCount{kBlock};
  if (!sound || sound->range.end <= begin) return;
  level.peak = std::max(level.peak, peak_of(sound->sound));
  const signal::Node* compressor = compressor_below(strip.get());
  if (!compressor) return;
  const auto pressed = now_.playback->latest(*compressor), whole = now_.playback->latest(*compressor->inputs()[0]);
  if (!pressed || !whole) return;
  const float in = peak_of(whole->sound), out = peak_of(pressed->sound);
  if (in > 1e-6f && out > 0) level.gain = std::min(level.gain, out / in);
}

void LiveMixer::meter(AudioView<const float> out) {
  for (int c = 0; c < out.channels(); ++c) levels_.mix[static_cast<std::size_t>(c)] = std::max(levels_.mix[static_cast<std::size_t>(c)], peak_of(out.select(c, 1)));
  for (std::size_t i = 0; i < live_.tracks.size(); ++i)
    if (const auto strip = now_.graph.strips.find(live_.tracks[i].id); strip != now_.graph.strips.end()) meter_node(strip->second, strip->second, levels_.tracks[i]);
  for (std::size_t i = 0; i < kStems.size(); ++i) {
    const signal::Signal& bus = now_.graph.buses.at(kStems[i]);
    meter_node(bus, bus->inputs()[0], levels_.buses[i]);
  }
  const auto least = [](const std::optional<Playback::Latest>& gain, float so_far) {
    if (gain)
      for (std::int64_t i = 0; i < gain->sound.frames(); ++i) so_far = std::min(so_far, gain->sound.at(0, i));
    return so_far;
  };
  levels_.limiter = least(now_.playback->latest(*now_.graph.gain), levels_.limiter);
  if (now_.compressor) levels_.compressor = least(now_.playback->latest(*now_.compressor), levels_.compressor);

  const std::int64_t step = live_.rate.hz / 10;
  for (int c = 0; c < out.channels(); ++c) std::copy_n(out.channel(c), out.frames(), heard_.channel(c) + lead_ + filled_);
  filled_ += out.frames();
  if (filled_ < step) return;
  analysis::LoudnessOptions options;
  options.weights = weights_;
  const std::int64_t lead = std::min(lead_, heard_to_);
  const auto measured = analysis::measure_loudness(heard_.view().sub(lead_ - lead, lead + step), live_.rate, {heard_to_}, {lead}, options, analysis::Following::More);
  if (measured) blocks_.push_back(*measured);
  heard_to_ += step;
  for (int c = 0; c < out.channels(); ++c) std::copy(heard_.channel(c) + step, heard_.channel(c) + lead_ + filled_, heard_.channel(c));
  filled_ -= step;
}

LiveMixer::Levels LiveMixer::levels() {
  Levels said = std::move(levels_);
  levels_ = {};
  levels_.mix.assign(static_cast<std::size_t>(channels_), 0.0f);
  levels_.tracks.assign(live_.tracks.size(), {});
  levels_.buses.assign(kStems.size(), {});
  return said;
}

std::vector<analysis::LoudnessBlocks> LiveMixer::loudness() { return std::exchange(blocks_, {}); }

}  // namespace twopop::phases
