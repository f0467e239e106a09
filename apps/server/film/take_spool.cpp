#include "film/take_spool.h"

#include "accounts/secrets.h"
#include "session/detail/durable_file.h"
#include "session/json.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace twopop::server {
namespace {

namespace durable = session::detail;

constexpr std::size_t kPortion = 256 << 10;
constexpr auto kKeepResult = std::chrono::hours(24 * 14);

Error no_such_take() { return Error{Code::NotFound, "there is no such take", "begin it again; the browser still has its bytes"}; }

Error io_error(const std::filesystem::path& path, int error) {
  if (error == ENOSPC || error == EDQUOT) return Error{Code::OutOfSpace, fmt::format("{}: the disk is full", path.string()), "free some space; the browser keeps the take until then"};
  return Error{Code::IoFailed, fmt::format("{}: {}", path.string(), std::strerror(error)), "check the disk; the browser keeps the take until then"};
}

bool is_id(const std::string& id) {
  return id.size() == 22 && std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

/// A file descriptor with an end.
class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Result<void> write_all(int fd, const std::filesystem::path& path, std::span<const std::byte> bytes, std::int64_t at) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return io_error(path, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    at += n;
  }
  return {};
}

std::int64_t size_of(const std::filesystem::path& path) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(path, missing);
  return missing ? 0 : static_cast<std::int64_t>(size);
}

}  // namespace

TakeSpool::TakeSpool(std::filesystem::path film, SpoolLimits limits) : folder_(std::move(film) / "takes" / "spool"), limits_(limits) {}

TakeSpool::Hold::~Hold() {
  const std::lock_guard lock(spool_.mutex_);
  spool_.held_.erase(id_);
}

Result<std::unique_ptr<TakeSpool::Hold>> TakeSpool::hold(const std::string& id) {
  TWOPOP_CHECK(must_exist(id));
  const std::lock_guard lock(mutex_);
  if (!held_.insert(id).second) return Error{Code::Busy, "another request is at this take", "wait a moment and ask again"};
  return std::make_unique<Hold>(*this, id);
}

Result<void> TakeSpool::must_exist(const std::string& id) const {
  if (!is_id(id) || !std::filesystem::exists(folder_ / id / "meta.json")) return no_such_take();
  return {};
}

Result<void> TakeSpool::check_room(const std::string& author) {
  std::size_t open = 0, of_person = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, ignored)) {
    const std::string id = entry.path().filename().string();
    if (!is_id(id)) continue;
    if (std::filesystem::exists(entry.path() / "result.json")) {
      const auto age = std::filesystem::file_time_type::clock::now() - std::filesystem::last_write_time(entry.path() / "result.json", ignored);
      if (age > kKeepResult) std::filesystem::remove_all(entry.path(), ignored);
      continue;
    }
    const auto known = meta(id);
    if (!known) {
      std::filesystem::remove_all(entry.path(), ignored);  // its making was cut off: nobody has its id
      continue;
    }
    ++open;
    if (known->author == author) ++of_person;
  }
  if (open >= limits_.open || of_person >= limits_.open_of_person)
    return Error{Code::OutOfSpace, fmt::format("{} takes are still coming in, {} of them yours", open, of_person), "finish or give up those first"};
  const auto space = std::filesystem::space(folder_, ignored);
  if (!ignored && space.available < limits_.least_free_bytes)
    return Error{Code::OutOfSpace, fmt::format("{} MB are left on the disk of the film", space.available >> 20), "free some space before you record"};
  return {};
}

Result<TakeOffset> TakeSpool::start(const SpoolMeta& meta) {
  const std::lock_guard lock(mutex_);
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  if (failed) return io_error(folder_, failed.value());
  TWOPOP_CHECK(check_room(meta.author));
  const std::string id = random_token().substr(0, 22);
  const std::filesystem::path folder = folder_ / id;
  std::filesystem::create_directory(folder, failed);
  if (failed) return io_error(folder, failed.value());
  {
    const Descriptor data(folder / "data.pcm", O_WRONLY | O_CREAT | O_EXCL);
    if (data.get() < 0) return io_error(folder, errno);
  }
  TWOPOP_CHECK(durable::replace_file(folder / "meta.json", session::write_json(meta)));
  TWOPOP_CHECK(durable::sync_folder(folder));
  TWOPOP_CHECK(durable::sync_folder(folder_));
  return TakeOffset{id, 0, false};
}

Result<SpoolMeta> TakeSpool::meta(const std::string& id) const {
  TWOPOP_CHECK(must_exist(id));
  TWOPOP_TRY(const std::string text, durable::read_text(folder_ / id / "meta.json"));
  return session::read_json<SpoolMeta>(text, session::UnknownKeys::Skip);
}

Result<TakeOffset> TakeSpool::offset(const std::string& id) const {
  TWOPOP_CHECK(must_exist(id));
  return TakeOffset{id, size_of(data_path(id)), std::filesystem::exists(folder_ / id / "result.json")};
}

Result<TakeSpool::Appended> TakeSpool::append(const std::string& id, std::int64_t at, BodyReader& body) {
  TWOPOP_TRY(const auto held, hold(id));
  TWOPOP_TRY(TakeOffset known, offset(id));
  if (known.finished) return Error{Code::Conflict, "this take is in the film already", "ask `finish` for its result"};
  if (known.offset != at) return Appended{known, false};
  const std::filesystem::path path = data_path(id);
  const Descriptor data(path, O_WRONLY);
  if (data.get() < 0) return io_error(path, errno);
  std::vector<std::byte> portion(kPortion);
  Result<void> outcome;
  while (outcome) {
    const Result<std::size_t> read = body.read(portion);
    if (!read) outcome = read.error();
    else if (*read == 0) break;
    else if (static_cast<std::uint64_t>(known.offset) + *read > limits_.take_bytes)
      outcome = Error{Code::OutOfSpace, fmt::format("a take may have {} MB", limits_.take_bytes >> 20), "record shorter takes"};
    else if (outcome = write_all(data.get(), path, std::span(portion).first(*read), known.offset); outcome)
      known.offset += static_cast<std::int64_t>(*read);
  }
  // Part of a write that failed may be there: the page is told the size of the file, so it must be what was meant.
  if (!outcome && ::ftruncate(data.get(), known.offset) != 0) return io_error(path, errno);
  if (::fdatasync(data.get()) != 0) return io_error(path, errno);
  if (!outcome) return outcome.error();
  return Appended{known, true};
}

Result<void> TakeSpool::empty(const std::string& id) {
  TWOPOP_CHECK(must_exist(id));
  if (::truncate(data_path(id).c_str(), 0) != 0) return io_error(data_path(id), errno);
  return {};
}

Result<std::optional<TakeResult>> TakeSpool::result(const std::string& id) const {
  TWOPOP_CHECK(must_exist(id));
  const std::filesystem::path path = folder_ / id / "result.json";
  if (!std::filesystem::exists(path)) return std::optional<TakeResult>();
  TWOPOP_TRY(const std::string text, durable::read_text(path));
  TWOPOP_TRY(TakeResult kept, session::read_json<TakeResult>(text, session::UnknownKeys::Skip));
  return std::optional(std::move(kept));
}

Result<void> TakeSpool::keep_result(const std::string& id, const TakeResult& result) {
  TWOPOP_CHECK(durable::replace_file(folder_ / id / "result.json", session::write_json(result)));
  std::error_code ignored;
  std::filesystem::remove(data_path(id), ignored);
  return {};
}

Result<void> TakeSpool::remove(const std::string& id) {
  TWOPOP_TRY(const auto held, hold(id));
  std::error_code failed;
  // First what makes it a take: a removal that is cut off leaves nothing half alive.
  std::filesystem::remove(folder_ / id / "meta.json", failed);
  if (!failed) std::filesystem::remove_all(folder_ / id, failed);
  if (failed) return io_error(folder_ / id, failed.value());
  return {};
}

}  // namespace twopop::server
