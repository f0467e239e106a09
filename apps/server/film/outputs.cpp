#include "film/jobs.h"

#include <algorithm>
#include <ctime>

namespace twopop::server {
namespace {

constexpr std::size_t kMostFiles = 10000;

std::chrono::system_clock::time_point system_time(std::filesystem::file_time_type time) {
  return std::chrono::time_point_cast<std::chrono::system_clock::duration>(std::chrono::file_clock::to_sys(time));
}

std::string title_of(const std::string& path) {
  std::string title = std::filesystem::path(path).stem().string();
  std::replace(title.begin(), title.end(), '_', ' ');
  if (!title.empty()) title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
  return title;
}

}  // namespace

std::string utc_text(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::string file_type(const std::filesystem::path& path) {
  static const std::map<std::string, std::string> known{
      {".wav", "audio/wav"},   {".flac", "audio/flac"}, {".mp3", "audio/mpeg"},  {".ogg", "audio/ogg"},      {".opus", "audio/ogg"},         {".m4a", "audio/mp4"},        {".aif", "audio/aiff"},
      {".aiff", "audio/aiff"}, {".mp4", "video/mp4"},   {".mov", "video/quicktime"}, {".mkv", "video/x-matroska"}, {".webm", "video/webm"},   {".html", "text/html; charset=utf-8"}, {".csv", "text/csv; charset=utf-8"},
      {".txt", "text/plain; charset=utf-8"}, {".edl", "text/plain; charset=utf-8"}, {".json", "application/json"}, {".otio", "application/json"}, {".xml", "application/xml"},
      {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}, {".jpg", "image/jpeg"}, {".png", "image/png"}, {".srt", "application/x-subrip"}};
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto found = known.find(extension);
  return found == known.end() ? "application/octet-stream" : found->second;
}

std::vector<Output> outputs_of(const std::filesystem::path& film) {
  const std::filesystem::path out = film / "out";
  std::vector<Output> outputs;
  std::error_code failed;
  for (auto it = std::filesystem::recursive_directory_iterator(out, failed); !failed && it != std::filesystem::recursive_directory_iterator() && outputs.size() < kMostFiles; it.increment(failed)) {
    const std::string path = it->path().lexically_relative(out).generic_string();
    const std::string name = it->path().filename().string();
    if (name.starts_with(".")) {
      if (it->is_directory(failed)) it.disable_recursion_pending();
      continue;
    }
    // A link may lead anywhere.
    if (it->is_symlink(failed) || !it->is_regular_file(failed) || name.ends_with(".part")) continue;
    outputs.push_back({path, title_of(path), file_type(it->path()), utc_text(system_time(it->last_write_time(failed))), static_cast<std::int64_t>(it->file_size(failed))});
  }
  std::sort(outputs.begin(), outputs.end(), [](const Output& a, const Output& b) { return a.path < b.path; });
  return outputs;
}

Result<std::filesystem::path> output_path(const std::filesystem::path& film, const std::string& path) {
  const Error absent{Code::NotFound, fmt::format("there is no output '{}'", path), "the list of outputs has those there are"};
  if (path.empty() || path.find('\0') != std::string::npos) return absent;
  for (const auto& part : std::filesystem::path(path))
    if (part == ".." || part.string().starts_with(".")) return absent;
  std::error_code failed;
  const std::filesystem::path out = std::filesystem::canonical(film / "out", failed);
  if (failed) return absent;
  const std::filesystem::path file = std::filesystem::canonical(out / std::filesystem::path(path).relative_path(), failed);
  if (failed || !std::filesystem::is_regular_file(file, failed)) return absent;
  const std::filesystem::path inside = file.lexically_relative(out);
  if (inside.empty() || *inside.begin() == "..") return absent;
  return file;
}

}  // namespace twopop::server
