#include "interchange/csv.h"
#include "interchange/sheets.h"

#include "core/text.h"
#include "session/validate.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace twopop::interchange {
namespace {

using Names = std::span<const std::string_view>;
constexpr std::string_view kIn[]{"time", "timecode", "tc", "in", "tc in", "start", "at", "position"}, kOut[]{"out", "tc out", "end"},
    kInSeconds[]{"time s", "time_s", "in s", "in_s", "seconds"}, kOutSeconds[]{"out s", "out_s"}, kNumber[]{"cue", "cue number", "number", "id", "#"},
    kCharacter[]{"character", "actor", "role", "who"}, kLine[]{"line", "text", "words", "dialogue", "dialog"},
    kAlternate[]{"alternate line", "alternate", "alt"}, kReason[]{"reason", "reason code"}, kNotes[]{"notes", "note", "comment", "comments"},
    kStatus[]{"status", "state"}, kOnScreen[]{"on screen", "on_screen", "onscreen"}, kPass[]{"pass"}, kSurface[]{"surface", "shoe", "prop"},
    kAction[]{"action", "what"}, kPerformance[]{"performance"}, kSet[]{"set"}, kGain[]{"gain db", "gain_db", "gain", "level db", "level_db"}, kFile[]{"file", "sound", "media"}, kPan[]{"pan"};

std::optional<double> number(const std::string& text) {
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  std::string dotted(digits);
  // "12,5" of a sheet that is divided by semicolons.
  if (dotted.find('.') == std::string::npos) std::replace(dotted.begin(), dotted.end(), ',', '.');
  double value = 0;
  const auto [end, status] = std::from_chars(dotted.data(), dotted.data() + dotted.size(), value);
  if (dotted.empty() || status != std::errc{} || end != dotted.data() + dotted.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

class Taker {
 public:
  Taker(const CsvTable& table, const session::Document& document, std::string name) : table_(table), name_(std::move(name)) {
    taken_.document = document;
    taken_.warnings = table.warnings;
  }

  Result<SheetTaken> run() {
    const bool has_time = table_.column(kIn) || table_.column(kInSeconds);
    const bool has_number = table_.column(kNumber).has_value();
    if (table_.column(kFile) && has_time) taken_.kind = SheetKind::Effects;
    else if (table_.column(kPass) && has_time) taken_.kind = SheetKind::Foley;
    else if (table_.column(kLine) && (has_time || has_number)) taken_.kind = SheetKind::Adr;
    else if (table_.column(kSurface) && has_time) taken_.kind = SheetKind::Foley;
    else
      return Error{Code::InvalidArgument, fmt::format("{}: its columns are those of no ADR, Foley or effects sheet", name_),
                   "give it a first row such as \"timecode,pass,surface\" (Foley), \"cue,in,out,character,line\" (ADR) or \"time_s,file\" (effects)"};
    for (row_ = 1; row_ < table_.rows.size(); ++row_) {
      switch (taken_.kind) {
        case SheetKind::Adr: take_adr(); break;
        case SheetKind::Foley: take_foley(); break;
        case SheetKind::Effects: take_effect(); break;
      }
    }
    return std::move(taken_);
  }

 private:
  std::string cell(Names names) const {
    const auto column = table_.column(names);
    return column ? table_.cell(row_, *column) : std::string();
  }

  void warn(const std::string& what) {
    taken_.warnings.push_back(fmt::format("{}, line {}: {}", name_, table_.lines[row_], what));
  }

  session::Decision decided() const { return {session::By::Person, fmt::format("{}, line {}", name_, table_.lines[row_]), 1.0}; }

  /// The place that a cell names; nothing, with a warning, where it names none of the film.
  std::optional<SamplePosition> place(Names label_names, Names second_names, bool needed) {
    const session::Document& film = taken_.document;
    const std::string label = cell(label_names), exact = cell(second_names);
    std::optional<SamplePosition> at, precise;
    if (const auto s = number(exact); s && std::fabs(*s) < 1e7) precise = SamplePosition{samples(*s, film.rate).value};
    if (label.find(':') != std::string::npos) {
      const auto timecode = parse_timecode(label, film.timecode_rate());
      if (!timecode) {
        warn(timecode.error().message);
        return std::nullopt;
      }
      at = position_of(*timecode, {film.start_frame}, film.timecode_rate(), film.rate);
      if (precise && timecode_at(*precise, {film.start_frame}, film.timecode_rate(), film.rate) == *timecode) at = precise;
    } else if (const auto s = number(label); s && std::fabs(*s) < 1e7) {
      at = SamplePosition{samples(*s, film.rate).value};
    } else {
      at = precise;
    }
    if (!at) {
      if (needed) warn(fmt::format("'{}' is no timecode and no number of seconds", label.empty() ? exact : label));
      return std::nullopt;
    }
    if (at->value < 0 || at->value > film.picture.length.value) {
      warn(fmt::format("{} lies outside the film", label.empty() ? exact : label));
      return std::nullopt;
    }
    return at;
  }

  template <class Enum>
  void take_name(Names names, Enum& into) {
    const std::string text = to_upper(cell(names));
    if (text.empty()) return;
    for (const auto& known : names_of(into))
      if (to_upper(known.name) == text) {
        into = known.value;
        return;
      }
    warn(fmt::format("'{}' is not known here", cell(names)));
  }

  void take_text(Names names, std::string& into) const {
    if (std::string text = cell(names); !text.empty()) into = std::move(text);
  }

  void take_flag(Names names, bool& into) const {
    const std::string text = to_upper(cell(names));
    if (text == "YES" || text == "Y" || text == "TRUE" || text == "1" || text == "ON") into = true;
    if (text == "NO" || text == "N" || text == "FALSE" || text == "0" || text == "OFF") into = false;
  }

  void take_gain(Decibels& into) {
    const std::string text = cell(kGain);
    if (text.empty()) return;
    const auto gain = number(text);
    if (gain && *gain >= -96 && *gain <= 48) into = {*gain};
    else warn(fmt::format("a gain of '{}' dB is not between -96 and 48", text));
  }

  /// The cue that a row speaks of: one with that id, or a fresh one.
  template <class Cue>
  Cue& cue_of(std::map<session::Id, Cue>& cues, const session::Id& id, const session::Id& wish) {
    const auto found = cues.find(id);
    ++(found != cues.end() ? taken_.changed : taken_.added);
    Cue& cue = found != cues.end() ? found->second : cues[session::unused_id(cues, wish)];
    cue.decided = decided();
    return cue;
  }

  void take_adr() {
    auto& cues = taken_.document.adr.cues;
    const std::string number = cell(kNumber);
    session::Id id = number;
    for (const auto& [known, cue] : cues)
      if (!number.empty() && cue.number == number) id = known;
    const bool known = cues.contains(id);
    const auto in = place(kIn, kInSeconds, !known), out = place(kOut, kOutSeconds, !known);
    const SamplePosition begin = in ? *in : known ? cues.at(id).film.in : SamplePosition{}, end = out ? *out : known ? cues.at(id).film.out : SamplePosition{};
    if (!known && (!in || !out)) return;
    if (end <= begin) return warn("its out does not lie behind its in");
    session::AdrCue& cue = cue_of(cues, id, session::id_from(number.empty() ? fmt::format("adr-{}", row_) : number));
    cue.film = {begin, end};
    take_text(kNumber, cue.number);
    take_text(kCharacter, cue.character);
    take_text(kLine, cue.text);
    take_text(kAlternate, cue.alternate_text);
    take_text(kReason, cue.reason_code);
    take_text(kNotes, cue.notes);
    if (!known && cue.reason_code.empty()) cue.reason_code = "A";
    take_name(kStatus, cue.status);
    take_flag(kOnScreen, cue.on_screen);
  }

  void take_foley() {
    auto& cues = taken_.document.foley.cues;
    const std::string number = cell(kNumber);
    const auto at = place(kIn, kInSeconds, true);
    if (!at) return;
    const auto out = place(kOut, kOutSeconds, false);
    if (out && *out <= *at) return warn("its out does not lie behind its start");
    session::FoleyCue& cue = cue_of(cues, number, session::id_from(number.empty() ? fmt::format("foley-{}", row_) : number));
    cue.at = *at;
    if (out) cue.out = *out;
    take_name(kPass, cue.pass);
    take_text(kCharacter, cue.character);
    take_text(kSurface, cue.surface);
    take_text(kAction, cue.action);
    take_name(kStatus, cue.status);
    take_flag(kOnScreen, cue.on_screen);
    take_gain(cue.gain);
    take_text(kPerformance, cue.performance);
    const std::string set = cell(kSet);
    // Sets are made when the recordings are spotted: a surface that has none yet gets it then.
    if (taken_.document.foley.sets.contains(set)) cue.set = set;
    else if (cue.surface.empty()) cue.surface = set;
  }

  void take_effect() {
    const auto at = place(kIn, kInSeconds, true);
    if (!at) return;
    const std::string file = cell(kFile);
    const std::string wanted = to_upper(file), stem = to_upper(std::filesystem::path(file).stem().string());
    session::Id media;
    for (const auto& [id, known] : taken_.document.media) {
      const std::filesystem::path path = known.path;
      if (to_upper(path.filename().string()) == wanted || (media.empty() && (to_upper(known.name) == stem || to_upper(path.stem().string()) == stem))) media = id;
    }
    if (media.empty()) return warn(fmt::format("no file '{}' is in the film", file));
    session::EffectClip& clip = cue_of(taken_.document.design.effects, cell(kNumber), session::id_from(fmt::format("fx-{}-{}", media, row_)));
    clip.media = media;
    clip.at = *at;
    if (clip.track.empty()) clip.track = "effects";
    clip.name = taken_.document.media.at(media).name;
    take_gain(clip.gain);
    if (const auto pan = number(cell(kPan)); pan && std::fabs(*pan) <= 1) clip.pan = *pan;
  }

  const CsvTable& table_;
  std::string name_;
  SheetTaken taken_;
  std::size_t row_ = 0;
};

}  // namespace

Result<SheetTaken> take_sheet(std::string_view csv, const session::Document& document, const std::string& name) {
  const CsvTable table = read_csv(csv);
  return Taker(table, document, name).run();
}

}  // namespace twopop::interchange
