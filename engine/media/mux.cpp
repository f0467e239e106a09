#include "media/mux.h"

#include "media/detail/av.h"
#include "media/detail/bytes.h"
#include "media/detail/sound_encoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <deque>
#include <malloc.h>

extern "C" {
#include <libavutil/dict.h>
}

namespace twopop::media {
namespace {

using namespace detail;

bool holds(const char* format, AVCodecID codec) {
  const AVOutputFormat* output = av_guess_format(format, nullptr, nullptr);
  return output && avformat_query_codec(output, codec, FF_COMPLIANCE_EXPERIMENTAL) == 1;
}

AVCodecID id_of(SoundCodec sound) {
  switch (sound) {
    case SoundCodec::Aac: return AV_CODEC_ID_AAC;
    case SoundCodec::Pcm16: return AV_CODEC_ID_PCM_S16LE;
    case SoundCodec::Pcm24: return AV_CODEC_ID_PCM_S24LE;
    case SoundCodec::Flac: return AV_CODEC_ID_FLAC;
  }
  return AV_CODEC_ID_NONE;
}

struct Container {
  const char* extension;
  const char* format;
};
constexpr Container kMp4{".mp4", "mp4"}, kMov{".mov", "mov"}, kMkv{".mkv", "matroska"};

std::optional<Container> container_of(const std::filesystem::path& film) {
  std::string extension = film.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Container& known : {kMp4, kMov, kMkv})
    if (extension == known.extension) return known;
  if (extension == ".m4v") return kMp4;
  return std::nullopt;
}

/// The picture's packets in file order, shifted so that the first frame shown lies at 0.
class PictureCopy {
 public:
  static Result<PictureCopy> open(const std::filesystem::path& path) {
    TWOPOP_CHECK(FileBytes::open(path));
    TWOPOP_TRY(av::Input input, av::open(path));
    AVStream* stream = av::video_stream(*input);
    if (!stream) return Error{Code::NotFound, fmt::format("{}: there is no picture in it", path.string()), "name a video file"};
    for (unsigned i = 0; i < input->nb_streams; ++i)
      if (input->streams[i] != stream) input->streams[i]->discard = AVDISCARD_ALL;
    PictureCopy copy(std::move(input), stream);
    copy.find_start();
    return copy;
  }

  AVFormatContext& input() { return *input_; }
  const AVStream& stream() const { return *stream_; }
  double duration_s() const {
    if (stream_->duration != AV_NOPTS_VALUE) return av::seconds(stream_->duration, stream_->time_base);
    return input_->duration != AV_NOPTS_VALUE ? static_cast<double>(input_->duration) / AV_TIME_BASE : 0;
  }

  /// False at the end. Packets that state no time of display get that of their decoding.
  bool next(AVPacket& packet) {
    for (;;) {
      av_packet_unref(&packet);
      if (!take(packet)) return false;
      if (packet.dts == AV_NOPTS_VALUE) packet.dts = last_dts_ == AV_NOPTS_VALUE ? packet.pts : last_dts_ + std::max<std::int64_t>(1, last_length_);
      if (packet.dts == AV_NOPTS_VALUE) packet.dts = start_;
      if (packet.pts == AV_NOPTS_VALUE) packet.pts = packet.dts;
      if (last_dts_ != AV_NOPTS_VALUE && packet.dts <= last_dts_) packet.dts = last_dts_ + 1;
      last_dts_ = packet.dts;
      last_length_ = packet.duration;
      packet.pts -= start_;
      packet.dts -= start_;
      packet.pos = -1;
      return true;
    }
  }

 private:
  PictureCopy(av::Input input, AVStream* stream) : input_(std::move(input)), stream_(stream) {}

  /// When the first frame is shown. Frames come in the order of decoding, each shown no earlier than decoded: once one
  /// is decoded behind the earliest shown so far, none can come before that.
  void find_start() {
    constexpr std::size_t kMostLookedAt = 1000;
    std::int64_t first = AV_NOPTS_VALUE;
    while (waiting_.size() < kMostLookedAt && read()) {
      const AVPacket& packet = *waiting_.back();
      if (hidden(packet)) continue;
      if (packet.pts != AV_NOPTS_VALUE && (first == AV_NOPTS_VALUE || packet.pts < first)) first = packet.pts;
      if (first != AV_NOPTS_VALUE && packet.dts != AV_NOPTS_VALUE && packet.dts > first) break;
    }
    if (first == AV_NOPTS_VALUE) first = stream_->start_time;
    start_ = first == AV_NOPTS_VALUE ? 0 : first;
  }

  /// Reads one packet of the picture into `waiting_`.
  bool read() {
    for (;;) {
      av::Packet packet = av::make_packet();
      if (av_read_frame(input_.get(), packet.get()) < 0) return false;
      if (packet->stream_index != stream_->index) continue;
      waiting_.push_back(std::move(packet));
      return true;
    }
  }

  /// Frames that the edit list hides are needed by those that follow; behind the last one shown they are not.
  bool take(AVPacket& packet) {
    while (waiting_.empty() || hidden(*waiting_.back())) {
      if (read()) continue;
      while (!waiting_.empty() && hidden(*waiting_.back())) waiting_.pop_back();
      break;
    }
    if (waiting_.empty()) return false;
    av_packet_move_ref(&packet, waiting_.front().get());
    waiting_.pop_front();
    return true;
  }
  static bool hidden(const AVPacket& packet) { return (packet.flags & AV_PKT_FLAG_DISCARD) != 0; }

  av::Input input_;
  AVStream* stream_;
  std::deque<av::Packet> waiting_;
  std::int64_t start_ = 0;
  std::int64_t last_dts_ = AV_NOPTS_VALUE, last_length_ = 0;
};

Result<void> describe_picture(PictureCopy& picture, AVFormatContext& output, AVStream& to, const FilmSettings& settings) {
  const AVStream& from = picture.stream();
  if (avcodec_parameters_copy(to.codecpar, from.codecpar) < 0) return Error{Code::OutOfSpace, "no memory for the picture's parameters"};
  // The container's own tag for the codec, unless it accepts the picture's.
  if (!output.oformat->codec_tag || av_codec_get_id(output.oformat->codec_tag, from.codecpar->codec_tag) != from.codecpar->codec_id)
    to.codecpar->codec_tag = 0;
  to.time_base = from.time_base;
  to.avg_frame_rate = from.avg_frame_rate;
  to.r_frame_rate = from.r_frame_rate;
  to.sample_aspect_ratio = from.sample_aspect_ratio;
  to.disposition = from.disposition;
  for (int i = 0; i < from.nb_side_data; ++i) {
    const AVPacketSideData& side = from.side_data[i];
    std::uint8_t* copy = av_stream_new_side_data(&to, side.type, side.size);
    if (copy) std::memcpy(copy, side.data, side.size);
  }
  av_dict_copy(&to.metadata, from.metadata, 0);
  av_dict_copy(&output.metadata, picture.input().metadata, 0);
  // These describe the file that was read; the muxer writes its own.
  for (const char* stale : {"major_brand", "minor_version", "compatible_brands", "encoder"}) av_dict_set(&output.metadata, stale, nullptr, 0);
  if (!settings.title.empty()) av_dict_set(&output.metadata, "title", settings.title.c_str(), 0);
  if (!settings.start_timecode.empty()) {
    av_dict_set(&output.metadata, "timecode", nullptr, 0);
    av_dict_set(&to.metadata, "timecode", settings.start_timecode.c_str(), 0);
  }
  return {};
}

/// Packets of sound on a clock of samples, the first at minus the coder's delay.
class SoundPackets {
 public:
  virtual ~SoundPackets() = default;
  virtual void describe(AVStream& stream) const = 0;
  /// Nothing at the end.
  virtual Result<AVPacket*> next() = 0;
};

class EncodedPackets final : public SoundPackets {
 public:
  static Result<std::unique_ptr<SoundPackets>> open(const SoundSource& sound, const SoundCoding& coding, bool global_header) {
    TWOPOP_TRY(SoundEncoder encoder, SoundEncoder::open(sound, coding, global_header));
    return std::unique_ptr<SoundPackets>(new EncodedPackets(std::move(encoder)));
  }
  void describe(AVStream& stream) const override { avcodec_parameters_from_context(stream.codecpar, &encoder_.context()); }
  Result<AVPacket*> next() override { return encoder_.next(); }

 private:
  explicit EncodedPackets(SoundEncoder encoder) : encoder_(std::move(encoder)) {}
  SoundEncoder encoder_;
};

/// Of a file that encode_sound() made. The coder is asked how it describes its sound, and codes nothing.
class KnownPackets final : public SoundPackets {
 public:
  static Result<std::unique_ptr<SoundPackets>> open(const std::filesystem::path& path, const SoundSource& sound, const SoundCoding& coding, bool global_header) {
    TWOPOP_TRY(SoundEncoder encoder, SoundEncoder::open(sound, coding, global_header));
    TWOPOP_TRY(av::Input input, av::open_without_edits(path));
    const AVStream* stream = av::audio_stream(*input, 0);
    if (!stream || stream->codecpar->codec_id != encoder.context().codec_id || av_cmp_q(stream->time_base, encoder.context().time_base) != 0)
      return Error{Code::InvalidArgument, fmt::format("{}: is not this sound, coded", path.string())};
    return std::unique_ptr<SoundPackets>(new KnownPackets(std::move(encoder), std::move(input), stream->index));
  }
  void describe(AVStream& stream) const override { avcodec_parameters_from_context(stream.codecpar, &encoder_.context()); }
  Result<AVPacket*> next() override {
    do {
      av_packet_unref(packet_.get());
      const int status = av_read_frame(input_.get(), packet_.get());
      if (status == AVERROR_EOF) return static_cast<AVPacket*>(nullptr);
      if (status < 0) return Error{Code::Damaged, fmt::format("{}: the coded sound cannot be read again ({})", input_->url, av::words(status))};
    } while (packet_->stream_index != stream_);
    packet_->pts -= encoder_.context().initial_padding;
    packet_->dts -= encoder_.context().initial_padding;
    packet_->pos = -1;
    return packet_.get();
  }

 private:
  KnownPackets(SoundEncoder encoder, av::Input input, int stream) : encoder_(std::move(encoder)), input_(std::move(input)), stream_(stream) {}
  SoundEncoder encoder_;
  av::Input input_;
  int stream_;
  av::Packet packet_ = av::make_packet();
};

}  // namespace

Result<std::string> film_extension(const std::filesystem::path& picture, SoundCodec sound) {
  TWOPOP_CHECK(FileBytes::open(picture));
  TWOPOP_TRY(const av::Input input, av::open(picture));
  const AVStream* stream = av::video_stream(*input);
  if (!stream) return Error{Code::NotFound, fmt::format("{}: there is no picture in it", picture.string()), "name a video file"};
  const auto own = container_of(picture);
  std::vector<Container> wanted{kMp4, kMov, kMkv};
  if (own) wanted.insert(wanted.begin(), *own);
  const bool pcm = sound == SoundCodec::Pcm16 || sound == SoundCodec::Pcm24;
  const AVCodecID codec = stream->codecpar->codec_id;
  const bool of_the_web = codec == AV_CODEC_ID_VP8 || codec == AV_CODEC_ID_VP9 || codec == AV_CODEC_ID_AV1;
  for (const Container& container : wanted) {
    if (pcm && std::strcmp(container.format, "mp4") == 0) continue;  // allowed by few players, and not by this FFmpeg
    if (of_the_web && std::strcmp(container.format, "mov") == 0) continue;  // FFmpeg names them among MOV's codecs and refuses them
    if (holds(container.format, codec) && holds(container.format, id_of(sound))) return std::string(container.extension);
  }
  return Error{Code::Unsupported, fmt::format("{}: no container holds {} pictures with this sound", picture.string(), avcodec_get_name(stream->codecpar->codec_id)),
               "convert the picture to H.264"};
}

Result<void> write_film(const std::filesystem::path& film, const std::filesystem::path& picture_path, const SoundSource& sound,
                        const FilmSettings& settings, const std::function<bool(double)>& progress) {
  const auto container = container_of(film);
  if (!container)
    return Error{Code::InvalidArgument, fmt::format("{}: a film is .mp4, .mov or .mkv", film.string()), "see film_extension"};
  TWOPOP_TRY(PictureCopy picture, PictureCopy::open(picture_path));
  TWOPOP_TRY(Muxer muxer, Muxer::create(film, container->format));
  TWOPOP_TRY(auto packets, settings.coded.empty() ? EncodedPackets::open(sound, settings.sound, muxer.global_header())
                                                  : KnownPackets::open(settings.coded, sound, settings.sound, muxer.global_header()));
  const AVRational samples_clock{1, sound.rate.hz};
  AVStream* to_picture = muxer.add_stream();
  AVStream* to_sound = muxer.add_stream();
  TWOPOP_CHECK(describe_picture(picture, muxer.context(), *to_picture, settings));
  packets->describe(*to_sound);
  to_sound->time_base = samples_clock;
  to_sound->disposition = AV_DISPOSITION_DEFAULT;
  TWOPOP_CHECK(muxer.begin(sound.rate));

  const av::Packet frame = av::make_packet();
  bool more_picture = picture.next(*frame);
  TWOPOP_TRY(AVPacket* block, packets->next());
  const double whole_s = std::max(picture.duration_s(), seconds(sound.length, sound.rate));
  double told_s = 0;
  while (more_picture || block) {
    // Whatever is due first goes first, so that a player never waits for the other.
    const bool picture_next = more_picture && (!block || av_compare_ts(frame->dts, picture.stream().time_base, block->dts, samples_clock) <= 0);
    if (picture_next) {
      const double at_s = av::seconds(frame->dts, picture.stream().time_base);
      av_packet_rescale_ts(frame.get(), picture.stream().time_base, to_picture->time_base);
      frame->stream_index = to_picture->index;
      TWOPOP_CHECK(muxer.write(*frame));
      more_picture = picture.next(*frame);
      if (progress && at_s - told_s >= 1) {
        told_s = at_s;
        if (!progress(std::min(1.0, at_s / whole_s))) return Error{Code::Cancelled, fmt::format("{}: stopped", film.string())};
      }
    } else {
      const double at_s = av::seconds(block->dts, samples_clock);
      av_packet_rescale_ts(block, samples_clock, to_sound->time_base);
      block->stream_index = to_sound->index;
      TWOPOP_CHECK(muxer.write(*block));
      TWOPOP_TRY(block, packets->next());
      if (progress && !more_picture && at_s - told_s >= 1) {
        told_s = at_s;
        if (!progress(std::min(1.0, told_s / whole_s))) return Error{Code::Cancelled, fmt::format("{}: stopped", film.string())};
      }
    }
  }
  // Tables of what was read, 5 MB an hour, are not needed any more; those of what was written now double.
  packets.reset();
  { const PictureCopy done = std::move(picture); }
  malloc_trim(0);
  TWOPOP_CHECK(muxer.finish());
  if (progress) progress(1.0);
  return {};
}

}  // namespace twopop::media
