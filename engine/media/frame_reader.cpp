#include "media/detail/picture_decoder.h"
#include "media/picture.h"

#include <algorithm>
#include <cmath>

extern "C" {
#include <libswscale/swscale.h>
}

namespace twopop::media {
namespace {

struct FreeScaler {
  void operator()(SwsContext* p) const { sws_freeContext(p); }
};
using Scaler = std::unique_ptr<SwsContext, FreeScaler>;

/// A scaler for frames as they come; made again when their size or format changes.
class Scale {
 public:
  Scale(int width, int height, AVPixelFormat format) : width_(width), height_(height), format_(format) {}

  bool run(const AVFrame& from, std::uint8_t* const to[], const int strides[]) {
    if (!scaler_ || from.width != from_width_ || from.height != from_height_ || from.format != from_format_) {
      from_width_ = from.width;
      from_height_ = from.height;
      from_format_ = from.format;
      scaler_.reset(sws_getContext(from.width, from.height, static_cast<AVPixelFormat>(from.format), width_, height_, format_,
                                   SWS_AREA | SWS_BITEXACT | SWS_ACCURATE_RND, nullptr, nullptr, nullptr));
    }
    return scaler_ && sws_scale(scaler_.get(), from.data, from.linesize, 0, from.height, to, strides) > 0;
  }

 private:
  int width_, height_;
  AVPixelFormat format_;
  Scaler scaler_;
  int from_width_ = 0, from_height_ = 0, from_format_ = -1;
};

class FfmpegFrameReader final : public FrameReader {
 public:
  FfmpegFrameReader(detail::PictureDecoder decoder, int width, int height)
      : decoder_(std::move(decoder)), scale_(width, height, AV_PIX_FMT_GRAY8), width_(width), height_(height) {}

  Result<std::optional<GreyFrame>> next() override {
    while (const AVFrame* frame = decoder_.next()) {
      GreyFrame grey{index_, decoder_.seconds_of(*frame), width_, height_, {}};
      if (index_ == 0) start_s_ = grey.time_s;
      grey.time_s -= start_s_;
      grey.pixels.resize(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_));
      std::uint8_t* const to[]{grey.pixels.data(), nullptr, nullptr, nullptr};
      const int strides[]{width_, 0, 0, 0};
      ++index_;
      if (scale_.run(*frame, to, strides)) return std::optional(std::move(grey));
    }
    return std::optional<GreyFrame>();
  }

 private:
  detail::PictureDecoder decoder_;
  Scale scale_;
  int width_, height_;
  std::int64_t index_ = 0;
  double start_s_ = 0;
};

std::string encoded(const AVFrame& picture, ImageFormat format) {
  const AVCodec* codec = avcodec_find_encoder(format == ImageFormat::Jpeg ? AV_CODEC_ID_MJPEG : AV_CODEC_ID_PNG);
  if (!codec) return {};
  const detail::av::Codec context(avcodec_alloc_context3(codec));
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
  const detail::av::Packet packet = detail::av::make_packet();
  if (avcodec_open2(context.get(), codec, nullptr) < 0 || avcodec_send_frame(context.get(), &picture) < 0) return {};
  avcodec_send_frame(context.get(), nullptr);
  if (avcodec_receive_packet(context.get(), packet.get()) < 0) return {};
  return {reinterpret_cast<const char*>(packet->data), static_cast<std::size_t>(packet->size)};
}

std::string thumbnail_of(const AVFrame& frame, AVRational stated_aspect, int width, ImageFormat format) {
  AVRational aspect = frame.sample_aspect_ratio.num > 0 ? frame.sample_aspect_ratio : stated_aspect;
  if (aspect.num <= 0 || aspect.den <= 0) aspect = {1, 1};
  const double ratio = static_cast<double>(frame.height) / (static_cast<double>(frame.width) * av_q2d(aspect));
  const int even_width = std::max(2, width / 2 * 2);
  const int height = std::clamp(static_cast<int>(std::lround(even_width * ratio / 2)) * 2, 2, 8192);
  const detail::av::Frame small = detail::av::make_frame();
  small->width = even_width;
  small->height = height;
  small->format = format == ImageFormat::Jpeg ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_RGB24;
  small->color_range = AVCOL_RANGE_JPEG;
  if (av_frame_get_buffer(small.get(), 0) < 0) return {};
  Scale scale(even_width, height, static_cast<AVPixelFormat>(small->format));
  if (!scale.run(frame, small->data, small->linesize)) return {};
  return encoded(*small, format);
}

}  // namespace

Result<std::unique_ptr<FrameReader>> FrameReader::open(const std::filesystem::path& path, int width, int height, int threads) {
  if (width < 1 || height < 1 || width > 8192 || height > 8192)
    return Error{Code::InvalidArgument, fmt::format("frames of {} x {} pixels", width, height), "choose 1 to 8192"};
  TWOPOP_TRY(auto decoder, detail::PictureDecoder::open(path, threads));
  return std::unique_ptr<FrameReader>(std::make_unique<FfmpegFrameReader>(std::move(decoder), width, height));
}

Result<std::vector<std::string>> thumbnails(const std::filesystem::path& path, std::span<const double> times_s, int width, ImageFormat format) {
  TWOPOP_TRY(auto decoder, detail::PictureDecoder::open(path, 1));
  std::vector<std::string> images;
  double start_s = 0;
  if (const AVFrame* first = decoder.next()) start_s = decoder.seconds_of(*first);
  for (const double time : times_s) {
    // The frame on screen is the last one that starts at or before the moment.
    const double wanted = start_s + std::max(0.0, time) + 1e-6;
    const detail::av::Frame shown = detail::av::make_frame();
    if (decoder.seek(wanted)) {
      while (const AVFrame* frame = decoder.next()) {
        if (shown->width > 0 && decoder.seconds_of(*frame) > wanted) break;
        av_frame_unref(shown.get());
        av_frame_ref(shown.get(), frame);
      }
    }
    images.push_back(shown->width > 0 ? thumbnail_of(*shown, decoder.stream().sample_aspect_ratio, width, format) : std::string());
  }
  return images;
}

}  // namespace twopop::media
