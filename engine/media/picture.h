#pragma once

#include "core/result.h"
#include "core/time.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace twopop::media {

/// When each frame of a picture is shown, in order of display. Times count from the first frame that is shown
/// (edit lists applied): where the film starts, whatever the file's clock says.
struct FrameTimes {
  std::vector<std::int64_t> ticks;        ///< of each frame, ascending, the first is 0
  std::vector<std::int64_t> key_frames;   ///< indices of frames that can be decoded by themselves
  std::int64_t tick_numerator = 1;        ///< one tick lasts numerator / denominator seconds
  std::int64_t tick_denominator = 1;
  std::int64_t end_ticks = 0;             ///< when the last frame ends
  double start_s = 0;                     ///< of the first frame on the file's clock
  FrameRate frames{};                     ///< of even spacing; the mean where variable
  bool variable_rate = false;

  std::int64_t count() const { return static_cast<std::int64_t>(ticks.size()); }
  double seconds_of(std::int64_t frame) const { return seconds_of_ticks(ticks[static_cast<std::size_t>(frame)]); }
  double duration_s() const { return seconds_of_ticks(end_ticks); }
  /// First sample at or after the moment a frame appears; exact, in 128 bits.
  SamplePosition position_of(std::int64_t frame, SampleRate rate) const;
  /// The frame on screen at a position; the first before the film, the last behind it. -1 where there is none.
  std::int64_t frame_at(SamplePosition at, SampleRate rate) const;

 private:
  double seconds_of_ticks(std::int64_t t) const {
    return static_cast<double>(t) * static_cast<double>(tick_numerator) / static_cast<double>(tick_denominator);
  }
};

/// Reads the time stamps of all frames without decoding them (where the container has none, it decodes).
/// Fails as probe does, and with NotFound where there is no picture.
Result<FrameTimes> frame_times(const std::filesystem::path& path);

/// A small picture, one byte of luma a pixel, row by row from the top.
struct GreyFrame {
  std::int64_t index = 0;  ///< in order of display
  double time_s = 0;       ///< since the first frame
  int width = 0, height = 0;
  std::vector<std::uint8_t> pixels;
};

/// Decodes a picture from its first frame to its last into small grey frames, for cuts and motion.
class FrameReader {
 public:
  /// `threads`: of the decoder; the frames are the same for any number.
  static Result<std::unique_ptr<FrameReader>> open(const std::filesystem::path& path, int width = 160, int height = 90,
                                                   int threads = 1);
  virtual ~FrameReader() = default;
  /// The next frame; nothing at the end. A frame that cannot be decoded is passed over.
  virtual Result<std::optional<GreyFrame>> next() = 0;
};

enum class ImageFormat { Jpeg, Png };

/// Pictures on screen at the given seconds since the first frame, `width` pixels wide, as the bytes of an image
/// file. A time behind the end gives the last frame. Empty bytes stand for what could not be decoded.
Result<std::vector<std::string>> thumbnails(const std::filesystem::path& path, std::span<const double> times_s, int width = 320,
                                            ImageFormat format = ImageFormat::Jpeg);

/// The same pictures side by side in one JPEG, each `width` pixels wide (made even); black where nothing can be decoded. At most 100.
Result<std::string> sprite(const std::filesystem::path& path, std::span<const double> times_s, int width = 160);

/// The bytes of a PNG file from three bytes a pixel, row by row from the top.
Result<std::string> png(int width, int height, std::span<const std::uint8_t> rgb);

}  // namespace twopop::media
