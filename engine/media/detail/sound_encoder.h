#pragma once

#include "media/detail/av.h"
#include "media/encode.h"

#include <optional>
#include <vector>

namespace twopop::media::detail {

/// Pulls a SoundSource through an FFmpeg encoder, packet by packet.
class SoundEncoder {
 public:
  /// `global_header`: as the container asks.
  static Result<SoundEncoder> open(const SoundSource& source, const SoundCoding& coding, bool global_header);

  const AVCodecContext& context() const { return *context_; }
  /// The next packet, time stamps in samples (context().time_base), the first at minus the encoder's delay; nothing
  /// at the end.
  Result<AVPacket*> next();
  SamplePosition position() const { return at_; }

 private:
  SoundEncoder(SoundSource source, av::Codec context) : source_(std::move(source)), context_(std::move(context)) {}
  Result<void> send_block();

  SoundSource source_;
  av::Codec context_;
  av::Packet packet_ = av::make_packet();
  av::Frame frame_ = av::make_frame();
  AudioBuffer<float> block_;
  SamplePosition at_{};
  bool drained_ = false;
};

/// A muxer that writes to "name.part" until finished. Use: stream(), begin(), write()..., finish().
class Muxer {
 public:
  /// `format`: FFmpeg's name of the container.
  static Result<Muxer> create(const std::filesystem::path& path, const char* format);
  Muxer(Muxer&&) = default;
  ~Muxer();

  AVFormatContext& context() { return *context_; }
  bool global_header() const { return (context_->oformat->flags & AVFMT_GLOBALHEADER) != 0; }
  AVStream* add_stream() { return avformat_new_stream(context_.get(), nullptr); }
  /// Writes the head. Edit lists are counted in samples of `rate`, so that the end is exact.
  Result<void> begin(SampleRate rate);
  /// Interleaves; takes what the packet refers to.
  Result<void> write(AVPacket& packet);
  Result<void> finish();

 private:
  struct Free {
    void operator()(AVFormatContext* p) const;
  };
  Muxer(std::filesystem::path path, AVFormatContext* context) : path_(std::move(path)), context_(context) {}
  Result<void> check(int status, const char* what) const;

  std::filesystem::path path_;
  std::unique_ptr<AVFormatContext, Free> context_;
};

}  // namespace twopop::media::detail
