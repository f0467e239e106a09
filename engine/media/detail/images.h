#pragma once

#include "media/detail/av.h"
#include "media/picture.h"

#include <string>

struct SwsContext;

namespace twopop::media::detail {

/// A scaler for frames as they come; made again when their size or format changes.
class Scale {
 public:
  Scale(int width, int height, AVPixelFormat format) : width_(width), height_(height), format_(format) {}

  bool run(const AVFrame& from, std::uint8_t* const to[], const int strides[]);

 private:
  struct Free {
    void operator()(SwsContext* p) const;
  };
  int width_, height_;
  AVPixelFormat format_;
  std::unique_ptr<SwsContext, Free> scaler_;
  int from_width_ = 0, from_height_ = 0, from_format_ = -1;
};

/// Height of a frame shown with square pixels, over its width.
double shape_of(const AVFrame& frame, AVRational stated_aspect);

/// The bytes of an image file; empty where the encoder refuses.
std::string encoded(const AVFrame& picture, ImageFormat format);

}  // namespace twopop::media::detail
