#pragma once

#include "core/result.h"
#include "media/detail/bytes.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace twopop::media::detail {

enum class SampleCoding { Unsigned8, Int16, Int24, Int32, Float32, Float64, Other };

/// Bytes of one sample of one channel.
constexpr int bytes_of(SampleCoding coding) {
  switch (coding) {
    case SampleCoding::Unsigned8: return 1;
    case SampleCoding::Int16: return 2;
    case SampleCoding::Int24: return 3;
    case SampleCoding::Int32:
    case SampleCoding::Float32: return 4;
    case SampleCoding::Float64: return 8;
    case SampleCoding::Other: return 0;
  }
  return 0;
}

/// What a RIFF, RF64 (EBU Tech 3306) or BW64 (ITU-R BS.2088) WAVE file holds and where its samples lie.
struct RiffWave {
  std::string form;             ///< "RIFF", "RF64" or "BW64"
  std::uint16_t format_tag = 0; ///< of the format chunk; the sub-format where extensible
  SampleCoding coding = SampleCoding::Other;
  std::int32_t rate_hz = 0;
  int channels = 0;
  int bits = 0;                 ///< valid bits as stated
  std::uint32_t channel_mask = 0;
  std::uint64_t data_begin = 0; ///< byte offset of the first sample
  std::uint64_t data_bytes = 0; ///< of whole frames that are really in the file
  std::string bext, ixml;       ///< chunks as they are; empty where absent
  std::map<std::string, std::string> info;  ///< LIST INFO texts by their four-letter name
  std::vector<std::string> warnings;

  std::uint64_t frame_bytes() const { return static_cast<std::uint64_t>(bytes_of(coding)) * static_cast<std::uint64_t>(channels); }
  std::int64_t frames() const { return frame_bytes() ? static_cast<std::int64_t>(data_bytes / frame_bytes()) : 0; }
};

/// True where the first bytes are those of a RIFF, RF64 or BW64 WAVE file.
bool looks_like_wave(const Bytes& bytes);

/// Reads the chunks, in any order, forgiving what recorders and editors get wrong: a data size of 0 or
/// beyond the end, missing pad bytes, trailing rubbish. Each forgiven thing is a warning.
/// Fails with Damaged where no samples can be located, and Unreadable where the bytes are not a WAVE file.
/// A coding that is not PCM or float is no error: `coding` is then Other.
Result<RiffWave> read_riff(const Bytes& bytes);

}  // namespace twopop::media::detail
