#pragma once

#include "film/compiled_film.h"

#include <deque>
#include <map>
#include <thread>

namespace twopop::server {

/// Long work on a film: builds, spotting, renders. One runs, others wait in line; each can be stopped, and tells how far it is.
/// Thread-safe.
class Jobs {
 public:
  Jobs(FilmCore& core, FilmCompiler& compiler);
  ~Jobs();

  /// [any] Puts a job in line. Fails with InvalidArgument, NotFound, and Busy where the line is full.
  Result<Job> start(const JobRequest& request, const std::string& author);
  /// [any] Those that wait or run, and the last that ended, newest first.
  std::vector<Job> list() const;
  Result<Job> find(const std::string& id) const;
  /// [any] Stops a job, or takes it out of the line. NotFound where there is none, or it has ended.
  Result<Job> cancel(const std::string& id);

  /// [slow] What spotting would propose now; nothing is changed.
  Result<Proposals> proposals(const std::string& phase, const Stop& stop);

 private:
  struct Entry {
    Job job;
    JobRequest request;
    std::atomic<bool> cancelled{false};
  };
  using EntryRef = std::shared_ptr<Entry>;  // shared: by the line and by the thread that runs it
  void work();
  Result<JobOutcome> run(Entry& entry);
  Result<JobOutcome> build(Entry& entry);
  Result<JobOutcome> spot(Entry& entry);
  Result<JobOutcome> render(Entry& entry);
  cache::RunScope::Stop stop_of(const Entry& entry);
  cache::RunScope::Tell tell_of(Entry& entry);
  void stage(Entry& entry, const std::string& name);
  void progress(Entry& entry, const cache::Progress& progress);
  void tell(const Entry& entry);

  FilmCore& core_;
  FilmCompiler& compiler_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<EntryRef> waiting_, ended_;
  EntryRef running_;
  std::int64_t next_id_ = 1;
  std::atomic<bool> ending_{false};
  Gate proposing_{1, 8};
  std::thread thread_;
};

/// Files below out/, by path. Nothing outside is ever listed.
std::vector<Output> outputs_of(const std::filesystem::path& film);
/// A file below out/ by its path. Fails with NotFound for what is not there or would lead out of it, by ".." or by a link.
Result<std::filesystem::path> output_path(const std::filesystem::path& film, const std::string& path);
/// Media type by the name's extension.
std::string file_type(const std::filesystem::path& path);

/// "2026-03-01T12:00:00Z"
std::string utc_text(std::chrono::system_clock::time_point time);

}  // namespace twopop::server
