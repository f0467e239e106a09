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

std::string name_of_media(const session::Document& document, const session::Id& id) {
  const auto found = document.media.find(id);
  if (found == document.media.end()) return id;
  return found->second.name.empty() ? std::filesystem::path(found->second.path).filename().string() : found->second.name;
}

std::string item_name(const session::Document& document, const std::string& item) {
  const auto id_in = [&](std::string_view collection) { return item.starts_with(collection) ? std::optional(item.substr(collection.size())) : std::nullopt; };
  if (const auto id = id_in("/media/")) return document.media.contains(*id) ? name_of_media(document, *id) : std::string();
  if (const auto id = id_in("/adr/takes/"))
    if (const auto take = document.adr.takes.find(*id); take != document.adr.takes.end()) return name_of_media(document, take->second.media);
  if (const auto id = id_in("/dialogue/placements/"))
    if (const auto placed = document.dialogue.placements.find(*id); placed != document.dialogue.placements.end()) return name_of_media(document, placed->second.media);
  if (const auto id = id_in("/dialogue/clips/"))
    if (const auto clip = document.dialogue.clips.find(*id); clip != document.dialogue.clips.end())
      if (const auto placed = document.dialogue.placements.find(clip->second.placement); placed != document.dialogue.placements.end()) return name_of_media(document, placed->second.media);
  return item.starts_with('/') ? std::string() : item;
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
