#include "media/detail/images.h"
#include "media/detail/picture_decoder.h"

#include <algorithm>
#include <cmath>

namespace twopop::media {
namespace {

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
  detail::Scale scale_;
  int width_, height_;
  std::int64_t index_ = 0;
  double start_s_ = 0;
};

int height_of(const AVFrame& frame, AVRational stated_aspect, int width) {
  return std::clamp(static_cast<int>(std::lround(width * detail::shape_of(frame, stated_aspect) / 2)) * 2, 2, 8192);
}

std::string thumbnail_of(const AVFrame& frame, AVRational stated_aspect, int width, ImageFormat format) {
  const int even_width = std::max(2, width / 2 * 2);
  const int height = height_of(frame, stated_aspect, even_width);
  const detail::av::Frame small = detail::av::make_frame();
  small->width = even_width;
  small->height = height;
  small->format = format == ImageFormat::Jpeg ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_RGB24;
  small->color_range = AVCOL_RANGE_JPEG;
  if (av_frame_get_buffer(small.get(), 0) < 0) return {};
  detail::Scale scale(even_width, height, static_cast<AVPixelFormat>(small->format));
  if (!scale.run(frame, small->data, small->linesize)) return {};
  return detail::encoded(*small, format);
}

/// The frame on screen at a moment: the last one that starts at or before it. Without size where nothing could be decoded.
detail::av::Frame shown_at(detail::PictureDecoder& decoder, double file_s) {
  const double wanted = file_s + 1e-6;
  detail::av::Frame shown = detail::av::make_frame();
  if (!decoder.seek(wanted)) return shown;
  while (const AVFrame* frame = decoder.next()) {
    if (shown->width > 0 && decoder.seconds_of(*frame) > wanted) break;
    av_frame_unref(shown.get());
    av_frame_ref(shown.get(), frame);
  }
  return shown;
}

double start_of(detail::PictureDecoder& decoder) {
  const AVFrame* first = decoder.next();
  return first ? decoder.seconds_of(*first) : 0;
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
  const double start_s = start_of(decoder);
  for (const double time : times_s) {
    const detail::av::Frame shown = shown_at(decoder, start_s + std::max(0.0, time));
    images.push_back(shown->width > 0 ? thumbnail_of(*shown, decoder.stream().sample_aspect_ratio, width, format) : std::string());
  }
  return images;
}

Result<std::string> sprite(const std::filesystem::path& path, std::span<const double> times_s, int width) {
  if (times_s.empty() || times_s.size() > 100 || width < 16 || width > 320)
    return Error{Code::InvalidArgument, fmt::format("{} pictures of {} pixels side by side", times_s.size(), width), "choose up to 100 of 16 to 320 pixels"};
  TWOPOP_TRY(auto decoder, detail::PictureDecoder::open(path, 1));
  const double start_s = start_of(decoder);
  const int even_width = width / 2 * 2;
  detail::av::Frame strip;
  std::optional<detail::Scale> scale;
  for (std::size_t i = 0; i < times_s.size(); ++i) {
    const detail::av::Frame shown = shown_at(decoder, start_s + std::max(0.0, times_s[i]));
    if (shown->width <= 0) continue;
    if (!strip) {
      const int height = height_of(*shown, decoder.stream().sample_aspect_ratio, even_width);
      strip = detail::av::make_frame();
      strip->width = even_width * static_cast<int>(times_s.size());
      strip->height = height;
      strip->format = AV_PIX_FMT_YUVJ420P;
      strip->color_range = AVCOL_RANGE_JPEG;
      if (av_frame_get_buffer(strip.get(), 0) < 0) return Error{Code::OutOfSpace, "there is not enough memory for the pictures", "close other programs"};
      for (int plane = 0; plane < 3; ++plane) std::fill_n(strip->data[plane], static_cast<std::ptrdiff_t>(strip->linesize[plane]) * (plane ? height / 2 : height), plane ? 128 : 0);
      scale.emplace(even_width, height, AV_PIX_FMT_YUVJ420P);
    }
    const auto x = static_cast<std::ptrdiff_t>(i) * even_width;
    std::uint8_t* const to[]{strip->data[0] + x, strip->data[1] + x / 2, strip->data[2] + x / 2, nullptr};
    scale->run(*shown, to, strip->linesize);
  }
  std::string bytes = strip ? detail::encoded(*strip, ImageFormat::Jpeg) : std::string();
  if (bytes.empty()) return Error{Code::Damaged, fmt::format("{}: none of these pictures can be decoded", path.string()), "look at the file"};
  return bytes;
}

}  // namespace twopop::media
