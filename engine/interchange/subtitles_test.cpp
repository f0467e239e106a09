#include "corpus.h"
#include "interchange/subtitles.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>

namespace twopop::interchange {
namespace {

std::string file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Subtitles, srt_with_mark_and_tags_is_read) {
  TWOPOP_NEEDS_SHARED();
  const auto srt = read_subtitles(file(test::shared_folder() / "interchange/subtitles/SRT-BOM-CRLF-ExtendedChars.srt"));
  ASSERT_TRUE(srt.ok());
  ASSERT_EQ(srt->lines.size(), 5u);
  EXPECT_TRUE(srt->warnings.empty());
  EXPECT_DOUBLE_EQ(srt->lines[0].start_s, 36.038);
  EXPECT_DOUBLE_EQ(srt->lines[0].end_s, 40.944);
  EXPECT_EQ(srt->lines[0].text, "- Subtitles Author -\n-- www.example.com --");
  EXPECT_EQ(srt->lines[1].text, "Hello.");
  EXPECT_EQ(srt->lines[3].text, "\xe2\x99\xaa Song lyric \xe2\x99\xaa");
}

TEST(Subtitles, every_webvtt_file_has_the_cues_and_times_its_json_states) {
  TWOPOP_NEEDS_SHARED();
  const std::regex start("\"startTime\": ([0-9.]+)"), end("\"endTime\": ([0-9.]+)");
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(test::shared_folder() / "interchange/webvtt")) {
    if (entry.path().extension() != ".vtt") continue;
    auto truth_path = entry.path();
    const std::string truth = file(truth_path.replace_extension(".json"));
    std::vector<double> starts, ends;
    for (std::sregex_iterator i(truth.begin(), truth.end(), start), none; i != none; ++i) starts.push_back(std::stod((*i)[1]));
    for (std::sregex_iterator i(truth.begin(), truth.end(), end), none; i != none; ++i) ends.push_back(std::stod((*i)[1]));
    const auto vtt = read_subtitles(file(entry.path()));
    ASSERT_TRUE(vtt.ok()) << entry.path();
    ASSERT_EQ(vtt->lines.size(), starts.size()) << entry.path();
    for (std::size_t i = 0; i < starts.size(); ++i) {
      EXPECT_DOUBLE_EQ(vtt->lines[i].start_s, starts[i]) << entry.path();
      EXPECT_DOUBLE_EQ(vtt->lines[i].end_s, ends[i]) << entry.path();
    }
    ++files;
  }
  EXPECT_GE(files, 30);
}

TEST(Subtitles, who_speaks_is_taken_from_voice_tags_and_names_in_capitals) {
  const auto vtt = read_subtitles("WEBVTT\n\nNOTE a --> b\nignored\n\nid\n00:01.000 --> 00:02.000 align:left\n<v.loud Mary>No <i>way</i>! a < b &amp; c\n");
  ASSERT_TRUE(vtt.ok());
  ASSERT_EQ(vtt->lines.size(), 1u);
  EXPECT_EQ(vtt->lines[0].speaker, "Mary");
  EXPECT_EQ(vtt->lines[0].text, "No way! a < b & c");
  const auto srt = read_subtitles("1\n00:00:01,000 --> 00:00:02,000\n{\\an8}JOHN: Wait: what?\n\n2\n0:00:03.5 --> 0:00:04.25\nHe said: no\n");
  ASSERT_TRUE(srt.ok());
  EXPECT_EQ(srt->lines[0].speaker, "JOHN");
  EXPECT_EQ(srt->lines[0].text, "Wait: what?");
  EXPECT_EQ(srt->lines[1].speaker, "");
  EXPECT_DOUBLE_EQ(srt->lines[1].end_s, 4.25);
}

TEST(Subtitles, a_bad_cue_costs_itself) {
  const auto srt = read_subtitles("1\n00:00:0x,000 --> 00:00:02,000\nlost\n\n2\n00:00:05,000 --> 00:00:04,000\nbackwards\n\n3\n00:00:06,000 --> 00:00:07,000\nkept\n4\n00:00:08,000 --> 00:00:09,000\ntoo\n");
  ASSERT_TRUE(srt.ok());
  ASSERT_EQ(srt->lines.size(), 2u);
  EXPECT_EQ(srt->lines[0].text, "kept");
  EXPECT_EQ(srt->lines[1].text, "too");
  ASSERT_EQ(srt->warnings.size(), 2u);
  EXPECT_NE(srt->warnings[0].find("line 2"), std::string::npos);
}

TEST(Subtitles, a_text_without_cues_is_refused) {
  EXPECT_FALSE(read_subtitles("").ok());
  EXPECT_FALSE(read_subtitles("just words\n").ok());
  EXPECT_TRUE(read_subtitles("WEBVTT\n").ok());
}

}  // namespace
}  // namespace twopop::interchange
