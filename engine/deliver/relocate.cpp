#include "deliver/relocate.h"

#include "core/hash.h"
#include "deliver/ingest.h"
#include "media/media.h"

#include <set>

namespace twopop::deliver {
namespace {

std::filesystem::path resolved(const std::filesystem::path& bundle, const std::string& path) {
  const std::filesystem::path given(path);
  return given.is_absolute() ? given : bundle / given;
}

bool same_content(const std::filesystem::path& file, const session::Media& media) {
  std::error_code failed;
  if (std::filesystem::file_size(file, failed) != static_cast<std::uintmax_t>(media.bytes) || failed) return false;
  const auto hash = media::fingerprint(file);
  return hash && to_string(*hash) == media.fingerprint;
}

/// A path as the session keeps it: relative to the bundle where it lies in it.
std::string kept_path(const std::filesystem::path& bundle, const std::filesystem::path& path) {
  const std::filesystem::path inside = path.lexically_relative(bundle);
  return !inside.empty() && *inside.begin() != ".." ? inside.string() : path.string();
}

std::string_view kind_name(session::MediaKind kind) {
  for (const auto& known : names_of(kind))
    if (known.value == kind) return known.name;
  return "other";
}

Error not_copied(const std::filesystem::path& path, const std::error_code& reason) {
  const bool full = reason == std::errc::no_space_on_device;
  return {full ? Code::OutOfSpace : Code::IoFailed, fmt::format("{} cannot be written: {}", path.string(), reason.message()), "check the disk and the folder's permissions"};
}

}  // namespace

Result<std::vector<Relocated>> relink(session::Document& document, const std::filesystem::path& bundle,
                                      const std::vector<std::filesystem::path>& folders) {
  std::multimap<std::uintmax_t, std::filesystem::path> by_size;
  for (const std::filesystem::path& folder : folders) {
    TWOPOP_TRY(const auto files, files_below(folder));
    for (const std::filesystem::path& file : files) {
      std::error_code failed;
      if (const auto size = std::filesystem::file_size(file, failed); !failed) by_size.emplace(size, std::filesystem::absolute(file).lexically_normal());
    }
  }
  std::vector<Relocated> moved;
  for (auto& [id, media] : document.media) {
    const std::filesystem::path old = resolved(bundle, media.path);
    std::error_code failed;
    if (std::filesystem::exists(old, failed) && same_content(old, media)) continue;
    Relocated entry{id, old, {}, std::filesystem::exists(old, failed) ? "its content has changed" : "it is not there"};
    const auto [first, last] = by_size.equal_range(static_cast<std::uintmax_t>(media.bytes));
    // A file that still bears the name is looked at before its equals.
    std::vector<std::filesystem::path> candidates;
    for (auto it = first; it != last; ++it)
      candidates.insert(it->second.filename() == old.filename() ? candidates.begin() : candidates.end(), it->second);
    const auto found = std::find_if(candidates.begin(), candidates.end(), [&](const auto& file) { return same_content(file, media); });
    if (found != candidates.end()) {
      entry.to = *found;
      media.path = kept_path(bundle, *found);
    }
    moved.push_back(std::move(entry));
  }
  return moved;
}

bool is_used(const session::Document& d, const session::Id& id) {
  using session::MediaKind;
  const MediaKind kind = d.media.at(id).kind;
  if (kind == MediaKind::Edl || kind == MediaKind::Script || kind == MediaKind::Sheet) return true;
  if (d.picture.media == id || d.music.sound_font == id) return true;
  const auto any = [&](const auto& items, auto names) {
    return std::any_of(items.begin(), items.end(), [&](const auto& item) { return names(item.second); });
  };
  const auto media_is = [&](const auto& item) { return item.media == id; };
  return any(d.picture.events, media_is) || any(d.dialogue.placements, media_is) || any(d.dialogue.fills, media_is) ||
         any(d.dialogue.clips, [&](const auto& clip) { return clip.denoise.room_tone == id; }) ||
         any(d.adr.takes, [&](const auto& take) { return take.media == id && !take.refused; }) || any(d.design.ambiences, media_is) ||
         any(d.design.effects,
             [&](const auto& clip) {
               const auto convolves = [&](const session::EffectStep& step) {
                 return std::any_of(step.texts.begin(), step.texts.end(), [&](const auto& text) { return text.second == id; });
               };
               return clip.media == id || any(clip.chain, convolves);
             }) ||
         any(d.foley.sets, [&](const auto& set) { return any(set.media, [&](const session::Id& media) { return media == id; }); }) ||
         any(d.foley.performances, media_is) || any(d.music.cues, media_is);
}

Result<std::vector<Relocated>> collect(session::Document& document, const std::filesystem::path& bundle, const std::filesystem::path& folder,
                                       const std::function<void(const std::string& name)>& notice) {
  std::vector<Relocated> moved;
  for (auto& [id, media] : document.media) {
    if (!is_used(document, id)) continue;
    const std::filesystem::path from = resolved(bundle, media.path);
    std::error_code failed;
    if (!std::filesystem::exists(from, failed)) {
      moved.push_back({id, from, {}, "it is not there; find it with `twopop relink`"});
      continue;
    }
    if (notice) notice(media.name);
    const std::filesystem::path to_folder = folder / kind_name(media.kind);
    std::filesystem::create_directories(to_folder, failed);
    if (failed) return not_copied(to_folder, failed);
    std::filesystem::path to = to_folder / from.filename();
    for (int n = 2; std::filesystem::exists(to, failed) && !same_content(to, media); ++n)
      to = to_folder / fmt::format("{}-{}{}", from.stem().string(), n, from.extension().string());
    if (!std::filesystem::exists(to, failed)) {
      const std::filesystem::path part = to.string() + ".part";
      std::filesystem::copy_file(from, part, std::filesystem::copy_options::overwrite_existing, failed);
      if (failed) return not_copied(part, failed);
      if (!same_content(part, media)) {
        std::filesystem::remove(part, failed);
        moved.push_back({id, from, {}, "its content has changed since it was added"});
        continue;
      }
      std::filesystem::rename(part, to, failed);
      if (failed) return not_copied(to, failed);
    }
    media.path = kept_path(bundle, to);
    moved.push_back({id, from, to, ""});
  }
  return moved;
}

}  // namespace twopop::deliver
