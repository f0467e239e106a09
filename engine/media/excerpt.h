#pragma once

#include "core/result.h"

#include <filesystem>
#include <span>

namespace twopop::media {

/// A stretch of a picture, in seconds from its first frame.
struct PictureStretch {
  double begin_s = 0, end_s = 0;
};

/// Copies stretches of a proxy (media/proxy.h) into a file of the same length, in which each frame lies at its old time: where nothing was
/// copied the frame before stands still; before the first stretch its first frame. Nothing is coded again. A stretch begins at the key
/// frame before it, at most half a second early. Fails with NotFound where no frame lies in the stretches.
Result<void> copy_stretches(const std::filesystem::path& proxy, std::span<const PictureStretch> stretches, const std::filesystem::path& to);

}  // namespace twopop::media
