#include "analysis/onsets.h"

#include "core/random.h"
#include "corpus.h"
#include "media/media.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

namespace twopop::analysis {
namespace {

constexpr SampleRate kRate{44100};

AudioBuffer<float> recording(const std::string& name) {
  auto sound = media::read_all(test::shared_folder() / "corpus" / name);
  EXPECT_TRUE(sound) << sound.error().message;
  return sound ? std::move(*sound) : AudioBuffer<float>();
}

/// Start of a lone step, measured without the code under test: the first of 0.5 ms steps whose RMS comes within 10 dB of
/// the greatest one of the first 60 ms.
std::int64_t attack_of(const AudioBuffer<float>& step) {
  const std::int64_t block = kRate.hz / 2000;
  const auto rms = [&](std::int64_t at) {
    double sum = 0;
    for (std::int64_t i = std::max<std::int64_t>(1, at); i < std::min(step.frames(), at + block); ++i) {
      const double d = static_cast<double>(step.channel(0)[i]) - step.channel(0)[i - 1];
      sum += d * d;
    }
    return std::sqrt(sum);
  };
  double greatest = 0;
  for (std::int64_t at = 0; at < kRate.hz * 60 / 1000; at += block) greatest = std::max(greatest, rms(at));
  std::int64_t at = 0;
  while (rms(at) < 0.3 * greatest) at += block;
  return at;
}

struct Walk {
  AudioBuffer<float> sound;
  std::vector<std::int64_t> truth;
};

/// Real single steps laid at drawn times and levels over real room noise.
Walk made_walk(const std::vector<std::string>& steps, std::uint64_t seed, double gap_s, double noise_db) {
  std::vector<AudioBuffer<float>> set;
  for (const std::string& step : steps) set.push_back(recording(step));
  Walk walk{AudioBuffer<float>(1, 30 * kRate.hz), {}};
  RandomStream draw(seed, 0);
  std::int64_t at = kRate.hz / 2;
  double energy = 0;
  while (at < walk.sound.frames() - 2 * kRate.hz) {
    const AudioBuffer<float>& step = set[draw.below(static_cast<std::uint32_t>(set.size()))];
    const auto gain = static_cast<float>(std::pow(10.0, draw.uniform(-6, 6) / 20));
    for (std::int64_t i = 0; i < step.frames() && at + i < walk.sound.frames(); ++i) {
      walk.sound.channel(0)[at + i] += gain * step.channel(0)[i];
      energy += std::pow(static_cast<double>(gain) * step.channel(0)[i], 2);
    }
    walk.truth.push_back(at + attack_of(step));
    at += static_cast<std::int64_t>(draw.uniform(0.8, 1.2) * gap_s * kRate.hz);
  }
  const AudioBuffer<float> noise = recording("ambience/blanket_city.ogg");
  double noise_energy = 0;
  for (std::int64_t i = 0; i < noise.frames(); ++i) noise_energy += std::pow(noise.channel(0)[i], 2);
  const auto gain = static_cast<float>(std::sqrt(energy / static_cast<double>(walk.sound.frames()) / (noise_energy / static_cast<double>(noise.frames()))) *
                                       std::pow(10.0, noise_db / 20));
  for (std::int64_t i = 0; i < walk.sound.frames(); ++i) walk.sound.channel(0)[i] += gain * noise.channel(0)[i % noise.frames()];
  return walk;
}

std::vector<std::string> set_of(const std::string& stem, int count) {
  std::vector<std::string> names;
  for (int i = 1; i <= count; ++i) names.push_back("foley/footsteps/" + stem + std::to_string(i) + ".ogg");
  return names;
}

struct Score {
  double recall = 0, precision = 0, median_ms = 0, p90_ms = 0;
};

Score score(const Walk& walk) {
  const auto hits = split_at_hits(walk.sound.view(), kRate);
  std::vector<double> errors;
  for (const std::int64_t truth : walk.truth) {
    double best = 1e9;
    for (const Hit& hit : hits) best = std::min(best, 1000 * std::fabs(static_cast<double>(hit.onset.value - truth)) / kRate.hz);
    if (best < 25) errors.push_back(best);
  }
  std::sort(errors.begin(), errors.end());
  const auto at = [&](double share) { return errors.empty() ? 1e9 : errors[static_cast<std::size_t>(share * static_cast<double>(errors.size() - 1))]; };
  return {static_cast<double>(errors.size()) / static_cast<double>(walk.truth.size()),
          hits.empty() ? 0 : static_cast<double>(errors.size()) / static_cast<double>(hits.size()), at(0.5), at(0.9)};
}

/// Sets at 44.1 kHz; noise 20 dB under the steps.
TEST(Onsets, finds_real_steps_in_noise_and_times_them_within_a_millisecond) {
  TWOPOP_NEEDS_SHARED();
  Score all;
  int walks = 0;
  for (const auto& [steps, seed] : {std::pair{set_of("minetest_default_hard_footstep.", 3), 1u}, std::pair{set_of("minetest_default_hard_footstep.", 3), 2u},
                                    std::pair{set_of("flare_step_cloth", 4), 3u}, std::pair{set_of("flare_step_cloth", 4), 4u}}) {
    const Score one = score(made_walk(steps, seed, 0.5, -20));
    std::printf("%s, seed %u: recall %.3f, precision %.3f, timing median %.2f ms, 90 %% within %.2f ms\n", steps[0].c_str(), seed, one.recall, one.precision,
                one.median_ms, one.p90_ms);
    all.recall += one.recall, all.precision += one.precision, all.median_ms += one.median_ms, all.p90_ms += one.p90_ms;
    ++walks;
  }
  EXPECT_GE(all.recall / walks, 0.97);
  EXPECT_GE(all.precision / walks, 0.97);
  EXPECT_LE(all.median_ms / walks, 1.0);
  EXPECT_LE(all.p90_ms / walks, 3.0);
}

/// Gravel and grass have no edge: what counts as their start is a matter of milliseconds.
TEST(Onsets, finds_soft_steps) {
  TWOPOP_NEEDS_SHARED();
  for (const auto& [steps, gap] : {std::pair{set_of("minetest_default_grass_footstep.", 3), 0.8}}) {
    const Score one = score(made_walk(steps, 5, gap, -20));
    std::printf("%s: recall %.3f, precision %.3f, timing median %.2f ms, 90 %% within %.2f ms\n", steps[0].c_str(), one.recall, one.precision, one.median_ms,
                one.p90_ms);
    EXPECT_GE(one.recall, 0.9);
    EXPECT_GE(one.precision, 0.7);  // a rustle of 0.7 s has parts of its own
  }
}

/// Counted by ear and eye in the waveform: 12 whole steps and one cut off; 16 strikes; two steps of two parts.
TEST(Onsets, splits_recorded_walks) {
  TWOPOP_NEEDS_SHARED();
  const auto hits_of = [](const char* name, int rate) {
    const AudioBuffer<float> sound = recording(name);
    return split_at_hits(sound.view(), SampleRate{rate});
  };
  EXPECT_NEAR(static_cast<double>(hits_of("foley/footsteps/kenney_walking.ogg", 44100).size()), 12, 1);
  EXPECT_NEAR(static_cast<double>(hits_of("foley/scratch/Footsteps-1.flac", 11025).size()), 16, 1);
  const auto grass = hits_of("foley/footsteps/castle_footsteps_grass.flac", 22050);
  EXPECT_GE(grass.size(), 2u);
  EXPECT_LE(grass.size(), 4u);
  const auto gravel = hits_of("foley/footsteps/usc_red_library_walking_outside_on_gravel.mp3", 48000);
  EXPECT_GE(gravel.size(), 28u);
  EXPECT_LE(gravel.size(), 46u);
  for (std::size_t i = 1; i < gravel.size(); ++i) EXPECT_GE(gravel[i].range.begin, gravel[i - 1].range.end);
}

TEST(Onsets, a_step_file_of_one_step_is_one_hit) {
  TWOPOP_NEEDS_SHARED();
  int files = 0, single = 0;
  for (const auto& file : std::filesystem::directory_iterator(test::shared_folder() / "corpus/foley/footsteps")) {
    const std::string name = file.path().filename().string();
    if (name.find("minetest") == std::string::npos && name.find("flare") == std::string::npos) continue;
    const auto info = media::probe(file.path());
    ASSERT_TRUE(info);
    const AudioBuffer<float> sound = recording("foley/footsteps/" + name);
    const auto hits = split_at_hits(sound.view(), info->audio.at(0).rate);
    EXPECT_GE(hits.size(), 1u) << name;
    ++files;
    single += hits.size() == 1 ? 1 : 0;
  }
  std::printf("%d of %d single steps are one hit\n", single, files);
  EXPECT_GE(single, files * 8 / 10);
}

TEST(Onsets, silence_and_steady_noise_have_none) {
  AudioBuffer<float> sound(1, 5 * kRate.hz);
  EXPECT_TRUE(find_onsets(sound.view(), kRate).empty());
  for (std::int64_t i = 0; i < sound.frames(); ++i) sound.channel(0)[i] = 0.1f * uniform11(philox(1, 2, static_cast<std::uint64_t>(i))[0]);
  EXPECT_TRUE(find_onsets(sound.view(), kRate).empty());
  EXPECT_TRUE(find_onsets(AudioView<const float>(), kRate).empty());
}

}  // namespace
}  // namespace twopop::analysis
