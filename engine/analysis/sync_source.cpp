#include "analysis/sync_source.h"

#include "analysis/detail/channel_pick.h"
#include "media/media.h"

#include <algorithm>
#include <utility>

namespace twopop::analysis {
namespace {

class BufferSource final : public SampleSource {
 public:
  BufferSource(std::span<const float> samples, SampleRate rate) : samples_(samples), rate_(rate) {}
  SampleRate rate() const override { return rate_; }
  SampleCount length() const override { return {static_cast<std::int64_t>(samples_.size())}; }
  Result<void> read(SamplePosition begin, std::span<float> out) override {
    std::fill(out.begin(), out.end(), 0.0f);
    const std::int64_t size = static_cast<std::int64_t>(samples_.size());
    const std::int64_t first = std::clamp<std::int64_t>(begin.value, 0, size);
    const std::int64_t last = std::clamp<std::int64_t>(begin.value + static_cast<std::int64_t>(out.size()), 0, size);
    if (first < last) std::copy(samples_.begin() + first, samples_.begin() + last, out.begin() + (first - begin.value));
    return {};
  }

 private:
  std::span<const float> samples_;
  SampleRate rate_;
};

class FileSource final : public SampleSource {
 public:
  FileSource(std::unique_ptr<media::Reader> reader, ChannelPick pick, double start_s)
      : reader_(std::move(reader)), pick_(pick), start_s_(start_s) {}
  SampleRate rate() const override { return reader_->rate(); }
  SampleCount length() const override { return reader_->length(); }
  double start_s() const override { return start_s_; }
  Result<void> read(SamplePosition begin, std::span<float> out) override {
    constexpr std::int64_t kBlock = 1 << 15;
    const int channels = reader_->channels();
    if (block_.empty()) block_ = AudioBuffer<float>(channels, kBlock);
    const std::int64_t total = static_cast<std::int64_t>(out.size());
    for (std::int64_t at = 0; at < total; at += kBlock) {
      const AudioView<float> block = block_.view().sub(0, std::min(kBlock, total - at));
      TWOPOP_CHECK(reader_->read(begin + SampleCount{at}, block));
      detail::pick_channel(block, pick_.channel, out.data() + at);
    }
    return {};
  }

 private:
  std::unique_ptr<media::Reader> reader_;
  ChannelPick pick_;
  double start_s_;
  AudioBuffer<float> block_;
};

}  // namespace

Result<std::unique_ptr<SampleSource>> open_source(const std::filesystem::path& path, ChannelPick pick, int audio_stream) {
  TWOPOP_TRY(const media::MediaInfo info, media::probe(path));
  double start_s = 0;
  for (const media::AudioStream& stream : info.audio)
    if (stream.index == audio_stream) start_s = stream.start_s;
  TWOPOP_TRY(auto reader, media::Reader::open(path, audio_stream));
  if (pick.channel >= reader->channels())
    return Error{Code::InvalidArgument, fmt::format("{} has {} channels, channel {} was asked for", path.string(), reader->channels(), pick.channel + 1),
                 "name one of its channels, counted from 1"};
  return std::unique_ptr<SampleSource>(std::make_unique<FileSource>(std::move(reader), pick, start_s));
}

std::unique_ptr<SampleSource> source_of(std::span<const float> samples, SampleRate rate) {
  return std::make_unique<BufferSource>(samples, rate);
}

}  // namespace twopop::analysis
