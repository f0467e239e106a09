#include "film/peak_file.h"

#include "core/bytes.h"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <sys/stat.h>
#include <unistd.h>

namespace twopop::server {
namespace {

constexpr std::uint32_t kMagic = 0x4b505754, kVersion = 1;
constexpr std::uint32_t kMostChannels = 1024, kMostLevels = 32;

std::vector<DrawnPeak> coarser(const std::vector<DrawnPeak>& fine) {
  std::vector<DrawnPeak> out((fine.size() + PeakFile::kJoined - 1) / PeakFile::kJoined);
  for (std::size_t i = 0; i < fine.size(); ++i) {
    DrawnPeak& to = out[i / PeakFile::kJoined];
    to = i % PeakFile::kJoined == 0 ? fine[i] : joined(to, fine[i]);
  }
  return out;
}

Error io_error(const std::filesystem::path& path, const char* doing) {
  const Code code = errno == ENOSPC || errno == EDQUOT ? Code::OutOfSpace : Code::IoFailed;
  return {code, fmt::format("{}: {}: {}", path.string(), doing, std::strerror(errno)), "check that the film's folder is writable and the disk not full"};
}

bool write_all(int file, const void* bytes, std::size_t size) {
  for (const char* p = static_cast<const char*>(bytes); size > 0;) {
    const ssize_t n = ::write(file, p, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    p += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

bool read_all(int file, void* bytes, std::size_t size, std::int64_t at) {
  for (char* p = static_cast<char*>(bytes); size > 0;) {
    const ssize_t n = ::pread(file, p, size, at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    p += n;
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

DrawnPeak drawn(std::span<const float> samples) {
  float least = std::numeric_limits<float>::infinity(), most = -least;
  for (const float x : samples) {  // what is no number is neither less nor more
    if (x < least) least = x;
    if (x > most) most = x;
  }
  if (least > most) least = most = 0;
  const auto scaled = [](float x) { return std::clamp(static_cast<double>(x) * 127, -127.0, 127.0); };
  return {static_cast<std::int8_t>(std::floor(scaled(least))), static_cast<std::int8_t>(std::ceil(scaled(most)))};
}

DrawnPeak joined(DrawnPeak a, DrawnPeak b) { return {std::min(a.least, b.least), std::max(a.most, b.most)}; }

PeakFile::PeakFile(PeakFile&& other) noexcept
    : file_(std::exchange(other.file_, -1)), channels_(other.channels_), length_(other.length_), counts_(std::move(other.counts_)), offsets_(std::move(other.offsets_)) {}

PeakFile::~PeakFile() {
  if (file_ >= 0) ::close(file_);
}

Result<PeakFile> PeakFile::open(const std::filesystem::path& path) {
  PeakFile peaks;
  peaks.file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (peaks.file_ < 0) return Error{Code::NotFound, fmt::format("{}: {}", path.string(), std::strerror(errno))};
  const Error damaged{Code::Damaged, fmt::format("{}: is no file of peaks, or was cut short", path.string()), "remove it: it is made again"};
  std::uint32_t head[4]{};
  if (!read_all(peaks.file_, head, sizeof head, 0) || !read_all(peaks.file_, &peaks.length_, sizeof peaks.length_, sizeof head)) return damaged;
  if (head[0] != kMagic || head[1] != kVersion || head[2] == 0 || head[2] > kMostChannels || head[3] == 0 || head[3] > kMostLevels) return damaged;
  peaks.channels_ = static_cast<int>(head[2]);
  peaks.counts_.resize(head[3]);
  std::int64_t at = sizeof head + sizeof peaks.length_;
  if (!read_all(peaks.file_, peaks.counts_.data(), head[3] * sizeof(std::int64_t), at)) return damaged;
  at += static_cast<std::int64_t>(head[3] * sizeof(std::int64_t));
  struct stat status{};
  if (::fstat(peaks.file_, &status) != 0) return damaged;
  for (const std::int64_t count : peaks.counts_) {
    if (count < 0 || count > status.st_size) return damaged;
    peaks.offsets_.push_back(at);
    at += count * static_cast<std::int64_t>(sizeof(DrawnPeak)) * peaks.channels_;
  }
  if (at != status.st_size) return damaged;
  return peaks;
}

Result<std::vector<DrawnPeak>> PeakFile::read(int channel, int level, std::int64_t begin, std::int64_t count) const {
  if (channel < -1 || channel >= channels_) return Error{Code::InvalidArgument, fmt::format("channel {} of {}", channel, channels_), "channels are counted from 0; leave it out for all together"};
  if (level < 0 || level >= static_cast<int>(kMostLevels)) return Error{Code::InvalidArgument, fmt::format("level {}", level), "levels are counted from 0, the finest"};
  std::vector<DrawnPeak> out;
  if (level >= levels()) return out;
  const std::int64_t all = counts_[static_cast<std::size_t>(level)];
  const std::int64_t from = std::clamp<std::int64_t>(begin, 0, all), to = from + std::clamp<std::int64_t>(count, 0, all - from);
  for (int c = channel < 0 ? 0 : channel; c < (channel < 0 ? channels_ : channel + 1); ++c) {
    std::vector<DrawnPeak> one(static_cast<std::size_t>(to - from));
    const std::int64_t at = offsets_[static_cast<std::size_t>(level)] + (c * all + from) * static_cast<std::int64_t>(sizeof(DrawnPeak));
    if (!read_all(file_, one.data(), one.size() * sizeof(DrawnPeak), at)) return Error{Code::IoFailed, "peaks cannot be read from the film's cache", "check the disk"};
    if (out.empty()) out = std::move(one);
    else
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = joined(out[i], one[i]);
  }
  return out;
}

Result<void> PeakFile::write(const std::filesystem::path& path, const std::vector<std::vector<DrawnPeak>>& channels, SampleCount length) {
  std::vector<std::vector<std::vector<DrawnPeak>>> levels{channels};
  while (levels.back().front().size() > 1) {
    std::vector<std::vector<DrawnPeak>> next;
    for (const auto& channel : levels.back()) next.push_back(coarser(channel));
    levels.push_back(std::move(next));
  }
  ByteWriter head;
  head.put(kMagic).put(kVersion).put(static_cast<std::uint32_t>(channels.size())).put(static_cast<std::uint32_t>(levels.size())).put(length.value);
  for (const auto& level : levels) head.put(static_cast<std::int64_t>(level.front().size()));
  const std::vector<std::byte> bytes = head.take();
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  const std::filesystem::path part = path.string() + ".part";
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return io_error(path, "making it");
  bool good = write_all(file, bytes.data(), bytes.size());
  for (const auto& level : levels)
    for (const auto& channel : level) good = good && write_all(file, channel.data(), channel.size() * sizeof(DrawnPeak));
  const Error failed = io_error(path, "writing");
  ::close(file);
  if (good && ::rename(part.c_str(), path.c_str()) == 0) return {};
  ::unlink(part.c_str());
  return good ? io_error(path, "naming it") : failed;
}

}  // namespace twopop::server
