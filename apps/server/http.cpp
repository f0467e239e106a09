#include "http.h"

#include "net/policy.h"

namespace twopop::server {
namespace {

int status_of(Code code) {
  switch (code) {
    case Code::InvalidArgument: return 400;
    case Code::NotFound: return 404;
    case Code::AlreadyExists:
    case Code::Conflict: return 409;
    case Code::Unreadable:
    case Code::Damaged:
    case Code::Unsupported:
    case Code::RateMismatch:
    case Code::InvariantBroken: return 422;
    case Code::OutOfSpace: return 507;
    case Code::Busy:
    case Code::Cancelled: return 503;
    case Code::IoFailed:
    case Code::Internal: return 500;
  }
  return 500;
}

Response answer(const Problem& problem) {
  return {problem.status, "application/problem+json", {}, session::write_json(problem, session::JsonLayout::Compact)};
}

}  // namespace

Problem problem_of(const Error& error, std::vector<std::string> collided) {
  Problem out;
  out.status = status_of(error.code);
  out.title = reason_phrase(out.status);
  out.detail = error.message;
  out.remedy = error.remedy;
  out.code = name_of(error.code);
  out.collided = std::move(collided);
  return out;
}

Response problem(const Error& error, std::vector<std::string> collided) { return answer(problem_of(error, std::move(collided))); }

Response problem(int status, std::string code, std::string detail, std::string remedy) {
  Problem out;
  out.status = status;
  out.title = reason_phrase(status);
  out.detail = std::move(detail);
  out.remedy = std::move(remedy);
  out.code = std::move(code);
  return answer(out);
}

}  // namespace twopop::server
