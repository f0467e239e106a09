#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace twopop::test {

/// Folder of real recordings beside the project (../shared), or the one named by TWOPOP_SHARED.
/// Empty if absent: a test that needs it skips and says so.
inline std::filesystem::path shared_folder() {
  if (const char* set = std::getenv("TWOPOP_SHARED")) return std::filesystem::is_directory(set) ? set : "";
  const std::filesystem::path beside = std::filesystem::path(TWOPOP_SOURCE_DIR).parent_path() / "shared";
  return std::filesystem::is_directory(beside) ? beside : std::filesystem::path();
}

}  // namespace twopop::test

/// Skips the running test, with a clear message, where the shared recordings are not on this machine.
#define TWOPOP_NEEDS_SHARED()                          \
  if (::twopop::test::shared_folder().empty())         \
  GTEST_SKIP() << "needs the recordings in ../shared (or TWOPOP_SHARED), which are not on this machine"
