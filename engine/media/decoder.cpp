#include "media/detail/decoder.h"

#include "media/detail/av.h"

#include <algorithm>
#include <cmath>

namespace twopop::media::detail {
namespace {

/// A step in time stamps shorter than this is rounding of the container (milliseconds in Matroska), not a gap.
constexpr double kLeastGapSeconds = 0.010;
/// A longer step is a broken clock.
constexpr double kMostGapSeconds = 3600;
constexpr std::size_t kBlockFrames = 16384;
constexpr std::size_t kMostWarnings = 16;

template <class T>
float as_float(T value) {
  if constexpr (std::is_same_v<T, std::uint8_t>) return (static_cast<float>(value) - 128.0f) * 0x1p-7f;
  else if constexpr (std::is_same_v<T, std::int16_t>) return static_cast<float>(value) * 0x1p-15f;
  else if constexpr (std::is_same_v<T, std::int32_t>) return static_cast<float>(value) * 0x1p-31f;
  else if constexpr (std::is_same_v<T, std::int64_t>) return static_cast<float>(static_cast<double>(value) * 0x1p-63);
  else return std::fabs(value) <= T(3.4e38) ? static_cast<float>(value) : 0.0f;
}

template <class T>
void append(const AVFrame& frame, bool planar, std::vector<std::vector<float>>& planes) {
  const auto n = static_cast<std::size_t>(frame.nb_samples);
  const auto theirs = static_cast<std::size_t>(frame.ch_layout.nb_channels);
  for (std::size_t c = 0; c < planes.size(); ++c) {
    auto& plane = planes[c];
    const std::size_t at = plane.size();
    plane.resize(at + n);
    if (c >= theirs) continue;
    const T* from = reinterpret_cast<const T*>(planar ? frame.extended_data[c] : frame.extended_data[0]) + (planar ? 0 : c);
    const std::size_t step = planar ? 1 : theirs;
    for (std::size_t i = 0; i < n; ++i) plane[at + i] = as_float(from[i * step]);
  }
}

class FfmpegDecoder final : public LinearDecoder {
 public:
  FfmpegDecoder(std::filesystem::path path, av::Input input, AVStream* stream, av::Codec codec)
      : path_(std::move(path)), input_(std::move(input)), stream_(stream), codec_(std::move(codec)) {}

  Result<void> start() {
    for (unsigned i = 0; i < input_->nb_streams; ++i)
      if (input_->streams[i] != stream_) input_->streams[i]->discard = AVDISCARD_ALL;
    start_s_ = stream_->start_time != AV_NOPTS_VALUE ? av::seconds(stream_->start_time, stream_->time_base) : 0;
    TWOPOP_TRY(const bool any, decode_frame());
    if (!any && planes_.empty())
      return Error{Code::Damaged, fmt::format("{}: none of its sound can be decoded", path_.string()),
                   "copy the file again from its source, or leave it out"};
    return {};
  }

  SampleRate rate() const override { return {rate_}; }
  int channels() const override { return static_cast<int>(planes_.size()); }
  double start_s() const override { return start_s_; }
  const std::vector<std::string>& warnings() const override { return warnings_; }

  std::int64_t stated_length() const override {
    if (stream_->duration != AV_NOPTS_VALUE && stream_->duration > 0)
      return static_cast<std::int64_t>(std::llround(av::seconds(stream_->duration, stream_->time_base) * rate_));
    if (input_->duration != AV_NOPTS_VALUE && input_->duration > 0) {
      const double file_start = input_->start_time != AV_NOPTS_VALUE ? static_cast<double>(input_->start_time) / AV_TIME_BASE : 0;
      const double length = static_cast<double>(input_->duration) / AV_TIME_BASE - (start_s_ - file_start);
      return std::max<std::int64_t>(0, std::llround(length * rate_));
    }
    return 0;
  }

  Result<AudioBuffer<float>> next() override {
    while (!ended_ && planes_[0].size() < kBlockFrames) {
      TWOPOP_TRY(const bool any, decode_frame());
      ended_ = !any;
    }
    AudioBuffer<float> block(channels(), static_cast<std::int64_t>(planes_[0].size()));
    for (int c = 0; c < channels(); ++c) {
      auto& plane = planes_[static_cast<std::size_t>(c)];
      std::copy(plane.begin(), plane.end(), block.channel(c));
      plane.clear();
    }
    return block;
  }

 private:
  void warn(std::string text) {
    if (warnings_.size() < kMostWarnings) warnings_.push_back(std::move(text));
  }

  double heard_s() const { return static_cast<double>(frames_) / (rate_ ? rate_ : 48000); }

  /// Appends one decoded frame, and the silence that belongs before it; false at the end.
  Result<bool> decode_frame() {
    for (;;) {
      const int status = avcodec_receive_frame(codec_.get(), frame_.get());
      if (status == 0) {
        if (frame_->nb_samples > 0) {
          take_frame();
          av_frame_unref(frame_.get());
          return true;
        }
        continue;
      }
      if (status == AVERROR_EOF) {
        finish();
        return false;
      }
      if (status != AVERROR(EAGAIN)) damaged(status);
      if (!drained_) send_packet();
      else {
        finish();
        return false;
      }
    }
  }

  void send_packet() {
    for (;;) {
      av_packet_unref(packet_.get());
      const int got = av_read_frame(input_.get(), packet_.get());
      if (got < 0) {
        if (got != AVERROR_EOF) warn(fmt::format("reading stopped after {:.3f} s ({})", heard_s(), av::words(got)));
        drained_ = true;
        avcodec_send_packet(codec_.get(), nullptr);
        return;
      }
      if (packet_->stream_index != stream_->index) continue;
      const int sent = avcodec_send_packet(codec_.get(), packet_.get());
      if (sent < 0 && sent != AVERROR(EAGAIN)) damaged(sent);
      return;
    }
  }

  void damaged(int status) {
    damaged_s_ += av::seconds(std::max<std::int64_t>(packet_->duration, 0), stream_->time_base);
    warn(fmt::format("a damaged packet at {:.3f} s was replaced by silence ({})", heard_s() + damaged_s_, av::words(status)));
  }

  void append_silence(double length_s) {
    const auto n = static_cast<std::size_t>(std::llround(length_s * rate_));
    for (auto& plane : planes_) plane.resize(plane.size() + n);
    frames_ += static_cast<std::int64_t>(n);
  }

  void take_frame() {
    const AVFrame& frame = *frame_;
    const bool first = planes_.empty();
    if (first) {
      planes_.resize(static_cast<std::size_t>(std::max(1, frame.ch_layout.nb_channels)));
      rate_ = frame.sample_rate > 0 ? frame.sample_rate : stream_->codecpar->sample_rate;
    }
    const std::int64_t pts = frame.best_effort_timestamp;
    const bool stamped = pts != AV_NOPTS_VALUE;
    const double at = stamped ? av::seconds(pts, stream_->time_base) : 0;
    if (first) {
      if (stamped) start_s_ = at - damaged_s_;
      append_silence(damaged_s_);
    } else if (stamped && expected_) {
      fill_gap(at - *expected_);
    } else {
      append_silence(damaged_s_);
    }
    damaged_s_ = 0;
    if (frame.sample_rate != rate_ && !rate_changed_) {
      rate_changed_ = true;
      warn(fmt::format("the rate changes from {} to {} Hz at {:.3f} s; the rest is read at {} Hz", rate_, frame.sample_rate, heard_s(), rate_));
    }
    if (static_cast<std::size_t>(frame.ch_layout.nb_channels) != planes_.size() && !channels_changed_) {
      channels_changed_ = true;
      warn(fmt::format("the channel count changes from {} to {} at {:.3f} s", planes_.size(), frame.ch_layout.nb_channels, heard_s()));
    }
    convert(frame);
    frames_ += frame.nb_samples;
    const double length = static_cast<double>(frame.nb_samples) / rate_;
    if (stamped) expected_ = at + length;
    else if (expected_) *expected_ += length;
    // The last packet of a coded stream states how much of it is sound: the rest is padding of the encoder.
    const auto stated = std::llround(av::seconds(std::max<std::int64_t>(frame.pkt_duration, 0), stream_->time_base) * rate_);
    const bool exact = stream_->time_base.num == 1 && stream_->time_base.den % rate_ == 0;
    padding_ = exact && stated > 0 && stated < frame.nb_samples ? frame.nb_samples - stated : 0;
  }

  /// Vorbis turns from short to long blocks with fewer samples than the demuxer's time stamps count (448 for the usual
  /// 256 and 2048): only what a whole lost packet would take is a gap.
  double least_gap_s() const {
    return codec_->codec_id == AV_CODEC_ID_VORBIS ? std::max(kLeastGapSeconds, 900.0 / rate_) : kLeastGapSeconds;
  }

  /// `step`: how much later than expected this frame is.
  void fill_gap(double step) {
    const double least = least_gap_s();
    if (step < -least) {
      if (owed_s_ == 0) warn(fmt::format("time stamps step back by {:.3f} s at {:.3f} s; the sound was joined", -step, heard_s()));
      owed_s_ -= step;
    } else if (step > least) {
      const double paid = std::min(step, owed_s_);
      owed_s_ -= paid;
      const double gap = step - paid;
      if (gap > kMostGapSeconds) {
        warn(fmt::format("time stamps jump by {:.0f} s at {:.3f} s; the sound was joined", gap, heard_s()));
      } else if (gap > least) {
        if (damaged_s_ == 0) warn(fmt::format("{:.3f} s are missing at {:.3f} s and were replaced by silence", gap, heard_s()));
        append_silence(gap);
      }
    }
  }

  void finish() {
    if (finished_) return;
    finished_ = true;
    if (planes_.empty()) return;
    const auto drop = std::min(static_cast<std::size_t>(padding_), planes_[0].size());
    for (auto& plane : planes_) plane.resize(plane.size() - drop);
    append_silence(damaged_s_);
  }

  void convert(const AVFrame& frame) {
    switch (static_cast<AVSampleFormat>(frame.format)) {
      case AV_SAMPLE_FMT_U8: return append<std::uint8_t>(frame, false, planes_);
      case AV_SAMPLE_FMT_U8P: return append<std::uint8_t>(frame, true, planes_);
      case AV_SAMPLE_FMT_S16: return append<std::int16_t>(frame, false, planes_);
      case AV_SAMPLE_FMT_S16P: return append<std::int16_t>(frame, true, planes_);
      case AV_SAMPLE_FMT_S32: return append<std::int32_t>(frame, false, planes_);
      case AV_SAMPLE_FMT_S32P: return append<std::int32_t>(frame, true, planes_);
      case AV_SAMPLE_FMT_S64: return append<std::int64_t>(frame, false, planes_);
      case AV_SAMPLE_FMT_S64P: return append<std::int64_t>(frame, true, planes_);
      case AV_SAMPLE_FMT_FLT: return append<float>(frame, false, planes_);
      case AV_SAMPLE_FMT_FLTP: return append<float>(frame, true, planes_);
      case AV_SAMPLE_FMT_DBL: return append<double>(frame, false, planes_);
      case AV_SAMPLE_FMT_DBLP: return append<double>(frame, true, planes_);
      default: break;
    }
    for (auto& plane : planes_) plane.resize(plane.size() + static_cast<std::size_t>(frame.nb_samples));
  }

  std::filesystem::path path_;
  av::Input input_;
  AVStream* stream_;
  av::Codec codec_;
  av::Packet packet_ = av::make_packet();
  av::Frame frame_ = av::make_frame();
  std::vector<std::vector<float>> planes_;
  std::vector<std::string> warnings_;
  std::int32_t rate_ = 0;
  std::int64_t frames_ = 0;   ///< all that were decoded or filled in
  std::int64_t padding_ = 0;  ///< of the last frame
  double start_s_ = 0, damaged_s_ = 0, owed_s_ = 0;
  std::optional<double> expected_;
  bool drained_ = false, ended_ = false, finished_ = false, rate_changed_ = false, channels_changed_ = false;
};

}  // namespace

Result<std::unique_ptr<LinearDecoder>> LinearDecoder::open(const std::filesystem::path& path, int audio_stream) {
  TWOPOP_TRY(av::Input input, av::open(path));
  AVStream* stream = av::audio_stream(*input, audio_stream);
  if (!stream)
    return Error{Code::NotFound, fmt::format("{}: has no audio stream {}", path.string(), audio_stream + 1), "choose a file with sound"};
  TWOPOP_TRY(av::Codec codec, av::decoder(path, *stream));
  auto decoder = std::make_unique<FfmpegDecoder>(path, std::move(input), stream, std::move(codec));
  TWOPOP_CHECK(decoder->start());
  return std::unique_ptr<LinearDecoder>(std::move(decoder));
}

}  // namespace twopop::media::detail
