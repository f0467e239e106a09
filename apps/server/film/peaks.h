#pragma once

#include "film/compiled_film.h"
#include "film/peak_file.h"

#include <deque>
#include <list>
#include <map>
#include <set>
#include <thread>

namespace twopop::server {

/// Peaks of the film's recordings and sounds: made once for a content on a thread of its own, kept in the film's cache as files.
/// Recordings are looked through one after another from the start; what somebody asks for goes first. Thread-safe.
class Peaks {
 public:
  Peaks(FilmCore& core, FilmCompiler& compiler);
  ~Peaks();

  /// [any] A newer revision may name other recordings.
  void revised();

  struct Wanted {
    bool is_media = false;
    std::string name;   ///< media id, or name of a sound
    int channel = -1;   ///< -1: all joined
  };
  /// Peaks [begin, begin + count) of a level; nothing while they are being made. Fails with NotFound, InvalidArgument, and with
  /// what making them failed with.
  Result<std::optional<std::vector<DrawnPeak>>> read(const Wanted& wanted, int level, std::int64_t begin, std::int64_t count, const Stop& stop);
  /// How many have been made by this process.
  std::int64_t made() const { return made_; }

  static constexpr std::int64_t kMostPeaks = 1 << 18;

 private:
  struct Task {
    std::string file;                 ///< name below the folder
    std::string media;                ///< id; empty: a sound
    std::filesystem::path path;
    std::string sound;
    signal::Signal signal;
    SampleRange film{};
  };
  Result<Task> task_of(const Wanted& wanted, const Stop& stop);
  Result<std::shared_ptr<const PeakFile>> opened(const std::string& file);
  void work();
  Result<void> make(const Task& task);
  Result<void> make_media(const Task& task);
  Result<void> make_sound(const Task& task);
  Result<std::vector<std::vector<DrawnPeak>>> chunk_peaks(const Task& task, SampleRange chunk);
  void let_go_of_old_files();
  std::filesystem::path folder() const { return core_.studio_folder() / "peaks"; }

  FilmCore& core_;
  FilmCompiler& compiler_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> queue_;                   ///< asked for: first out
  std::deque<Task> later_;                   ///< recordings nobody asked for yet
  std::set<std::string> queued_, seen_;
  std::string making_;
  std::map<std::string, Error> failed_;
  std::list<std::pair<std::string, std::shared_ptr<const PeakFile>>> open_;  ///< used last first
  std::atomic<std::int64_t> made_{0};
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace twopop::server
