#include "phases/mix/detail/track_measure.h"

#include "analysis/loudness.h"
#include "core/bytes.h"
#include "dsp/fft.h"

namespace twopop::phases::detail {
namespace {

std::vector<std::array<float, kBands>> band_powers(AudioView<const float> sound, SampleRate rate) {
  constexpr int n = static_cast<int>(TrackMeasure::kFrame);
  dsp::RealFft<float> fft(n);
  std::vector<float> frame(n);
  std::vector<std::complex<float>> spectrum(static_cast<std::size_t>(fft.bins()));
  std::vector<std::array<float, kBands>> powers;
  for (std::int64_t at = 0; at + n <= sound.frames(); at += n) {
    std::array<float, kBands> power{};
    for (int c = 0; c < sound.channels(); ++c) {
      for (int i = 0; i < n; ++i) frame[static_cast<std::size_t>(i)] = sound.at(c, at + i) * static_cast<float>(0.5 - 0.5 * std::cos(2 * M_PI * (i + 0.5) / n));
      fft.forward(frame.data(), spectrum.data());
      std::size_t band = 0;
      for (int k = 1; k < fft.bins(); ++k) {
        const double hz = static_cast<double>(k) * rate.hz / n;
        while (band < kBands && hz >= kBandEdgesHz[band + 1]) ++band;
        if (band == kBands) break;
        if (hz >= kBandEdgesHz[0]) power[band] += std::norm(spectrum[static_cast<std::size_t>(k)]) / (static_cast<float>(n) * static_cast<float>(n));
      }
    }
    powers.push_back(power);
  }
  return powers;
}

}  // namespace

Result<TrackMeasure> measure_track(const Context& context, const Track& track) {
  const SampleRange film = context.document.extent();
  const SampleRate rate = context.document.rate;
  const signal::Signal sound = signal::stored(signal::cut(track.sound, film), "track " + track.id, signal::Keeping::Cheap);
  const SampleCount lead = analysis::loudness_pre_roll(rate);
  TrackMeasure measure;
  measure.loudness = analysis::LoudnessBlocks(rate, {{0}, {0}});
  measure.bands.reserve(static_cast<std::size_t>(film.length().value / TrackMeasure::kFrame + 1));
  const auto hear = [rate, lead](SampleRange chunk, AudioView<const float> heard) -> Result<cache::Bytes> {
    TWOPOP_TRY(const auto blocks, analysis::measure_loudness(heard, rate, chunk.begin, lead, {}, analysis::Following::More));
    ByteWriter writer;
    writer.put(blocks.to_bytes()).put(band_powers(heard.sub(lead.value, chunk.length().value), rate));
    return writer.take();
  };
  const auto take = [&](SampleRange, const cache::Blob& blob) -> Result<void> {
    ByteReader reader(*blob);
    const auto bytes = reader.vector<std::byte>();
    const auto bands = reader.vector<std::array<float, kBands>>();
    TWOPOP_TRY(const auto blocks, analysis::LoudnessBlocks::from_bytes(bytes));
    TWOPOP_CHECK(measure.loudness.append(blocks));
    measure.bands.insert(measure.bands.end(), bands.begin(), bands.end());
    return {};
  };
  TWOPOP_CHECK(context.work.chunk_facts(sound, film, "balance", 1, lead, hear, take));
  return measure;
}

std::array<double, kBands> mean_bands(const TrackMeasure& measure, const std::vector<SampleRange>& ranges) {
  std::array<double, kBands> sum{};
  std::int64_t count = 0;
  for (const SampleRange& range : ranges) {
    const std::int64_t first = mul_div(range.begin.value, 1, TrackMeasure::kFrame, Rounding::Ceiling);
    const std::int64_t last = std::min(static_cast<std::int64_t>(measure.bands.size()), range.end.value / TrackMeasure::kFrame);
    for (std::int64_t i = first; i < last; ++i, ++count)
      for (std::size_t b = 0; b < kBands; ++b) sum[b] += measure.bands[static_cast<std::size_t>(i)][b];
  }
  for (double& s : sum) s = count ? s / static_cast<double>(count) : 0;
  return sum;
}

}  // namespace twopop::phases::detail
