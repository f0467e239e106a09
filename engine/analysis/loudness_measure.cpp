#include "analysis/loudness.h"

#include "analysis/detail/k_weighting.h"
#include "analysis/detail/loudness_batch.h"
#include "analysis/true_peak.h"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <optional>
#include <thread>

namespace twopop::analysis {
namespace {

constexpr int kLanes = detail::KLanes::kLanes;
constexpr std::int64_t kSlab = 4096;
constexpr std::int64_t kFront = 16;  // history in front of each row, for the true-peak interpolator
static_assert(kFront >= TruePeakInterpolator::kHistory);

/// Where sums are closed, counted from the start of a segment: at each step of the grid, and at the end of a short one.
struct Cut {
  std::int64_t end = 0;
  std::int64_t step = 0;  ///< of the samples before it, in the first segment
};

std::vector<Cut> cuts_of(const LoudnessGrid& grid, SamplePosition begin, std::int64_t length, std::int64_t tail) {
  std::vector<Cut> cuts;
  std::int64_t step = grid.step_of(begin);
  for (std::int64_t at = 0; at < length;) {
    std::int64_t end = std::min((grid.start_of(step + 1) - begin).value, length);
    if (at < tail && tail < end) cuts.push_back({tail, step});
    cuts.push_back({end, step});
    at = end;
    if (grid.start_of(step + 1) <= begin + SampleCount{end}) ++step;
  }
  return cuts;
}

void raise(std::atomic<float>& most, float value) {
  float seen = most.load(std::memory_order_relaxed);
  while (value > seen && !most.compare_exchange_weak(seen, value, std::memory_order_relaxed)) {
  }
}

/// Measures one batch: its segments run side by side through the lanes.
class BatchMeter {
 public:
  BatchMeter(const detail::LoudnessBatch& batch, const detail::LoudnessJob& job, std::atomic<float>& greatest)
      : batch_(batch),
        job_(job),
        greatest_(greatest),
        interpolator_(job.rate),
        blocks_(job.rate, batch.range),
        rows_(batch.segments * job.channels),
        stride_(kFront + kSlab),
        samples_(static_cast<std::size_t>((rows_ + 1) * stride_)) {
    if (job.peaks == PeakDetail::EveryBlock) blocks_.keep_true_peaks();
    for (int row = 0; row < rows_; row += kLanes) filters_.emplace_back(job.rate);
    steps_per_segment_ = batch.segments > 1 ? batch.segment.value / job.rate.hz * 100 : 0;
  }

  Result<LoudnessBlocks> run(const SampleFeed& feed) {
    const std::int64_t length = batch_.segment.value, lead = loudness_pre_roll(job_.rate).value;
    const std::int64_t tail = batch_.range.length().value - (batch_.segments - 1) * length;
    const std::vector<Cut> cuts = cuts_of(blocks_.grid(), batch_.range.begin, length, tail);
    std::size_t cut = 0;
    for (std::int64_t at = -lead; at < length;) {
      const std::int64_t end = std::min(at + kSlab, at < 0 ? 0 : length);
      TWOPOP_CHECK(read(feed, at, end - at));
      if (at < 0) {
        filter(0, end - at);
      } else {
        for (std::int64_t from = at; from < end;) {
          const std::int64_t to = std::min(end, cuts[cut].end);
          count(from - at, to - from, from, cuts[cut].step, tail);
          if (to == cuts[cut].end) ++cut;
          from = to;
        }
      }
      keep_history(end - at);
      at = end;
    }
    return std::move(blocks_);
  }

 private:
  float* row(int index) { return samples_.data() + index * stride_ + kFront; }

  Result<void> read(const SampleFeed& feed, std::int64_t at, std::int64_t frames) {
    for (int s = 0; s < batch_.segments; ++s) {
      const SamplePosition begin = batch_.range.begin + SampleCount{s * batch_.segment.value + at};
      TWOPOP_CHECK(feed(begin, AudioView<float>(row(s * job_.channels), job_.channels, frames, stride_)));
    }
    return {};
  }

  void filter(std::int64_t offset, std::int64_t frames) {
    energy_.resize(filters_.size() * kLanes);
    for (std::size_t group = 0; group < filters_.size(); ++group) {
      const float* lanes[kLanes];
      for (int l = 0; l < kLanes; ++l)  // lanes without a sound read the silent row at the end
        lanes[l] = row(std::min(static_cast<int>(group) * kLanes + l, rows_)) + offset;
      filters_[group].run(lanes, frames, energy_.data() + group * kLanes);
    }
  }

  /// Counts a run of samples that lies within one step, in each segment that reaches so far.
  void count(std::int64_t offset, std::int64_t frames, std::int64_t from, std::int64_t first_step, std::int64_t tail) {
    filter(offset, frames);
    for (int s = 0; s < batch_.segments; ++s) {
      if (s == batch_.segments - 1 && from >= tail) continue;
      const std::int64_t step = first_step + s * steps_per_segment_;
      double sum = 0.0;
      for (int c = 0; c < job_.channels; ++c) {
        const int r = s * job_.channels + c;
        sum += job_.weights[static_cast<std::size_t>(c)] * energy_[static_cast<std::size_t>(r)];
        const float* x = row(r) + offset;
        const float peak = sample_peak(x, frames);
        blocks_.raise_sample_peak(step, peak);
        const float reach = std::max(peak, sample_peak(x - kFront, kFront));
        find_true_peak(x, frames, step, peak, reach);
        if (batch_.ends_in_silence && s == batch_.segments - 1 && from + frames == tail) flush(x + frames, step);
      }
      blocks_.add_energy(step, sum);
    }
  }

  void find_true_peak(const float* x, std::int64_t frames, std::int64_t step, float peak, float reach) {
    if (job_.peaks == PeakDetail::EveryBlock) {
      blocks_.raise_true_peak(step, peak);
      const float floor = blocks_.true_peak_at(step);
      if (reach * interpolator_.bound() > floor) blocks_.raise_true_peak(step, interpolator_.peak_above(x, frames, floor));
      return;
    }
    raise(greatest_, peak);
    const float floor = greatest_.load(std::memory_order_relaxed);
    if (reach * interpolator_.bound() <= floor) return;
    const float found = interpolator_.peak_above(x, frames, floor);
    if (found <= floor) return;
    blocks_.raise_true_peak(found);
    raise(greatest_, found);
  }

  /// The points between the last samples and the silence after them.
  void flush(const float* end, std::int64_t step) {
    constexpr int kHistory = TruePeakInterpolator::kHistory;
    float last[2 * kHistory]{};
    std::copy_n(end - kHistory, kHistory, last);
    find_true_peak(last + kHistory, kHistory, step, 0.0f, sample_peak(last, kHistory));
  }

  void keep_history(std::int64_t frames) {
    for (int r = 0; r < rows_; ++r) {
      float* x = row(r);
      std::copy(x + frames - kFront, x + frames, x - kFront);
    }
  }

  const detail::LoudnessBatch& batch_;
  const detail::LoudnessJob& job_;
  std::atomic<float>& greatest_;
  TruePeakInterpolator interpolator_;
  LoudnessBlocks blocks_;
  int rows_;
  std::int64_t stride_;
  std::int64_t steps_per_segment_ = 0;
  std::vector<float> samples_;
  std::vector<detail::KLanes> filters_;
  std::vector<double> energy_;
};

}  // namespace

namespace detail {

Result<LoudnessJob> job_of(SampleRate rate, int channels, const LoudnessOptions& options) {
  if (rate.hz < 8000 || rate.hz > 384000)
    return Error{Code::InvalidArgument, fmt::format("loudness cannot be measured at {} Hz", rate.hz),
                 "convert the sound to a rate between 8000 and 384000 Hz"};
  LoudnessJob job{rate, channels, options.peaks, options.weights.empty() ? channel_weights(channels, 0) : options.weights};
  if (channels <= 0 || job.weights.size() != static_cast<std::size_t>(channels))
    return Error{Code::InvalidArgument, fmt::format("{} loudness weights were given for {} channels", job.weights.size(), channels)};
  return job;
}

std::vector<LoudnessBatch> batches_of(const LoudnessJob& job, SampleRange range, Following following) {
  // Enough segments to fill whole vectors with any number of channels; whole seconds each, so that they share a grid.
  int segments = kLanes / std::gcd(kLanes, job.channels);
  const std::int64_t second = job.rate.hz, total = range.length().value;
  if (total < 2 * second) segments = 1;
  const std::int64_t shared = mul_div(total, 1, segments * second, Rounding::Ceiling);
  const std::int64_t length = segments == 1 && total < 2 * second ? total : std::clamp<std::int64_t>(shared, 1, 10) * second;
  std::vector<LoudnessBatch> batches;
  for (SamplePosition at = range.begin; at < range.end;) {
    LoudnessBatch batch{{at, std::min(range.end, at + SampleCount{segments * length})}, {length}, segments, false};
    batch.segments = static_cast<int>(mul_div(batch.range.length().value, 1, length, Rounding::Ceiling));
    if (batch.segments == 1) batch.segment = batch.range.length();
    batch.ends_in_silence = following == Following::Silence && batch.range.end == range.end;
    at = batch.range.end;
    batches.push_back(batch);
  }
  return batches;
}

Result<LoudnessBlocks> measure_batch(const LoudnessBatch& batch, const LoudnessJob& job, const SampleFeed& feed,
                                     std::atomic<float>& greatest) {
  return BatchMeter(batch, job, greatest).run(feed);
}

}  // namespace detail

SampleCount loudness_pre_roll(SampleRate rate) { return {(rate.hz + 4) / 5 + TruePeakInterpolator::kHistory}; }

Result<LoudnessBlocks> measure_loudness(SampleRate rate, int channels, SampleRange range, const OpenFeed& open,
                                        const LoudnessOptions& options, Following following) {
  TWOPOP_TRY(const detail::LoudnessJob job, detail::job_of(rate, channels, options));
  const std::vector<detail::LoudnessBatch> batches = detail::batches_of(job, range, following);
  std::vector<std::optional<Result<LoudnessBlocks>>> pieces(batches.size());
  std::atomic<std::size_t> next{0};
  std::atomic<float> greatest{0.0f};
  auto work = [&]() -> Result<void> {
    TWOPOP_TRY(const SampleFeed feed, open());
    for (std::size_t i = next++; i < batches.size(); i = next++)
      pieces[i] = detail::measure_batch(batches[i], job, feed, greatest);
    return {};
  };
  const int helpers = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(std::max(options.threads, 1)), batches.size())) - 1;
  std::vector<Result<void>> ends(static_cast<std::size_t>(std::max(helpers, 0)));
  std::vector<std::thread> threads;
  for (auto& end : ends) threads.emplace_back([&end, &work] { end = work(); });
  const Result<void> own = batches.empty() ? Result<void>() : work();
  for (std::thread& thread : threads) thread.join();
  TWOPOP_CHECK(own);
  LoudnessBlocks whole(rate, {range.begin, range.begin});
  for (auto& piece : pieces) {
    if (!piece) {  // the thread that took it, or all, could not open a feed
      for (const Result<void>& end : ends) TWOPOP_CHECK(end);
      TWOPOP_ASSERT(piece);
    }
    TWOPOP_TRY(const LoudnessBlocks measured, std::move(*piece));
    TWOPOP_CHECK(whole.append(measured));
  }
  return whole;
}

Result<LoudnessBlocks> measure_loudness(AudioView<const float> samples, SampleRate rate, SamplePosition begin, SampleCount lead,
                                        const LoudnessOptions& options, Following following) {
  const OpenFeed open = [&]() -> Result<SampleFeed> {
    return SampleFeed([&](SamplePosition at, AudioView<float> out) -> Result<void> {
      const std::int64_t from = (at - begin).value + lead.value;
      const std::int64_t first = std::clamp<std::int64_t>(-from, 0, out.frames());
      const std::int64_t last = std::clamp<std::int64_t>(samples.frames() - from, first, out.frames());
      for (int c = 0; c < out.channels(); ++c) {
        float* to = out.channel(c);
        std::fill(to, to + first, 0.0f);
        if (last > first) std::copy_n(samples.channel(c) + from + first, last - first, to + first);
        std::fill(to + last, to + out.frames(), 0.0f);
      }
      return {};
    });
  };
  const SampleRange range{begin, begin + SampleCount{std::max<std::int64_t>(samples.frames() - lead.value, 0)}};
  return measure_loudness(rate, samples.channels(), range, open, options, following);
}

}  // namespace twopop::analysis
