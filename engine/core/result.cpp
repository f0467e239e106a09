#include "core/result.h"

#include <cstdio>
#include <cstdlib>

namespace twopop {

const char* name_of(Code code) {
  switch (code) {
    case Code::InvalidArgument: return "invalid_argument";
    case Code::NotFound: return "not_found";
    case Code::AlreadyExists: return "already_exists";
    case Code::Unreadable: return "unreadable";
    case Code::Damaged: return "damaged";
    case Code::Unsupported: return "unsupported";
    case Code::RateMismatch: return "rate_mismatch";
    case Code::Conflict: return "conflict";
    case Code::InvariantBroken: return "invariant_broken";
    case Code::OutOfSpace: return "out_of_space";
    case Code::IoFailed: return "io_failed";
    case Code::Cancelled: return "cancelled";
    case Code::Busy: return "busy";
    case Code::Internal: return "internal";
  }
  return "internal";
}

int exit_code_of(Code code) { return static_cast<int>(code) + 2; }

namespace detail {

void bug(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "twopop: internal error: %s does not hold (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace detail
}  // namespace twopop
