#include "session/json.h"

#include "core/random.h"
#include "session/document.h"
#include "session/testing/random_document.h"

#include <gtest/gtest.h>

namespace twopop::session {
namespace {

struct Probe {
  bool flag = false;
  std::int32_t count = 3;
  std::uint8_t tiny = 0;
  Decibels gain{};
  DbFs level{-20.0};
  std::optional<Lufs> target;
  SampleRange heard{{1}, {2}};
  FrameRate frames = frame_rates::k29_97;
  TimecodeRate timecode{frame_rates::k29_97, DropFrame::Yes};
  Hash hash{};
  std::vector<Fade> fades;
  std::map<std::string, Fade> by_id;
  static constexpr auto fields() {
    return std::make_tuple(field("flag", &Probe::flag, "F"), field("count", &Probe::count, "C", {0, 10}), field("tiny", &Probe::tiny, "T"),
                           field("gain_db", &Probe::gain, "G", {-96, 24}), field("level_dbfs", &Probe::level, "L"),
                           field("target_lufs", &Probe::target, "T", {-60, 0}), field("heard_samples", &Probe::heard, "H"),
                           field("frame_rate", &Probe::frames, "R"), field("timecode_rate", &Probe::timecode, "TR"),
                           field("hash", &Probe::hash, "HH"), field("fades", &Probe::fades, "FF"), field("by_id", &Probe::by_id, "M"));
  }
};

std::string refusal(std::string_view text) {
  const auto read = read_json<Probe>(text);
  return read ? "was read" : read.error().message;
}

TEST(Json, keys_keep_their_declared_order_and_empty_optionals_are_left_out) {
  const std::string text = write_json(Probe{}, JsonLayout::Compact);
  EXPECT_EQ(text,
            R"({"flag":false,"count":3,"tiny":0,"gain_db":0.0,"level_dbfs":-20.0,"heard_samples":[1,2],"frame_rate":"29.97",)"
            R"("timecode_rate":"29.97df","hash":"00000000000000000000000000000000","fades":[],"by_id":{}})");
}

TEST(Json, absent_keys_keep_their_defaults) {
  const auto read = read_json<Probe>(R"({"target_lufs": -23})");
  ASSERT_TRUE(read) << read.error().sentence();
  EXPECT_EQ(read->count, 3);
  EXPECT_EQ(read->target, Lufs{-23});
}

TEST(Json, errors_name_the_place_the_value_and_the_limit) {
  EXPECT_EQ(refusal(R"({"gain_db": 400})"), "/gain_db: 400 is above 24 dB");
  EXPECT_EQ(refusal(R"({"count": -1})"), "/count: -1 is below 0");
  EXPECT_EQ(refusal(R"({"count": 2.5})"), "/count: 2.5 is not a whole number");
  EXPECT_EQ(refusal(R"({"tiny": 256})"), "/tiny: 256 is above 255");
  EXPECT_EQ(refusal(R"({"flag": "yes"})"), "/flag: \"yes\" is not true or false");
  EXPECT_EQ(refusal(R"({"fades": [{"shape": "round"}]})"),
            "/fades/0/shape: \"round\" is not one of linear, equal_power, s_curve, exponential");
  EXPECT_EQ(refusal(R"({"by_id": {"a/b": {}}})"), "/by_id/a~1b: this is no id");
  EXPECT_EQ(refusal(R"({"by_id": {"f1": {"length_samples": -4}}})"), "/by_id/f1/length_samples: -4 is below 0 samples");
  EXPECT_EQ(refusal(R"({"heard_samples": [5, 2]})"), "/heard_samples: [5, 2] ends before it begins");
  EXPECT_EQ(refusal(R"({"heard_samples": [0, 1000000000000001]})"), "/heard_samples: 1000000000000001 is above 1000000000000000");
  EXPECT_EQ(refusal(R"({"frame_rate": "fast"})"), "/frame_rate: 'fast' is no frame rate");
  EXPECT_EQ(refusal(R"({"level_dbfs": 1e999})").substr(0, 17), "line 1, column 20");
  EXPECT_EQ(refusal("[]"), "/: a list is not an object");
}

TEST(Json, no_place_lies_further_than_can_be_counted_with) {
  const auto read = [](const char* text) { return read_json<Span>(text); };
  EXPECT_EQ(read(R"({"in_samples": -9223372036854775807, "out_samples": 9223372036854775807})").error().code, Code::InvalidArgument);
  EXPECT_FALSE(read(R"({"in_samples": -1000000000000001, "out_samples": 0})"));
  EXPECT_FALSE(read(R"({"in_samples": 0, "out_samples": 1000000000000001})"));
  const auto farthest = read(R"({"in_samples": -1000000000000000, "out_samples": 1000000000000000})");
  ASSERT_TRUE(farthest) << farthest.error().sentence();
  EXPECT_EQ(farthest->range().length(), SampleCount{2'000'000'000'000'000});
}

TEST(Json, an_unknown_key_is_refused_with_its_place_and_the_nearest_known_one) {
  const auto read = read_json<Probe>(R"({"by_id": {"f1": {"lenght_samples": 4}}})");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().sentence(), "/by_id/f1/lenght_samples: there is no such key; did you mean length_samples?");
}

TEST(Json, what_vendors_keep_under_ext_is_never_looked_into) {
  EXPECT_TRUE(read_json<Probe>(R"({"ext": {"acme": {"anything": [1, {"x": null}]}}, "by_id": {"f": {"ext": {"acme": 1}}}})"));
  EXPECT_EQ(refusal(R"({"ext": 5})"), "/ext: 5 is not an object keyed by vendor");
}

TEST(Json, a_key_that_stands_twice_is_refused) {
  EXPECT_EQ(refusal(R"({"count": 1, "count": 2})"), "the key \"count\" stands twice in one object");
}

TEST(Json, malformed_text_is_refused_with_line_and_column) {
  EXPECT_EQ(refusal("{\n  \"count\": 1,\n  oops\n}").substr(0, 17), "line 3, column 3:");
  EXPECT_EQ(refusal(std::string(100000, '[')), "nested deeper than 100 levels");
}

TEST(Json, silence_is_null_where_a_level_has_no_floor) {
  Probe probe;
  probe.level = DbFs{-std::numeric_limits<double>::infinity()};
  const auto read = read_json<Probe>(write_json(probe));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->level, probe.level);
  EXPECT_EQ(refusal(R"({"gain_db": null})"), "/gain_db: null is not a number");
}

TEST(Json, frame_rates_outside_the_usual_ones_are_ratios) {
  Probe probe;
  probe.frames = {15, 1};
  probe.timecode = {{100, 3}, DropFrame::No};
  const auto read = read_json<Probe>(write_json(probe));
  ASSERT_TRUE(read) << read.error().sentence();
  EXPECT_EQ(read->frames, probe.frames);
  EXPECT_EQ(read->timecode, probe.timecode);
}

TEST(Json, random_documents_come_back_as_they_were) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const Document document = testing::random_document(seed);
    for (const JsonLayout layout : {JsonLayout::Compact, JsonLayout::Indented}) {
      const std::string text = write_json(document, layout);
      const auto read = read_json<Document>(text);
      ASSERT_TRUE(read) << "seed " << seed << ": " << read.error().sentence();
      ASSERT_EQ(write_json(*read, layout), text) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace twopop::session
