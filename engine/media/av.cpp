#include "media/detail/av.h"

#include <array>
#include <mutex>

namespace twopop::media::detail::av {

Packet make_packet() { return Packet(av_packet_alloc()); }
Frame make_frame() { return Frame(av_frame_alloc()); }

void quiet() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_level(AV_LOG_QUIET); });
}

std::string words(int status) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(status, text.data(), text.size());
  return text.data();
}

namespace {

Result<Input> open(const std::filesystem::path& path, AVDictionary* options) {
  quiet();
  AVFormatContext* raw = nullptr;
  // The prefix keeps names such as "a:b.wav" from being taken for a protocol.
  const int opened = avformat_open_input(&raw, ("file:" + path.string()).c_str(), nullptr, &options);
  av_dict_free(&options);
  if (opened < 0)
    return Error{Code::Damaged, fmt::format("{}: no sound or picture can be found in it ({})", path.string(), words(opened)),
                 "copy the file again from its source, or leave it out"};
  Input input(raw);
  const int found = avformat_find_stream_info(input.get(), nullptr);
  if (found < 0 || input->nb_streams == 0)
    return Error{Code::Damaged, fmt::format("{}: its streams cannot be read ({})", path.string(), words(found)),
                 "copy the file again from its source, or leave it out"};
  return input;
}

}  // namespace

Result<Input> open(const std::filesystem::path& path) { return open(path, nullptr); }

Result<Input> open_without_edits(const std::filesystem::path& path) {
  AVDictionary* options = nullptr;
  av_dict_set(&options, "ignore_editlist", "1", 0);
  return open(path, options);
}

Result<Codec> decoder(const std::filesystem::path& path, const AVStream& stream, int threads) {
  const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
  if (!codec)
    return Error{Code::Unsupported, fmt::format("{}: no decoder for {}", path.string(), avcodec_get_name(stream.codecpar->codec_id)),
                 "convert it to WAV, FLAC or MP4"};
  Codec context(avcodec_alloc_context3(codec));
  avcodec_parameters_to_context(context.get(), stream.codecpar);
  context->pkt_timebase = stream.time_base;
  context->thread_count = threads;
  const int status = avcodec_open2(context.get(), codec, nullptr);
  if (status < 0)
    return Error{Code::Unsupported, fmt::format("{}: the {} decoder refuses it ({})", path.string(), codec->name, words(status)),
                 "convert it to WAV, FLAC or MP4"};
  return context;
}

AVStream* audio_stream(AVFormatContext& input, int n) {
  for (unsigned i = 0; i < input.nb_streams; ++i)
    if (input.streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO && n-- == 0) return input.streams[i];
  return nullptr;
}

AVStream* video_stream(AVFormatContext& input) {
  for (unsigned i = 0; i < input.nb_streams; ++i) {
    AVStream* stream = input.streams[i];
    if (stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO && !(stream->disposition & AV_DISPOSITION_ATTACHED_PIC)) return stream;
  }
  return nullptr;
}

}  // namespace twopop::media::detail::av
