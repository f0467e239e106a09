#include "media/detail/pcm.h"
#include "media/detail/recorder_metadata.h"
#include "media/detail/riff.h"

#include <algorithm>

/// A whole WAVE file: its chunks, the metadata in them, and its first samples.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace twopop::media;
  const detail::MemoryBytes bytes(std::as_bytes(std::span(data, size)));
  const bool looks = detail::looks_like_wave(bytes);
  const auto wave = detail::read_riff(bytes);
  if (!wave) return 0;
  TWOPOP_ASSERT(looks && wave->channels > 0 && wave->rate_hz > 0);
  Metadata metadata;
  std::vector<std::string> warnings;
  if (!wave->bext.empty()) detail::read_bext(wave->bext, metadata, warnings);
  if (!wave->ixml.empty()) detail::read_ixml(wave->ixml, metadata, warnings);
  detail::resolve_timecode(metadata, {wave->rate_hz});
  if (wave->coding == detail::SampleCoding::Other) return 0;
  TWOPOP_ASSERT(wave->data_begin + wave->data_bytes <= size);
  const std::int64_t frames = std::min<std::int64_t>(wave->frames(), 64);
  if (frames == 0 || wave->channels > 64) return 0;
  twopop::AudioBuffer<float> sound(wave->channels, frames);
  detail::planar_of(reinterpret_cast<const std::byte*>(data + wave->data_begin), wave->coding, sound.view());
  for (int c = 0; c < wave->channels; ++c)
    for (std::int64_t i = 0; i < frames; ++i) TWOPOP_ASSERT(sound.channel(c)[i] == sound.channel(c)[i]);
  return 0;
}
