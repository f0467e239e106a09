#include "media/detail/picture_decoder.h"

#include "media/detail/bytes.h"

#include <cmath>

namespace twopop::media::detail {

Result<PictureDecoder> PictureDecoder::open(const std::filesystem::path& path, int threads) {
  TWOPOP_CHECK(FileBytes::open(path));
  TWOPOP_TRY(av::Input input, av::open(path));
  AVStream* stream = av::video_stream(*input);
  if (!stream) return Error{Code::NotFound, fmt::format("{}: there is no picture in it", path.string()), "name a video file"};
  for (unsigned i = 0; i < input->nb_streams; ++i)
    if (input->streams[i] != stream) input->streams[i]->discard = AVDISCARD_ALL;
  TWOPOP_TRY(av::Codec codec, av::decoder(path, *stream, threads));
  return PictureDecoder(std::move(input), stream, std::move(codec));
}

const AVFrame* PictureDecoder::next() {
  for (;;) {
    const int status = avcodec_receive_frame(codec_.get(), frame_.get());
    if (status == 0) return frame_.get();
    if (status == AVERROR_EOF || drained_) return nullptr;
    // A packet that does not decode is passed over, and the next one tried.
    for (;;) {
      av_packet_unref(packet_.get());
      if (av_read_frame(input_.get(), packet_.get()) < 0) {
        drained_ = true;
        avcodec_send_packet(codec_.get(), nullptr);
        break;
      }
      if (packet_->stream_index != stream_->index) continue;
      avcodec_send_packet(codec_.get(), packet_.get());
      break;
    }
  }
}

bool PictureDecoder::seek(double file_s) {
  const auto ticks = static_cast<std::int64_t>(std::floor(file_s * stream_->time_base.den / stream_->time_base.num));
  if (av_seek_frame(input_.get(), stream_->index, ticks, AVSEEK_FLAG_BACKWARD) < 0) return false;
  avcodec_flush_buffers(codec_.get());
  drained_ = false;
  return true;
}

}  // namespace twopop::media::detail
