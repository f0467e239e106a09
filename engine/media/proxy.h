#pragma once

#include "media/picture.h"

#include <functional>

namespace twopop::media {

struct ProxySettings {
  int most_height = 720;  ///< smaller pictures keep their size
  int quality = 20;       ///< constant rate factor of x264: less is better
  int group = 12;         ///< frames from key frame to key frame: what a seek decodes at most
  int threads = 1;
  std::int64_t piece = 1440;  ///< frames made at once and kept, so that work that was cut off goes on from there; a multiple of `group`
};

/// Makes a picture that browsers can seek in within a screen refresh: H.264 in MP4, short groups, no B-frames, no sound, square pixels.
/// Frame n of it is frame n of the picture, the first at 0; even pictures lie on the exact grid of their rate, uneven ones keep their time
/// stamps. A frame that cannot be decoded shows the one before it.
///
/// `pieces` is a folder for what is done so far: with the same picture and settings the work goes on there. It is removed at the end.
/// `progress` is told the share done; returning false stops with Cancelled. `proxy` appears under its name only when complete.
Result<void> make_proxy(const std::filesystem::path& picture, const FrameTimes& times, const std::filesystem::path& proxy, const std::filesystem::path& pieces,
                        const ProxySettings& settings = {}, const std::function<bool(double)>& progress = {});

}  // namespace twopop::media
