#include "analysis/line_quality.h"

#include "analysis/speech_proposals.h"
#include "corpus.h"
#include "media/media.h"

#include <gtest/gtest.h>

namespace twopop::analysis {
namespace {

AudioBuffer<float> corpus(const std::string& path) {
  auto sound = media::read_all(test::shared_folder() / "corpus" / path);
  EXPECT_TRUE(sound.ok());
  return *std::move(sound);
}

constexpr SampleRate kRate{48000};
/// Boom of the film's recorder: the first line lies between these seconds (truth.json: words 3.66 to 5.34 s).
const SampleRange kLine{{samples(3.5, kRate).value}, {samples(5.6, kRate).value}};

bool has(const LineQuality& q, LineFault fault) {
  return std::any_of(q.faults.begin(), q.faults.end(), [&](const LineVerdict& v) { return v.fault == fault; });
}

TEST(LineQuality, a_clean_boom_line_has_no_fault_and_the_camera_a_worse_score) {
  TWOPOP_NEEDS_SHARED();
  const LineQuality boom = measure_line(corpus("film/sound/REC_0001.wav").view(), kRate, kLine);
  EXPECT_TRUE(boom.faults.empty()) << boom.faults[0].reason;
  EXPECT_GT(boom.snr.value, 25);
  const LineQuality camera = measure_line(corpus("film/rushes/A001_C001.mp4").view(), kRate, {{0}, {3 * 48000}});
  EXPECT_LT(camera.score, boom.score - 0.2);
  EXPECT_NEAR(camera.snr.value, 12.7, 4.0);  // truth.json: snr_db_active_speech 12.71
}

TEST(LineQuality, clipping_dropouts_and_absence_are_told_with_their_figures) {
  TWOPOP_NEEDS_SHARED();
  AudioBuffer<float> sound = corpus("film/sound/REC_0001.wav");
  float* x = sound.channel(0);
  AudioBuffer<float> clipped = sound.clone();
  float peak = 0;
  for (std::int64_t i = kLine.begin.value; i < kLine.end.value; ++i) peak = std::max(peak, std::fabs(x[i]));
  for (std::int64_t i = 0; i < sound.frames(); ++i) clipped.channel(0)[i] = std::clamp(x[i], -0.25f * peak, 0.25f * peak);
  const LineQuality c = measure_line(clipped.view(), kRate, kLine);
  EXPECT_TRUE(has(c, LineFault::Clipped));
  EXPECT_GT(c.clipped_samples, 100);

  AudioBuffer<float> broken = sound.clone();
  for (int k = 0; k < 4; ++k) std::fill_n(broken.channel(0) + samples(4.0 + 0.25 * k, kRate).value, 960, 0.0f);  // 20 ms each
  const LineQuality d = measure_line(broken.view(), kRate, kLine);
  EXPECT_TRUE(has(d, LineFault::Dropout));
  EXPECT_NEAR(d.dropout_s, 0.08, 0.02);

  const LineQuality m = measure_line(corpus("film/sound/roomtone.flac").view(), kRate, {{48000}, {144000}});
  EXPECT_TRUE(m.missing);
  EXPECT_EQ(m.score, 0);
  EXPECT_TRUE(measure_line({}, kRate, kLine).missing);
}

TEST(LineQuality, a_line_under_city_noise_is_noisy) {
  TWOPOP_NEEDS_SHARED();
  const AudioBuffer<float> guide = corpus("film/adr/guide_track.flac");  // 8 dB (truth.json)
  const LineQuality q = measure_line(guide.view(), kRate, {{samples(19.7, kRate).value}, {samples(24.0, kRate).value}});
  EXPECT_TRUE(has(q, LineFault::Noisy)) << q.snr.value;
  EXPECT_NEAR(q.snr.value, 8, 4);
}

TEST(LineQuality, words_too_soft_for_any_microphone_are_missing) {
  TWOPOP_NEEDS_SHARED();
  const AudioBuffer<float> clean = corpus("film/adr/arctic_a0149_take1.flac");
  for (const auto& [gain, missing] : {std::pair{1.0f, false}, {3e-4f, true}}) {  // 70 dB down: under -90 dBFS
    AudioBuffer<float> soft(1, clean.frames());
    for (std::int64_t i = 0; i < clean.frames(); ++i) soft.channel(0)[i] = gain * clean.channel(0)[i];
    const LineQuality q = measure_line(soft.view(), kRate, {{0}, {clean.frames()}});
    EXPECT_EQ(q.missing, missing) << q.speech_level.value << " dBFS";
  }
}

TEST(SpeechProposals, threshold_lies_between_background_and_speech_and_says_so) {
  SpeechMeasure m;
  m.speech = {{{0}, {48000}}};
  m.noise_level = {-55}, m.speech_level = {-25}, m.snr = {30};
  const auto e = propose_expander(m);
  ASSERT_TRUE(e.wanted);
  EXPECT_GT(e.settings.threshold.value, -52);
  EXPECT_LT(e.settings.threshold.value, -37);
  EXPECT_NE(e.reason.find("-55.0 dBFS"), std::string::npos);
  EXPECT_TRUE(propose_denoise(m).wanted);
  m.snr = {6}, m.noise_level = {-31};
  EXPECT_FALSE(propose_expander(m).wanted);
  EXPECT_LT(propose_denoise(m).settings.reduction.value, 10);
  m.snr = {50}, m.noise_level = {-80};
  EXPECT_FALSE(propose_expander(m).wanted);
  EXPECT_FALSE(propose_denoise(m).wanted);
  EXPECT_FALSE(propose_expander({}).wanted);
}

}  // namespace
}  // namespace twopop::analysis
