#include "net/pages.h"

#include "net/policy.h"

#include <algorithm>

namespace twopop::server {

std::optional<std::filesystem::path> file_below(const std::filesystem::path& root, const std::string& relative) {
  std::error_code failed;
  const std::filesystem::path real_root = std::filesystem::canonical(root, failed);
  if (failed) return std::nullopt;
  const std::filesystem::path real = std::filesystem::canonical(real_root / std::filesystem::path(relative).relative_path(), failed);
  if (failed || !std::filesystem::is_regular_file(real, failed)) return std::nullopt;
  const auto [end, unused] = std::mismatch(real_root.begin(), real_root.end(), real.begin(), real.end());
  if (end != real_root.end()) return std::nullopt;
  return real;
}

Response page(const std::filesystem::path& folder, const std::string& path) {
  const std::string last = path.substr(path.rfind('/') + 1);
  const bool hidden = path.find("/.") != std::string::npos;
  auto file = hidden ? std::nullopt : file_below(folder, path);
  bool named = file.has_value();
  if (!file && !hidden && last.find('.') == std::string::npos) file = file_below(folder, "index.html");
  if (!file) {
    if (std::error_code none; path == "/" || !std::filesystem::exists(folder / "index.html", none)) {
      Response missing{503, "text/plain; charset=utf-8", {}, std::string("The studio's pages are not built.\nBuild them (npm ci && npm run build in web/) or name their folder with --web.\n")};
      return missing;
    }
    return problem(404, "not_found", "there is no such page");
  }
  // The build names what lies in assets/ by its content.
  const bool for_ever = named && path.starts_with("/assets/");
  return {200, media_type(file->string()), {{"Cache-Control", for_ever ? "public, max-age=31536000, immutable" : "no-cache"}}, FilePart{*file, 0, std::nullopt}};
}

}  // namespace twopop::server
