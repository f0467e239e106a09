#pragma once

#include "core/result.h"

#include <filesystem>
#include <memory>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

/// FFmpeg's objects with owners. Only for the .cpp files of this room.
namespace twopop::media::detail::av {

struct Close {
  void operator()(AVFormatContext* p) const { avformat_close_input(&p); }
  void operator()(AVCodecContext* p) const { avcodec_free_context(&p); }
  void operator()(AVPacket* p) const { av_packet_free(&p); }
  void operator()(AVFrame* p) const { av_frame_free(&p); }
};
using Input = std::unique_ptr<AVFormatContext, Close>;
using Codec = std::unique_ptr<AVCodecContext, Close>;
using Packet = std::unique_ptr<AVPacket, Close>;
using Frame = std::unique_ptr<AVFrame, Close>;

Packet make_packet();
Frame make_frame();

/// Keeps FFmpeg from printing: what it would say becomes an Error or a warning of ours.
void quiet();

/// FFmpeg's words for a status.
std::string words(int status);

/// Opens a file and looks into its streams. Fails with Damaged where no stream is found.
Result<Input> open(const std::filesystem::path& path);
/// The same of an MP4, with its packets as they lie in the file, whatever its edit list says.
Result<Input> open_without_edits(const std::filesystem::path& path);

/// A decoder for a stream, one thread. Fails with Unsupported.
Result<Codec> decoder(const std::filesystem::path& path, const AVStream& stream, int threads = 1);

/// The n-th audio stream; null where there are fewer.
AVStream* audio_stream(AVFormatContext& input, int n);
/// The first stream of moving pictures (cover art does not count); null where there is none.
AVStream* video_stream(AVFormatContext& input);

inline double seconds(std::int64_t ticks, AVRational base) { return static_cast<double>(ticks) * base.num / base.den; }

}  // namespace twopop::media::detail::av
