#include "deliver/detail/html.h"
#include "deliver/detail/report_page.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace twopop::deliver::detail {
namespace {

constexpr std::size_t kOpenFindings = 25;

std::string isolated(std::string_view text) { return "<bdi>" + escaped(text) + "</bdi>"; }

std::string head(const std::vector<std::pair<const char*, bool>>& columns) {
  std::string row;
  for (const auto& [name, is_number] : columns) row += fmt::format("<th{}>{}</th>", is_number ? " class=\"num\"" : "", name);
  return "<thead><tr>" + row + "</tr></thead>";
}

std::string table(const std::string& header, const std::string& rows) {
  return "<div class=\"card scroll\"><table>" + header + "<tbody>" + rows + "</tbody></table></div>\n";
}

/// A hyphen before a digit is a minus.
std::string with_minus(std::string text) {
  for (std::size_t at = 0; (at = text.find('-', at)) != std::string::npos; ++at)
    if (at + 1 < text.size() && text[at + 1] >= '0' && text[at + 1] <= '9' && (at == 0 || text[at - 1] == ' ')) text.replace(at, 1, "−");
  return text;
}

struct Gauge {
  double low, high, good_from, good_to;
};

std::string gauge(const Gauge& g, double figure) {
  const auto at = [&](double v) { return std::clamp(100.0 * (v - g.low) / (g.high - g.low), 0.0, 100.0); };
  return fmt::format("<div class=\"gauge\"><i style=\"left:{:.1f}%;width:{:.1f}%\"></i>{}</div>", at(g.good_from), std::max(1.5, at(g.good_to) - at(g.good_from)),
                     std::isfinite(figure) ? fmt::format("<b style=\"left:{:.1f}%\"></b>", at(figure)) : std::string());
}

std::string figure_card(const std::string& name, const std::string& value, const std::string& unit, const std::string& limit, const std::string& mark, const std::string& bar) {
  return fmt::format("<div class=\"card figure\"><div class=\"name\">{}</div><div class=\"value\">{}<small>{}</small></div>{}<div class=\"limit\">{}</div><div class=\"mark\">{}</div></div>\n",
                     name, value, unit, bar, limit, mark);
}

Gauge gauge_of(const ReportData& data, const Check& check) {
  if (check.unit == "dBTP") return {data.spec.ceiling.value - 11.0, data.spec.ceiling.value + 3.0, data.spec.ceiling.value - 11.0, data.spec.ceiling.value};
  if (check.unit == "LU") return {0.0, 1.5 * data.spec.greatest_range.value_or(Lu{20}).value, 0.0, data.spec.greatest_range.value_or(Lu{20}).value};
  if (check.name.starts_with("Greatest")) {
    const double most = check.name.find("momentary") != std::string::npos ? data.spec.max_momentary.value_or(Lufs{-15}).value : data.spec.max_short_term.value_or(Lufs{-18}).value;
    return {most - 18.0, most + 6.0, most - 18.0, most};
  }
  const double target = judged_target(data.spec, data.figures).value, t = data.spec.tolerance.value;
  return {target - 6.0, target + 6.0, target - t, target + t};
}

}  // namespace

std::string timecode_text(const ReportData& data, SamplePosition at) {
  return to_string(timecode_at(at, {data.start_frame}, data.timecode, data.rate), data.timecode);
}

std::string range_text(const ReportData& data, const std::optional<SampleRange>& range) {
  if (!range) return {};
  const std::string from = timecode_text(data, range->begin);
  const std::string to = timecode_text(data, range->end);
  return from == to ? from : from + " – " + to;
}

double percent_of(const ReportData& data, double time_s) {
  const double length = seconds(data.length, data.rate);
  return length > 0.0 ? std::clamp(100.0 * time_s / length, 0.0, 100.0) : 0.0;
}

std::string finding_anchor(std::size_t index) { return fmt::format("finding-{}", index + 1); }

std::string verdict_section(const ReportData& data) {
  const auto failed = std::count_if(data.checks.begin(), data.checks.end(), [](const Check& c) { return !c.pass; });
  const bool coded_fails = data.coded && !data.coded->under_ceiling;
  const bool pass = failed == 0 && !coded_fails && !data.checks.empty();
  const auto to_mend = std::count_if(data.findings.begin(), data.findings.end(), [](const phases::Finding& f) { return f.severity == phases::Severity::Error; });
  const auto bad = failed + (coded_fails ? 1 : 0);
  const double length_s = seconds(data.length, data.rate);
  std::string html = "<header><div><p class=\"eyebrow\">Mix report</p><h1>" + isolated(data.title) + "</h1><p class=\"facts\">";
  const auto whole = static_cast<long>(std::lround(length_s));
  const std::string duration = whole >= 3600 ? fmt::format("{} h {:02} min {:02} s", whole / 3600, whole / 60 % 60, whole % 60)
                               : whole >= 60 ? fmt::format("{} min {:02} s", whole / 60, whole % 60)
                                             : fmt::format("{} s", number(length_s, 1));
  for (const std::string& fact : {duration, "from " + timecode_text(data, {}), to_string(data.timecode) + " frames a second", escaped(data.layout), fmt::format("{} kHz", number(data.rate.hz / 1000.0, data.rate.hz % 1000 ? 1 : 0)), escaped(data.made_at)})
    if (!fact.empty()) html += "<span>" + fact + "</span>";
  html += fmt::format("</p></div><div class=\"verdict {}\"><b>{}</b><span>{}</span></div></header>\n", pass ? "pass" : "fail",
                      pass ? "Meets " + escaped(data.spec.name) : fmt::format("Not met: {}", escaped(data.spec.name)),
                      pass ? fmt::format("all {} limits hold{}", data.checks.size() + (data.coded ? 1u : 0u), to_mend == 0 ? std::string() : fmt::format("; {} finding{} to mend", to_mend, to_mend == 1 ? "" : "s")) : data.checks.empty() ? std::string("nothing was measured") : fmt::format("{} of {} limits {} broken", bad, data.checks.size() + (data.coded ? 1u : 0u), bad == 1 ? "is" : "are"));
  html += "<div class=\"figures\">\n";
  for (const Check& c : data.checks)
    html += figure_card(escaped(c.name), number(c.figure, c.unit == "LU" ? 1 : 2), escaped(c.unit), with_minus(escaped(c.limit)), fmt::format("<span class=\"chip {0}\">{0}</span>", c.pass ? "pass" : "fail"), gauge(gauge_of(data, c), c.figure));
  if (data.coded)
    html += figure_card(fmt::format("True peak, decoded {}", escaped(data.coded->codec)), number(data.coded->peak.value, 2), "dBTP",
                        data.coded->headroom.value > 0 ? fmt::format("with {} dB of headroom, {} rounds", number(data.coded->headroom.value, 1), data.coded->rounds) : std::string("no headroom was needed"),
                        fmt::format("<span class=\"chip {0}\">{0}</span>", data.coded->under_ceiling ? "pass" : "fail"),
                        gauge({data.spec.ceiling.value - 11.0, data.spec.ceiling.value + 3.0, data.spec.ceiling.value - 11.0, data.spec.ceiling.value}, data.coded->peak.value));
  const auto& p = data.figures.programme;
  const auto checked = [&](const char* name) { return std::any_of(data.checks.begin(), data.checks.end(), [&](const Check& c) { return c.name == name; }); };
  const auto more = [&](const char* name, double value, int decimals, const char* unit, const std::string& note) { html += figure_card(name, number(value, decimals), unit, note, "", ""); };
  if (!checked("Loudness range")) more("Loudness range", p.range.value, 1, "LU", "no limit in this specification");
  if (!checked("Greatest short-term loudness")) more("Greatest short-term", p.max_short_term.value, 1, "LUFS", fmt::format("momentary {} LUFS", number(p.max_momentary.value, 1)));
  if (!checked("Dialogue loudness")) more("Dialogue", data.figures.dialogue.value, 1, "LUFS", fmt::format("somebody speaks in {} % of the film", number(100.0 * data.figures.dialogue_share, 0)));
  html += figure_card("Master gain", signed_number(data.master_gain.value, 2), "dB", data.limiter.deepest.value > 0.005 ? fmt::format("limiter at most {} dB, over 1 dB in {} %", number(data.limiter.deepest.value, 1), number(100.0 * data.limiter.share_over_1_db, 2)) : std::string("the limiter had nothing to do"), "", "");
  html += "</div>\n";
  if (data.missed.value != 0.0)
    html += fmt::format("<div class=\"card says\">The ceiling holds and the target gives way: the film is <b>{} LU {}</b> than asked. More gain would make the limiter squash the peaks.</div>\n",
                        number(std::fabs(data.missed.value), 2), data.missed.value > 0 ? "quieter" : "louder");
  return html;
}

std::string board_section(const ReportData& data) {
  if (data.board.empty()) return {};
  std::string html = "<h2>The six phases</h2><p class=\"lead\">In the order of the work. Open is what still waits for somebody; stale is what no longer sounds as it was approved.</p><div class=\"card board\">";
  int step = 0;
  for (const phases::PhaseStatus& row : data.board) {
    const char* chip = row.staleness == phases::Staleness::UpToDate ? "pass" : row.staleness == phases::Staleness::NotApproved ? "note" : "warning";
    std::string approval = row.staleness == phases::Staleness::NotApproved ? std::string("not approved") : row.staleness == phases::Staleness::UpToDate ? "approved by " + isolated(row.approved_by)
                           : row.staleness == phases::Staleness::DecisionChanged ? std::string("stale: a decision changed") : std::string("stale: the engine changed");
    static const std::map<std::string, std::string> kNames{{"dialogue", "Dialogue"}, {"adr", "ADR"}, {"design", "Sound design"}, {"foley", "Foley"}, {"music", "Music"}, {"mix", "Mix"}};
    const auto known = kNames.find(row.phase);
    html += fmt::format("<div class=\"phase\"><div class=\"step\">{}</div><div class=\"what\">{}</div><dl><dt>decisions</dt><dd>{}</dd><dt>by people</dt><dd>{}</dd><dt>open</dt><dd{}>{}</dd><dt>findings</dt><dd>{}</dd></dl><span class=\"chip {}\">{}</span>",
                        ++step, known == kNames.end() ? escaped(row.phase) : known->second, row.items, row.by_person, row.open ? " class=\"hot\"" : "", row.open, row.findings, chip, approval);
    if (!row.stale.empty()) {
      html += "<div class=\"faint\" style=\"font-size:12px;margin-top:6px\">";
      for (std::size_t i = 0; i < std::min<std::size_t>(3, row.stale.size()); ++i) html += (i ? "<br>" : "") + range_text(data, row.stale[i]);
      if (row.stale.size() > 3) html += fmt::format("<br>and {} more", row.stale.size() - 3);
      html += "</div>";
    }
    html += "</div>";
  }
  return html + "</div>\n";
}

std::string findings_section(const ReportData& data) {
  std::string html = "<h2>Findings</h2>";
  if (data.findings.empty()) return html + "<div class=\"card empty\">Nothing is unfinished, defective or stale.</div>\n";
  std::size_t errors = 0, warnings = 0;
  std::string open, rest;
  for (std::size_t i = 0; i < data.findings.size(); ++i) {
    const phases::Finding& f = data.findings[i];
    const char* severity = f.severity == phases::Severity::Error ? "error" : f.severity == phases::Severity::Warning ? "warning" : "note";
    errors += f.severity == phases::Severity::Error;
    warnings += f.severity == phases::Severity::Warning;
    (i < kOpenFindings ? open : rest) +=
        fmt::format("<tr id=\"{}\"><td><span class=\"chip {}\">{}</span></td><td class=\"tc\">{}</td><td class=\"tc\">{}</td><td>{}{}<span class=\"why\">{}</span></td><td class=\"num\">{}</td></tr>\n", finding_anchor(i), severity, severity,
                    range_text(data, f.where), escaped(f.phase), f.item.empty() ? std::string() : isolated(f.item) + ": ", isolated(f.message), isolated(f.remedy), f.unit.empty() ? std::string() : number(f.figure, f.figure == std::round(f.figure) ? 0 : 2) + " " + escaped(f.unit));
  }
  html += fmt::format("<p class=\"lead\">What a supervising editor would send back, worst first: {} to mend, {} to look at, {} to know.</p>", errors, warnings, data.findings.size() - errors - warnings);
  const std::string header = head({{"", false}, {"Timecode", false}, {"Phase", false}, {"What, and what to do", false}, {"Figure", true}});
  html += table(header, open);
  if (!rest.empty()) html += fmt::format("<details><summary>{} more</summary>{}</details>\n", data.findings.size() - kOpenFindings, table(header, rest));
  return html;
}

std::string sync_section(const ReportData& data) {
  if (data.sync.empty()) return {};
  std::string rows;
  for (const ReportSync& s : data.sync) {
    const std::string device = s.device.empty() ? std::string() : fmt::format("<span class=\"why\">{}</span>", isolated(s.device));
    const std::string drift = !s.placed ? "–" : fmt::format("{} ppm{}", signed_number(s.drift_ppm, 2), s.drift_interval_ppm > 0 ? fmt::format("<span class=\"why\">± {}</span>", number(s.drift_interval_ppm, 2)) : std::string());
    rows += fmt::format("<tr><td>{}{}</td><td>{}</td><td class=\"tc\">{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td><td style=\"white-space:nowrap\"><span class=\"bar\"><i{} style=\"width:{:.0f}%\"></i></span>{} %</td><td>{}<span class=\"why\">{}</span></td></tr>\n",
                        isolated(s.recording), device, s.placed ? fmt::format("<span class=\"chip pass\">{}</span>", s.by_person ? "by hand" : "placed") : std::string("<span class=\"chip warning\">refused</span>"),
                        s.placed ? range_text(data, s.film) : std::string("–"), s.placed ? number(s.source_at_in_s, 6) + " s" : std::string("–"), drift, s.confidence < 0.5 ? " class=\"low\"" : "",
                        100.0 * std::clamp(s.confidence, 0.0, 1.0), number(100.0 * std::clamp(s.confidence, 0.0, 1.0), 0), isolated(s.reason), isolated(s.runner_up));
  }
  return "<h2>Sync</h2><p class=\"lead\">Where each recording lies under the picture: the second of the file that is heard at its first timecode, how its clock runs against the film's, and the next best answer.</p>" +
         table(head({{"Recording", false}, {"", false}, {"In the film", false}, {"File second", true}, {"Drift", true}, {"Confidence", false}, {"Why, and the runner-up", false}}), rows);
}

std::string treatments_section(const ReportData& data) {
  if (data.treatments.empty()) return {};
  std::vector<std::string> order;
  std::map<std::string, std::string> groups;
  for (const phases::Treatment& t : data.treatments) {
    const std::string& name = t.name.empty() ? t.item : t.name;
    if (!groups.contains(name)) order.push_back(name);
    groups[name] += fmt::format("<li><span>{}</span><span>{}<span class=\"soft\">{}{}</span></span></li>", range_text(data, t.where), isolated(t.what), t.why.empty() ? "" : " · ", isolated(t.why));
  }
  std::string html = "<h2>What was done, and why</h2><p class=\"lead\">Every recording as it was treated, each step with the measurement that asked for it.</p>";
  constexpr std::size_t kOpenGroups = 14;
  std::string open, rest;
  for (std::size_t i = 0; i < order.size(); ++i)
    (i < kOpenGroups ? open : rest) += fmt::format("<div class=\"group\"><h3>{}</h3><ul>{}</ul></div>\n", isolated(order[i]), groups[order[i]]);
  html += "<div class=\"card\">" + open + "</div>\n";
  if (!rest.empty()) html += fmt::format("<details><summary>{} more</summary><div class=\"card\">{}</div></details>\n", order.size() - kOpenGroups, rest);
  return html;
}

std::string table_section(const ReportTable& t) {
  std::string html = "<h2>" + escaped(t.title) + "</h2>";
  if (!t.note.empty()) html += "<p class=\"lead\">" + escaped(t.note) + "</p>";
  if (t.rows.empty()) return html + "<div class=\"card empty\">" + escaped(t.empty) + "</div>\n";
  const auto is_number = [&](std::size_t c) { return c < t.numbers.size() && t.numbers[c]; };
  std::string header = "<thead><tr>", rows;
  for (std::size_t c = 0; c < t.columns.size(); ++c) header += fmt::format("<th{}>{}</th>", is_number(c) ? " class=\"num\"" : "", escaped(t.columns[c]));
  for (const auto& row : t.rows) {
    rows += "<tr>";
    for (std::size_t c = 0; c < row.size(); ++c) rows += fmt::format("<td{}>{}</td>", is_number(c) ? " class=\"num\"" : "", isolated(row[c]));
    rows += "</tr>\n";
  }
  return html + table(header + "</tr></thead>", rows);
}

std::string files_section(const ReportData& data) {
  if (data.files.empty()) return {};
  std::string rows;
  for (const ReportFile& f : data.files)
    rows += fmt::format("<tr><td>{}</td><td>{}<span class=\"why\">{}</span></td><td class=\"num\">{}</td></tr>\n", isolated(f.name), isolated(f.path), isolated(f.note), f.bytes ? size_text(f.bytes) : std::string("–"));
  return "<h2>Deliverables</h2>" + table(head({{"What", false}, {"File", false}, {"Size", true}}), rows);
}

}  // namespace twopop::deliver::detail
