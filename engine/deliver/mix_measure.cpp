#include "deliver/mix_measure.h"

#include "core/bytes.h"
#include "phases/ranges.h"

namespace twopop::deliver {
namespace {

struct GainSummary {
  std::int64_t frames = 0, over_1_db = 0, over_3_db = 0;
  double least = 1;
};

Result<LimiterWork> limiter_work(signal::Workspace& work, const signal::Signal& gain, SampleRange film) {
  GainSummary all;
  const auto hear = [](SampleRange, AudioView<const float> sound) -> Result<cache::Bytes> {
    GainSummary s;
    s.frames = sound.frames();
    for (std::int64_t i = 0; i < sound.frames(); ++i) {
      const double g = sound.at(0, i);
      s.least = std::min(s.least, g);
      s.over_1_db += g < 0.8912509;  // -1 dB
      s.over_3_db += g < 0.7079458;  // -3 dB
    }
    ByteWriter writer;
    writer.put(s);
    return writer.take();
  };
  const auto take = [&](SampleRange, const cache::Blob& blob) -> Result<void> {
    ByteReader reader(*blob);
    const auto s = reader.get<GainSummary>();
    all.frames += s.frames;
    all.over_1_db += s.over_1_db;
    all.over_3_db += s.over_3_db;
    all.least = std::min(all.least, s.least);
    return {};
  };
  TWOPOP_CHECK(work.chunk_facts(gain, film, "gain reduction", 1, {}, hear, take));
  LimiterWork result;
  if (all.frames == 0) return result;
  result.deepest = -decibels_of({std::max(all.least, 1e-6)});
  result.share_over_1_db = static_cast<double>(all.over_1_db) / static_cast<double>(all.frames);
  result.share_over_3_db = static_cast<double>(all.over_3_db) / static_cast<double>(all.frames);
  return result;
}

}  // namespace

std::vector<SampleRange> speech_of(const phases::Whole& whole) {
  std::vector<SampleRange> ranges;
  for (const auto& [name, compiled] : whole.compiled) ranges.insert(ranges.end(), compiled.speech.begin(), compiled.speech.end());
  return phases::unite(std::move(ranges));
}

Result<analysis::LoudnessBlocks> measure_signal(signal::Workspace& work, const signal::Signal& stored, SampleRange film, SampleRate rate) {
  const SampleCount lead = analysis::loudness_pre_roll(rate);
  analysis::LoudnessBlocks all(rate, {film.begin, film.begin});
  const auto hear = [rate, lead, film](SampleRange chunk, AudioView<const float> sound) -> Result<cache::Bytes> {
    const auto following = chunk.end == film.end ? analysis::Following::Silence : analysis::Following::More;
    TWOPOP_TRY(const auto blocks, analysis::measure_loudness(sound, rate, chunk.begin, lead, {}, following));
    return blocks.to_bytes();
  };
  const auto take = [&](SampleRange, const cache::Blob& blob) -> Result<void> {
    TWOPOP_TRY(const auto blocks, analysis::LoudnessBlocks::from_bytes(*blob));
    return all.append(blocks);
  };
  TWOPOP_CHECK(work.chunk_facts(stored, film, "loudness", 1, lead, hear, take));
  return all;
}

Result<MixMeasure> measure_mix(signal::Workspace& work, const session::Document& document, const phases::MixGraph& mix, const std::vector<SampleRange>& speech) {
  MixMeasure measure;
  const SampleRange film = document.extent();
  TWOPOP_TRY(measure.loudness, measure_signal(work, mix.mix, film, document.rate));
  TWOPOP_TRY(measure.master.limiter, limiter_work(work, mix.gain, film));
  FilmFigures& figures = measure.master.figures;
  figures.programme = analysis::loudness_figures(measure.loudness);
  figures.dialogue = analysis::dialogue_loudness(measure.loudness, speech);
  if (!film.empty()) figures.dialogue_share = static_cast<double>(phases::total(phases::intersect(speech, {film})).value) / static_cast<double>(film.length().value);
  return measure;
}

}  // namespace twopop::deliver
