#pragma once

#include "analysis/loudness_blocks.h"
#include "media/media.h"
#include "signal/workspace.h"

#include <filesystem>

namespace twopop::deliver {

struct WavDeliverable {
  std::filesystem::path path;
  signal::Signal sound;
  SampleRange film{};
  SampleRate rate{};
  media::SampleFormat format = media::SampleFormat::Pcm24;
  media::BextFields bext;
  SampleCount leader{};      ///< silence before the film, with a two-pop at its start; 0 for none
  FrameRate frames{};        ///< length of the two-pop's beep
};

/// Writes one WAV deliverable. The two-pop is one frame of 1 kHz at -20 dBFS, two seconds before the first frame.
Result<void> write_wav(signal::Workspace& work, const WavDeliverable& wav);

}  // namespace twopop::deliver
