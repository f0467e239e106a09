#include "analysis/loudness_blocks.h"

#include <algorithm>
#include <cstring>

namespace twopop::analysis {
namespace {

constexpr std::uint32_t kMagic = 0x32424c54;  // "TLB2": layout in to_bytes below
constexpr std::int64_t kStepsPerPeak = 10;

std::int64_t peak_index_of(std::int64_t step) { return mul_div(step, 1, kStepsPerPeak, Rounding::Floor); }

template <class T>
void write(std::vector<std::byte>& out, const T* values, std::size_t count) {
  const auto* bytes = reinterpret_cast<const std::byte*>(values);
  out.insert(out.end(), bytes, bytes + count * sizeof(T));
}

/// With less room to spare than a vector takes by itself: of a long programme that would be megabytes.
template <class T>
void grow(std::vector<T>& values, std::size_t size) {
  if (values.capacity() < size) values.reserve(size + size / 4);
  values.resize(size);
}

struct Header {
  std::uint32_t magic = kMagic;
  std::int32_t rate_hz = 0;
  std::int64_t begin = 0, end = 0;
  float true_peak = 0;
  std::uint32_t has_true_peaks = 0;
};

}  // namespace

LoudnessBlocks::LoudnessBlocks(SampleRate rate, SampleRange range) : grid_{rate}, range_(range) {
  first_step_ = grid_.step_of(range.begin);
  first_peak_ = peak_index_of(first_step_);
  if (range.empty()) {
    range_.end = range_.begin;
    return;
  }
  const std::int64_t last = grid_.step_of(range.end - SampleCount{1});
  energy_.assign(static_cast<std::size_t>(last - first_step_ + 1), 0.0);
  sample_peaks_.assign(static_cast<std::size_t>(peak_index_of(last) - first_peak_ + 1), 0.0f);
}

void LoudnessBlocks::raise_sample_peak(std::int64_t step, float peak) {
  float& kept = sample_peaks_[static_cast<std::size_t>(peak_index_of(step) - first_peak_)];
  kept = std::max(kept, peak);
  true_peak_ = std::max(true_peak_, peak);
}

void LoudnessBlocks::raise_true_peak(std::int64_t step, float peak) {
  true_peak_ = std::max(true_peak_, peak);
  if (true_peaks_.empty()) return;
  float& kept = true_peaks_[static_cast<std::size_t>(peak_index_of(step) - first_peak_)];
  kept = std::max(kept, peak);
}

float LoudnessBlocks::true_peak_at(std::int64_t step) const {
  return true_peaks_[static_cast<std::size_t>(peak_index_of(step) - first_peak_)];
}

DbFs LoudnessBlocks::sample_peak() const {
  float most = 0.0f;
  for (const float peak : sample_peaks_) most = std::max(most, peak);
  return level_of(static_cast<double>(most));
}

DbTp LoudnessBlocks::true_peak() const { return {level_of(static_cast<double>(true_peak_)).value}; }

LoudnessBlocks LoudnessBlocks::scaled(Gain gain) const {
  LoudnessBlocks louder = *this;
  const double factor = std::fabs(gain.value);
  for (double& e : louder.energy_) e *= factor * factor;
  for (auto* peaks : {&louder.sample_peaks_, &louder.true_peaks_})
    for (float& peak : *peaks) peak = static_cast<float>(peak * factor);
  louder.true_peak_ = static_cast<float>(true_peak_ * factor);
  return louder;
}

Result<void> LoudnessBlocks::append(const LoudnessBlocks& next) {
  if (rate().hz != next.rate().hz)
    return Error{Code::InvalidArgument,
                 fmt::format("loudness at {} Hz cannot be joined to loudness at {} Hz", next.rate().hz, rate().hz)};
  if (next.range_.begin != range_.end)
    return Error{Code::InvalidArgument, fmt::format("loudness from sample {} cannot be joined at sample {}",
                                                    next.range_.begin.value, range_.end.value)};
  if (next.range_.empty()) return {};
  if (range_.empty()) {
    *this = next;
    return {};
  }
  const std::int64_t last = grid_.step_of(next.range_.end - SampleCount{1});
  const auto peaks = static_cast<std::size_t>(peak_index_of(last) - first_peak_ + 1);
  grow(energy_, static_cast<std::size_t>(last - first_step_ + 1));
  grow(sample_peaks_, peaks);
  const bool all_peaks = !true_peaks_.empty() && !next.true_peaks_.empty();
  if (all_peaks) grow(true_peaks_, peaks);
  else true_peaks_ = {};
  range_.end = next.range_.end;
  for (std::size_t i = 0; i < next.energy_.size(); ++i) add_energy(next.first_step_ + static_cast<std::int64_t>(i), next.energy_[i]);
  const std::size_t from = static_cast<std::size_t>(next.first_peak_ - first_peak_);
  for (std::size_t i = 0; i < next.sample_peaks_.size(); ++i) {
    sample_peaks_[from + i] = std::max(sample_peaks_[from + i], next.sample_peaks_[i]);
    if (all_peaks) true_peaks_[from + i] = std::max(true_peaks_[from + i], next.true_peaks_[i]);
  }
  true_peak_ = std::max(true_peak_, next.true_peak_);
  return {};
}

std::vector<std::byte> LoudnessBlocks::to_bytes() const {
  Header header;
  header.rate_hz = rate().hz;
  header.begin = range_.begin.value;
  header.end = range_.end.value;
  header.true_peak = true_peak_;
  header.has_true_peaks = true_peaks_.empty() ? 0 : 1;
  std::vector<std::byte> bytes;
  write(bytes, &header, 1);
  write(bytes, energy_.data(), energy_.size());
  write(bytes, sample_peaks_.data(), sample_peaks_.size());
  write(bytes, true_peaks_.data(), true_peaks_.size());
  return bytes;
}

Result<LoudnessBlocks> LoudnessBlocks::from_bytes(std::span<const std::byte> bytes) {
  const Error damaged{Code::Damaged, fmt::format("{} bytes are not a loudness summary", bytes.size()), "measure the sound again"};
  Header header;
  if (bytes.size() < sizeof header) return damaged;
  std::memcpy(&header, bytes.data(), sizeof header);
  constexpr std::int64_t kFarthest = std::int64_t{1} << 48;
  if (header.magic != kMagic || header.rate_hz <= 0 || header.end < header.begin || header.begin < -kFarthest ||
      header.end > kFarthest)
    return damaged;
  const LoudnessGrid grid{{header.rate_hz}};
  // The size must agree before anything of that size is allocated.
  const std::int64_t last = grid.step_of({header.end - 1});
  const std::int64_t first = grid.step_of({header.begin});
  const std::int64_t steps = header.end > header.begin ? last - first + 1 : 0;
  const std::int64_t peaks = header.end > header.begin ? peak_index_of(last) - peak_index_of(first) + 1 : 0;
  const std::int64_t wanted = static_cast<std::int64_t>(sizeof header) + steps * 8 + peaks * 4 * (header.has_true_peaks ? 2 : 1);
  if (wanted != static_cast<std::int64_t>(bytes.size())) return damaged;
  LoudnessBlocks blocks({header.rate_hz}, {{header.begin}, {header.end}});
  if (header.has_true_peaks) blocks.keep_true_peaks();
  blocks.true_peak_ = header.true_peak;
  const std::byte* from = bytes.data() + sizeof header;
  auto read = [&from](auto& values) {
    const std::size_t size = values.size() * sizeof values[0];
    if (size) std::memcpy(values.data(), from, size);
    from += size;
  };
  read(blocks.energy_);
  read(blocks.sample_peaks_);
  read(blocks.true_peaks_);
  return blocks;
}

}  // namespace twopop::analysis
