#pragma once

#include "core/audio.h"
#include "core/result.h"
#include "core/time.h"
#include "dsp/midi.h"

#include <filesystem>

namespace twopop::dsp {

struct ScoreSettings {
  SampleRate rate{};
  double gain = 0.5;    ///< FluidSynth's master gain; 0.2 is its cautious default
  double tail_s = 3;    ///< rendered after the last note, for reverb and release
  bool reverb = true;
  double longest_s = 6 * 3600;  ///< no more than this is rendered
};

/// A MIDI file played by FluidSynth through a sound font: the whole file, stereo float, same bits at each run.
/// Fails with NotFound, Damaged (the MIDI file, with the byte), Unsupported (not a sound font), InvalidArgument (rate).
Result<AudioBuffer<float>> render_score(const std::filesystem::path& midi, const std::filesystem::path& sound_font,
                                        const ScoreSettings& settings = {});

/// Reads and checks a MIDI file.
Result<MidiFacts> read_midi(const std::filesystem::path& midi);

/// The machine's General MIDI sound font (Debian: default-GM.sf2 or TimGM6mb.sf2 under /usr/share/sounds/sf2), empty if none.
std::filesystem::path installed_sound_font();

}  // namespace twopop::dsp
