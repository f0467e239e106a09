#include "core/time.h"
#include "core/timecode.h"

#include <gtest/gtest.h>

namespace twopop {
namespace {

const char* const kRates[] = {"23.976", "24", "25", "29.97", "29.97df", "30", "50", "59.94", "59.94df", "60"};

TEST(Timecode, every_label_of_24_hours_reads_back_at_every_rate) {
  for (const char* name : kRates) {
    const TimecodeRate rate = *parse_timecode_rate(name);
    const std::int64_t day = frames_per_day(rate);
    for (std::int64_t frame = 0; frame < day; frame += 1 + frame % 97) {
      const Timecode timecode{frame};
      const auto back = parse_timecode(to_string(timecode, rate), rate);
      ASSERT_TRUE(back) << back.error().message;
      ASSERT_EQ(back->frame, frame) << name << " " << to_string(timecode, rate);
    }
    EXPECT_EQ(to_string(Timecode{day}, rate), to_string(Timecode{0}, rate)) << name;
  }
}

TEST(Timecode, a_frame_and_its_first_sample_name_each_other_over_24_hours) {
  for (const char* name : kRates)
    for (int hz : {44100, 48000, 88200, 96000, 192000}) {
      const TimecodeRate rate = *parse_timecode_rate(name);
      for (std::int64_t frame = 0; frame < frames_per_day(rate); frame += 1 + frame % 131) {
        const SamplePosition first = sample_of_frame(frame, rate.frames, SampleRate{hz});
        ASSERT_EQ(frame_of_sample(first, rate.frames, SampleRate{hz}), frame) << name;
        if (first.value > 0) {
          ASSERT_EQ(frame_of_sample({first.value - 1}, rate.frames, SampleRate{hz}), frame - 1) << name;
        }
      }
    }
}

TEST(Timecode, drop_frame_leaves_out_the_labels_of_st_12_1_and_stays_within_the_clock) {
  const TimecodeRate rate = *parse_timecode_rate("29.97df");
  EXPECT_EQ(to_string(Timecode{1800}, rate), "00:01:00;02");
  EXPECT_EQ(to_string(Timecode{17982}, rate), "00:10:00;00");
  EXPECT_EQ(to_string(Timecode{107892}, rate), "01:00:00;00");
  EXPECT_FALSE(parse_timecode("00:01:00;00", rate));
  EXPECT_FALSE(parse_timecode("00:01:00;01", rate));
  EXPECT_TRUE(parse_timecode("00:10:00;00", rate));
  EXPECT_EQ(frames_per_day(rate), 2589408);
}

TEST(Timecode, refuses_what_is_no_timecode_and_says_why) {
  const TimecodeRate rate = *parse_timecode_rate("25");
  for (const char* bad : {"", "1", "00:00:00", "24:00:00:00", "00:60:00:00", "00:00:61:00", "00:00:00:25", "00:00:00:-1",
                          "00:00:00:00x", "aa:bb:cc:dd", "000:00:00:00"}) {
    const auto result = parse_timecode(bad, rate);
    ASSERT_FALSE(result) << bad;
    EXPECT_NE(result.error().message.find(bad), std::string::npos);
  }
}

TEST(Time, mul_div_rounds_as_told_on_both_sides_of_zero) {
  EXPECT_EQ(mul_div(7, 1, 2, Rounding::Floor), 3);
  EXPECT_EQ(mul_div(-7, 1, 2, Rounding::Floor), -4);
  EXPECT_EQ(mul_div(7, 1, 2, Rounding::Ceiling), 4);
  EXPECT_EQ(mul_div(-7, 1, 2, Rounding::Ceiling), -3);
  EXPECT_EQ(mul_div(7, 1, 2, Rounding::Nearest), 4);
  EXPECT_EQ(mul_div(-7, 1, 2, Rounding::Nearest), -3);
  EXPECT_EQ(mul_div(INT64_MAX / 2, 192000, 192000, Rounding::Floor), INT64_MAX / 2);
}

}  // namespace
}  // namespace twopop
