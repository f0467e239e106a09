#include "accounts/audit_log.h"

#include "accounts/accounts.h"

#include <algorithm>

namespace twopop::server {
namespace {

constexpr std::size_t kMostWithheld = 10'000;

/// What a stranger wrote, made fit for a list: printable and short.
std::string tidy(std::string text, std::size_t most) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  if (text.size() > most) {
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
    text = text.substr(0, most) + "…";
  }
  return text;
}

}  // namespace

void AuditLog::add(AuditEntry entry, double now_s) {
  const std::string peer = tidy(entry.peer, 64);
  int more = 0;
  if (entry.status >= 400) {
    const std::string key = peer_key(peer);
    if (refusals_.take(key, now_s)) {
      if (withheld_.size() >= kMostWithheld) withheld_.clear();
      ++withheld_[key];
      return;
    }
    if (const auto found = withheld_.find(key); found != withheld_.end()) {
      more = found->second;
      withheld_.erase(found);
    }
  }
  const std::string who = tidy(entry.who, 100), what = tidy(entry.what, 200);
  // A log that cannot be written must not stop the work: the disk's error comes up where somebody can act on it.
  static_cast<void>(database_.execute("PRAGMA synchronous=NORMAL"));
  static_cast<void>(run(database_, "INSERT INTO audit(time, who, peer, what, status, more) VALUES(?1, ?2, ?3, ?4, ?5, ?6)", static_cast<std::int64_t>(now_s), who, peer, what, entry.status, more));
  if (++since_trim_ >= 200) {
    since_trim_ = 0;
    static_cast<void>(run(database_, "DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?1", most_));
  }
  static_cast<void>(database_.execute("PRAGMA synchronous=FULL"));
}

Result<std::vector<AuditEntry>> AuditLog::before(std::int64_t id, int limit) {
  TWOPOP_TRY(Statement rows, query(database_, "SELECT id, time, who, peer, what, status, more FROM audit WHERE id < ?1 ORDER BY id DESC LIMIT ?2", id, std::clamp(limit, 1, 1000)));
  std::vector<AuditEntry> lines;
  for (;;) {
    TWOPOP_TRY(const bool row, rows.step());
    if (!row) return lines;
    lines.push_back({rows.integer(0), utc_text(rows.integer(1)), rows.text(2), rows.text(3), rows.text(4), static_cast<int>(rows.integer(5)), static_cast<int>(rows.integer(6))});
  }
}

}  // namespace twopop::server
