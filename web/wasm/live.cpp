// The live mixer for an AudioWorklet, and what a page needs of the engine beside it: meters and curves. Plain C calls; texts and
// samples go through memory that the caller fills or reads. Results below 0 are failures, told by twopop_text().
#include "analysis/loudness.h"
#include "phases/mix/curves.h"
#include "phases/mix/live.h"
#include "session/json.h"

#include <cstring>

using namespace twopop;
using phases::LiveMixer;

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

std::string text;
std::vector<std::int32_t> chunks;
std::vector<float> levels;
std::vector<std::byte> bytes;
std::vector<double> figures;

int failed(const Error& error) {
  text = error.sentence();
  return -1;
}

template <class T>
int set(LiveMixer* mixer, std::string_view json, Result<void> (LiveMixer::*put)(T)) {
  auto value = session::read_json<T>(json);
  if (!value) return failed(value.error());
  const Result<void> done = (mixer->*put)(*std::move(value));
  return done ? 0 : failed(done.error());
}
template <class T>
int set(LiveMixer* mixer, const std::string& id, std::string_view json, Result<void> (LiveMixer::*put)(const std::string&, T)) {
  auto value = session::read_json<T>(json);
  if (!value) return failed(value.error());
  const Result<void> done = (mixer->*put)(id, *std::move(value));
  return done ? 0 : failed(done.error());
}

template <class T>
const double* curve(std::string_view json, std::span<const double> in, std::vector<double> (*of)(const T&, std::span<const double>)) {
  const auto settings = session::read_json<T>(json);
  if (!settings) return failed(settings.error()), nullptr;
  figures = of(*settings, in);
  return figures.data();
}

int step_of(const Result<LiveMixer::Step>& step) { return step ? static_cast<int>(*step) : failed(step.error()); }

}  // namespace

EXPORT void* twopop_allocate(std::size_t size) { return std::malloc(size); }
EXPORT void twopop_free(void* memory) { std::free(memory); }
EXPORT const char* twopop_text() { return text.c_str(); }
EXPORT std::size_t twopop_text_length() { return text.size(); }

EXPORT LiveMixer* live_open(const char* json, std::size_t length) {
  auto live = session::read_json<phases::LiveMix>({json, length});
  if (!live) return failed(live.error()), nullptr;
  auto mixer = LiveMixer::make(*std::move(live));
  if (!mixer) return failed(mixer.error()), nullptr;
  return (*mixer).release();
}
EXPORT void live_close(LiveMixer* mixer) { delete mixer; }
EXPORT int live_channels(const LiveMixer* mixer) { return mixer->channels(); }

/// Where the samples of a chunk are to be put, channel after channel.
EXPORT float* live_hand_over(LiveMixer* mixer, int track, int chunk) { return mixer->hand_over({track, chunk}); }
EXPORT void live_hand_over_silence(LiveMixer* mixer, int track, int chunk) { mixer->hand_over_silence({track, chunk}); }
EXPORT void live_forget(LiveMixer* mixer, int track) { mixer->forget(track); }
EXPORT double live_held_bytes(const LiveMixer* mixer) { return static_cast<double>(mixer->held_bytes()); }
/// Pairs of track and chunk: count, and where they lie.
EXPORT int live_wanted(LiveMixer* mixer) {
  chunks.clear();
  for (const phases::TrackChunk& chunk : mixer->wanted()) chunks.insert(chunks.end(), {chunk.track, chunk.chunk});
  return static_cast<int>(chunks.size() / 2);
}
EXPORT const std::int32_t* live_wanted_list() { return chunks.data(); }

EXPORT void live_seek(LiveMixer* mixer, double at, int exact) {
  mixer->seek({static_cast<std::int64_t>(at)}, exact ? signal::Start::Exact : signal::Start::Settled);
}
EXPORT void live_prepare(LiveMixer* mixer, double at) { mixer->prepare({static_cast<std::int64_t>(at)}); }
EXPORT double live_position(const LiveMixer* mixer) { return static_cast<double>(mixer->position().value); }
/// 0: chunks are missing, 1: still running up, 2: ready.
EXPORT int live_run_up(LiveMixer* mixer, int frames) { return step_of(mixer->run_up({frames})); }
/// The same, with `frames` samples a channel in `out`.
EXPORT int live_render(LiveMixer* mixer, float* out, int frames) { return step_of(mixer->render({out, mixer->channels(), frames, frames})); }
EXPORT int live_true_up(LiveMixer* mixer, int frames) {
  const Result<bool> worked = mixer->true_up({frames});
  return worked ? *worked : failed(worked.error());
}
EXPORT int live_exact(const LiveMixer* mixer) { return mixer->exact(); }

/// what: 0 a strip, 1 a bus, 2 the master, 3 the whole mix; JSON as in the session.
EXPORT int live_set(LiveMixer* mixer, int what, const char* id, std::size_t id_length, const char* json, std::size_t length) {
  const std::string name(id, id_length);
  switch (what) {
    case 0: return set<session::Strip>(mixer, name, {json, length}, &LiveMixer::set_strip);
    case 1: return set<session::Bus>(mixer, name, {json, length}, &LiveMixer::set_bus);
    case 2: return set<session::Master>(mixer, {json, length}, &LiveMixer::set_master);
    default: return set<session::Mix>(mixer, {json, length}, &LiveMixer::set_mix);
  }
}

/// Floats: gain of the limiter, gain of the master's compressor, peaks of the mix's channels, then peak and gain of each bus and track.
EXPORT int live_levels(LiveMixer* mixer) {
  const LiveMixer::Levels now = mixer->levels();
  levels.assign({now.limiter, now.compressor});
  levels.insert(levels.end(), now.mix.begin(), now.mix.end());
  for (const auto* list : {&now.buses, &now.tracks})
    for (const LiveMixer::Level& level : *list) levels.insert(levels.end(), {level.peak, level.gain});
  return static_cast<int>(levels.size());
}
EXPORT const float* live_levels_list() { return levels.data(); }

/// Loudness summaries since the last call, for meter_append: bytes, and where they lie.
EXPORT int live_loudness(LiveMixer* mixer) {
  bytes.clear();
  for (const analysis::LoudnessBlocks& block : mixer->loudness()) {
    const std::vector<std::byte> one = block.to_bytes();
    const auto size = static_cast<std::uint32_t>(one.size());
    bytes.insert(bytes.end(), reinterpret_cast<const std::byte*>(&size), reinterpret_cast<const std::byte*>(&size + 1));
    bytes.insert(bytes.end(), one.begin(), one.end());
  }
  return static_cast<int>(bytes.size());
}
EXPORT double live_measured(const LiveMixer* mixer) { return static_cast<double>(mixer->measured().value); }
EXPORT void live_measure_from(LiveMixer* mixer, double at) { mixer->measure_from({static_cast<std::int64_t>(at)}); }
EXPORT const std::byte* live_loudness_list() { return bytes.data(); }

EXPORT analysis::LoudnessBlocks* meter_open() { return new analysis::LoudnessBlocks; }
EXPORT void meter_close(analysis::LoudnessBlocks* meter) { delete meter; }
EXPORT int meter_append(analysis::LoudnessBlocks* meter, const std::byte* from, std::size_t length) {
  while (length >= sizeof(std::uint32_t)) {
    std::uint32_t size = 0;
    std::memcpy(&size, from, sizeof size);
    from += sizeof size;
    length -= sizeof size;
    if (size > length) return failed({Code::Damaged, "a loudness summary is cut short"});
    auto block = analysis::LoudnessBlocks::from_bytes({from, size});
    if (!block) return failed(block.error());
    if (meter->range().empty()) *meter = *std::move(block);
    else if (auto joined = meter->append(*block); !joined) return failed(joined.error());
    from += size;
    length -= size;
  }
  return 0;
}
/// Momentary, short-term, integrated, range, true peak, greatest momentary, greatest short-term; minus infinity for none.
EXPORT const double* meter_figures(const analysis::LoudnessBlocks* meter) {
  const analysis::LoudnessFigures all = analysis::loudness_figures(*meter);
  const std::vector<float> momentary = analysis::momentary_series(*meter), short_term = analysis::short_term_series(*meter);
  figures.assign({momentary.empty() ? analysis::kNoLoudness : static_cast<double>(momentary.back()), short_term.empty() ? analysis::kNoLoudness : static_cast<double>(short_term.back()),
                  all.integrated.value, all.range.value, all.true_peak.value, all.max_momentary.value, all.max_short_term.value});
  return figures.data();
}

/// Bands as in a strip's `eq`. Levels in dB at n frequencies.
EXPORT const double* curve_eq(const char* json, std::size_t length, const double* frequencies, int n, int rate_hz) {
  const auto bands = session::read_json<std::map<session::Id, session::EqBand>>({json, length});
  if (!bands) return failed(bands.error()), nullptr;
  auto curve = phases::eq_curve(*bands, {frequencies, static_cast<std::size_t>(n)}, {rate_hz});
  if (!curve) return failed(curve.error()), nullptr;
  figures = *std::move(curve);
  return figures.data();
}
EXPORT const double* curve_compressor(const char* json, std::size_t length, const double* in, int n) {
  return curve<session::CompressorSettings>({json, length}, {in, static_cast<std::size_t>(n)}, phases::compressor_curve);
}
EXPORT const double* curve_expander(const char* json, std::size_t length, const double* in, int n) {
  return curve<session::ExpanderSettings>({json, length}, {in, static_cast<std::size_t>(n)}, phases::expander_curve);
}
