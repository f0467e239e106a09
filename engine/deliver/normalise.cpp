#include "deliver/normalise.h"

#include <algorithm>
#include <cmath>
#include <future>

namespace twopop::deliver {
namespace {

constexpr std::int64_t kBlock = 1 << 16;
constexpr int kRounds = 4;
constexpr double kCloseEnough = 0.0005;  // LU

/// A block of sound with the gain on it, and how much of it is there.
struct Block {
  AudioBuffer<float> sound;
  std::int64_t frames = 0;
};

Result<void> fill(media::Reader& reader, SamplePosition at, float gain, Block& block) {
  TWOPOP_TRY(block.frames, reader.read(at, block.sound.view()));
  for (int c = 0; c < block.sound.channels(); ++c) {
    float* x = block.sound.channel(c);
    for (std::int64_t i = 0; i < block.frames; ++i) x[i] *= gain;
  }
  return {};
}

/// Reads ahead by one block while the one before is written.
Result<void> copy(media::Reader& reader, media::WavWriter& writer, float gain) {
  Block now{AudioBuffer<float>(reader.channels(), kBlock)}, next{AudioBuffer<float>(reader.channels(), kBlock)};
  TWOPOP_CHECK(fill(reader, {0}, gain, now));
  for (std::int64_t at = kBlock;; at += kBlock) {
    const bool more = now.frames == kBlock;
    std::future<Result<void>> ahead;
    if (more) ahead = std::async(std::launch::async, [&, at] { return fill(reader, {at}, gain, next); });
    const Result<void> written = writer.write(now.sound.view().sub(0, now.frames));
    if (more) TWOPOP_CHECK(ahead.get());
    TWOPOP_CHECK(written);
    if (!more) return {};
    std::swap(now, next);
  }
}

bool same_file(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code absent;
  return std::filesystem::equivalent(a, b, absent);
}

std::optional<double> stated(double figure) { return std::isfinite(figure) ? std::optional(figure) : std::nullopt; }

}  // namespace

Normalised plan_normalisation(const analysis::LoudnessBlocks& measured, const NormaliseSettings& settings) {
  Normalised plan;
  plan.before = plan.after = analysis::loudness_figures(measured);
  if (!std::isfinite(plan.before.integrated.value)) return plan;
  const Decibels wanted = as_decibels(settings.target - plan.before.integrated), room = settings.ceiling - plan.before.true_peak;
  plan.gain = std::min(wanted, room);
  plan.after = analysis::loudness_figures(measured.scaled(gain_of(plan.gain)));
  // The absolute gate stays where it is while the programme moves past it, so the loudness moves by a little less or more than the gain.
  for (int round = 0; round < kRounds && plan.gain < room && std::abs((settings.target - plan.after.integrated).value) > kCloseEnough; ++round) {
    plan.gain = std::min(plan.gain + as_decibels(settings.target - plan.after.integrated), room);
    plan.after = analysis::loudness_figures(measured.scaled(gain_of(plan.gain)));
  }
  if (!(plan.gain < room)) plan.missed = settings.target - plan.after.integrated;
  return plan;
}

Result<Normalised> normalise(const std::filesystem::path& from, const std::filesystem::path& to, const NormaliseSettings& settings) {
  if (same_file(from, to))
    return Error{Code::InvalidArgument, fmt::format("{} cannot be written over itself", from.string()), "choose another name for the result"};
  analysis::LoudnessOptions options;
  options.threads = settings.threads;
  TWOPOP_TRY(const analysis::LoudnessBlocks measured, analysis::measure_loudness(from, 0, options));
  const Normalised plan = plan_normalisation(measured, settings);
  TWOPOP_TRY(const std::unique_ptr<media::Reader> reader, media::Reader::open(from));
  TWOPOP_TRY(const media::MediaInfo info, media::probe(from));
  media::WavWriter::Settings wav;
  wav.rate = reader->rate();
  wav.channels = reader->channels();
  wav.format = settings.format;
  wav.channel_mask = info.audio.empty() || reader->channels() <= 2 ? 0 : info.audio[0].channel_mask;
  wav.bext = media::BextFields{};
  wav.bext->description = info.metadata.description;
  wav.bext->time_reference = info.metadata.time_reference.value_or(0);
  wav.bext->integrated_lufs = stated(plan.after.integrated.value);
  wav.bext->loudness_range_lu = stated(plan.after.range.value);
  wav.bext->true_peak_dbtp = stated(plan.after.true_peak.value);
  wav.bext->max_momentary_lufs = stated(plan.after.max_momentary.value);
  wav.bext->max_short_term_lufs = stated(plan.after.max_short_term.value);
  TWOPOP_TRY(const std::unique_ptr<media::WavWriter> writer, media::WavWriter::create(to, wav));
  TWOPOP_CHECK(copy(*reader, *writer, static_cast<float>(gain_of(plan.gain).value)));
  TWOPOP_CHECK(writer->finish());
  return plan;
}

}  // namespace twopop::deliver
