#pragma once

#include "session/document.h"

#include "core/result.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

/// Media that moved, and media brought together.
namespace twopop::deliver {

struct Relocated {
  session::Id id;
  std::filesystem::path from, to;  ///< `to` is empty where nothing was found
  std::string reason;
};

/// Looks for media that are not where the session says (or have changed there), in `folders` and what lies below: a file of the same
/// size and content is the same media, whatever its name. Changes the paths in `document`. One entry for each media that was missing.
Result<std::vector<Relocated>> relink(session::Document& document, const std::filesystem::path& bundle,
                                      const std::vector<std::filesystem::path>& folders);

/// Copies every media that the film uses into `folder`, a sub-folder for each kind, and points the document at the copies
/// (relative to the bundle where the folder lies in it). A copy is compared with the fingerprint. Media that are missing are
/// entries without `to`. Fails with IoFailed or OutOfSpace where a copy cannot be written.
Result<std::vector<Relocated>> collect(session::Document& document, const std::filesystem::path& bundle, const std::filesystem::path& folder,
                                       const std::function<void(const std::string& name)>& notice = {});

/// Whether anything in the film hangs on a media: picture, edit list, clips, cues, takes that are not refused, lists and scripts.
bool is_used(const session::Document& document, const session::Id& media);

}  // namespace twopop::deliver
