#include "dsp/score.h"

#include "corpus.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace twopop::dsp {
namespace {

std::filesystem::path font() { return test::shared_folder() / "corpus/music/soundfont/TimGM6mb.sf2"; }
std::filesystem::path midi(const char* name) { return test::shared_folder() / "interchange/midi" / name; }

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
  std::vector<std::byte> out;
  for (int v : values) out.push_back(static_cast<std::byte>(v));
  return out;
}

const std::vector<std::byte> kTwoTempi = bytes_of({'M', 'T', 'h', 'd', 0, 0, 0, 6, 0, 0, 0, 1, 0, 96,        // 96 ticks a quarter
                                                   'M', 'T', 'r', 'k', 0, 0, 0, 32,                         //
                                                   0, 0xff, 0x51, 3, 0x07, 0xa1, 0x20,                      // 120 BPM
                                                   96, 0x90, 60, 100,                                       // note on at one quarter
                                                   96, 60, 0,                                               // running status, note off at two
                                                   0, 0xff, 0x51, 3, 0x0f, 0x42, 0x40,                      // 60 BPM
                                                   0, 0xff, 0x58, 4, 3, 3, 24, 8});                         // 3/8

TEST(Midi, knows_times_through_a_change_of_tempo) {
  auto bytes = kTwoTempi;
  const auto tail = bytes_of({96, 0xff, 0x2f, 0});
  bytes.insert(bytes.end(), tail.begin(), tail.end());
  bytes[21] = static_cast<std::byte>(bytes.size() - 22);
  const auto facts = parse_midi(bytes);
  ASSERT_TRUE(facts) << facts.error().message;
  ASSERT_EQ(facts->notes.size(), 1u);
  EXPECT_EQ(facts->notes[0].key, 60);
  EXPECT_EQ(facts->meters[0].beats, 3);
  EXPECT_EQ(facts->meters[0].unit, 8);
  // Two quarters at 0.5 s, one at 1 s.
  EXPECT_NEAR(facts->duration_s(), 2.0, 1e-12);
  const std::vector<double> expected{0, 0.5, 1, 2};
  ASSERT_EQ(facts->quarters_s().size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(facts->quarters_s()[i], expected[i], 1e-12);
}

TEST(Midi, a_file_cut_anywhere_is_damaged_and_says_where) {
  auto bytes = kTwoTempi;
  const auto tail = bytes_of({96, 0xff, 0x2f, 0});
  bytes.insert(bytes.end(), tail.begin(), tail.end());
  bytes[21] = static_cast<std::byte>(bytes.size() - 22);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    const auto facts = parse_midi(std::span(bytes).first(cut));
    ASSERT_FALSE(facts) << cut;
    EXPECT_EQ(facts.error().code, Code::Damaged);
    EXPECT_NE(facts.error().message.find("byte"), std::string::npos);
  }
}

TEST(Midi, reads_every_well_formed_file_and_refuses_the_corrupt_one) {
  TWOPOP_NEEDS_SHARED();
  for (const char* name : {"test-2-tracks-type-0.mid", "test-2-tracks-type-1.mid", "test-c-major-scale.mid", "test-smpte-offset.mid",
                           "test-running-status-sysex.mid", "test-all-gm-sounds.mid", "test-karaoke-kar.mid"}) {
    const auto facts = read_midi(midi(name));
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_FALSE(facts->notes.empty()) << name;
    EXPECT_GT(facts->duration_s(), 0.1) << name;
  }
  const auto corrupt = read_midi(midi("test-corrupt-file-missing-byte.mid"));
  ASSERT_FALSE(corrupt);
  EXPECT_EQ(corrupt.error().code, Code::Damaged);
  EXPECT_NE(corrupt.error().message.find("missing-byte.mid"), std::string::npos);
}

TEST(Score, plays_the_whole_file_the_same_at_each_run) {
  TWOPOP_NEEDS_SHARED();
  const auto first = render_score(midi("test-c-major-scale.mid"), font());
  const auto second = render_score(midi("test-c-major-scale.mid"), font());
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(second);
  const auto facts = read_midi(midi("test-c-major-scale.mid"));
  ASSERT_GE(first->frames(), samples(facts->duration_s() + 3, SampleRate{48000}).value);
  ASSERT_EQ(first->frames(), second->frames());
  double energy = 0;
  for (int c = 0; c < 2; ++c)
    for (std::int64_t i = 0; i < first->frames(); ++i) {
      ASSERT_EQ(first->channel(c)[i], second->channel(c)[i]) << i;
      energy += static_cast<double>(first->channel(c)[i]) * first->channel(c)[i];
    }
  EXPECT_GT(10 * std::log10(energy / static_cast<double>(2 * first->frames())), -60);
}

/// Each note of the scale starts where the file says, within FluidSynth's block of 64 samples and an attack of 10 ms.
TEST(Score, notes_sound_when_the_file_says) {
  TWOPOP_NEEDS_SHARED();
  const auto facts = read_midi(midi("test-c-major-scale.mid"));
  ScoreSettings dry;
  dry.reverb = false;
  const auto sound = render_score(midi("test-c-major-scale.mid"), font(), dry);
  ASSERT_TRUE(sound);
  const auto first = samples(facts->seconds_at(facts->notes.front().tick), SampleRate{48000}).value;
  std::int64_t heard = 0;
  while (heard < sound->frames() && std::fabs(sound->channel(0)[heard]) < 1e-3f) ++heard;
  EXPECT_GE(heard, first);
  EXPECT_LE(heard - first, 480);
}

TEST(Score, what_cannot_be_played_is_refused_with_a_reason) {
  TWOPOP_NEEDS_SHARED();
  EXPECT_EQ(render_score(midi("test-corrupt-file-missing-byte.mid"), font()).error().code, Code::Damaged);
  EXPECT_EQ(render_score(midi("absent.mid"), font()).error().code, Code::NotFound);
  EXPECT_EQ(render_score(midi("test-c-major-scale.mid"), midi("test-c-major-scale.mid")).error().code, Code::Unsupported);
  EXPECT_EQ(render_score(midi("test-c-major-scale.mid"), "nowhere.sf2").error().code, Code::NotFound);
  ScoreSettings fast;
  fast.rate = SampleRate{192000};
  EXPECT_EQ(render_score(midi("test-c-major-scale.mid"), font(), fast).error().code, Code::InvalidArgument);
}

}  // namespace
}  // namespace twopop::dsp
