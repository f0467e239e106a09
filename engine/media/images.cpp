#include "media/detail/images.h"

#include <cstring>

extern "C" {
#include <libswscale/swscale.h>
}

namespace twopop::media {
namespace detail {

void Scale::Free::operator()(SwsContext* p) const { sws_freeContext(p); }

bool Scale::run(const AVFrame& from, std::uint8_t* const to[], const int strides[]) {
  if (!scaler_ || from.width != from_width_ || from.height != from_height_ || from.format != from_format_) {
    from_width_ = from.width;
    from_height_ = from.height;
    from_format_ = from.format;
    scaler_.reset(sws_getContext(from.width, from.height, static_cast<AVPixelFormat>(from.format), width_, height_, format_,
                                 SWS_AREA | SWS_BITEXACT | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
  }
  return scaler_ && sws_scale(scaler_.get(), from.data, from.linesize, 0, from.height, to, strides) > 0;
}

double shape_of(const AVFrame& frame, AVRational stated_aspect) {
  AVRational aspect = frame.sample_aspect_ratio.num > 0 ? frame.sample_aspect_ratio : stated_aspect;
  if (aspect.num <= 0 || aspect.den <= 0) aspect = {1, 1};
  return static_cast<double>(frame.height) / (static_cast<double>(frame.width) * av_q2d(aspect));
}

std::string encoded(const AVFrame& picture, ImageFormat format) {
  const AVCodec* codec = avcodec_find_encoder(format == ImageFormat::Jpeg ? AV_CODEC_ID_MJPEG : AV_CODEC_ID_PNG);
  if (!codec) return {};
  const av::Codec context(avcodec_alloc_context3(codec));
  context->width = picture.width;
  context->height = picture.height;
  context->pix_fmt = static_cast<AVPixelFormat>(picture.format);
  context->time_base = {1, 25};
  context->thread_count = 1;
  if (format == ImageFormat::Jpeg) {
    context->color_range = AVCOL_RANGE_JPEG;
    context->flags |= AV_CODEC_FLAG_QSCALE | AV_CODEC_FLAG_BITEXACT;
    context->global_quality = 4 * FF_QP2LAMBDA;
  }
  const av::Packet packet = av::make_packet();
  if (avcodec_open2(context.get(), codec, nullptr) < 0 || avcodec_send_frame(context.get(), &picture) < 0) return {};
  avcodec_send_frame(context.get(), nullptr);
  if (avcodec_receive_packet(context.get(), packet.get()) < 0) return {};
  return {reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size)};
}

}  // namespace detail

Result<std::string> png(int width, int height, std::span<const std::uint8_t> rgb) {
  if (width < 1 || height < 1 || width > 16384 || height > 16384 || rgb.size() != static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3)
    return Error{Code::InvalidArgument, fmt::format("a picture of {} x {} pixels from {} bytes", width, height, rgb.size()), "give three bytes a pixel"};
  const detail::av::Frame frame = detail::av::make_frame();
  frame->width = width;
  frame->height = height;
  frame->format = AV_PIX_FMT_RGB24;
  if (av_frame_get_buffer(frame.get(), 0) < 0) return Error{Code::OutOfSpace, "there is not enough memory for the picture", "ask for a smaller one"};
  const auto row = static_cast<std::size_t>(width) * 3;
  for (int y = 0; y < height; ++y) std::memcpy(frame->data[0] + static_cast<std::ptrdiff_t>(y) * frame->linesize[0], rgb.data() + static_cast<std::size_t>(y) * row, row);
  std::string bytes = detail::encoded(*frame, ImageFormat::Png);
  if (bytes.empty()) return Error{Code::Unsupported, "this FFmpeg cannot write PNG", "install Debian's ffmpeg"};
  return bytes;
}

}  // namespace twopop::media
