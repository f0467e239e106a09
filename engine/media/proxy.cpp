#include "media/proxy.h"

#include "core/bytes.h"
#include "media/detail/images.h"
#include "media/detail/output_file.h"
#include "media/detail/picture_decoder.h"
#include "media/detail/sound_encoder.h"

#include <algorithm>
#include <cmath>
#include <fstream>

extern "C" {
#include <libavutil/opt.h>
}

namespace twopop::media {
namespace {

namespace av = detail::av;

/// What the proxy's clock counts: frames of an even picture, ticks of an uneven one.
struct Clock {
  explicit Clock(const FrameTimes& t)
      : times(t),
        even(!t.variable_rate && t.frames.numerator > 0),
        base(even ? AVRational{t.frames.denominator, t.frames.numerator} : AVRational{static_cast<int>(t.tick_numerator), static_cast<int>(t.tick_denominator)}) {}

  std::int64_t at(std::int64_t frame) const {
    if (even) return frame;
    return frame < times.count() ? times.ticks[static_cast<std::size_t>(frame)] : times.end_ticks;
  }

  const FrameTimes& times;
  bool even;
  AVRational base;
};

/// Frames of the picture by their number.
class NumberedFrames {
 public:
  static Result<NumberedFrames> open(const std::filesystem::path& path, const FrameTimes& times, int threads) {
    TWOPOP_TRY(auto decoder, detail::PictureDecoder::open(path, threads));
    return NumberedFrames(std::move(decoder), times);
  }

  /// Goes to the key frame before a frame, where the file can be searched.
  void seek(std::int64_t frame) {
    if (frame > 0) decoder_.seek(times_->start_s + times_->seconds_of(frame));
    pending_ = nullptr;
    ended_ = false;
  }

  /// The frame on screen as number `wanted`; wanted numbers only rise. Null where nothing could be decoded so far.
  const AVFrame* shown(std::int64_t wanted) {
    for (;;) {
      if (!pending_ && !ended_) {
        pending_ = decoder_.next();
        ended_ = !pending_;
        if (pending_) pending_number_ = number_of(*pending_);
      }
      if (!pending_ || pending_number_ > wanted) break;
      av_frame_unref(shown_.get());
      av_frame_ref(shown_.get(), pending_);
      pending_ = nullptr;
      if (pending_number_ == wanted) break;
    }
    if (shown_->width > 0) return shown_.get();
    return pending_;  // the first frames are damaged: the first whole one stands for them
  }

  AVRational aspect() const { return decoder_.stream().sample_aspect_ratio; }

 private:
  NumberedFrames(detail::PictureDecoder decoder, const FrameTimes& times) : decoder_(std::move(decoder)), times_(&times) {}

  std::int64_t number_of(const AVFrame& frame) const {
    const double base = static_cast<double>(times_->tick_numerator) / static_cast<double>(times_->tick_denominator);
    const auto tick = std::llround((decoder_.seconds_of(frame) - times_->start_s) / base);
    const auto after = std::upper_bound(times_->ticks.begin(), times_->ticks.end(), tick);
    return after - times_->ticks.begin() - 1;  // -1: before the first that is shown
  }

  detail::PictureDecoder decoder_;
  const FrameTimes* times_;
  const AVFrame* pending_ = nullptr;
  std::int64_t pending_number_ = -1;
  av::Frame shown_ = av::make_frame();
  bool ended_ = false;
};

struct CodedFrame {
  std::int64_t number = 0;
  bool key = false;
  std::vector<std::byte> bytes;
};
/// Frames of the proxy that were made at once, and what a decoder must know before them.
struct Piece {
  int width = 0, height = 0;
  std::vector<std::byte> head;
  std::vector<CodedFrame> frames;
};

constexpr std::uint64_t kPieceMagic = 0x3145434549505754;

Result<void> save(const std::filesystem::path& path, const Piece& piece) {
  ByteWriter out;
  out.put(kPieceMagic).put(piece.width).put(piece.height).put(piece.head).put(static_cast<std::uint64_t>(piece.frames.size()));
  for (const CodedFrame& frame : piece.frames) out.put(frame.number).put(frame.key).put(frame.bytes);
  const std::vector<std::byte> bytes = out.take();
  TWOPOP_TRY(detail::OutputFile file, detail::OutputFile::create(path));
  TWOPOP_CHECK(file.append(bytes));
  return file.finish();
}

/// Nothing where the piece is not there or not whole.
std::optional<Piece> load(const std::filesystem::path& path, std::int64_t begin, std::int64_t end) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return std::nullopt;
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::max<std::streamoff>(0, in.tellg())));
  in.seekg(0);
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!in) return std::nullopt;
  ByteReader reader(bytes);
  Piece piece;
  if (reader.get<std::uint64_t>() != kPieceMagic) return std::nullopt;
  piece.width = reader.get<int>();
  piece.height = reader.get<int>();
  piece.head = reader.vector<std::byte>();
  const auto count = reader.get<std::uint64_t>();
  if (count != static_cast<std::uint64_t>(end - begin)) return std::nullopt;
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    CodedFrame frame;
    frame.number = reader.get<std::int64_t>();
    frame.key = reader.get<bool>();
    frame.bytes = reader.vector<std::byte>();
    if (frame.number != begin + static_cast<std::int64_t>(i)) return std::nullopt;
    piece.frames.push_back(std::move(frame));
  }
  if (!reader.ok() || !reader.at_end() || piece.frames.empty()) return std::nullopt;
  return piece;
}

Error refused(const char* what, int status) {
  return {Code::Unsupported, fmt::format("the picture's proxy: {}: {}", what, av::words(status)), "install Debian's ffmpeg libraries, which hold x264"};
}

Result<av::Codec> encoder(int width, int height, const Clock& clock, const ProxySettings& settings) {
  const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
  if (!codec) return Error{Code::Unsupported, "this FFmpeg cannot write H.264", "install Debian's ffmpeg libraries, which hold x264"};
  av::Codec context(avcodec_alloc_context3(codec));
  context->width = width;
  context->height = height;
  context->pix_fmt = AV_PIX_FMT_YUV420P;
  context->time_base = clock.base;
  if (clock.times.frames.numerator > 0) context->framerate = {clock.times.frames.numerator, clock.times.frames.denominator};
  context->gop_size = settings.group;
  context->max_b_frames = 0;
  context->thread_count = settings.threads;
  context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_CLOSED_GOP;
  context->sample_aspect_ratio = {1, 1};
  av_opt_set(context->priv_data, "preset", "veryfast", 0);
  av_opt_set_double(context->priv_data, "crf", settings.quality, 0);
  // The scene cut detector would look ahead for nothing: groups are short enough.
  av_opt_set(context->priv_data, "x264-params", "scenecut=0:rc-lookahead=0", 0);
  if (const int status = avcodec_open2(context.get(), codec, nullptr); status < 0) return refused("its encoder does not start", status);
  return context;
}

class PieceMaker {
 public:
  PieceMaker(NumberedFrames frames, const Clock& clock, const ProxySettings& settings, const std::function<bool(std::int64_t)>& go_on)
      : frames_(std::move(frames)), clock_(clock), settings_(settings), go_on_(go_on) {}

  Result<Piece> make(std::int64_t begin, std::int64_t end) {
    if (begin != next_) frames_.seek(begin);
    Piece piece;
    for (std::int64_t n = begin; n < end; ++n) {
      if (go_on_ && !go_on_(n)) return Error{Code::Cancelled, "stopped on request"};
      const AVFrame* shown = frames_.shown(n);
      if (!shown) return Error{Code::Damaged, fmt::format("frame {} of the picture cannot be decoded", n), "copy the file again from its source"};
      if (!picture_) TWOPOP_CHECK(size_up(*shown));
      if (n == begin) {
        TWOPOP_TRY(encoder_, encoder(picture_->width, picture_->height, clock_, settings_));
        piece.width = picture_->width;
        piece.height = picture_->height;
      }
      if (av_frame_make_writable(picture_.get()) < 0 || !scale_->run(*shown, picture_->data, picture_->linesize))
        return Error{Code::Unsupported, fmt::format("frame {} of the picture cannot be scaled", n), "convert the picture to a common format"};
      picture_->pts = clock_.at(n);
      picture_->pict_type = n == begin ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
      if (const int status = avcodec_send_frame(encoder_.get(), picture_.get()); status < 0) return refused("a frame was not encoded", status);
      TWOPOP_CHECK(drain(piece, begin));
    }
    avcodec_send_frame(encoder_.get(), nullptr);
    TWOPOP_CHECK(drain(piece, begin));
    if (static_cast<std::int64_t>(piece.frames.size()) != end - begin)
      return Error{Code::Internal, fmt::format("{} of {} frames of the proxy were encoded", piece.frames.size(), end - begin)};
    const auto* head = reinterpret_cast<const std::byte*>(encoder_->extradata);
    piece.head.assign(head, head + encoder_->extradata_size);
    next_ = end;
    return piece;
  }

 private:
  Result<void> size_up(const AVFrame& frame) {
    const double shape = detail::shape_of(frame, frames_.aspect());
    const int height = std::max(2, std::min(settings_.most_height, frame.height) / 2 * 2);
    const int width = std::clamp(static_cast<int>(std::lround(height / shape / 2)) * 2, 2, 8192);
    picture_ = av::make_frame();
    picture_->width = width;
    picture_->height = height;
    picture_->format = AV_PIX_FMT_YUV420P;
    if (av_frame_get_buffer(picture_.get(), 0) < 0) return Error{Code::OutOfSpace, "there is not enough memory for a frame", "close other programs"};
    scale_.emplace(width, height, AV_PIX_FMT_YUV420P);
    return {};
  }

  Result<void> drain(Piece& piece, std::int64_t begin) {
    for (;;) {
      const int status = avcodec_receive_packet(encoder_.get(), packet_.get());
      if (status == AVERROR(EAGAIN) || status == AVERROR_EOF) return {};
      if (status < 0) return refused("a frame was not encoded", status);
      CodedFrame frame;
      frame.number = begin + static_cast<std::int64_t>(piece.frames.size());  // no B-frames: they come as they were sent
      frame.key = (packet_->flags & AV_PKT_FLAG_KEY) != 0;
      const auto* bytes = reinterpret_cast<const std::byte*>(packet_->data);
      frame.bytes.assign(bytes, bytes + packet_->size);
      piece.frames.push_back(std::move(frame));
      av_packet_unref(packet_.get());
    }
  }

  NumberedFrames frames_;
  const Clock& clock_;
  const ProxySettings& settings_;
  const std::function<bool(std::int64_t)>& go_on_;
  std::int64_t next_ = 0;
  av::Frame picture_;
  std::optional<detail::Scale> scale_;
  av::Codec encoder_;
  av::Packet packet_ = av::make_packet();
};

/// Writes the pieces, which `piece(k)` gives, into one file.
Result<void> mux(const std::filesystem::path& proxy, const Clock& clock, std::int64_t count, const std::function<Result<Piece>(std::int64_t)>& piece_number) {
  TWOPOP_TRY(detail::Muxer muxer, detail::Muxer::create(proxy, "mp4"));
  AVStream* stream = muxer.add_stream();
  const av::Packet packet = av::make_packet();
  std::vector<std::byte> head;
  for (std::int64_t k = 0; k < count; ++k) {
    TWOPOP_TRY(const Piece piece, piece_number(k));
    if (k == 0) {
      head = piece.head;
      AVCodecParameters& codec = *stream->codecpar;
      codec.codec_type = AVMEDIA_TYPE_VIDEO;
      codec.codec_id = AV_CODEC_ID_H264;
      codec.format = AV_PIX_FMT_YUV420P;
      codec.width = piece.width;
      codec.height = piece.height;
      codec.extradata = static_cast<std::uint8_t*>(av_mallocz(head.size() + AV_INPUT_BUFFER_PADDING_SIZE));
      codec.extradata_size = static_cast<int>(head.size());
      std::memcpy(codec.extradata, head.data(), head.size());
      stream->time_base = clock.base;
      if (clock.times.frames.numerator > 0) stream->avg_frame_rate = {clock.times.frames.numerator, clock.times.frames.denominator};
      TWOPOP_CHECK(muxer.begin({clock.even ? clock.base.den : 90000}));
    }
    if (piece.head != head) return Error{Code::Damaged, fmt::format("piece {} of the picture's proxy was made by another encoder", k), "it is made again"};
    for (const CodedFrame& frame : piece.frames) {
      if (av_new_packet(packet.get(), static_cast<int>(frame.bytes.size())) < 0) return Error{Code::OutOfSpace, "there is not enough memory for a frame", "close other programs"};
      std::memcpy(packet->data, frame.bytes.data(), frame.bytes.size());
      packet->stream_index = 0;
      packet->pts = packet->dts = clock.at(frame.number);
      packet->duration = clock.at(frame.number + 1) - clock.at(frame.number);
      if (frame.key) packet->flags |= AV_PKT_FLAG_KEY;
      av_packet_rescale_ts(packet.get(), clock.base, stream->time_base);
      TWOPOP_CHECK(muxer.write(*packet));
    }
  }
  return muxer.finish();
}

}  // namespace

Result<void> make_proxy(const std::filesystem::path& picture, const FrameTimes& times, const std::filesystem::path& proxy, const std::filesystem::path& pieces,
                        const ProxySettings& settings, const std::function<bool(double)>& progress) {
  TWOPOP_ASSERT(settings.group > 0 && settings.piece % settings.group == 0);
  const Clock clock(times);
  const std::int64_t all = times.count();
  const std::int64_t count = (all + settings.piece - 1) / settings.piece;
  std::error_code failed;
  std::filesystem::create_directories(pieces, failed);
  if (failed) return Error{Code::IoFailed, fmt::format("{}: {}", pieces.string(), failed.message()), "check that the film's folder is writable"};
  const auto path_of = [&](std::int64_t k) { return pieces / fmt::format("{:06}.piece", k); };
  const auto range_of = [&](std::int64_t k) { return std::pair{k * settings.piece, std::min(all, (k + 1) * settings.piece)}; };
  const std::function<bool(std::int64_t)> go_on = [&](std::int64_t frame) { return !progress || progress(static_cast<double>(frame) / static_cast<double>(all)); };
  std::optional<PieceMaker> maker;
  for (std::int64_t k = 0; k < count; ++k) {
    const auto [begin, end] = range_of(k);
    if (load(path_of(k), begin, end)) continue;
    if (!maker) {
      TWOPOP_TRY(NumberedFrames frames, NumberedFrames::open(picture, times, settings.threads));
      maker.emplace(std::move(frames), clock, settings, go_on);
    }
    TWOPOP_TRY(const Piece piece, maker->make(begin, end));
    TWOPOP_CHECK(save(path_of(k), piece));
  }
  const Result<void> written = mux(proxy, clock, count, [&](std::int64_t k) -> Result<Piece> {
    const auto [begin, end] = range_of(k);
    auto piece = load(path_of(k), begin, end);
    if (!piece) return Error{Code::Damaged, fmt::format("{}: cannot be read again", path_of(k).string()), "check the disk"};
    return *std::move(piece);
  });
  if (written || written.error().code == Code::Damaged) std::filesystem::remove_all(pieces, failed);
  if (written && progress) progress(1);
  return written;
}

}  // namespace twopop::media
