#pragma once

#include "core/result.h"

#include <exception>
#include <new>

namespace twopop::server {

/// Does work on a thread of our own, where nobody else catches what is thrown: a film too large for the memory must not end the server
/// for all others. What is thrown becomes the work's error.
template <class Work>
auto caught(const Work& work) noexcept -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return Error{Code::OutOfSpace, "there is not enough memory", "close other programs, or undo what made the film so large"};
  } catch (const std::exception& e) {
    return Error{Code::Internal, e.what(), "undo the last change, and report this"};
  }
}

}  // namespace twopop::server
