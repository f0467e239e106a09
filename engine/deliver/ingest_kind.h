#pragma once

#include "session/document.h"

#include "media/media.h"

#include <filesystem>
#include <optional>
#include <string>

namespace twopop::deliver {

struct KindGuess {
  std::optional<session::MediaKind> kind;  ///< empty: nothing we work with
  std::string reason;
};

/// What a file is, by the nearest folder under `root` with a name that says so, by its own name, and by what is in it.
/// `info` is null where the file holds neither sound nor picture that can be read.
KindGuess guess_kind(const std::filesystem::path& root, const std::filesystem::path& file, const media::MediaInfo* info);

/// Whether a name ends as sound or picture does: such a file is taken even if it cannot be read.
bool named_like_media(const std::filesystem::path& file);

/// Whether a name speaks of an edited picture: "cut", "locked", "edit", "picture", "final".
bool named_like_cut(const std::filesystem::path& file);

}  // namespace twopop::deliver
