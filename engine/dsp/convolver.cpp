#include "dsp/convolver.h"

#include "core/lanes.h"

#include <algorithm>

namespace twopop::dsp {

namespace {

constexpr std::size_t kBins = Convolver::kBlock + 1;
constexpr std::size_t kPadded = (kBins + 7) / 8 * 8;
constexpr std::size_t kSpectrum = 2 * kPadded;  // real parts, then imaginary parts
constexpr std::size_t kHead = 2;                // position in the block, index of the newest spectrum
constexpr std::size_t kBlockSize = Convolver::kBlock;

void split(const std::vector<std::complex<float>>& bins, float* spectrum) {
  for (std::size_t k = 0; k < kBins; ++k) {
    spectrum[k] = bins[k].real();
    spectrum[kPadded + k] = bins[k].imag();
  }
}

/// sum += a * b.
void multiply_add(const float* a, const float* b, float* sum) {
  for (std::size_t k = 0; k < kPadded; k += 8) {
    const Float8 ar = load<Float8>(a + k), ai = load<Float8>(a + kPadded + k);
    const Float8 br = load<Float8>(b + k), bi = load<Float8>(b + kPadded + k);
    store(sum + k, load<Float8>(sum + k) + (ar * br - ai * bi));
    store(sum + kPadded + k, load<Float8>(sum + kPadded + k) + (ar * bi + ai * br));
  }
}

}  // namespace

Result<void> Convolver::prepare(const ProcessSpec& spec) {
  if (impulse_.empty()) return Error{Code::InvalidArgument, "the impulse response holds no samples", "name another recording"};
  if (impulse_.channels() != 1 && impulse_.channels() != spec.channels)
    return Error{Code::InvalidArgument, fmt::format("an impulse response of {} channels for a sound of {}", impulse_.channels(), spec.channels),
                 "use a mono one, or one with as many channels as the sound"};
  channels_ = spec.channels;
  partitions_ = (static_cast<std::size_t>(impulse_.frames()) + kBlockSize - 1) / kBlockSize;
  spectra_.assign(static_cast<std::size_t>(impulse_.channels()) * partitions_ * kSpectrum, 0.0f);
  state_.assign(kHead + static_cast<std::size_t>(channels_) * (3 * kBlockSize + partitions_ * kSpectrum), 0.0f);
  sum_.assign(kSpectrum, 0.0f);
  time_.assign(2 * kBlockSize, 0.0f);
  bins_.assign(kBins, {});
  for (int c = 0; c < impulse_.channels(); ++c)
    for (std::size_t p = 0; p < partitions_; ++p) {
      const float* from = impulse_.channel(c) + p * kBlockSize;
      const std::size_t count = std::min(kBlockSize, static_cast<std::size_t>(impulse_.frames()) - p * kBlockSize);
      std::fill(time_.begin(), time_.end(), 0.0f);
      std::copy(from, from + count, time_.begin());
      fft_.forward(time_.data(), bins_.data());
      split(bins_, spectra_.data() + (static_cast<std::size_t>(c) * partitions_ + p) * kSpectrum);
    }
  return {};
}

void Convolver::run_block() noexcept {
  const std::size_t newest = (static_cast<std::size_t>(state_[1]) + 1) % partitions_;
  state_[1] = static_cast<float>(newest);
  for (int c = 0; c < channels_; ++c) {
    float* input = state_.data() + kHead + static_cast<std::size_t>(c) * (3 * kBlockSize + partitions_ * kSpectrum);
    float* output = input + 2 * kBlockSize;
    float* past = output + kBlockSize;
    fft_.forward(input, bins_.data());
    split(bins_, past + newest * kSpectrum);
    const float* response = spectra_.data() + (impulse_.channels() == 1 ? 0 : static_cast<std::size_t>(c) * partitions_ * kSpectrum);
    std::fill(sum_.begin(), sum_.end(), 0.0f);
    for (std::size_t p = 0; p < partitions_; ++p)
      multiply_add(past + (newest + partitions_ - p) % partitions_ * kSpectrum, response + p * kSpectrum, sum_.data());
    for (std::size_t k = 0; k < kBins; ++k) bins_[k] = {sum_[k], sum_[kPadded + k]};
    fft_.inverse(bins_.data(), time_.data());
    std::copy(time_.begin() + kBlock, time_.end(), output);
    std::copy(input + kBlockSize, input + 2 * kBlockSize, input);
  }
}

void Convolver::process(AudioView<float> io) noexcept {
  for (std::int64_t done = 0; done < io.frames();) {
    const auto position = static_cast<std::int64_t>(state_[0]);
    const std::int64_t n = std::min<std::int64_t>(kBlock - position, io.frames() - done);
    for (int c = 0; c < channels_; ++c) {
      float* input = state_.data() + kHead + static_cast<std::size_t>(c) * (3 * kBlockSize + partitions_ * kSpectrum);
      float* x = io.channel(c) + done;
      std::copy(x, x + n, input + kBlock + position);
      std::copy(input + 2 * kBlock + position, input + 2 * kBlock + position + n, x);
    }
    state_[0] = static_cast<float>((position + n) % kBlock);
    if (position + n == kBlock) run_block();
    done += n;
  }
}

void Convolver::reset() noexcept { std::fill(state_.begin(), state_.end(), 0.0f); }

Result<AudioBuffer<float>> convolve(AudioView<const float> in, AudioView<const float> impulse) {
  AudioBuffer<float> response(impulse.channels(), impulse.frames());
  for (int c = 0; c < impulse.channels(); ++c) std::copy(impulse.channel(c), impulse.channel(c) + impulse.frames(), response.channel(c));
  Convolver convolver(std::move(response));
  TWOPOP_CHECK(convolver.prepare({.rate = {}, .channels = in.channels()}));
  const std::int64_t length = in.frames() == 0 ? 0 : in.frames() + impulse.frames() - 1;
  AudioBuffer<float> out(in.channels(), length + Convolver::kBlock);
  for (int c = 0; c < in.channels(); ++c) std::copy(in.channel(c), in.channel(c) + in.frames(), out.channel(c));
  convolver.process(out.view());
  AudioBuffer<float> cut(in.channels(), length);
  for (int c = 0; c < in.channels(); ++c) std::copy(out.channel(c) + Convolver::kBlock, out.channel(c) + Convolver::kBlock + length, cut.channel(c));
  return cut;
}

}  // namespace twopop::dsp
