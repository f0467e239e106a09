#pragma once

#include "core/fields.h"
#include "phases/film.h"

#include <array>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace twopop::phases {

constexpr auto names_of(Severity) {
  return std::array{EnumName<Severity>{Severity::Note, "note"}, EnumName<Severity>{Severity::Warning, "warning"}, EnumName<Severity>{Severity::Error, "error"}};
}
constexpr auto names_of(Staleness) {
  return std::array{EnumName<Staleness>{Staleness::NotApproved, "not-approved"}, EnumName<Staleness>{Staleness::UpToDate, "up-to-date"},
                    EnumName<Staleness>{Staleness::DecisionChanged, "decision-changed"}, EnumName<Staleness>{Staleness::EngineChanged, "engine-changed"}};
}

}  // namespace twopop::phases

/// The board as values that can be written: what the command line prints as JSON and the server sends.
namespace twopop::deliver {

/// "01:00:10:12" of a film position.
std::string timecode_of(SamplePosition at, const session::Document& document);
/// A file's name, for people.
std::string name_of_media(const session::Document& document, const session::Id& id);
/// What the path of a session item stands for, for people: the file behind it. Empty if there is none.
std::string item_name(const session::Document& document, const std::string& item);

struct Figure {
  double value = 0;
  std::string unit;
  static constexpr auto fields() { return std::make_tuple(field("value", &Figure::value, "What was measured"), field("unit", &Figure::unit, "Its unit")); }
};

/// A stretch of film, in timecode and in samples.
struct Stretch {
  std::string in, out;
  SamplePosition in_samples{}, out_samples{};
  static constexpr auto fields() {
    return std::make_tuple(field("in", &Stretch::in, "Timecode of its start"), field("out", &Stretch::out, "Timecode of its end"), field("in_samples", &Stretch::in_samples, "First sample"),
                           field("out_samples", &Stretch::out_samples, "First sample behind it"));
  }
};
Stretch stretch_of(SampleRange range, const session::Document& document);

/// What a supervising editor would send back.
struct FindingValue {
  phases::Severity severity = phases::Severity::Note;
  std::string phase, code, item;
  std::optional<std::string> in, out;
  std::optional<SamplePosition> in_samples, out_samples;
  std::string message, remedy;
  std::optional<Figure> figure;
  static constexpr auto fields() {
    return std::make_tuple(field("severity", &FindingValue::severity, "How bad it is"), field("phase", &FindingValue::phase, "dialogue ... mix, media or deliver"),
                           field("code", &FindingValue::code, "Stable name of the kind of finding"), field("item", &FindingValue::item, "Path of the session item, or a file name"),
                           field("in", &FindingValue::in, "Timecode where it begins"), field("out", &FindingValue::out, "Timecode where it ends"),
                           field("in_samples", &FindingValue::in_samples, "First sample"), field("out_samples", &FindingValue::out_samples, "First sample behind it"),
                           field("message", &FindingValue::message, "What is wrong"), field("remedy", &FindingValue::remedy, "What to do"), field("figure", &FindingValue::figure, "The figure behind it"));
  }
};
FindingValue value_of(const phases::Finding& finding, const session::Document& document);

/// A row of the board.
struct PhaseRow {
  std::string phase;
  int items = 0, by_person = 0, open = 0, findings = 0;
  phases::Staleness approval = phases::Staleness::NotApproved;
  std::string approved_by, approved_at;
  std::vector<Stretch> stale;
  static constexpr auto fields() {
    return std::make_tuple(field("phase", &PhaseRow::phase, "dialogue, adr, design, foley, music or mix"), field("items", &PhaseRow::items, "Decisions in its part of the session"),
                           field("by_person", &PhaseRow::by_person, "Those made by people"), field("open", &PhaseRow::open, "Cues to record, things undone"),
                           field("findings", &PhaseRow::findings, "How many findings concern it"), field("approval", &PhaseRow::approval, "Whether what was approved is what is heard"),
                           field("approved_by", &PhaseRow::approved_by, "Who approved it; empty: nobody"), field("approved_at", &PhaseRow::approved_at, "When (UTC)"),
                           field("stale", &PhaseRow::stale, "Where the sound differs from what was approved"));
  }
};
PhaseRow value_of(const phases::PhaseStatus& row, const session::Document& document);

/// The document with a phase approved as it sounds today: made if it is not in the cache.
Result<session::Document> approved(const session::Document& document, const phases::FilmPlace& place, const phases::Whole& whole, const std::string& phase,
                                   const std::string& who, const std::string& note, std::int64_t revision);
/// The document with an approval taken back. Fails with NotFound where there is none.
Result<session::Document> approval_withdrawn(const session::Document& document, const std::string& phase);

}  // namespace twopop::deliver
