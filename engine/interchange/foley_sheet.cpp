#include "interchange/foley_sheet.h"

#include "interchange/csv.h"

#include "core/text.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

namespace twopop::interchange {
namespace {

std::string timecode(const session::Document& document, SamplePosition at) {
  return to_string(timecode_at(at, Timecode{document.start_frame}, document.timecode_rate(), document.rate), document.timecode_rate());
}

template <class Enum>
std::string word(Enum value) {
  for (const auto& name : names_of(Enum{}))
    if (name.value == value) return name.name;
  return "";
}

template <class Enum>
std::optional<Enum> value_of(std::string_view text) {
  const std::string upper = to_upper(trimmed(text));
  for (const auto& name : names_of(Enum{}))
    if (upper == to_upper(name.name)) return name.value;
  return std::nullopt;
}

std::optional<double> number(std::string_view text) {
  const std::string_view bare = trimmed(text);
  double value = 0;
  const auto [end, failed] = std::from_chars(bare.data(), bare.data() + bare.size(), value);
  if (failed != std::errc{} || end != bare.data() + bare.size() || !std::isfinite(value) || std::fabs(value) > 1e6) return std::nullopt;
  return value;
}

/// Timecode of the film, or seconds from its start.
std::optional<SamplePosition> place(const session::Document& document, std::string_view text) {
  if (const auto s = number(text)) return SamplePosition{samples(*s, document.rate).value};
  const auto label = parse_timecode(trimmed(text), document.timecode_rate());
  if (!label) return std::nullopt;
  return position_of(*label, Timecode{document.start_frame}, document.timecode_rate(), document.rate);
}

constexpr SamplePosition kNowhere{std::numeric_limits<std::int64_t>::min() / 4};

/// The exact place where it lies in the frame of the label, else the label's.
SamplePosition which(const session::Document& document, SamplePosition label, SamplePosition exact) {
  if (label == kNowhere) return exact;
  if (exact == kNowhere) return label;
  return frame_of_sample(label, document.frames, document.rate) == frame_of_sample(exact, document.frames, document.rate) ? exact : label;
}

session::Id id_of(std::string_view name) {
  session::Id id;
  for (const char c : trimmed(name)) id.push_back(std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' ? c : '-');
  return id;
}

session::Id set_of(const session::Document& document, const std::string& name) {
  if (name.empty() || document.foley.sets.contains(name)) return name;
  for (const auto& [id, set] : document.foley.sets)
    if (to_upper(set.surface) == to_upper(name)) return id;
  return id_of(name);
}

}  // namespace

std::string write_foley_sheet(const session::Document& document) {
  std::vector<std::pair<session::Id, const session::FoleyCue*>> cues;
  for (const auto& [id, cue] : document.foley.cues) cues.push_back({id, &cue});
  std::stable_sort(cues.begin(), cues.end(), [](const auto& a, const auto& b) {
    return a.second->pass != b.second->pass ? a.second->pass < b.second->pass : a.second->at < b.second->at;
  });
  std::vector<CsvRow> rows{{"Cue", "Pass", "In", "In (s)", "Out", "Character", "Surface", "Action", "Set", "Performance", "On screen", "Status", "Gain (dB)", "Reason"}};
  for (const auto& [id, cue] : cues)
    rows.push_back({id, word(cue->pass), timecode(document, cue->at), fmt::format("{:.6f}", seconds(cue->at, document.rate)), cue->out ? timecode(document, *cue->out) : "",
                    cue->character, cue->surface, cue->action, cue->set, cue->performance, cue->on_screen ? "yes" : "no", word(cue->status), fmt::format("{:.1f}", cue->gain.value),
                    cue->decided.reason});
  return write_csv(rows);
}

Result<FoleySheet> read_foley_sheet(std::string_view csv, const session::Document& document) {
  const CsvTable table = read_csv(csv);
  const auto in = table.column({"In", "Time", "Timecode", "TC", "At", "Start"}), exact = table.column({"In (s)", "Seconds", "In s"});
  if (!in && !exact) return Error{Code::Damaged, "Foley sheet: no column In, Time or Timecode in its first row", "name the column of times In"};
  const auto name = table.column({"Cue", "Cue no.", "Number", "Name", "Id"}), pass = table.column({"Pass"}), out = table.column({"Out", "End"}),
             character = table.column({"Character", "Who"}), surface = table.column({"Surface", "Shoe/Surface", "Prop"}), action = table.column({"Action", "Description", "What"}),
             set = table.column({"Set"}), performance = table.column({"Performance"}), on_screen = table.column({"On screen", "Seen"}), status = table.column({"Status"}),
             gain = table.column({"Gain (dB)", "Gain"}), reason = table.column({"Reason", "Notes"});
  const auto text = [&](std::size_t row, std::optional<std::size_t> column) { return column ? table.cell(row, *column) : std::string(); };
  FoleySheet sheet;
  sheet.warnings = table.warnings;
  for (std::size_t row = 1; row < table.rows.size(); ++row) {
    const int line = table.lines[row];
    session::FoleyCue cue;
    const auto by_label = in ? place(document, text(row, in)) : std::nullopt;
    const auto by_seconds = number(text(row, exact));
    const std::optional<SamplePosition> at_seconds = by_seconds ? std::optional(SamplePosition{samples(*by_seconds, document.rate).value}) : std::nullopt;
    if (!by_label && !at_seconds) {
      sheet.warnings.push_back(fmt::format("line {}: \"{}\" is neither timecode nor seconds", line, text(row, in ? in : exact)));
      continue;
    }
    cue.at = which(document, by_label.value_or(kNowhere), at_seconds.value_or(kNowhere));
    if (const auto end = text(row, out); !end.empty()) cue.out = place(document, end);
    cue.pass = value_of<session::FoleyPass>(text(row, pass)).value_or(session::FoleyPass::Feet);
    cue.character = text(row, character);
    cue.surface = text(row, surface);
    cue.action = text(row, action);
    cue.set = set_of(document, text(row, set).empty() && text(row, performance).empty() ? cue.surface : text(row, set));
    cue.performance = text(row, performance);
    cue.on_screen = to_upper(text(row, on_screen)) != "NO";
    cue.status = value_of<session::CueStatus>(text(row, status)).value_or(session::CueStatus::Open);
    cue.gain = Decibels{std::clamp(number(text(row, gain)).value_or(0), -96.0, 48.0)};
    cue.decided.by = session::By::Person;
    cue.decided.reason = text(row, reason).empty() ? fmt::format("Foley sheet, line {}", line) : text(row, reason);
    session::Id id = id_of(text(row, name));
    if (id.empty()) id = fmt::format("{}-{:04}", word(cue.pass), row);
    while (sheet.cues.contains(id)) id += "x";
    sheet.cues[id] = std::move(cue);
  }
  return sheet;
}

}  // namespace twopop::interchange
