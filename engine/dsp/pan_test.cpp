#include "dsp/pan.h"

#include <gtest/gtest.h>

#include <cmath>

namespace twopop::dsp {
namespace {

constexpr double kMinus3Db = 0.70710678;

double power(const GainMatrix& m, int input = 0) {
  double sum = 0;
  for (int o = 0; o < m.outputs; ++o) sum += std::pow(static_cast<double>(m.at(o, input)), 2);
  return sum;
}

TEST(Pan, mono_keeps_its_power_wherever_it_stands) {
  for (const Layout to : {Layout::Stereo, Layout::Surround51, Layout::Surround71})
    for (double x = -1; x <= 1; x += 0.1)
      for (const double back : {0.0, 0.3, 0.5, 0.9, 1.0})
        for (const double divergence : {0.0, 0.5, 1.0})
          EXPECT_NEAR(power(pan(Layout::Mono, to, {.left_right = x, .front_back = back, .divergence = divergence})), 1, 1e-6) << x << " " << back;
}

TEST(Pan, the_middle_of_stereo_is_3_db_down_a_side_and_the_ends_are_clean) {
  const auto middle = pan(Layout::Mono, Layout::Stereo, {});
  EXPECT_FLOAT_EQ(middle.at(0, 0), static_cast<float>(kMinus3Db));
  EXPECT_EQ(middle.at(0, 0), middle.at(1, 0));
  EXPECT_EQ(pan(Layout::Mono, Layout::Stereo, {.left_right = -1}).at(0, 0), 1.0f);
  EXPECT_EQ(pan(Layout::Mono, Layout::Stereo, {.left_right = -1}).at(1, 0), 0.0f);
  EXPECT_EQ(pan(Layout::Mono, Layout::Stereo, {.left_right = 1}).at(0, 0), 0.0f);
}

TEST(Pan, dialogue_in_surround_comes_from_the_centre_alone) {
  const auto m = pan(Layout::Mono, Layout::Surround51, {});
  for (int o = 0; o < 6; ++o) EXPECT_EQ(m.at(o, 0), o == 2 ? 1.0f : 0.0f) << o;
  const auto left = pan(Layout::Mono, Layout::Surround51, {.left_right = -1});
  for (int o = 0; o < 6; ++o) EXPECT_NEAR(left.at(o, 0), o == 0 ? 1.0f : 0.0f, 1e-7) << o;
  const auto behind = pan(Layout::Mono, Layout::Surround71, {.left_right = 1, .front_back = 1});
  for (int o = 0; o < 8; ++o) EXPECT_NEAR(behind.at(o, 0), o == 5 ? 1.0f : 0.0f, 1e-7) << o;
  const auto beside = pan(Layout::Mono, Layout::Surround71, {.left_right = 1, .front_back = 0.5});
  for (int o = 0; o < 8; ++o) EXPECT_NEAR(beside.at(o, 0), o == 7 ? 1.0f : 0.0f, 1e-7) << o;
}

TEST(Pan, the_lfe_gets_its_send_and_nothing_otherwise) {
  EXPECT_NEAR(pan(Layout::Mono, Layout::Surround51, {.lfe = {-6}}).at(3, 0), std::pow(10, -6.0 / 20), 1e-6);
  EXPECT_EQ(pan(Layout::Mono, Layout::Surround51, {}).at(3, 0), 0.0f);
}

TEST(Pan, stereo_at_the_middle_passes_unchanged_and_balance_lowers_the_far_side) {
  const auto same = pan(Layout::Stereo, Layout::Stereo, {});
  EXPECT_EQ(same.gains, (std::vector<float>{1, 0, 0, 1}));
  const auto right = pan(Layout::Stereo, Layout::Stereo, {.left_right = 1});
  EXPECT_NEAR(right.at(0, 0), 0, 1e-7);
  EXPECT_EQ(right.at(1, 1), 1.0f);
  const auto wide = pan(Layout::Stereo, Layout::Surround51, {});
  EXPECT_NEAR(wide.at(0, 0), 1, 1e-7);
  EXPECT_NEAR(wide.at(1, 1), 1, 1e-7);
  EXPECT_NEAR(wide.at(2, 0), 0, 1e-7);
}

TEST(Downmix, is_bs_775_annex_4) {
  const auto m = downmix(Layout::Surround51, Layout::Stereo);
  const std::vector<double> left{1, 0, kMinus3Db, 0, kMinus3Db, 0}, right{0, 1, kMinus3Db, 0, 0, kMinus3Db};
  for (int i = 0; i < 6; ++i) {
    EXPECT_NEAR(m.at(0, i), left[static_cast<std::size_t>(i)], 1e-6) << i;
    EXPECT_NEAR(m.at(1, i), right[static_cast<std::size_t>(i)], 1e-6) << i;
  }
  const auto mono = downmix(Layout::Surround51, Layout::Mono);
  const std::vector<double> centre{kMinus3Db, kMinus3Db, 1, 0, 0.5, 0.5};
  for (int i = 0; i < 6; ++i) EXPECT_NEAR(mono.at(0, i), centre[static_cast<std::size_t>(i)], 1e-6) << i;
  const auto eight = downmix(Layout::Surround71, Layout::Surround51);
  EXPECT_NEAR(eight.at(4, 4), kMinus3Db, 1e-6);
  EXPECT_NEAR(eight.at(4, 6), kMinus3Db, 1e-6);
  EXPECT_NEAR(eight.at(5, 7), kMinus3Db, 1e-6);
  EXPECT_EQ(eight.at(3, 3), 1.0f);
}

TEST(Downmix, up_and_down_again_is_where_it_was) {
  for (const auto& [small, large] : {std::pair{Layout::Stereo, Layout::Surround51}, {Layout::Stereo, Layout::Surround71}, {Layout::Mono, Layout::Stereo}, {Layout::Mono, Layout::Surround51}}) {
    const auto up = downmix(small, large), down = downmix(large, small);
    for (int o = 0; o < down.outputs; ++o)
      for (int i = 0; i < up.inputs; ++i) {
        double sum = 0;
        for (int k = 0; k < up.outputs; ++k) sum += static_cast<double>(down.at(o, k)) * static_cast<double>(up.at(k, i));
        EXPECT_NEAR(sum, o == i ? 1 : 0, 1e-6);
      }
  }
  const auto up = downmix(Layout::Surround51, Layout::Surround71);
  EXPECT_EQ(up.at(6, 4), 1.0f);  // the surrounds of 5.1 stand beside the listener
  EXPECT_EQ(up.at(4, 4), 0.0f);
}

TEST(Matrix, apply_replaces_and_add_adds) {
  AudioBuffer<float> in(1, 19), out(2, 19);
  for (int i = 0; i < 19; ++i) in.channel(0)[i] = static_cast<float>(i), out.channel(0)[i] = out.channel(1)[i] = 100;
  const auto m = pan(Layout::Mono, Layout::Stereo, {.left_right = -1});
  add(m, in.view(), out.view());
  EXPECT_EQ(out.channel(0)[18], 118.0f);
  EXPECT_EQ(out.channel(1)[18], 100.0f);
  apply(m, in.view(), out.view());
  EXPECT_EQ(out.channel(0)[18], 18.0f);
  EXPECT_EQ(out.channel(1)[18], 0.0f);
}

}  // namespace
}  // namespace twopop::dsp
