#include "deliver/build.h"
#include "small_film.h"

#include <gtest/gtest.h>

namespace twopop {
namespace {

using test::must;

deliver::BuildOutcome build(const std::filesystem::path& bundle, const session::Document& document) {
  signal::WorkspaceOptions options;
  options.threads = 2;
  options.cache_budget_bytes = std::uint64_t{1} << 30;
  const auto work = must(signal::Workspace::open(bundle / "cache", options));
  const deliver::BuildPlace place{bundle, *work, [](const session::Document&, const std::string&) -> Result<void> { return {}; }, {}};
  return must(deliver::build_film(document, place));
}

double rms_db(const AudioBuffer<float>& sound, std::int64_t begin, std::int64_t end) {
  double sum = 1e-30;
  for (std::int64_t i = begin; i < end; ++i) sum += double{sound.channel(0)[i]} * sound.channel(0)[i];
  return 10 * std::log10(sum / static_cast<double>(end - begin));
}

/// A recorded room tone that is far louder than the room of the takes: it must not lie as an ambience would, 18 LU under speech.
TEST(MusicAndEffects, stand_on_the_room_as_it_was_and_hold_nothing_of_the_dialogue) {
  const test::ScratchFolder scratch("me");
  session::Document document = test::small_film(scratch.path, 1, 30);
  AudioBuffer<float> tone(1, 12 * 48000);
  for (std::int64_t i = 0; i < tone.frames(); ++i) tone.view().at(0, i) = 0.03f * uniform11(philox(5, 2, static_cast<std::uint64_t>(i))[0]);
  test::write_wav(scratch.path / "tone.wav", tone.view(), 48000);
  test::add_media(document, "tone", scratch.path / "tone.wav", session::MediaKind::RoomTone);
  const auto bundle = scratch.path / "film.twopop";
  const deliver::BuildOutcome outcome = build(bundle, document);
  ASSERT_EQ(outcome.document.design.ambiences.size(), 1u);

  const AudioBuffer<float> me = must(media::read_all(bundle / "out/stems/me.wav")), dialogue = must(media::read_all(bundle / "out/stems/dialogue.wav")),
                           effects = must(media::read_all(bundle / "out/stems/effects.wav"));
  // Where the dialogue stem is nothing but its room tone: inside the longest fill.
  SampleRange room{};
  for (const auto& [id, fill] : outcome.document.dialogue.fills) {
    const SampleRange inside{fill.film.in + fill.fade_in.length, fill.film.out - fill.fade_out.length};
    if (inside.length() > room.length()) room = inside;
  }
  ASSERT_GT(room.length().value, 4800);
  const double between = rms_db(dialogue, room.begin.value, room.end.value), bed = rms_db(effects, room.begin.value, room.end.value);
  std::printf("room between the words %.1f dBFS, bed among the effects %.1f dBFS, me %.1f dBFS\n", between, bed, rms_db(me, room.begin.value, room.end.value));
  EXPECT_NEAR(bed, between, 2);

  double worst = -300;
  int stretches = 0;
  constexpr std::int64_t kStretch = 19200;  // 400 ms; speech lies some 35 dB over the room of this film
  for (std::int64_t at = 0; at + kStretch <= me.frames(); at += kStretch) {
    if (rms_db(dialogue, at, at + kStretch) < -30) continue;
    double with = 0, own = 0;
    for (std::int64_t i = at; i < at + kStretch; ++i) {
      with += double{me.channel(0)[i]} * dialogue.channel(0)[i];
      own += double{dialogue.channel(0)[i]} * dialogue.channel(0)[i];
    }
    worst = std::max(worst, 20 * std::log10(std::fabs(with / own) + 1e-15));
    ++stretches;
  }
  std::printf("projection of me on the dialogue in %d stretches of speech: worst %.1f dB\n", stretches, worst);
  EXPECT_GT(stretches, 15);
  EXPECT_LT(worst, -60);

  std::int64_t zeros = 0, longest = 0;
  for (std::int64_t i = 0; i < me.frames(); ++i) {
    zeros = me.channel(0)[i] == 0 && me.channel(1)[i] == 0 ? zeros + 1 : 0;
    longest = std::max(longest, zeros);
  }
  EXPECT_LT(longest, 100) << "never digital silence";

  // A person who mutes the room tone of the dialogue does not silence M&E.
  session::Document muted = outcome.document;
  for (auto& [id, strip] : muted.mix.strips)
    if (id.find("room-tone") != std::string::npos) strip.muted = true, strip.decided.by = session::By::Person;
  build(bundle, muted);
  EXPECT_GT(rms_db(must(media::read_all(bundle / "out/stems/me.wav")), room.begin.value, room.end.value), -100);
}

}  // namespace
}  // namespace twopop
