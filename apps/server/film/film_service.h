#pragma once

#include "film/compiled_film.h"
#include "film/jobs.h"
#include "film/library.h"
#include "film/peaks.h"
#include "film/picture_proxy.h"
#include "film/sounds.h"
#include "http.h"

#include <map>
#include <set>

namespace twopop::server {

struct FilmServiceOptions {
  int threads = 0;  ///< that render; 0: as many as the machine has
  std::uint64_t cache_budget_bytes = 0;
};

/// A sound that was made for one listener.
struct PreviewSound {
  SharedBytes samples;  ///< planar floats
  int channels = 0;
  SampleCount length{};
};

/// One film opened for many people: everything but its edits, which the session's hub holds, and its takes. Thread-safe.
///
/// Whoever holds the session calls revised() after each edit. The cache of a film can be open in one process only: Busy.
class FilmService {
 public:
  static Result<std::shared_ptr<FilmService>> open(const std::filesystem::path& folder, SessionAccess session, std::function<void(const std::string&)> tell,
                                                   const FilmServiceOptions& options = {});
  ~FilmService();

  /// [any] There may be a newer revision. Quick.
  void revised();

  FilmCore& core() { return core_; }
  FilmCompiler& compiler() { return *compiler_; }
  Sounds& sounds() { return *sounds_; }
  Peaks& peaks() { return *peaks_; }
  PictureProxy& picture() { return *picture_; }
  Jobs& jobs() { return *jobs_; }
  Library& library() { return *library_; }

  /// The newest board; before the first one is made, one that says nothing yet.
  Board board() const;
  /// [slow] Approves a phase as it sounds, or takes that back, as an edit of that person.
  Result<std::int64_t> approve(const ApprovalRequest& request, const std::string& who, const Stop& stop);
  /// [slow] What a phase is made of at a moment.
  Result<deliver::Moment> moment(const std::string& phase, SamplePosition at, const Stop& stop);
  /// [slow] A sound that is not in the session.
  Result<PreviewSound> preview(const PreviewRequest& request, const Stop& stop);
  /// [slow] Streams a file to the film's media folder and takes it in. Nothing is left of one that breaks off.
  Result<FileTaken> add_file(const std::string& name, std::optional<session::MediaKind> kind, BodyReader& body, const std::string& who);
  /// The file of a recording, if it may be sent: it lies in the film's folder, was in the session when it was opened, or is what the
  /// session's fingerprint says. A path that somebody wrote into the document leads nowhere else.
  Result<std::filesystem::path> media_file(const session::Id& media);
  /// [slow] Any stretch of a recording, at its own rate; silence outside.
  Result<AudioBuffer<float>> media_stretch(const session::Id& media, SampleRange range);

 private:
  FilmService() = default;

  FilmCore core_;
  std::mutex mutex_;
  std::set<std::filesystem::path> trusted_;
  std::mutex adding_;  ///< one file is taken in at a time: each builds on the one before
  Gate previews_{2, 16};
  // In the order in which they need each other.
  std::unique_ptr<FilmCompiler> compiler_;
  std::unique_ptr<Sounds> sounds_;
  std::unique_ptr<Peaks> peaks_;
  std::unique_ptr<PictureProxy> picture_;
  std::unique_ptr<Jobs> jobs_;
  std::unique_ptr<Library> library_;
};

/// The film of that name, for whoever may see it.
using FindFilm = std::function<Result<std::shared_ptr<FilmService>>(const std::string& film)>;
/// Board, sounds, peaks, picture, jobs, library and files of films.
std::vector<Route> film_routes(FindFilm find);

}  // namespace twopop::server
