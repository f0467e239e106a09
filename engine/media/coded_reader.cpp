#include "media/detail/av.h"
#include "media/detail/decoder.h"
#include "media/detail/readers.h"

#include <algorithm>

namespace twopop::media::detail {
namespace {

class CodedReader final : public Reader {
 public:
  CodedReader(std::filesystem::path path, int stream, std::unique_ptr<LinearDecoder> decoder)
      : path_(std::move(path)), stream_(stream), decoder_(std::move(decoder)) {}

  SampleRate rate() const override { return decoder_->rate(); }
  int channels() const override { return decoder_->channels(); }
  SampleCount length() const override { return {end_ ? *end_ : decoder_->stated_length()}; }
  bool direct() const override { return false; }
  const std::vector<std::string>& warnings() const override { return decoder_->warnings(); }

  Result<std::int64_t> read(SamplePosition begin, AudioView<float> out) override {
    TWOPOP_ASSERT(out.channels() == channels());
    if (begin.value < block_begin_ && std::max<std::int64_t>(begin.value, 0) < block_begin_) TWOPOP_CHECK(start_over());
    std::int64_t at = begin.value;
    const std::int64_t end = begin.value + out.frames();
    std::int64_t there = 0;
    if (at < 0) {
      const std::int64_t before = std::min<std::int64_t>(-at, out.frames());
      silence(out.sub(0, before));
      at += before;
    }
    while (at < end) {
      const std::int64_t block_end = block_begin_ + block_.frames();
      if (at < block_end) {
        const std::int64_t n = std::min(end, block_end) - at;
        for (int c = 0; c < channels(); ++c)
          std::copy_n(block_.channel(c) + (at - block_begin_), n, out.channel(c) + (at - begin.value));
        at += n;
        there += n;
        continue;
      }
      if (end_ && block_end >= *end_) break;  // known from an earlier pass, and reached again
      block_begin_ = block_end;
      TWOPOP_TRY(block_, decoder_->next());
      if (block_.frames() == 0) end_ = block_begin_;
    }
    silence(out.sub(at - begin.value, end - at));
    return there;
  }

 private:
  static void silence(AudioView<float> range) {
    for (int c = 0; c < range.channels(); ++c) std::fill_n(range.channel(c), range.frames(), 0.0f);
  }

  Result<void> start_over() {
    TWOPOP_TRY(decoder_, LinearDecoder::open(path_, stream_));
    block_ = {};
    block_begin_ = 0;
    return {};
  }

  std::filesystem::path path_;
  int stream_;
  std::unique_ptr<LinearDecoder> decoder_;
  AudioBuffer<float> block_;
  std::int64_t block_begin_ = 0;
  std::optional<std::int64_t> end_;
};

}  // namespace

Result<std::unique_ptr<Reader>> coded_reader(const std::filesystem::path& path, int audio_stream) {
  TWOPOP_TRY(auto decoder, LinearDecoder::open(path, audio_stream));
  return std::unique_ptr<Reader>(std::make_unique<CodedReader>(path, audio_stream, std::move(decoder)));
}

}  // namespace twopop::media::detail
