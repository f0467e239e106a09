#include "deliver/report.h"

#include "deliver/detail/html.h"

#include <gtest/gtest.h>

#include <cmath>

namespace twopop::deliver {
namespace {

using phases::Finding;
using phases::Severity;

/// A small film in which every text tries to break out of the page.
ReportData hostile(const std::string& attack) {
  ReportData d;
  d.title = attack;
  d.made_at = attack;
  d.timecode = {frame_rates::k25, DropFrame::No};
  d.start_frame = 90000;
  d.length = {48000 * 20};
  d.layout = attack;
  d.spec = specifications().front();
  d.spec.name = d.spec.source = attack;
  d.figures.programme = {{-23.0}, {7.0}, {-18.0}, {-20.0}, {-1.5}, {-2.0}};
  d.checks = {{Judged::Programme, attack, attack, -23.0, attack, true}};
  d.coded = ReportData::Coded{attack, {-1.2}, {-23.0}, {0.2}, 2, true};
  d.waves = {{attack, "mix", std::vector<media::Peak>(50, {-0.1f, 0.2f, 0.001f})}, {attack, "music", std::vector<media::Peak>(50)}};
  d.momentary = d.short_term = d.integrated = std::vector<float>(200, -23.0f);
  d.momentary[3] = -INFINITY;
  d.short_term[7] = NAN;
  d.speech = {{{48000}, {96000}}};
  phases::PhaseStatus status;
  status.phase = attack;
  status.approved_by = attack;
  status.staleness = phases::Staleness::UpToDate;
  status.stale = {{{0}, {48000}}};
  d.board = {status};
  d.findings = {{Severity::Error, attack, attack, SampleRange{{0}, {48000}}, attack, attack, attack, 1.5, attack}, {Severity::Note, attack, attack, std::nullopt, attack, attack, attack, 0, ""}};
  d.treatments = {{attack, attack, SampleRange{{0}, {48000}}, attack, attack}};
  ReportSync sync;
  sync.recording = sync.device = sync.method = sync.runner_up = sync.reason = attack;
  d.sync = {sync};
  d.tables = {{attack, attack, attack, {attack}, {}, {{attack}}}, {attack, attack, attack, {}, {}, {}}};
  d.files = {{attack, attack, attack, 12}};
  d.engine = attack;
  return d;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(Report, hostile_names_cannot_leave_their_place) {
  const std::string clean = report_html(hostile("name"));
  for (const std::string attack : {"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "</style><b>", "&amp;&#60;b&#62;"}) {
    const std::string page = report_html(hostile(attack));
    EXPECT_EQ(page.find(attack), std::string::npos) << attack;
    // The page has as many tags, and so many quotes, as with a harmless name.
    EXPECT_EQ(count(page, "<"), count(clean, "<")) << attack;
    EXPECT_EQ(count(page, "\""), count(clean, "\"")) << attack;
  }
}

TEST(Report, bytes_that_are_no_text_and_turned_writing_are_replaced) {
  EXPECT_EQ(detail::escaped("a\xFF" "b"), "a\xEF\xBF\xBD" "b");
  EXPECT_EQ(detail::escaped("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(detail::escaped("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(detail::escaped("gpj\xE2\x80\xAE.exe"), "gpj\xEF\xBF\xBD.exe");
  EXPECT_EQ(detail::escaped(std::string_view("a\0b", 3)), "a\xEF\xBF\xBD" "b");
  EXPECT_EQ(detail::escaped("Žluťoučký kůň 🎬"), "Žluťoučký kůň 🎬");
}

TEST(Report, nothing_is_loaded_from_elsewhere_and_nothing_runs) {
  ReportData d = hostile("name");
  d.frames = {{1.0, std::string("\xFF\xD8\xFF\xE0", 4)}};
  const std::string page = report_html(d);
  for (const char* forbidden : {"http:", "https:", "//", "<script", "<link", "@import", "url(", "<iframe", "javascript:"})
    EXPECT_EQ(page.find(forbidden), std::string::npos) << forbidden;
  EXPECT_NE(page.find("data:image/jpeg;base64,/9j/4A=="), std::string::npos);
  EXPECT_NE(page.find("prefers-color-scheme:dark"), std::string::npos);
}

TEST(Report, shows_figures_timecodes_and_what_to_do) {
  ReportData d = hostile("name");
  d.spec = specifications().front();
  d.checks = check(d.spec, d.figures);
  d.findings[0].message = "the line is 9.2 dB over its noise";
  d.findings[0].where = SampleRange{{48000 * 10}, {48000 * 12}};
  const std::string page = report_html(d);
  EXPECT_NE(page.find("Meets EBU R 128"), std::string::npos);
  EXPECT_NE(page.find("−23.00"), std::string::npos);
  EXPECT_NE(page.find("01:00:10:00 – 01:00:12:00"), std::string::npos);
  EXPECT_NE(page.find("the line is 9.2 dB over its noise"), std::string::npos);
  EXPECT_NE(page.find("nothing in this stem"), std::string::npos);
  EXPECT_EQ(page.find("nan"), std::string::npos);
  EXPECT_EQ(page.find("inf"), std::string::npos);
  d.figures.programme.true_peak = {0.3};
  d.checks = check(d.spec, d.figures);
  EXPECT_NE(report_html(d).find("Not met: EBU R 128"), std::string::npos);
}

TEST(Report, an_empty_film_still_makes_a_page) {
  ReportData d;
  d.spec = specifications().front();
  const std::string page = report_html(d);
  EXPECT_NE(page.find("nothing was measured"), std::string::npos);
  EXPECT_NE(page.find("</html>"), std::string::npos);
}

TEST(Report, numbers_have_a_real_minus_and_no_negative_zero) {
  EXPECT_EQ(detail::number(-23.0, 1), "−23.0");
  EXPECT_EQ(detail::number(-0.001, 2), "0.00");
  EXPECT_EQ(detail::signed_number(1.5, 1), "+1.5");
  EXPECT_EQ(detail::number(-INFINITY, 1), "–");
  EXPECT_EQ(detail::base64("Man"), "TWFu");
  EXPECT_EQ(detail::base64("M"), "TQ==");
}

}  // namespace
}  // namespace twopop::deliver
