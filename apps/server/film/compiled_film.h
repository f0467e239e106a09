#pragma once

#include "api/values_film.h"
#include "deliver/build.h"
#include "deliver/mix_measure.h"
#include "film/film_core.h"

#include <optional>
#include <thread>

namespace twopop::server {

/// A film compiled at one revision. Never changes; a later revision is another one.
struct CompiledFilm {
  std::int64_t revision = 0;
  std::shared_ptr<const session::Document> document;  // shared with the session's head
  deliver::Specification spec;
  phases::Whole whole;

  phases::FilmPlace place(const FilmCore& core) const { return {core.folder, *core.work, deliver::limiter_ceiling(spec)}; }
};
using CompiledRef = std::shared_ptr<const CompiledFilm>;  // shared: requests go on with a revision while the next is compiled

BoardFinding value_of(const phases::Finding& finding, const session::Document& document);

/// Keeps the newest revision compiled, and its board and loudness worked out, on threads of its own. Edits in a row are taken
/// together: what was not begun is passed over, what became old is stopped. While nobody waits for it, it works a quarter of the time,
/// so that a long film under steady edits leaves the processor to those who ask for something.
class FilmCompiler {
 public:
  explicit FilmCompiler(FilmCore& core);
  ~FilmCompiler();

  /// [any] There may be a newer revision. Quick.
  void revised();
  /// [any] The newest revision; where that takes longer than `patience`, the last that was compiled. Fails with Busy where
  /// there is none yet, with what compiling failed with, and with Cancelled.
  Result<CompiledRef> newest(std::chrono::milliseconds patience, const Stop& stop = {});

  /// [any] The newest board there is; nothing before the first.
  std::optional<Board> board() const;
  /// [any] Takes over what a build has found out, so that it is not looked for again.
  void adopt(std::int64_t revision, const deliver::BuildOutcome& build);

  struct Loudness {
    CompiledRef film;
    deliver::MixMeasure measure;
    std::vector<SampleRange> speech;
  };
  using LoudnessRef = std::shared_ptr<const Loudness>;
  /// [any] The last one measured, or null; asks for the newest to be measured in the background.
  LoudnessRef loudness();

 private:
  void compile_revisions();
  void review_revisions();
  void review(const CompiledRef& film);
  void measure(const CompiledRef& film);
  void review_failed(const CompiledFilm& film, const Error& error);
  void publish(Board board);

  FilmCore& core_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t wanted_ = 0;               ///< newest revision heard of
  std::atomic<std::int64_t> newest_{0};   ///< the same, for those who must not wait
  int asking_ = 0;                        ///< people who wait for the newest revision
  std::chrono::steady_clock::time_point revised_at_{};  ///< when it was heard of
  CompiledRef compiled_;
  std::optional<std::pair<std::int64_t, Error>> failed_;
  std::optional<Board> board_;
  std::chrono::steady_clock::time_point complete_at_{};
  LoudnessRef loudness_;
  std::chrono::steady_clock::time_point loudness_wanted_at_{};
  std::int64_t loudness_failed_at_ = -1, review_failed_at_ = -1;
  std::thread compiling_, reviewing_;
};

}  // namespace twopop::server
