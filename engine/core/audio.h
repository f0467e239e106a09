#pragma once

#include "core/result.h"
#include "core/time.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace twopop {

/// Speaker layout of a bus; channel order as in WAVE_FORMAT_EXTENSIBLE masks:
/// L R | L R C LFE Ls Rs | L R C LFE Lb Rb Ls Rs.
enum class Layout { Mono, Stereo, Surround51, Surround71 };

constexpr int channel_count(Layout layout) {
  switch (layout) {
    case Layout::Mono: return 1;
    case Layout::Stereo: return 2;
    case Layout::Surround51: return 6;
    case Layout::Surround71: return 8;
  }
  return 0;
}

/// Planar samples that somebody else owns; passed by value. T may be const.
template <class T>
class AudioView {
 public:
  AudioView() = default;
  /// `stride` samples lie between the starts of neighbouring channels.
  AudioView(T* data, int channels, std::int64_t frames, std::int64_t stride)
      : data_(data), frames_(frames), stride_(stride), channels_(channels) {}
  /// One channel.
  AudioView(T* data, std::int64_t frames) : AudioView(data, 1, frames, frames) {}
  template <class U>
    requires std::is_same_v<T, const U>
  AudioView(AudioView<U> other) : AudioView(other.data(), other.channels(), other.frames(), other.stride()) {}

  int channels() const { return channels_; }
  std::int64_t frames() const { return frames_; }
  std::int64_t stride() const { return stride_; }
  T* data() const { return data_; }
  T* channel(int c) const { return data_ + c * stride_; }
  T& at(int c, std::int64_t i) const { return data_[c * stride_ + i]; }
  /// Frames [begin, begin + frames).
  AudioView sub(std::int64_t begin, std::int64_t frames) const {
    return AudioView(data_ + begin, channels_, frames, stride_);
  }
  /// Channels [first, first + count).
  AudioView select(int first, int count) const { return AudioView(data_ + first * stride_, count, frames_, stride_); }

 private:
  T* data_ = nullptr;
  std::int64_t frames_ = 0;
  std::int64_t stride_ = 0;
  int channels_ = 0;
};

/// Owns planar samples, 64-byte aligned, zero when made. Moved, never copied by accident.
template <class T>
class AudioBuffer {
 public:
  AudioBuffer() = default;
  AudioBuffer(int channels, std::int64_t frames) : frames_(frames), stride_((frames + 15) / 16 * 16), channels_(channels) {
    const std::size_t bytes = sizeof(T) * static_cast<std::size_t>(stride_) * static_cast<std::size_t>(channels);
    if (bytes == 0) return;
    data_.reset(static_cast<T*>(::operator new(bytes, kAlignment)));
    std::memset(static_cast<void*>(data_.get()), 0, bytes);
  }

  int channels() const { return channels_; }
  std::int64_t frames() const { return frames_; }
  bool empty() const { return frames_ == 0 || channels_ == 0; }
  T* channel(int c) { return data_.get() + c * stride_; }
  const T* channel(int c) const { return data_.get() + c * stride_; }
  AudioView<T> view() { return AudioView<T>(data_.get(), channels_, frames_, stride_); }
  AudioView<const T> view() const { return AudioView<const T>(data_.get(), channels_, frames_, stride_); }
  AudioBuffer clone() const {
    AudioBuffer copy(channels_, frames_);
    if (data_) std::memcpy(copy.data_.get(), data_.get(), sizeof(T) * static_cast<std::size_t>(stride_ * channels_));
    return copy;
  }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(T* p) const { ::operator delete(p, kAlignment); }
  };
  std::unique_ptr<T, Free> data_;
  std::int64_t frames_ = 0;
  std::int64_t stride_ = 0;
  int channels_ = 0;
};

}  // namespace twopop
