#include "analysis/loudness.h"

#include "analysis/true_peak.h"
#include "core/random.h"
#include "corpus.h"
#include "media/media.h"

#include <ebur128.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <memory>
#include <numbers>
#include <sstream>
#include <vector>

namespace twopop::analysis {
namespace {

AudioBuffer<float> noise(int channels, std::int64_t frames, double level_db, std::uint64_t seed) {
  AudioBuffer<float> out(channels, frames);
  const float gain = static_cast<float>(gain_of({level_db}).value);
  for (int c = 0; c < channels; ++c)
    for (std::int64_t i = 0; i < frames; ++i)
      out.channel(c)[i] = gain * uniform11(philox(seed, static_cast<std::uint64_t>(c), static_cast<std::uint64_t>(i))[0]);
  return out;
}

/// Sound that swells, with a loud click that lies between samples.
AudioBuffer<float> programme(int channels, std::int64_t frames, SampleRate rate, std::uint64_t seed) {
  AudioBuffer<float> out = noise(channels, frames, -12.0, seed);
  for (int c = 0; c < channels; ++c)
    for (std::int64_t i = 0; i < frames; ++i)
      out.channel(c)[i] *= static_cast<float>(0.55 - 0.45 * std::cos(0.7 * static_cast<double>(i) / rate.hz));
  const std::int64_t at = frames * 2 / 3;
  for (int i = -8; i < 8 && frames > 32; ++i) {
    const double t = std::numbers::pi * (i + 0.5);
    out.channel(0)[at + i] += static_cast<float>(0.9 * std::sin(t) / t);
  }
  return out;
}

void expect_same(const LoudnessBlocks& a, const LoudnessBlocks& b, double tolerance_lu = 5e-4) {
  ASSERT_EQ(a.range(), b.range());
  ASSERT_EQ(a.energy().size(), b.energy().size());
  for (std::size_t i = 0; i < a.energy().size(); ++i)
    ASSERT_NEAR(a.energy()[i], b.energy()[i], 1e-9 + a.energy()[i] * 1e-6) << "step " << i;
  ASSERT_EQ(a.sample_peaks().size(), b.sample_peaks().size());
  for (std::size_t i = 0; i < a.sample_peaks().size(); ++i) ASSERT_EQ(a.sample_peaks()[i], b.sample_peaks()[i]) << "peak " << i;
  const LoudnessFigures x = loudness_figures(a), y = loudness_figures(b);
  EXPECT_NEAR(x.integrated.value, y.integrated.value, tolerance_lu);
  EXPECT_NEAR(x.range.value, y.range.value, tolerance_lu);
  EXPECT_NEAR(x.max_momentary.value, y.max_momentary.value, tolerance_lu);
  EXPECT_NEAR(x.max_short_term.value, y.max_short_term.value, tolerance_lu);
  EXPECT_EQ(x.true_peak.value, y.true_peak.value);
}

/// The K filter as the annex writes it, in one run from the first sample to the last.
double endless_mean_square(AudioView<const float> x, SampleRate) {
  // BS.1770-5 annex 1, tables 1 and 2 (48 kHz).
  const double b[3] = {1.53512485958697, -2.69169618940638, 1.19839281085285}, a[2] = {-1.69065929318241, 0.73248077421585};
  const double g[2] = {-1.99004745483398, 0.99007225036621};
  double sum = 0.0;
  for (int c = 0; c < x.channels(); ++c) {
    double x1 = 0, x2 = 0, y1 = 0, y2 = 0, z1 = 0, z2 = 0;
    for (std::int64_t i = 0; i < x.frames(); ++i) {
      const double in = static_cast<double>(x.at(c, i));
      const double y = b[0] * in + b[1] * x1 + b[2] * x2 - a[0] * y1 - a[1] * y2;
      const double z = y - 2.0 * y1 + y2 - g[0] * z1 - g[1] * z2;
      x2 = x1, x1 = in, y2 = y1, y1 = y, z2 = z1, z1 = z;
      sum += z * z;
    }
  }
  return sum / static_cast<double>(x.frames());
}

TEST(Loudness, segments_from_rest_agree_with_one_endless_run) {
  const AudioBuffer<float> x = programme(2, 48000 * 95, {48000}, 1);
  const auto blocks = measure_loudness(x.view(), {48000});
  ASSERT_TRUE(blocks.ok());
  double sum = 0.0;
  for (const double e : blocks->energy()) sum += e;
  EXPECT_NEAR(10.0 * std::log10(sum / static_cast<double>(x.frames()) / endless_mean_square(x.view(), {48000})), 0.0, 0.0005);
}

TEST(Loudness, parts_merged_give_what_the_whole_gives) {
  for (const int hz : {11025, 44100, 48000})
    for (const int channels : {1, 2, 6}) {
      const SampleRate rate{hz};
      const std::int64_t frames = hz * 23 + 1234;
      const AudioBuffer<float> x = programme(channels, frames, rate, 3);
      for (const PeakDetail detail : {PeakDetail::Maximum, PeakDetail::EveryBlock}) {
        LoudnessOptions options;
        options.peaks = detail;
        const auto whole = measure_loudness(x.view(), rate, {}, {}, options);
        ASSERT_TRUE(whole.ok());
        RandomStream random(static_cast<std::uint64_t>(hz), 7);
        LoudnessBlocks merged(rate, {});
        for (std::int64_t at = 0; at < frames;) {
          const std::int64_t end = std::min<std::int64_t>(frames, at + 1 + random.below(static_cast<std::uint32_t>(hz * 9)));
          const std::int64_t lead = std::min(at, loudness_pre_roll(rate).value);
          const auto part = measure_loudness(x.view().sub(at - lead, end - at + lead), rate, {at}, {lead}, options,
                                             end == frames ? Following::Silence : Following::More);
          ASSERT_TRUE(part.ok());
          ASSERT_TRUE(merged.append(*part).ok());
          at = end;
        }
        expect_same(*whole, merged);
        ASSERT_EQ(whole->true_peaks().size(), merged.true_peaks().size());
        for (std::size_t i = 0; i < whole->true_peaks().size(); ++i) EXPECT_EQ(whole->true_peaks()[i], merged.true_peaks()[i]);
      }
    }
}

TEST(Loudness, threads_change_nothing) {
  const AudioBuffer<float> x = programme(2, 48000 * 130, {48000}, 5);
  LoudnessOptions two;
  two.threads = 2;
  const auto a = measure_loudness(x.view(), {48000}), b = measure_loudness(x.view(), {48000}, {}, {}, two);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->to_bytes(), b->to_bytes());
}

TEST(Loudness, a_summary_survives_being_written_and_read) {
  const AudioBuffer<float> x = programme(2, 30000, {44100}, 9);
  LoudnessOptions options;
  options.peaks = PeakDetail::EveryBlock;
  const auto blocks = measure_loudness(x.view(), {44100}, {777777}, {}, options);
  ASSERT_TRUE(blocks.ok());
  const std::vector<std::byte> bytes = blocks->to_bytes();
  const auto again = LoudnessBlocks::from_bytes(bytes);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->to_bytes(), bytes);
  expect_same(*blocks, *again);
  for (std::size_t size = 0; size < bytes.size(); size += 7)
    EXPECT_FALSE(LoudnessBlocks::from_bytes(std::span(bytes).first(size)).ok()) << size;
}

TEST(Loudness, a_gain_on_the_summary_is_a_gain_on_the_sound) {
  AudioBuffer<float> x = programme(2, 48000 * 12, {48000}, 11);
  const auto before = measure_loudness(x.view(), {48000});
  for (int c = 0; c < 2; ++c)
    for (std::int64_t i = 0; i < x.frames(); ++i) x.channel(c)[i] *= 0.5f;
  const auto after = measure_loudness(x.view(), {48000});
  ASSERT_TRUE(before.ok() && after.ok());
  expect_same(before->scaled({0.5}), *after, 1e-6);
}

TEST(Loudness, dialogue_loudness_hears_only_the_ranges_where_someone_speaks) {
  AudioBuffer<float> x(1, 48000 * 60);
  for (std::int64_t i = 0; i < x.frames(); ++i) {
    const bool loud = i / 480000 % 2 == 1;
    x.channel(0)[i] = static_cast<float>((loud ? 0.2 : 0.02) * std::sin(2.0 * std::numbers::pi * 1000.0 * static_cast<double>(i) / 48000.0));
  }
  const auto blocks = measure_loudness(x.view(), {48000});
  ASSERT_TRUE(blocks.ok());
  // Mono: BS.1770-5 reads a 1 kHz sine at -3.01 LU from its peak level.
  const std::vector<SampleRange> quiet{{{0}, {470000}}, {{970000}, {1430000}}};
  EXPECT_NEAR(dialogue_loudness(*blocks, quiet).value, 20.0 * std::log10(0.02) - 3.01, 0.1);
  EXPECT_NEAR(integrated_loudness(*blocks).value, 20.0 * std::log10(0.2) - 3.01, 0.15);  // edges of tones are gated in
  EXPECT_EQ(dialogue_loudness(*blocks, {}).value, kNoLoudness);
}

TEST(Loudness, the_running_programme_loudness_ends_at_the_whole_one) {
  const AudioBuffer<float> x = programme(2, 48000 * 60, {48000}, 13);
  const auto blocks = measure_loudness(x.view(), {48000});
  ASSERT_TRUE(blocks.ok());
  EXPECT_NEAR(integrated_series(*blocks).back(), integrated_loudness(*blocks).value, 0.01);
}

TEST(Loudness, nothing_silence_and_one_sample_have_no_loudness_and_do_not_fail) {
  for (const std::int64_t frames : {0, 1, 100, 48000}) {
    AudioBuffer<float> x(2, frames);
    if (frames == 1) x.channel(0)[0] = 0.5f;
    const auto blocks = measure_loudness(x.view(), {48000});
    ASSERT_TRUE(blocks.ok());
    const LoudnessFigures figures = loudness_figures(*blocks);
    EXPECT_EQ(figures.integrated.value, kNoLoudness);
    EXPECT_EQ(figures.range.value, 0.0);
    EXPECT_EQ(integrated_series(*blocks).size(), short_term_series(*blocks).size());
    if (frames == 1) {
      EXPECT_GE(figures.true_peak.value, -6.03);
    }
  }
}

TEST(Loudness, rates_and_weights_that_cannot_be_are_refused) {
  const AudioBuffer<float> x(2, 10);
  EXPECT_FALSE(measure_loudness(x.view(), {4000}).ok());
  LoudnessOptions three;
  three.weights = {1, 1, 1};
  EXPECT_FALSE(measure_loudness(x.view(), {48000}, {}, {}, three).ok());
}

TEST(Loudness, surround_weights_follow_the_speaker_mask) {
  EXPECT_EQ(channel_weights(Layout::Surround51), (std::vector<double>{1, 1, 1, 0, 1.41, 1.41}));
  EXPECT_EQ(channel_weights(Layout::Surround71), (std::vector<double>{1, 1, 1, 0, 1, 1, 1.41, 1.41}));
  EXPECT_EQ(channel_weights(6, 0x60f), (std::vector<double>{1, 1, 1, 0, 1.41, 1.41}));
  EXPECT_EQ(channel_weights(3, 0), (std::vector<double>{1, 1, 1}));
}

struct Oracle {
  double integrated = 0, true_peak_db = 0, range = 0;
};

/// libebur128 over a whole file.
Oracle libebur128_of(AudioView<const float> x, SampleRate rate) {
  ebur128_state* state = ebur128_init(static_cast<unsigned>(x.channels()), static_cast<unsigned long>(rate.hz),
                                      EBUR128_MODE_I | EBUR128_MODE_LRA | EBUR128_MODE_TRUE_PEAK);
  std::vector<float> interleaved;
  for (std::int64_t at = 0; at < x.frames(); at += 4800) {
    const std::int64_t count = std::min<std::int64_t>(4800, x.frames() - at);
    interleaved.resize(static_cast<std::size_t>(count * x.channels()));
    for (int c = 0; c < x.channels(); ++c)
      for (std::int64_t i = 0; i < count; ++i) interleaved[static_cast<std::size_t>(i * x.channels() + c)] = x.at(c, at + i);
    ebur128_add_frames_float(state, interleaved.data(), static_cast<std::size_t>(count));
  }
  Oracle oracle;
  ebur128_loudness_global(state, &oracle.integrated);
  ebur128_loudness_range(state, &oracle.range);
  double most = 0.0;
  for (int c = 0; c < x.channels(); ++c) {
    double peak = 0.0;
    ebur128_true_peak(state, static_cast<unsigned>(c), &peak);
    most = std::max(most, peak);
  }
  oracle.true_peak_db = 20.0 * std::log10(most);
  ebur128_destroy(&state);
  return oracle;
}

TEST(Loudness, agrees_with_libebur128_on_the_recordings) {
  TWOPOP_NEEDS_SHARED();
  const std::filesystem::path corpus = test::shared_folder() / "corpus";
  std::ifstream table(corpus / "LOUDNESS.tsv");
  std::string line;
  std::getline(table, line);
  double worst_loudness = 0.0, worst_peak = 0.0;
  int files = 0;
  while (std::getline(table, line)) {
    const std::string name = line.substr(0, line.find('\t'));
    if (!std::filesystem::exists(corpus / name)) continue;
    auto reader = media::Reader::open(corpus / name);
    ASSERT_TRUE(reader.ok()) << name;
    // The first twenty seconds: the peer takes nearly all of the time.
    AudioBuffer<float> samples((*reader)->channels(), 20LL * (*reader)->rate().hz);
    const auto frames = (*reader)->read({0}, samples.view());
    ASSERT_TRUE(frames.ok()) << name;
    const AudioView<const float> x = samples.view().sub(0, *frames);
    const Oracle oracle = libebur128_of(x, (*reader)->rate());
    const auto blocks = measure_loudness(x, (*reader)->rate());
    ASSERT_TRUE(blocks.ok()) << name;
    const double loudness = integrated_loudness(*blocks).value, peak = blocks->true_peak().value;
    if (std::isfinite(oracle.integrated) || std::isfinite(loudness)) {
      EXPECT_NEAR(loudness, oracle.integrated, 0.02) << name;
      worst_loudness = std::max(worst_loudness, std::fabs(loudness - oracle.integrated));
    }
    EXPECT_NEAR(peak, oracle.true_peak_db, 0.1) << name;
    worst_peak = std::max(worst_peak, std::fabs(peak - oracle.true_peak_db));
    ++files;
  }
  EXPECT_GT(files, 40);
  std::printf("%d files: integrated within %.4f LU, true peak within %.4f dB of libebur128\n", files, worst_loudness, worst_peak);
}

TEST(Loudness, a_file_reads_as_its_samples_do) {
  TWOPOP_NEEDS_SHARED();
  const std::filesystem::path corpus = test::shared_folder() / "corpus";
  for (const char* name : {"ambience/blanket_rain.ogg", "music/wesnoth_elvish-theme.ogg"}) {
    auto reader = media::Reader::open(corpus / name);
    auto samples = media::read_all(corpus / name);
    ASSERT_TRUE(reader.ok() && samples.ok());
    const auto whole = measure_loudness(samples->view(), (*reader)->rate());
    const auto file = measure_loudness(corpus / name);
    ASSERT_TRUE(whole.ok() && file.ok());
    expect_same(*whole, *file);
  }
}

TEST(TruePeak, pruning_finds_the_very_same_maximum) {
  for (const int hz : {44100, 96000}) {
    const AudioBuffer<float> x = programme(1, 50001, {hz}, 21);
    const TruePeakInterpolator interpolator({hz});
    std::vector<float> padded(static_cast<std::size_t>(x.frames()) + 64);
    std::copy_n(x.channel(0), x.frames(), padded.data() + 16);
    const float all = interpolator.peak(padded.data() + 16, x.frames() + 11);
    EXPECT_EQ(interpolator.peak_above(padded.data() + 16, x.frames() + 11, 0.0f), all);
    const auto blocks = measure_loudness(x.view(), {hz});
    ASSERT_TRUE(blocks.ok());
    EXPECT_EQ(blocks->true_peak().value, std::max(true_peak(x.view(), {hz}).value, blocks->sample_peak().value));
  }
}

TEST(TruePeak, interpolation_keeps_to_a_slow_sum_with_the_same_taps) {
  const AudioBuffer<float> x = noise(1, 4000, 0.0, 31);
  double most = 0.0;
  for (std::int64_t i = 12; i < 4000; ++i) {
    most = std::max(most, std::fabs(static_cast<double>(x.channel(0)[i])));
    for (const double phase : {0.25, 0.5, 0.75}) {
      double sum = 0.0;
      for (int k = 0; k < 12; ++k) {
        const double t = (k - 6) + phase, u = std::numbers::pi * t;
        sum += x.view().at(0, i - k) * std::sin(u) / u * 0.5 * (1.0 + std::cos(u / 6.0));
      }
      if (i < 3995) most = std::max(most, std::fabs(sum));
    }
  }
  EXPECT_NEAR(true_peak(x.view(), {48000}).value, 20.0 * std::log10(most), 0.01);
}

}  // namespace
}  // namespace twopop::analysis
