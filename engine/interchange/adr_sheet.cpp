#include "interchange/adr_sheet.h"

#include "core/text.h"
#include "interchange/csv.h"
#include "session/validate.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace twopop::interchange {
namespace {

std::string timecode(const session::Document& document, SamplePosition at) {
  return to_string(timecode_at(at, Timecode{document.start_frame}, document.timecode_rate(), document.rate), document.timecode_rate());
}

std::string word(session::CueStatus status) {
  for (const auto& known : names_of(status))
    if (known.value == status) return known.name;
  return {};
}

/// Seconds from the film's first frame, with a point or a comma.
std::optional<SamplePosition> by_seconds(const session::Document& document, std::string text) {
  if (text.find('.') == std::string::npos) std::replace(text.begin(), text.end(), ',', '.');
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || status != std::errc{} || end != text.data() + text.size() || !(std::fabs(value) < 1e6)) return std::nullopt;
  return SamplePosition{samples(value, document.rate).value};
}

class Reader {
 public:
  Reader(const CsvTable& table, const session::Document& document) : table_(table), document_(document) {
    sheet_.cues = document.adr.cues;
    sheet_.warnings = table.warnings;
  }

  Result<AdrSheet> run() {
    number_ = table_.column({"Cue", "Cue number", "Cue no.", "Number", "#", "Id"});
    in_ = table_.column({"In", "TC in", "Start", "Time", "Timecode"});
    out_ = table_.column({"Out", "TC out", "End"});
    exact_in_ = table_.column({"In (s)", "In s", "Seconds"});
    exact_out_ = table_.column({"Out (s)", "Out s"});
    line_ = table_.column({"Line", "Text", "Words", "Dialogue", "Dialog"});
    const bool placed = (in_ || exact_in_) && (out_ || exact_out_);
    if (!line_ && !number_ && !placed)
      return Error{Code::Damaged, "ADR sheet: no column Cue, Line or In and Out in its first row", "name its columns, such as Cue, In, Out, Character, Line"};
    for (row_ = 1; row_ < table_.rows.size(); ++row_) take_row();
    return std::move(sheet_);
  }

 private:
  std::string text(std::optional<std::size_t> column) const { return column ? table_.cell(row_, *column) : std::string(); }
  void warn(const std::string& what) { sheet_.warnings.push_back(fmt::format("line {}: {}", table_.lines[row_], what)); }
  void take(std::optional<std::size_t> column, std::string& into) const {
    if (std::string cell = text(column); !cell.empty()) into = std::move(cell);
  }

  /// Nothing where both cells are empty, or, with a warning, where they name no place of the film.
  std::optional<SamplePosition> place(std::optional<std::size_t> label_column, std::optional<std::size_t> exact_column) {
    const std::string label = text(label_column);
    const auto exact = by_seconds(document_, text(exact_column));
    std::optional<SamplePosition> at = by_seconds(document_, label);
    if (!at && !label.empty()) {
      const auto parsed = parse_timecode(label, document_.timecode_rate());
      if (!parsed) {
        warn(parsed.error().message);
        return std::nullopt;
      }
      at = position_of(*parsed, Timecode{document_.start_frame}, document_.timecode_rate(), document_.rate);
    }
    const auto frame = [&](SamplePosition p) { return frame_of_sample(p, document_.frames, document_.rate); };
    if (exact && (!at || frame(*exact) == frame(*at))) at = exact;
    if (at && (at->value < 0 || *at > SamplePosition{document_.picture.length.value})) {
      warn(fmt::format("{} lies outside the film", label.empty() ? text(exact_column) : label));
      return std::nullopt;
    }
    return at;
  }

  void take_row() {
    const std::string number = text(number_);
    auto known = sheet_.cues.find(number);
    for (auto i = sheet_.cues.begin(); i != sheet_.cues.end() && !number.empty(); ++i)
      if (i->second.number == number) known = i;
    const bool is_new = known == sheet_.cues.end();
    session::AdrCue cue = is_new ? session::AdrCue{} : known->second;
    const std::size_t warned = sheet_.warnings.size();
    const auto in = place(in_, exact_in_), out = place(out_, exact_out_);
    if (sheet_.warnings.size() > warned) return;
    if (is_new && (!in || !out)) return warn("a cue that is not in the film yet needs its in and out");
    cue.film = {in.value_or(cue.film.in), out.value_or(cue.film.out)};
    if (cue.film.out <= cue.film.in) return warn("its out does not lie behind its in");
    take(number_, cue.number);
    take(line_, cue.text);
    take(table_.column({"Character", "Role", "Actor", "Who"}), cue.character);
    take(table_.column({"Alternate line", "Alternate", "Alt"}), cue.alternate_text);
    take(table_.column({"Reason", "Reason code"}), cue.reason_code);
    take(table_.column({"Notes", "Note", "Comment", "Comments"}), cue.notes);
    if (cue.reason_code.empty()) cue.reason_code = "A";
    take_status(cue);
    const std::string seen = to_upper(text(table_.column({"On screen", "Seen"})));
    if (!seen.empty()) cue.on_screen = seen != "NO" && seen != "N" && seen != "0" && seen != "FALSE";
    cue.decided = {session::By::Person, fmt::format("ADR sheet, line {}", table_.lines[row_]), 1.0};
    ++(is_new ? sheet_.added : sheet_.changed);
    const session::Id id = is_new ? session::unused_id(sheet_.cues, session::id_from(number.empty() ? fmt::format("adr-{}", row_) : number)) : known->first;
    sheet_.cues[id] = std::move(cue);
  }

  void take_status(session::AdrCue& cue) {
    const std::string status = to_upper(text(table_.column({"Status", "State"})));
    if (status.empty()) return;
    for (const auto& known : names_of(cue.status))
      if (to_upper(known.name) == status) {
        cue.status = known.value;
        return;
      }
    warn(fmt::format("status '{}' is none of open, recorded, done, omitted", text(table_.column({"Status", "State"}))));
  }

  const CsvTable& table_;
  const session::Document& document_;
  AdrSheet sheet_;
  std::size_t row_ = 0;
  std::optional<std::size_t> number_, in_, out_, exact_in_, exact_out_, line_;
};

}  // namespace

std::string write_adr_sheet(const session::Document& document) {
  std::vector<std::pair<session::Id, const session::AdrCue*>> cues;
  for (const auto& [id, cue] : document.adr.cues) cues.push_back({id, &cue});
  std::stable_sort(cues.begin(), cues.end(), [](const auto& a, const auto& b) { return a.second->film.in < b.second->film.in; });
  std::vector<CsvRow> rows{{"Cue", "In", "Out", "Character", "Line", "Alternate line", "Reason", "Figure", "Notes", "Status", "On screen", "Take", "In (s)", "Out (s)"}};
  for (const auto& [id, cue] : cues) {
    const auto take = document.adr.takes.find(cue->chosen_take);
    const auto media = take != document.adr.takes.end() ? document.media.find(take->second.media) : document.media.end();
    rows.push_back({cue->number.empty() ? id : cue->number, timecode(document, cue->film.in), timecode(document, cue->film.out), cue->character, cue->text,
                    cue->alternate_text, cue->reason_code, cue->figure, cue->notes, word(cue->status), cue->on_screen ? "yes" : "no",
                    media != document.media.end() ? media->second.name : cue->chosen_take, fmt::format("{:.6f}", seconds(cue->film.in, document.rate)),
                    fmt::format("{:.6f}", seconds(cue->film.out, document.rate))});
  }
  return write_csv(rows);
}

Result<AdrSheet> read_adr_sheet(std::string_view csv, const session::Document& document) {
  const CsvTable table = read_csv(csv);
  return Reader(table, document).run();
}

}  // namespace twopop::interchange
