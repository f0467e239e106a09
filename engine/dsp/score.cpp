#include "dsp/score.h"

#include <fluidsynth.h>

#include <array>
#include <fstream>
#include <memory>
#include <mutex>

namespace twopop::dsp {
namespace {

struct Delete {
  void operator()(fluid_settings_t* p) const { delete_fluid_settings(p); }
  void operator()(fluid_synth_t* p) const { delete_fluid_synth(p); }
  void operator()(fluid_player_t* p) const { delete_fluid_player(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Delete>;

/// FluidSynth takes times by its own count of rendered blocks: one fixed block keeps a render the same at each run.
constexpr int kBlock = 64;

void silence_log() {
  static std::once_flag once;
  std::call_once(once, [] {
    for (int level = 0; level < LAST_LOG_LEVEL; ++level) fluid_set_log_function(level, [](int, const char*, void*) {}, nullptr);
  });
}

Result<std::vector<std::byte>> read_file(const std::filesystem::path& path, const char* what) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed))
    return Error{Code::NotFound, fmt::format("{}: no such {}", path.string(), what), "relink it or take it out of the cue"};
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  std::vector<std::byte> bytes(in ? static_cast<std::size_t>(in.tellg()) : 0);
  in.seekg(0);
  if (!in || !in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())))
    return Error{Code::Unreadable, fmt::format("{}: cannot be read", path.string()), "check its permissions"};
  return bytes;
}

Result<MidiFacts> parse_named(const std::filesystem::path& midi, const std::vector<std::byte>& bytes) {
  auto facts = parse_midi(bytes);
  if (!facts) facts.error().message = fmt::format("{}: {}", midi.string(), facts.error().message);
  return facts;
}

}  // namespace

Result<MidiFacts> read_midi(const std::filesystem::path& midi) {
  TWOPOP_TRY(const auto bytes, read_file(midi, "MIDI file"));
  return parse_named(midi, bytes);
}

std::filesystem::path installed_sound_font() {
  std::error_code failed;
  for (const char* name : {"/usr/share/sounds/sf2/default-GM.sf2", "/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/sounds/sf2/TimGM6mb.sf2"})
    if (std::filesystem::exists(name, failed)) return name;
  return {};
}

Result<AudioBuffer<float>> render_score(const std::filesystem::path& midi, const std::filesystem::path& sound_font,
                                        const ScoreSettings& settings) {
  if (settings.rate.hz < 8000 || settings.rate.hz > 96000)
    return Error{Code::InvalidArgument, fmt::format("score at {} Hz: FluidSynth renders 8000 to 96000 Hz", settings.rate.hz),
                 "render at 48000 Hz and convert"};
  TWOPOP_TRY(const auto bytes, read_file(midi, "MIDI file"));
  TWOPOP_TRY(const MidiFacts facts, parse_named(midi, bytes));
  std::error_code failed;
  if (!std::filesystem::is_regular_file(sound_font, failed))
    return Error{Code::NotFound, fmt::format("{}: no such sound font", sound_font.string()), "install timgm6mb-soundfont or name another .sf2"};
  silence_log();
  if (!fluid_is_soundfont(sound_font.c_str()))
    return Error{Code::Unsupported, fmt::format("{}: not a SoundFont 2 file", sound_font.string()), "name a .sf2 file"};

  Owned<fluid_settings_t> options(new_fluid_settings());
  fluid_settings_setnum(options.get(), "synth.sample-rate", settings.rate.hz);
  fluid_settings_setnum(options.get(), "synth.gain", settings.gain);
  fluid_settings_setint(options.get(), "synth.cpu-cores", 1);
  fluid_settings_setint(options.get(), "synth.polyphony", 512);
  fluid_settings_setint(options.get(), "synth.reverb.active", settings.reverb ? 1 : 0);
  fluid_settings_setint(options.get(), "synth.chorus.active", settings.reverb ? 1 : 0);
  fluid_settings_setint(options.get(), "synth.lock-memory", 0);
  fluid_settings_setstr(options.get(), "player.timing-source", "sample");
  fluid_settings_setint(options.get(), "player.reset-synth", 1);
  Owned<fluid_synth_t> synth(new_fluid_synth(options.get()));
  if (!synth || fluid_synth_sfload(synth.get(), sound_font.c_str(), 1) == FLUID_FAILED)
    return Error{Code::Damaged, fmt::format("{}: the sound font cannot be loaded", sound_font.string()), "name another .sf2 file"};
  Owned<fluid_player_t> player(new_fluid_player(synth.get()));
  if (!player || fluid_player_add_mem(player.get(), bytes.data(), bytes.size()) != FLUID_OK || fluid_player_play(player.get()) != FLUID_OK)
    return Error{Code::Damaged, fmt::format("{}: FluidSynth does not take the MIDI file", midi.string()), "export it again"};

  const SampleCount wanted = samples(std::min(settings.longest_s, facts.duration_s() + settings.tail_s), settings.rate);
  const std::int64_t frames = (wanted.value + kBlock - 1) / kBlock * kBlock;
  AudioBuffer<float> out(2, frames);
  for (std::int64_t at = 0; at < frames; at += kBlock)
    if (fluid_synth_write_float(synth.get(), kBlock, out.channel(0) + at, 0, 1, out.channel(1) + at, 0, 1) != FLUID_OK)
      return Error{Code::Internal, fmt::format("{}: FluidSynth stopped at sample {}", midi.string(), at), {}};
  return out;
}

}  // namespace twopop::dsp
