#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace twopop {

/// What kind of thing went wrong. Exit codes and HTTP problem documents are made from it.
enum class Code {
  InvalidArgument,   ///< a value from outside is not allowed
  NotFound,          ///< a file, id or place does not exist
  AlreadyExists,     ///< something is in the way
  Unreadable,        ///< the file is there but cannot be read
  Damaged,           ///< the bytes are not what their format demands
  Unsupported,       ///< well-formed, but not something we handle
  RateMismatch,      ///< sample or frame rates do not agree
  Conflict,          ///< an edit collides with another edit
  InvariantBroken,   ///< a session would no longer hold together
  OutOfSpace,        ///< disk or budget exhausted
  IoFailed,          ///< the operating system refused
  Cancelled,         ///< somebody asked to stop
  Busy,              ///< another process holds the lock
  Internal,          ///< a bug of ours that could still be reported
};

/// Stable name of a code for JSON output, such as "not_found".
const char* name_of(Code code);
/// Process exit code for a failed command (2..20; 0 is success, 1 is an uncaught failure).
int exit_code_of(Code code);

/// A failure that a user or a disk can cause: a sentence with the offending value and place,
/// and what to do next.
struct Error {
  Code code = Code::Internal;
  std::string message;
  std::string remedy{};

  /// "message; remedy" for terminals.
  std::string sentence() const { return remedy.empty() ? message : message + "; " + remedy; }
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  bool ok() const { return state_.index() == 0; }
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const Error& error() const { return std::get<1>(state_); }
  Error& error() { return std::get<1>(state_); }
  T value_or(T other) const { return ok() ? std::get<0>(state_) : std::move(other); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  explicit operator bool() const { return !error_; }
  bool ok() const { return !error_; }
  const Error& error() const { return *error_; }
  Error& error() { return *error_; }

 private:
  std::optional<Error> error_;
};

}  // namespace twopop

#define TWOPOP_CONCAT_(a, b) a##b
#define TWOPOP_CONCAT(a, b) TWOPOP_CONCAT_(a, b)

/// TWOPOP_TRY(auto x, f());  declares x from the value of a Result, or returns its error.
#define TWOPOP_TRY(declaration, expression) TWOPOP_TRY_(declaration, (expression), TWOPOP_CONCAT(try_, __LINE__))
#define TWOPOP_TRY_(declaration, expression, temporary) \
  auto temporary = expression;                          \
  if (!temporary) return std::move(temporary).error();  \
  declaration = *std::move(temporary)

/// TWOPOP_CHECK(f());  returns the error of a failed Result<void> (or any Result), goes on otherwise.
#define TWOPOP_CHECK(expression)                                         \
  do {                                                                   \
    if (auto check_ = (expression); !check_) return std::move(check_).error(); \
  } while (false)

namespace twopop::detail {
[[noreturn]] void bug(const char* condition, const char* file, int line);
}
/// Always on: a broken assumption of ours, never a consequence of bad input.
#define TWOPOP_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::twopop::detail::bug(#condition, __FILE__, __LINE__))
