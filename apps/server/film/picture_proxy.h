#pragma once

#include "api/values_film.h"
#include "film/film_core.h"
#include "media/picture.h"

#include <thread>

namespace twopop::server {

/// The film's picture for browsers: its exact frames, a proxy that is made in the background, strips of small pictures. Kept in the
/// film's cache by the picture's content. Thread-safe.
class PictureProxy {
 public:
  explicit PictureProxy(FilmCore& core);
  ~PictureProxy();

  /// [any] The picture may be another one.
  void revised();
  PictureInfo info() const;
  /// When each frame is shown, in seconds. Fails with NotFound where there is no picture, Busy while it is looked at.
  Result<std::vector<double>> frame_seconds() const;
  /// Path of the finished proxy. Fails with NotFound, and Busy while it is made.
  Result<std::filesystem::path> proxy() const;
  /// 30 pictures side by side, one each 2 s from minute n: path of a JPEG.
  Result<std::filesystem::path> thumbs(std::int64_t minute, const Stop& stop);

 private:
  struct Current {
    std::string fingerprint, problem;
    std::filesystem::path path;
    std::shared_ptr<const media::FrameTimes> times;  // shared: requests go on with it while another picture comes
    PictureInfo info;
  };
  void work();
  Result<void> look(Current& current);
  void tell() const;
  std::filesystem::path folder(const std::string& fingerprint) const { return core_.studio_folder() / ("picture-" + fingerprint); }

  FilmCore& core_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Current current_;
  bool new_picture_ = true;
  std::atomic<bool> ending_{false};
  Gate strips_{1, 64};
  std::thread thread_;
};

}  // namespace twopop::server
