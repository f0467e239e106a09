#include "core/hash.h"
#include "dsp/compressor.h"
#include "dsp/convolver.h"
#include "dsp/equaliser.h"
#include "dsp/fades.h"
#include "dsp/limiter.h"
#include "dsp/resampler.h"
#include "processor_properties.h"

namespace twopop::dsp {
namespace {

/// The sound of these processors, bit for bit. The values were the same from gcc 12 and clang 16 with and without optimisation, with SSE2
/// and AVX2. A change here is a change of sound: raise the versions of the signal kinds that use the processor.
std::string bits_of(AudioView<const float> sound) {
  Hasher hasher;
  for (int c = 0; c < sound.channels(); ++c) hasher.raw(sound.channel(c), static_cast<std::size_t>(sound.frames()) * sizeof(float));
  return to_string(hasher.finish());
}

template <class P>
std::string bits_after(P processor) {
  auto sound = test::restless_sound(2, 30000, {48000}, 11);
  EXPECT_TRUE(processor.prepare({.rate = {48000}, .channels = 2}).ok());
  processor.process(sound.view());
  return bits_of(sound.view());
}

TEST(Bits, of_the_test_sound_itself) { EXPECT_EQ(bits_of(test::restless_sound(2, 30000, {48000}, 11).view()), "6c32cbfb88ad7ed9c202b8daa1490c88"); }

TEST(Bits, of_the_equaliser) {
  EXPECT_EQ(bits_after(Equaliser({{{FilterKind::HighPass, 80, 0.7071, {}}, {FilterKind::Bell, 250, 1.4, {-3}}, {FilterKind::HighShelf, 6000, 0.7, {4}},
                                   {FilterKind::LowShelf, 120, 0.7, {2}}, {FilterKind::Notch, 1000, 8, {}}}})),
            "39ebae0a0fcc576f80abde25dc75d217");
}

TEST(Bits, of_the_compressor) { EXPECT_EQ(bits_after(Compressor({.threshold = {-30}, .ratio = 3})), "64ce87ecd1af4474c09af3796ed50e02"); }

TEST(Bits, of_the_limiter) { EXPECT_EQ(bits_after(Limiter({.ceiling = {-14}})), "419cddfeebb102731f208b2375e5de23"); }

TEST(Bits, of_the_convolver) {
  AudioBuffer<float> response(1, 900);
  for (std::int64_t i = 0; i < 900; ++i) response.channel(0)[i] = 0.1f * uniform11(philox(1, 1, static_cast<std::uint64_t>(i))[0]);
  EXPECT_EQ(bits_after(Convolver(std::move(response))), "06ea51b874edcf8ecaadad4802ce7824");
}

TEST(Bits, of_the_resampler) {
  const auto sound = test::restless_sound(2, 30000, {48000}, 11);
  for (const auto& [source, expected] : {std::pair{44100, "c91bbb475c20244f3fc00855efb1ede2"}, {96000, "588c8f3e7e7fc37397c28253b88be8e8"}}) {
    const auto resampler = Resampler::create(RateMap::from({source}, {48000}, 12.5, 100.3));
    ASSERT_TRUE(resampler.ok());
    AudioBuffer<float> out(2, 9000);
    resampler->render({500}, sound.view(), {0}, out.view());
    EXPECT_EQ(bits_of(out.view()), expected) << source;
  }
}

TEST(Bits, of_fades_and_automation) {
  auto sound = test::restless_sound(2, 30000, {48000}, 11);
  apply_fade_in(FadeCurve::EqualPower, {5000}, {0}, sound.view());
  apply_fade_out(FadeCurve::Exponential, {5000}, {-25000}, sound.view());
  Automation({{{4000}, {-3}}, {{15000}, {5}}, {{22000}, {-40}}}).apply({0}, sound.view());
  EXPECT_EQ(bits_of(sound.view()), "9fcb2d6a649147c42b9b99589ce6d690");
}

}  // namespace
}  // namespace twopop::dsp
