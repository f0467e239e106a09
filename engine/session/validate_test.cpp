#include "session/validate.h"

#include <gtest/gtest.h>

namespace twopop::session {
namespace {

std::string problem(const Document& document) {
  const auto valid = validate(document);
  return valid ? "holds together" : valid.error().message;
}

TEST(Validate, an_empty_session_holds_together) { EXPECT_EQ(problem({}), "holds together"); }

TEST(Validate, what_is_referred_to_must_be_there) {
  Document document;
  document.dialogue.clips["c1"].placement = "p1";
  EXPECT_EQ(problem(document), "/dialogue/clips/c1/placement: there is no placement 'p1'");
  document.dialogue.placements["p1"].media = "m1";
  EXPECT_EQ(problem(document), "/dialogue/placements/p1/media: there is no media 'm1'");
  document.media["m1"].path = "a.wav";
  EXPECT_EQ(problem(document), "holds together");
}

TEST(Validate, a_stretch_may_not_end_before_it_begins_wherever_it_stands) {
  Document document;
  document.picture.script["l1"].film = Span{{10}, {9}};
  EXPECT_EQ(problem(document), "/picture/script/l1/film: ends at sample 9, before it begins at 10");
}

TEST(Validate, a_film_has_an_end_that_can_be_planned) {
  Document document;
  document.picture.length = samples(48 * 3600, document.rate);
  EXPECT_EQ(problem(document), "holds together");
  document.picture.length = samples(49 * 3600, document.rate);
  EXPECT_EQ(problem(document), "/picture/length_samples: a film of 49 hours is longer than 48");
}

TEST(Validate, rates_are_those_we_work_at) {
  Document document;
  document.rate = {32000};
  document.drop_frame = true;
  EXPECT_EQ(problem(document), "/rate_hz: 32000 is not 44100, 48000, 88200 or 96000 (and 1 more)");
}

TEST(Validate, ids_are_made_of_names) {
  EXPECT_EQ(id_from("Boom 2 (wild).flac"), "Boom-2-wild-.flac");
  EXPECT_EQ(id_from("語"), "item");
  const std::map<Id, int> taken{{"a", 1}, {"a-2", 1}};
  EXPECT_EQ(unused_id(taken, "a"), "a-3");
}

}  // namespace
}  // namespace twopop::session
