#pragma once

#include "api/values_takes.h"
#include "http.h"

#include <map>
#include <mutex>
#include <set>

namespace twopop::server {

struct SpoolLimits {
  std::size_t open = 64, open_of_person = 16;
  std::uint64_t take_bytes = std::uint64_t{2} << 30;
  std::uint64_t least_free_bytes = std::uint64_t{512} << 20;  ///< on the disk, after what comes in
};

/// What is kept of a take from its start on.
struct SpoolMeta {
  TakeStart start;
  std::string author, created, file;
  static constexpr auto fields() {
    return std::make_tuple(field("start", &SpoolMeta::start, "As the page sent it"), field("author", &SpoolMeta::author, "Who began it"), field("created", &SpoolMeta::created, "When"),
                           field("file", &SpoolMeta::file, "Name of the WAV it becomes"));
  }
};

/// Takes that are coming in: `film.twopop/takes/spool/ID/` with meta.json, data.pcm and, once it is in the film, result.json
/// (docs/formats/takes.md). The size of data.pcm is the offset: what arrived is never asked for again, also after the server was
/// killed. A take lives until it is finished or given up, however long nobody comes for it. Any thread.
class TakeSpool {
 public:
  /// `film`: folder of the film. Nothing is made until the first take.
  explicit TakeSpool(std::filesystem::path film, SpoolLimits limits = {});

  const std::filesystem::path& folder() const { return folder_; }

  /// Durable when it returns. OutOfSpace over the limits.
  Result<TakeOffset> start(const SpoolMeta& meta);
  Result<SpoolMeta> meta(const std::string& id) const;
  Result<TakeOffset> offset(const std::string& id) const;

  struct Appended {
    TakeOffset held;
    bool in_place = true;  ///< false: `at` was not where the take ends; nothing was read
  };
  /// Takes in what the body holds. What came before a connection broke stays, durable; Busy while another request writes to it.
  Result<Appended> append(const std::string& id, std::int64_t at, BodyReader& body);

  /// The bytes, for the time that the caller holds the take: nobody else writes to it.
  class Hold;
  Result<std::unique_ptr<Hold>> hold(const std::string& id);
  std::filesystem::path data_path(const std::string& id) const { return folder_ / id / "data.pcm"; }

  /// Forgets the bytes but not the take: they are to be sent again.
  Result<void> empty(const std::string& id);
  Result<std::optional<TakeResult>> result(const std::string& id) const;
  /// Keeps the result, then lets the bytes go: the WAV has them.
  Result<void> keep_result(const std::string& id, const TakeResult& result);
  Result<void> remove(const std::string& id);

 private:
  Result<void> must_exist(const std::string& id) const;
  Result<void> check_room(const std::string& author);

  const std::filesystem::path folder_;
  const SpoolLimits limits_;
  std::mutex mutex_;
  std::set<std::string> held_;
};

class TakeSpool::Hold {
 public:
  Hold(TakeSpool& spool, std::string id) : spool_(spool), id_(std::move(id)) {}
  ~Hold();
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  TakeSpool& spool_;
  const std::string id_;
};

}  // namespace twopop::server
