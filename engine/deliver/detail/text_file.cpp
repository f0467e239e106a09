#include "deliver/detail/text_file.h"

#include <fstream>
#include <sstream>

namespace twopop::deliver::detail {

Result<bool> write_text(const std::filesystem::path& path, std::string_view text) {
  if (std::ifstream before(path, std::ios::binary); before) {
    std::stringstream all;
    all << before.rdbuf();
    if (all.view() == text) return false;
  }
  const std::filesystem::path part = path.parent_path() / ("." + path.filename().string() + ".part");
  std::ofstream file(part, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  std::error_code failed;
  if (file) std::filesystem::rename(part, path, failed);
  if (file && !failed) return true;
  std::error_code ignored;
  std::filesystem::remove(part, ignored);
  return Error{Code::IoFailed, fmt::format("{} could not be written", path.string()), "check the disk and the folder's permissions"};
}

}  // namespace twopop::deliver::detail
