#include "analysis/align.h"

#include "corpus.h"
#include "media/media.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace twopop::analysis {
namespace {

constexpr SampleRate kRate{48000};

AudioBuffer<float> corpus(const std::string& path) {
  auto sound = media::read_all(test::shared_folder() / "corpus" / path);
  EXPECT_TRUE(sound.ok()) << path;
  return *std::move(sound);
}

/// A line of the guide track, with 0.2 s around it.
AudioBuffer<float> guide_line(const AudioBuffer<float>& guide, const nlohmann::json& line) {
  const double from = line["guide_speech_bounds_in_guide_file"][0].get<double>() - 0.2, to = line["guide_speech_bounds_in_guide_file"][1].get<double>() + 0.2;
  AudioBuffer<float> out(1, samples(to - from, kRate).value);
  std::copy_n(guide.channel(0) + samples(from, kRate).value, out.frames(), out.channel(0));
  return out;
}

TEST(Align, takes_of_the_same_line_agree_and_takes_of_others_are_refused) {
  TWOPOP_NEEDS_SHARED();
  std::ifstream in(test::shared_folder() / "corpus/film.truth/truth.json");
  const nlohmann::json truth = nlohmann::json::parse(in);
  const AudioBuffer<float> guide = corpus("film/adr/guide_track.flac");
  const auto& lines = truth["adr"]["lines"];
  for (std::size_t i = 0; i < lines.size(); ++i)
    for (std::size_t j = 0; j < lines.size(); ++j) {
      const AudioBuffer<float> take = corpus("film/" + lines[j]["adr_takes"][0]["file"].get<std::string>());
      const Alignment a = align_take(guide_line(guide, lines[i]).view(), take.view(), kRate);
      EXPECT_EQ(a.same_words, i == j) << a.reason;
      for (std::size_t k = 1; k < a.map.size(); ++k) {
        EXPECT_GT(a.map[k].source, a.map[k - 1].source);
        EXPECT_GT(a.map[k].target, a.map[k - 1].target);
      }
      if (i == j) {
        EXPECT_GE(a.least_stretch, 0.79);
        EXPECT_LE(a.most_stretch, 1.26);
      }
    }
}

TEST(Align, a_known_warp_is_found_again_within_10_ms_in_the_middle_of_the_words) {
  TWOPOP_NEEDS_SHARED();
  const AudioBuffer<float> take = corpus("film/adr/arctic_a0569_take1.flac");
  const dsp::WarpMap map{{0, 0}, {48000, 43200}, {96000, 100800}, {144000, 144000}, {take.frames(), take.frames() + 12000}};
  const auto line = dsp::stretch(take.view().select(0, 1), kRate, map, {});
  ASSERT_TRUE(line.ok());
  const Alignment a = align_take(line->view(), take.view(), kRate);
  ASSERT_TRUE(a.same_words) << a.reason;
  std::vector<double> errors;
  for (double t = 0.3; t < 3.9; t += 0.05) errors.push_back(std::fabs(dsp::warp_forward(a.map, t * kRate.hz) - dsp::warp_forward(map, t * kRate.hz)) / 48);
  std::sort(errors.begin(), errors.end());
  EXPECT_LT(errors[errors.size() / 2], 10);
  EXPECT_LT(errors[errors.size() * 19 / 20], 60);
}

TEST(Align, a_take_whose_speaker_waits_between_the_words_is_fitted_too) {
  TWOPOP_NEEDS_SHARED();
  const AudioBuffer<float> first = corpus("film/adr/arctic_a0149_take1.flac"), second = corpus("film/adr/arctic_a0569_take1.flac");
  const auto with_pause = [&](double pause_s) {
    const std::int64_t pause = samples(pause_s, kRate).value;
    AudioBuffer<float> out(1, first.frames() + pause + second.frames());
    std::copy_n(first.channel(0), first.frames(), out.channel(0));
    std::copy_n(second.channel(0), second.frames(), out.channel(0) + first.frames() + pause);
    return out;
  };
  const AudioBuffer<float> line = with_pause(0.1), take = with_pause(8);
  const Alignment a = align_take(line.view(), take.view(), kRate);
  ASSERT_TRUE(a.same_words) << a.reason;
  double least = 1;
  for (std::size_t i = 1; i < a.map.size(); ++i)
    least = std::min(least, static_cast<double>(a.map[i].target - a.map[i - 1].target) / static_cast<double>(a.map[i].source - a.map[i - 1].source));
  EXPECT_LT(least, 1.0 / 8) << "nothing is left out";
  const auto stretched = dsp::stretch(take.view(), kRate, a.map, {{line.frames()}});
  ASSERT_TRUE(stretched.ok()) << stretched.error().sentence();
  const Alignment again = align_take(line.view(), stretched->view(), kRate);
  const double second_s = static_cast<double>(first.frames()) / kRate.hz;
  for (const double t : {1.0, 2.0, second_s + 1.5, second_s + 2.5})
    EXPECT_NEAR(dsp::warp_forward(again.map, t * kRate.hz) / kRate.hz, t, 0.03);
}

TEST(Align, a_line_against_itself_stays_as_it_is) {
  TWOPOP_NEEDS_SHARED();
  const AudioBuffer<float> take = corpus("film/adr/arctic_a0149_take1.flac");
  const Alignment a = align_take(take.view(), take.view(), kRate);
  EXPECT_GT(a.score, 0.95);
  EXPECT_NEAR(dsp::warp_forward(a.map, 96000), 96000, 288);  // 6 ms, under one frame of 10
  EXPECT_LT(a.mean_shift_s, 0.02);
}

TEST(Align, noise_and_nothing_are_refused_with_a_reason) {
  EXPECT_FALSE(align_take({}, {}, kRate).same_words);
  AudioBuffer<float> silent(1, 96000);
  const Alignment a = align_take(silent.view(), silent.view(), kRate);
  EXPECT_FALSE(a.same_words);
  EXPECT_FALSE(a.reason.empty());
}

}  // namespace
}  // namespace twopop::analysis
