#include "deliver/normalise.h"

#include "core/random.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>

namespace twopop::deliver {
namespace {

class Normalise : public testing::Test {
 protected:
  Normalise() : folder_(std::filesystem::temp_directory_path() / fmt::format("twopop-normalise-{}", getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~Normalise() override { std::filesystem::remove_all(folder_); }

  /// Noise that swells, at a level, with a peak; its second half may have another level.
  std::filesystem::path make(double level_db, double peak, std::optional<double> second_half_db = {}) {
    constexpr std::int64_t kFrames = 48000 * 8 + 77;
    AudioBuffer<float> x(2, kFrames);
    for (int c = 0; c < 2; ++c)
      for (std::int64_t i = 0; i < kFrames; ++i)
        x.channel(c)[i] = static_cast<float>(gain_of({i < kFrames / 2 ? level_db : second_half_db.value_or(level_db)}).value * (1.2 + std::sin(static_cast<double>(i) / 30000.0))) *
                          uniform11(philox(5, static_cast<std::uint64_t>(c), static_cast<std::uint64_t>(i))[0]);
    x.channel(0)[100000] = static_cast<float>(peak);
    const std::filesystem::path path = folder_ / "from.wav";
    auto writer = media::WavWriter::create(path, {.rate = {48000}, .channels = 2, .format = media::SampleFormat::Pcm24, .channel_mask = 0, .bext = {}, .ixml = {}});
    EXPECT_TRUE(writer.ok() && (*writer)->write(x.view()).ok() && (*writer)->finish().ok());
    return path;
  }

  std::filesystem::path folder_;
};

TEST_F(Normalise, brings_a_sound_to_its_target_within_a_hundredth) {
  const auto from = make(-40.0, 0.0), to = folder_ / "to.wav";
  const auto done = normalise(from, to, {});
  ASSERT_TRUE(done.ok()) << done.error().sentence();
  EXPECT_EQ(done->missed.value, 0.0);
  const auto measured = analysis::measure_loudness(to);
  ASSERT_TRUE(measured.ok());
  EXPECT_NEAR(analysis::integrated_loudness(*measured).value, -23.0, 0.01);
  EXPECT_NEAR(done->after.integrated.value, -23.0, 0.001);
  EXPECT_NEAR(measured->true_peak().value, done->after.true_peak.value, 0.001);
  const auto info = media::probe(to);
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->audio[0].length.value, 48000 * 8 + 77);
}

TEST_F(Normalise, reaches_the_target_where_half_of_the_programme_lay_under_the_absolute_gate) {
  // Both halves count at -23 LUFS, but only the louder one where it was recorded.
  const auto measured = analysis::measure_loudness(make(-64.0, 0.0, -71.0));
  ASSERT_TRUE(measured.ok());
  const Normalised plan = plan_normalisation(*measured, {});
  EXPECT_NEAR(plan.after.integrated.value, -23.0, 0.001);
  EXPECT_GT(std::abs(plan.gain.value - (-23.0 - plan.before.integrated.value)), 0.1) << "one step would have done";
  EXPECT_EQ(plan.missed.value, 0.0);
}

TEST_F(Normalise, keeps_the_ceiling_and_says_by_how_much_the_target_is_missed) {
  const auto from = make(-40.0, 0.5), to = folder_ / "to.wav";
  const auto done = normalise(from, to, {});
  ASSERT_TRUE(done.ok());
  EXPECT_GT(done->missed.value, 1.0);
  const auto measured = analysis::measure_loudness(to);
  ASSERT_TRUE(measured.ok());
  EXPECT_NEAR(measured->true_peak().value, -1.0, 0.001);
  EXPECT_LE(measured->true_peak().value, -1.0 + 1e-4);
  EXPECT_NEAR(analysis::integrated_loudness(*measured).value, -23.0 - done->missed.value, 0.01);
}

TEST_F(Normalise, leaves_silence_alone_and_never_writes_over_its_source) {
  const auto from = make(-300.0, 0.0);
  const auto done = normalise(from, folder_ / "to.wav", {});
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->gain.value, 0.0);
  const auto refused = normalise(from, from, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::InvalidArgument);
}

}  // namespace
}  // namespace twopop::deliver
