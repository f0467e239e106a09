#include "media/detail/pcm.h"
#include "media/detail/readers.h"

#include <algorithm>

namespace twopop::media::detail {
namespace {

class DirectReader final : public Reader {
 public:
  DirectReader(FileBytes bytes, RiffWave wave) : bytes_(std::move(bytes)), wave_(std::move(wave)) {}

  SampleRate rate() const override { return {wave_.rate_hz}; }
  int channels() const override { return wave_.channels; }
  SampleCount length() const override { return {wave_.frames()}; }
  bool direct() const override { return true; }
  const std::vector<std::string>& warnings() const override { return wave_.warnings; }

  Result<std::int64_t> read(SamplePosition begin, AudioView<float> out) override {
    TWOPOP_ASSERT(out.channels() == wave_.channels);
    const std::int64_t first = std::clamp<std::int64_t>(begin.value, 0, wave_.frames());
    const std::int64_t last = std::clamp<std::int64_t>(begin.value + out.frames(), first, wave_.frames());
    // Silence where the request lies outside the file.
    silence(out.sub(0, std::clamp<std::int64_t>(first - begin.value, 0, out.frames())));
    const std::int64_t frame_bytes = static_cast<std::int64_t>(wave_.frame_bytes());
    const std::int64_t most = std::max<std::int64_t>(1, kScratchBytes / frame_bytes);
    std::int64_t at = first;
    while (at < last) {
      const std::int64_t frames = std::min(most, last - at);
      const std::size_t want = static_cast<std::size_t>(frames * frame_bytes);
      if (scratch_.size() < want) scratch_.resize(want);
      TWOPOP_TRY(const std::size_t got,
                 bytes_.read(wave_.data_begin + static_cast<std::uint64_t>(at * frame_bytes), std::span(scratch_).first(want)));
      const std::int64_t there = static_cast<std::int64_t>(got) / frame_bytes;
      planar_of(scratch_.data(), wave_.coding, out.sub(at - begin.value, there));
      at += there;
      if (there < frames) break;  // the file shrank since it was opened
    }
    const std::int64_t filled = std::clamp<std::int64_t>(at - begin.value, 0, out.frames());
    silence(out.sub(filled, out.frames() - filled));
    return at - first;
  }

 private:
  /// Fits the second-level cache together with its planar copy.
  static constexpr std::int64_t kScratchBytes = 64 << 10;

  static void silence(AudioView<float> range) {
    for (int c = 0; c < range.channels(); ++c) std::fill_n(range.channel(c), range.frames(), 0.0f);
  }

  FileBytes bytes_;
  RiffWave wave_;
  std::vector<std::byte> scratch_;
};

}  // namespace

std::unique_ptr<Reader> direct_reader(FileBytes bytes, RiffWave wave) {
  return std::make_unique<DirectReader>(std::move(bytes), std::move(wave));
}

}  // namespace twopop::media::detail
