#include "core/exact_math.h"

#include "core/hash.h"
#include "core/random.h"

#include <gtest/gtest.h>

namespace twopop {
namespace {

/// Greatest error of `ours` against `wide` (80-bit), in units of the last place of the result.
template <class Ours, class Wide>
double worst_ulp(double low, double high, Ours ours, Wide wide, int draws = 200000) {
  RandomStream random(1, 2);
  double worst = 0;
  for (int i = 0; i < draws; ++i) {
    const double x = random.uniform(low, high);
    const long double truth = wide(static_cast<long double>(x));
    const double rounded = static_cast<double>(truth);
    const double ulp = std::fabs(std::nextafter(rounded, INFINITY) - rounded);
    worst = std::max(worst, static_cast<double>(std::fabs(ours(x) - truth) / static_cast<long double>(ulp)));
  }
  return worst;
}

template <class Ours, class Wide>
double worst_absolute(double low, double high, Ours ours, Wide wide, int draws = 200000) {
  RandomStream random(3, 4);
  double worst = 0;
  for (int i = 0; i < draws; ++i) {
    const double x = random.uniform(low, high);
    worst = std::max(worst, static_cast<double>(std::fabs(ours(x) - wide(static_cast<long double>(x)))));
  }
  return worst;
}

TEST(ExactMath, exponentials_lie_within_2_ulp_of_the_true_value) {
  EXPECT_LT(worst_ulp(-700, 700, [](double x) { return exact::exp(x); }, [](long double x) { return expl(x); }), 1.5);
  EXPECT_LT(worst_ulp(-1, 1, [](double x) { return exact::exp(x); }, [](long double x) { return expl(x); }), 1.5);
  EXPECT_LT(worst_ulp(-1000, 1000, [](double x) { return exact::exp2(x); }, [](long double x) { return exp2l(x); }), 1.5);
  EXPECT_LT(worst_ulp(-300, 300, [](double x) { return exact::pow10(x); },
                      [](long double x) { return powl(10.0L, x); }), 2.0);
}

TEST(ExactMath, logarithms_lie_within_3_ulp_of_the_true_value_near_1_too) {
  const auto ln = [](double x) { return exact::log(x); };
  const auto lnl = [](long double x) { return logl(x); };
  for (const auto& [low, high] : {std::pair{1e-300, 1e-290}, {1e-6, 1.0}, {0.9, 1.1}, {0.999999, 1.000001}, {1.0, 1e6}, {1e300, 1e307}})
    EXPECT_LT(worst_ulp(low, high, ln, lnl), 1.5) << low;
  for (const auto& [low, high] : {std::pair{0.4, 3.0}, {0.9, 1.1}, {1e-9, 1e-8}}) {
    EXPECT_LT(worst_ulp(low, high, [](double x) { return exact::log2(x); }, [](long double x) { return log2l(x); }), 2.5) << low;
    EXPECT_LT(worst_ulp(low, high, [](double x) { return exact::log10(x); }, [](long double x) { return log10l(x); }), 2.5) << low;
  }
}

TEST(ExactMath, circular_functions_are_true_to_the_last_places) {
  for (const double range : {1.0, 10.0, 1e6}) {
    EXPECT_LT(worst_absolute(-range, range, [](double x) { return exact::sin(x); }, [](long double x) { return sinl(x); }), 2e-16) << range;
    EXPECT_LT(worst_absolute(-range, range, [](double x) { return exact::cos(x); }, [](long double x) { return cosl(x); }), 2e-16) << range;
  }
  EXPECT_LT(worst_ulp(-1.57, 1.57, [](double x) { return exact::tan(x); }, [](long double x) { return tanl(x); }), 4.0);
  EXPECT_LT(worst_absolute(-3, 3, [](double x) { return exact::tanh(x); }, [](long double x) { return tanhl(x); }), 3e-16);
  const long double two_pi = 2 * acosl(-1.0L);
  EXPECT_LT(worst_absolute(-1, 1, [](double x) { return exact::sin_turns(x); }, [&](long double x) { return sinl(two_pi * x); }), 3e-16);
  EXPECT_LT(worst_absolute(-1, 1, [](double x) { return exact::cos_turns(x); }, [&](long double x) { return cosl(two_pi * x); }), 3e-16);
}

TEST(ExactMath, a_phase_in_turns_is_exact_after_a_day_of_samples) {
  const double day = 86400.0 * 192000.0;
  EXPECT_EQ(exact::sin_turns(day + 0.25), 1.0);
  EXPECT_EQ(exact::cos_turns(day + 0.5), -1.0);
  EXPECT_EQ(exact::sin_turns(day), 0.0);
}

TEST(ExactMath, special_values_are_what_ieee_754_says) {
  EXPECT_EQ(exact::exp(0), 1.0);
  EXPECT_EQ(exact::exp2(10), 1024.0);
  EXPECT_EQ(exact::exp2(-1074), 0x1p-1074);
  EXPECT_EQ(exact::exp(-800), 0.0);
  EXPECT_TRUE(std::isinf(exact::exp(800)));
  EXPECT_TRUE(std::isinf(exact::log(0)));
  EXPECT_TRUE(std::isnan(exact::log(-1)));
  EXPECT_EQ(exact::log2(0x1p-1074), -1074.0);
  EXPECT_EQ(exact::log(1), 0.0);
}

TEST(ExactMath, levels_and_gains_are_inverse_of_each_other) {
  EXPECT_EQ(exact::gain_of_db(0), 1.0);
  EXPECT_NEAR(exact::gain_of_db(-20), 0.1, 1e-16);
  EXPECT_NEAR(exact::gain_of_db(-6.0205999132796239), 0.5, 1e-15);
  for (double db = -140; db <= 40; db += 0.37) EXPECT_NEAR(exact::db_of_gain(exact::gain_of_db(db)), db, 1e-12);
}

TEST(ExactMath, bessel_i0_keeps_14_figures) {
  // mpmath 1.3, 30 digits.
  EXPECT_NEAR(exact::bessel_i0(1.0) / 1.2660658777520083, 1, 1e-14);
  EXPECT_NEAR(exact::bessel_i0(5.0) / 27.239871823604447, 1, 1e-14);
  EXPECT_NEAR(exact::bessel_i0(20.0) / 43558282.559553533, 1, 1e-14);
}

TEST(ExactMath, fast_log2_and_exp2_keep_6_figures) {
  RandomStream random(5, 6);
  double log_absolute = 0, log_relative = 0, exp_relative = 0;
  for (int i = 0; i < 100000; ++i) {
    const float x = static_cast<float>(exact::exp2(random.uniform(-120, 120)));
    const double truth = std::log2(static_cast<double>(x));
    const double error = std::fabs(exact::fast_log2(splat8(x))[3] - truth);
    (std::fabs(truth) < 1 ? log_absolute : log_relative) =
        std::max(std::fabs(truth) < 1 ? log_absolute : log_relative, std::fabs(truth) < 1 ? error : error / std::fabs(truth));
    const float y = static_cast<float>(random.uniform(-126, 126));
    const double power = std::exp2(static_cast<double>(y));
    exp_relative = std::max(exp_relative, std::fabs(exact::fast_exp2(splat8(y))[5] - power) / power);
  }
  EXPECT_LT(log_absolute, 4e-7);
  EXPECT_LT(log_relative, 3e-7);
  EXPECT_LT(exp_relative, 4e-7);
  EXPECT_EQ(exact::fast_log2(splat8(0.0f))[0], -126.0f);
  EXPECT_EQ(exact::fast_log2(splat8(1.0f))[0], 0.0f);
  EXPECT_EQ(exact::fast_exp2(splat8(0.0f))[0], 1.0f);
}

TEST(ExactMath, the_bits_are_pinned) {
  // Guards against a compiler that contracts, reassociates or calls a library: a change of these is a change of
  // every render that is in anybody's cache.
  Hasher hasher;
  for (int i = -500; i < 500; ++i) {
    const double x = i * 0.37;
    hasher.add(exact::exp(x));
    hasher.add(exact::pow10(x));
    hasher.add(exact::sin(x));
    hasher.add(exact::cos(x));
    hasher.add(exact::log(x * x + 0.1));
    hasher.add(exact::log2(x * x + 0.1));
    const Float8 f = exact::fast_log2(splat8(static_cast<float>(x * x + 0.1)));
    hasher.add(static_cast<double>(f[0]));
    hasher.add(static_cast<double>(exact::fast_exp2(f * 0.3f)[7]));
  }
  EXPECT_EQ(to_string(hasher.finish()), "3a24e3b52b6a2a97f792363ba3eb5a0b");
}

}  // namespace
}  // namespace twopop
