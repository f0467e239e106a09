#pragma once

#include "media/detail/av.h"

#include <cstdint>

namespace twopop::media::detail {

/// Decoded frames of the picture of a file, in order of display.
class PictureDecoder {
 public:
  static Result<PictureDecoder> open(const std::filesystem::path& path, int threads);

  /// The next frame, owned by the decoder until the next call; null at the end.
  const AVFrame* next();
  /// Goes to the key frame at or before a time on the file's clock. False where the file cannot be searched.
  bool seek(double file_s);
  const AVStream& stream() const { return *stream_; }
  double seconds_of(const AVFrame& frame) const {
    return frame.best_effort_timestamp == AV_NOPTS_VALUE ? 0 : av::seconds(frame.best_effort_timestamp, stream_->time_base);
  }

 private:
  PictureDecoder(av::Input input, AVStream* stream, av::Codec codec) : input_(std::move(input)), stream_(stream), codec_(std::move(codec)) {}

  av::Input input_;
  AVStream* stream_;
  av::Codec codec_;
  av::Packet packet_ = av::make_packet();
  av::Frame frame_ = av::make_frame();
  bool drained_ = false;
};

}  // namespace twopop::media::detail
