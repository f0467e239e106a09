#include "deliver/board.h"

#include <chrono>
#include <ctime>

namespace twopop::deliver {
namespace {

std::string now_utc() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

}  // namespace

std::string timecode_of(SamplePosition at, const session::Document& document) {
  return to_string(timecode_at(at, Timecode{document.start_frame}, document.timecode_rate(), document.rate), document.timecode_rate());
}

Stretch stretch_of(SampleRange range, const session::Document& document) {
  return {timecode_of(range.begin, document), timecode_of(range.end, document), range.begin, range.end};
}

FindingValue value_of(const phases::Finding& f, const session::Document& document) {
  FindingValue value{f.severity, f.phase, f.code, f.item, {}, {}, {}, {}, f.message, f.remedy, {}};
  if (f.where) {
    value.in = timecode_of(f.where->begin, document);
    value.out = timecode_of(f.where->end, document);
    value.in_samples = f.where->begin;
    value.out_samples = f.where->end;
  }
  if (!f.unit.empty()) value.figure = Figure{f.figure, f.unit};
  return value;
}

PhaseRow value_of(const phases::PhaseStatus& row, const session::Document& document) {
  PhaseRow value{row.phase, row.items, row.by_person, row.open, row.findings, row.staleness, row.approved_by, row.approved_at, {}};
  for (const SampleRange& range : row.stale) value.stale.push_back(stretch_of(range, document));
  return value;
}

Result<session::Document> approved(const session::Document& document, const phases::FilmPlace& place, const phases::Whole& whole, const std::string& phase,
                                   const std::string& who, const std::string& note, std::int64_t revision) {
  TWOPOP_TRY(session::Approval approval, phases::approval_of(document, place, whole, phase));
  approval.who = who;
  approval.when = now_utc();
  approval.note = note;
  approval.revision = revision;
  session::Document next = document;
  next.approvals[phase] = std::move(approval);
  return next;
}

Result<session::Document> approval_withdrawn(const session::Document& document, const std::string& phase) {
  session::Document next = document;
  if (next.approvals.erase(phase) == 0) return Error{Code::NotFound, fmt::format("{} is not approved", phase), "the board shows what is"};
  return next;
}

}  // namespace twopop::deliver
