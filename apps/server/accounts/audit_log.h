#pragma once

#include "accounts/rate_limit.h"
#include "accounts/tables.h"
#include "api/values_people.h"

#include <map>

namespace twopop::server {

/// Who did what, bounded both in lines and in how fast one address can write refusals. One thread at a time.
///
/// A line is in the file when add() returns, but not forced onto the disk: a power cut may take the last ones.
class AuditLog {
 public:
  AuditLog(Database& database, std::int64_t most) : database_(database), most_(most) {}

  void add(AuditEntry entry, double now_s);
  Result<std::vector<AuditEntry>> before(std::int64_t id, int limit);

 private:
  Database& database_;
  const std::int64_t most_;
  RateLimit refusals_{60, 1};
  std::map<std::string, int> withheld_;  ///< by address, since its last line; bounded
  int since_trim_ = 0;
};

}  // namespace twopop::server
