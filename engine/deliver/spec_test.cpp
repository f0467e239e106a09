#include "deliver/spec.h"

#include <gtest/gtest.h>

#include <set>

namespace twopop::deliver {
namespace {

Specification named(const std::string& id) {
  for (const Specification& s : specifications())
    if (s.id == id) return s;
  ADD_FAILURE() << id;
  return {};
}

FilmFigures film(double integrated, double peak) {
  FilmFigures f;
  f.programme.integrated = {integrated};
  f.programme.true_peak = {peak};
  f.programme.range = {8.0};
  f.programme.max_short_term = {integrated + 4.0};
  f.programme.max_momentary = {integrated + 6.0};
  return f;
}

bool passes(const Specification& spec, const FilmFigures& figures) {
  const auto checks = check(spec, figures);
  return std::all_of(checks.begin(), checks.end(), [](const Check& c) { return c.pass; });
}

TEST(Specification, every_preset_names_its_source_and_has_sane_figures) {
  std::set<std::string> ids;
  for (const Specification& s : specifications()) {
    EXPECT_TRUE(ids.insert(s.id).second) << s.id;
    EXPECT_FALSE(s.source.empty()) << s.id;
    EXPECT_GE(s.target.value, -31.0) << s.id;
    EXPECT_LE(s.target.value, -14.0) << s.id;
    EXPECT_LE(s.ceiling.value, -1.0) << s.id;
    // What was not seen in the specification itself says so.
    const auto says = [&](const char* words) { return s.source.find(words) != std::string::npos; };
    EXPECT_TRUE(s.standing == Standing::Seen || says("quoted") || says("general knowledge") || says("not published")) << s.id;
  }
  for (const char* id : {"ebu-r128", "ebu-r128-s1", "atsc-a85", "netflix", "dpp", "youtube", "spotify", "apple-podcasts"}) EXPECT_TRUE(ids.contains(id)) << id;
}

TEST(Specification, r128_passes_within_two_tenths_and_under_minus_one) {
  const Specification spec = named("ebu-r128");
  EXPECT_TRUE(passes(spec, film(-23.0, -1.0)));
  EXPECT_TRUE(passes(spec, film(-22.8, -6.0)));
  EXPECT_FALSE(passes(spec, film(-22.7, -6.0)));
  EXPECT_FALSE(passes(spec, film(-23.3, -6.0)));
  EXPECT_FALSE(passes(spec, film(-23.0, -0.9)));
}

TEST(Specification, short_form_limits_short_term_loudness) {
  const Specification spec = named("ebu-r128-s1");
  FilmFigures figures = film(-23.0, -3.0);
  EXPECT_TRUE(passes(spec, figures));
  figures.programme.max_short_term = {-17.9};
  EXPECT_FALSE(passes(spec, figures));
}

TEST(Specification, netflix_judges_dialogue_unless_there_is_little_of_it) {
  const Specification spec = named("netflix");
  FilmFigures figures = film(-22.0, -2.0);
  figures.dialogue = {-27.5};
  figures.dialogue_share = 0.4;
  EXPECT_EQ(judged_loudness(spec, figures).value, -27.5);
  EXPECT_EQ(judged_target(spec, figures).value, -27.0);
  EXPECT_EQ(check(spec, figures).front().judged, Judged::Dialogue);
  EXPECT_TRUE(passes(spec, figures));
  figures.dialogue_share = 0.1;
  EXPECT_EQ(judged_loudness(spec, figures).value, -22.0);
  EXPECT_EQ(judged_target(spec, figures).value, -24.0);
  EXPECT_EQ(check(spec, figures).front().judged, Judged::Programme);
}

TEST(Specification, silence_passes_nothing) {
  for (const Specification& spec : specifications()) EXPECT_FALSE(passes(spec, film(analysis::kNoLoudness, analysis::kNoLoudness))) << spec.id;
}

TEST(Specification, a_document_overrides_target_and_ceiling_and_an_unknown_preset_is_named) {
  session::Document document;
  document.delivery.preset = "netflix";
  document.delivery.target = Lufs{-25.0};
  document.delivery.ceiling = DbTp{-3.0};
  const auto spec = specification_of(document);
  ASSERT_TRUE(spec.ok());
  EXPECT_EQ(spec->target.value, -25.0);
  EXPECT_EQ(spec->ceiling.value, -3.0);
  document.delivery.preset = "imax";
  const auto unknown = specification_of(document);
  ASSERT_FALSE(unknown.ok());
  EXPECT_NE(unknown.error().sentence().find("imax"), std::string::npos);
  EXPECT_NE(unknown.error().sentence().find("ebu-r128"), std::string::npos);
}

}  // namespace
}  // namespace twopop::deliver
