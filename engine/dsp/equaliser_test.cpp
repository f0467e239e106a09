#include "dsp/equaliser.h"

#include "dsp/svf.h"
#include "processor_properties.h"

#include <complex>

namespace twopop::dsp {
namespace {

EqSettings dialogue_eq() {
  return {{{FilterKind::HighPass, 80, 0.7071, {}}, {FilterKind::Bell, 250, 1.4, {-3}}, {FilterKind::Bell, 3000, 1, {4}}, {FilterKind::Bell, 8000, 2, {-2.5}}}};
}
EqSettings six_bands() {
  EqSettings s = dialogue_eq();
  s.bands.push_back({FilterKind::LowShelf, 120, 0.7, {6}});
  s.bands.push_back({FilterKind::Notch, 50, 10, {}});
  return s;
}

/// Magnitude of the Audio EQ Cookbook's filters (R. Bristow-Johnson, W3C note, 2021), straight from its formulas.
double cookbook_db(const FilterSettings& f, double hz, double rate) {
  const double w0 = 2 * M_PI * f.frequency_hz / rate, alpha = std::sin(w0) / (2 * f.q), cw = std::cos(w0), a = std::pow(10, f.gain.value / 40);
  const double root = 2 * std::sqrt(a) * alpha;
  double b0 = 1, b1 = 0, b2 = 0, a0 = 1, a1 = -2 * cw, a2 = 1;
  switch (f.kind) {
    case FilterKind::LowPass: b0 = b2 = (1 - cw) / 2, b1 = 1 - cw, a0 = 1 + alpha, a2 = 1 - alpha; break;
    case FilterKind::HighPass: b0 = b2 = (1 + cw) / 2, b1 = -(1 + cw), a0 = 1 + alpha, a2 = 1 - alpha; break;
    case FilterKind::BandPass: b0 = alpha, b1 = 0, b2 = -alpha, a0 = 1 + alpha, a2 = 1 - alpha; break;
    case FilterKind::Notch: b0 = b2 = 1, b1 = -2 * cw, a0 = 1 + alpha, a2 = 1 - alpha; break;
    case FilterKind::Bell: b0 = 1 + alpha * a, b1 = -2 * cw, b2 = 1 - alpha * a, a0 = 1 + alpha / a, a2 = 1 - alpha / a; break;
    case FilterKind::LowShelf:
      b0 = a * ((a + 1) - (a - 1) * cw + root), b1 = 2 * a * ((a - 1) - (a + 1) * cw), b2 = a * ((a + 1) - (a - 1) * cw - root);
      a0 = (a + 1) + (a - 1) * cw + root, a1 = -2 * ((a - 1) + (a + 1) * cw), a2 = (a + 1) + (a - 1) * cw - root;
      break;
    case FilterKind::HighShelf:
      b0 = a * ((a + 1) + (a - 1) * cw + root), b1 = -2 * a * ((a - 1) + (a + 1) * cw), b2 = a * ((a + 1) + (a - 1) * cw - root);
      a0 = (a + 1) - (a - 1) * cw + root, a1 = 2 * ((a - 1) - (a + 1) * cw), a2 = (a + 1) - (a - 1) * cw - root;
      break;
  }
  const std::complex<double> z = std::polar(1.0, -2 * M_PI * hz / rate);
  return 20 * std::log10(std::abs((b0 + b1 * z + b2 * z * z) / (a0 + a1 * z + a2 * z * z)));
}

TEST(Coefficients, every_kind_has_the_response_of_the_audio_eq_cookbook) {
  for (const auto kind : {FilterKind::HighPass, FilterKind::LowPass, FilterKind::BandPass, FilterKind::Notch, FilterKind::Bell, FilterKind::LowShelf, FilterKind::HighShelf})
    for (const double frequency : {20.0, 300.0, 5000.0, 18000.0})
      for (const double q : {0.5, 0.7071, 4.0})
        for (const double gain : {-12.0, 7.0}) {
          const FilterSettings settings{kind, frequency, q, {gain}};
          const auto designed = design(settings, {48000});
          ASSERT_TRUE(designed.ok());
          for (const double hz : {15.0, 100.0, 1000.0, 10000.0, 23000.0})
            EXPECT_NEAR(response(std::span(&*designed, 1), hz, {48000}).value, cookbook_db(settings, hz, 48000), 1e-6)
                << names_of(kind)[static_cast<std::size_t>(kind)].name << " " << frequency << " Hz at " << hz;
        }
}

TEST(Coefficients, a_measured_sine_has_the_level_that_the_curve_draws) {
  Equaliser equaliser(six_bands());
  ASSERT_TRUE(equaliser.prepare({.rate = {48000}, .channels = 1}).ok());
  for (const double hz : {60.0, 250.0, 1000.0, 3000.0, 12000.0}) {
    AudioBuffer<float> sine(1, 96000);
    for (std::int64_t i = 0; i < sine.frames(); ++i) sine.channel(0)[i] = static_cast<float>(0.25 * exact::sin_turns(hz * static_cast<double>(i) / 48000));
    equaliser.reset();
    equaliser.process(sine.view());
    double energy = 0;
    for (std::int64_t i = 48000; i < 96000; ++i) energy += std::pow(static_cast<double>(sine.channel(0)[i]), 2);
    EXPECT_NEAR(10 * std::log10(energy / 48000 * 2 / 0.0625), equaliser.response_at(hz).value, 0.001) << hz;
  }
}

TEST(Coefficients, values_out_of_range_are_refused_with_the_value_and_the_band) {
  for (const FilterSettings bad : {FilterSettings{FilterKind::Bell, 5, 1, {}}, FilterSettings{FilterKind::Bell, 24000, 1, {}},
                                   FilterSettings{FilterKind::Bell, 1000, 0, {}}, FilterSettings{FilterKind::Bell, 1000, 1, {40}}})
    EXPECT_FALSE(design(bad, {48000}).ok());
  Equaliser equaliser(EqSettings{{{}, {FilterKind::Bell, 30000, 1, {}}}});
  const auto prepared = equaliser.prepare({.rate = {48000}});
  ASSERT_FALSE(prepared.ok());
  EXPECT_NE(prepared.error().message.find("band 2"), std::string::npos);
  EXPECT_NE(prepared.error().message.find("30000"), std::string::npos);
}

TEST(Equaliser, gives_the_bits_of_one_filter_after_another) {
  for (const EqSettings& settings : {dialogue_eq(), six_bands(), EqSettings{{{FilterKind::LowPass, 9000, 0.6, {}}}}})
    for (const int channels : {1, 2, 3}) {
      const auto input = test::restless_sound(channels, 30000, {48000});
      auto ours = input.clone();
      Equaliser equaliser(settings);
      ASSERT_TRUE(equaliser.prepare({.rate = {48000}, .channels = channels}).ok());
      equaliser.process(ours.view());
      for (int c = 0; c < channels; ++c) {
        std::vector<Svf> chain;
        for (const FilterSettings& band : settings.bands) chain.emplace_back(*design(band, {48000}));
        for (std::int64_t i = 0; i < 4096; ++i) {  // up to where memory is settled for the first time
          double x = static_cast<double>(input.channel(c)[i]);
          for (Svf& filter : chain) x = filter.process(x);
          ASSERT_EQ(ours.channel(c)[i], static_cast<float>(x)) << channels << " channels, frame " << i;
        }
      }
    }
}

TEST(Equaliser, holds_what_every_processor_must) {
  test::expect_processor_properties<Equaliser>([] { return Equaliser(dialogue_eq()); });
  test::expect_processor_properties<Equaliser>([] { return Equaliser(six_bands()); });
  test::expect_processor_properties<Equaliser>([] { return Equaliser(EqSettings{}); });
}

TEST(Equaliser, several_together_have_the_bits_of_each_alone) {
  const auto sound = test::restless_sound(5, 20000, {48000}, 3);
  auto alone = sound.clone(), together = sound.clone();
  std::vector<Equaliser> first, second;
  for (int i = 0; i < 5; ++i)
    for (auto* to : {&first, &second}) {
      to->emplace_back(i == 2 ? EqSettings{} : i == 4 ? six_bands() : dialogue_eq());
      ASSERT_TRUE(to->back().prepare({.rate = {48000}}).ok());
    }
  for (int i = 0; i < 5; ++i) first[static_cast<std::size_t>(i)].process(alone.view().select(i, 1));
  for (std::int64_t at = 0; at < 20000; at += 2500) {
    std::vector<Equaliser*> equalisers;
    std::vector<AudioView<float>> io;
    for (int i = 0; i < 5; ++i) equalisers.push_back(&second[static_cast<std::size_t>(i)]), io.push_back(together.view().select(i, 1).sub(at, 2500));
    Equaliser::process_together(equalisers, io);
  }
  test::expect_same_bits(alone.view(), together.view(), "together");
}

TEST(Equaliser, its_pre_roll_leaves_less_than_minus_120_dbfs) {
  EXPECT_LT(test::pre_roll_error_db<Equaliser>([] { return Equaliser(dialogue_eq()); }), -120);
  EXPECT_LT(test::pre_roll_error_db<Equaliser>([] { return Equaliser(six_bands()); }), -120);
  const EqSettings slow{{{FilterKind::HighPass, 20, 0.7071, {}}, {FilterKind::Bell, 40, 20, {12}}}};
  EXPECT_LT(test::pre_roll_error_db<Equaliser>([&] { return Equaliser(slow); }), -120);
}

TEST(Equaliser, starts_from_rest_settle_to_the_same_bits_after_twice_its_pre_roll) {
  const EqSettings settings = dialogue_eq();
  AudioBuffer<float> sound(1, 480000);
  for (std::int64_t i = 0; i < sound.frames(); ++i) sound.channel(0)[i] = 0.3f * uniform11(philox(9, 0, static_cast<std::uint64_t>(i))[0]);
  auto truth = sound.clone();
  Equaliser endless(settings);
  ASSERT_TRUE(endless.prepare({.rate = {48000}}).ok());
  endless.process(truth.view());
  for (int start = 1; start <= 10; ++start) {
    auto late = sound.clone();
    Equaliser fresh(settings);
    ASSERT_TRUE(fresh.prepare({.rate = {48000}}).ok());
    const std::int64_t begin = start * 24576, settled = begin + 2 * fresh.pre_roll().value;
    fresh.process(late.view().sub(begin, 480000 - begin));
    test::expect_same_bits(truth.view().sub(settled, 480000 - settled), late.view().sub(settled, 480000 - settled), "settled");
  }
}

}  // namespace
}  // namespace twopop::dsp
