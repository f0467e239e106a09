#include "media/excerpt.h"

#include "media/detail/av.h"
#include "media/detail/sound_encoder.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace twopop::media {
namespace {

namespace av = detail::av;

/// In order, those that meet joined.
std::vector<PictureStretch> joined(std::span<const PictureStretch> stretches) {
  std::vector<PictureStretch> all(stretches.begin(), stretches.end());
  std::erase_if(all, [](const PictureStretch& s) { return !(s.end_s > std::max(0.0, s.begin_s)); });
  std::sort(all.begin(), all.end(), [](const PictureStretch& a, const PictureStretch& b) { return a.begin_s < b.begin_s; });
  std::vector<PictureStretch> out;
  for (const PictureStretch& one : all) {
    if (!out.empty() && one.begin_s <= out.back().end_s) out.back().end_s = std::max(out.back().end_s, one.end_s);
    else out.push_back({std::max(0.0, one.begin_s), one.end_s});
  }
  return out;
}

/// Packets go out one late, so that the last can be made to last to the end.
class HeldWriter {
 public:
  HeldWriter(detail::Muxer& muxer, AVRational from, AVRational to) : muxer_(muxer), from_(from), to_(to) {}

  Result<void> put(const AVPacket& packet) {
    // The picture's beginning is not open: its time is filled by the first frame that is.
    if (!held_ && packet.pts > 0) {
      hold(packet);
      held_->pts = held_->dts = 0;
    }
    if (held_) TWOPOP_CHECK(write(packet.pts));
    hold(packet);
    return {};
  }
  Result<void> end(std::int64_t at) { return write(std::max(at, held_->pts + 1)); }
  bool empty() const { return !held_; }
  std::int64_t last() const { return held_->pts; }

 private:
  void hold(const AVPacket& packet) {
    held_.reset(av_packet_clone(&packet));
    TWOPOP_ASSERT(held_ != nullptr);
    held_->stream_index = 0;
    held_->pos = -1;
    held_->dts = held_->pts;  // a proxy has no B-frames
  }
  Result<void> write(std::int64_t until) {
    held_->duration = until - held_->pts;
    av_packet_rescale_ts(held_.get(), from_, to_);
    return muxer_.write(*held_);
  }

  detail::Muxer& muxer_;
  AVRational from_, to_;
  av::Packet held_;
};

}  // namespace

Result<void> copy_stretches(const std::filesystem::path& proxy, std::span<const PictureStretch> stretches, const std::filesystem::path& to) {
  TWOPOP_TRY(av::Input input, av::open(proxy));
  AVStream* from = av::video_stream(*input);
  if (!from) return Error{Code::NotFound, fmt::format("{}: there is no picture in it", proxy.string()), "name a picture's proxy"};
  TWOPOP_TRY(detail::Muxer muxer, detail::Muxer::create(to, "mp4"));
  AVStream* stream = muxer.add_stream();
  if (avcodec_parameters_copy(stream->codecpar, from->codecpar) < 0) return Error{Code::OutOfSpace, "there is not enough memory for a picture", "close other programs"};
  stream->codecpar->codec_tag = 0;
  stream->time_base = from->time_base;
  stream->avg_frame_rate = from->avg_frame_rate;
  TWOPOP_CHECK(muxer.begin({from->time_base.den}));

  HeldWriter writer(muxer, from->time_base, stream->time_base);
  const av::Packet packet = av::make_packet();
  const auto ticks = [&](double s) { return static_cast<std::int64_t>(std::ceil(s * from->time_base.den / from->time_base.num - 1e-6)); };
  for (const PictureStretch& stretch : joined(stretches)) {
    const std::int64_t begin = ticks(stretch.begin_s), end = ticks(stretch.end_s);
    if (begin >= from->duration) continue;
    if (av_seek_frame(input.get(), from->index, begin, AVSEEK_FLAG_BACKWARD) < 0) continue;
    while (av_read_frame(input.get(), packet.get()) >= 0) {
      const bool ours = packet->stream_index == from->index;
      const bool behind = ours && packet->pts >= end;
      Result<void> written;
      // Two stretches may lie in one group.
      if (ours && !behind && (writer.empty() || packet->pts > writer.last())) written = writer.put(*packet);
      av_packet_unref(packet.get());
      TWOPOP_CHECK(written);
      if (behind) break;
    }
  }
  if (writer.empty()) return Error{Code::NotFound, fmt::format("{}: no picture lies there", proxy.string()), "the stretches lie outside of it"};
  TWOPOP_CHECK(writer.end(from->duration));
  return muxer.finish();
}

}  // namespace twopop::media
