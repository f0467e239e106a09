#include "deliver/ingest_kind.h"

#include "core/text.h"

namespace twopop::deliver {
namespace {

using session::MediaKind;

struct FolderName {
  std::string_view name;
  MediaKind kind;
};
/// In capitals, letters and digits only.
constexpr FolderName kFolders[] = {
    {"PICTURE", MediaKind::Picture},      {"PICTURES", MediaKind::Picture},   {"CUT", MediaKind::Picture},         {"EDIT", MediaKind::Picture},
    {"LOCKED", MediaKind::Picture},       {"RUSHES", MediaKind::Rushes},      {"DAILIES", MediaKind::Rushes},      {"CAMERA", MediaKind::Rushes},
    {"CAMERAS", MediaKind::Rushes},       {"FOOTAGE", MediaKind::Rushes},     {"SOUND", MediaKind::Recording},     {"SOUNDS", MediaKind::Recording},
    {"RECORDING", MediaKind::Recording},  {"RECORDINGS", MediaKind::Recording}, {"RECORDER", MediaKind::Recording}, {"AUDIO", MediaKind::Recording},
    {"DIALOGUE", MediaKind::Recording},   {"PRODUCTION", MediaKind::Recording}, {"PRODUCTIONSOUND", MediaKind::Recording},
    {"ADR", MediaKind::Take},             {"TAKES", MediaKind::Take},         {"ROOMTONE", MediaKind::RoomTone},   {"ROOMTONES", MediaKind::RoomTone},
    {"AMBIENCE", MediaKind::Ambience},    {"AMBIENCES", MediaKind::Ambience}, {"AMBIANCE", MediaKind::Ambience},   {"ATMOS", MediaKind::Ambience},
    {"BACKGROUNDS", MediaKind::Ambience}, {"EFFECTS", MediaKind::Effect},     {"EFFECT", MediaKind::Effect},       {"SFX", MediaKind::Effect},
    {"FX", MediaKind::Effect},            {"FOLEY", MediaKind::Foley},        {"MUSIC", MediaKind::Music},         {"SCORE", MediaKind::Score},
    {"SCORES", MediaKind::Score},         {"SCRIPT", MediaKind::Script},      {"SCRIPTS", MediaKind::Script},      {"SUBTITLES", MediaKind::Script},
    {"IMPULSE", MediaKind::Impulse},      {"IMPULSES", MediaKind::Impulse},   {"IR", MediaKind::Impulse},          {"SHEETS", MediaKind::Sheet},
};

/// Letters and digits of a name, in capitals: "Room-Tone_1" gives ROOMTONE1.
std::string bare(const std::filesystem::path& name) {
  std::string out;
  for (const char c : to_upper(name.string()))
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) out += c;
  return out;
}

std::string ending_of(const std::filesystem::path& file) { return to_upper(file.extension().string()); }

bool one_of(std::string_view ending, std::initializer_list<std::string_view> known) {
  return std::find(known.begin(), known.end(), ending) != known.end();
}

struct Folder {
  MediaKind kind;
  std::string name;
};

std::optional<Folder> telling_folder(const std::filesystem::path& root, const std::filesystem::path& file) {
  std::filesystem::path inside = root.empty() ? file.parent_path().filename() : file.lexically_relative(root).parent_path();
  for (; !inside.empty() && inside != inside.parent_path(); inside = inside.parent_path()) {
    const std::string name = bare(inside.filename());
    for (const FolderName& known : kFolders)
      if (known.name == name) return Folder{known.kind, inside.filename().string()};
  }
  return std::nullopt;
}

KindGuess by_ending(const std::filesystem::path& file, const std::optional<Folder>& folder) {
  const std::string ending = ending_of(file);
  if (ending == ".EDL") return {MediaKind::Edl, "edit decision list"};
  if (one_of(ending, {".FOUNTAIN", ".SRT", ".VTT"})) return {MediaKind::Script, "script or subtitles by its name"};
  if (ending == ".TXT" && folder && folder->kind == MediaKind::Script) return {MediaKind::Script, fmt::format("folder '{}'", folder->name)};
  if (one_of(ending, {".MID", ".MIDI"})) return {MediaKind::Score, "MIDI"};
  if (one_of(ending, {".SF2", ".SF3"})) return {MediaKind::SoundFont, "sound font"};
  if (ending == ".CSV") return {MediaKind::Sheet, "cue sheet by its name"};
  return {};
}

}  // namespace

bool named_like_media(const std::filesystem::path& file) {
  return one_of(ending_of(file), {".WAV", ".WAVE", ".BWF", ".RF64", ".W64", ".AIF", ".AIFF", ".AIFC", ".FLAC", ".MP3", ".M4A", ".AAC", ".OGG", ".OGA", ".OPUS",
                                  ".WMA", ".CAF", ".AU", ".MP4", ".MOV", ".M4V", ".MKV", ".WEBM", ".AVI", ".MXF", ".MTS", ".M2TS", ".MPG", ".MPEG", ".TS", ".DV"});
}

bool named_like_cut(const std::filesystem::path& file) {
  const std::string name = bare(file.stem());
  for (const std::string_view word : {"CUT", "LOCK", "EDIT", "PICTURE", "FINAL", "FILM"})
    if (name.find(word) != std::string::npos) return true;
  return false;
}

KindGuess guess_kind(const std::filesystem::path& root, const std::filesystem::path& file, const media::MediaInfo* info) {
  const auto folder = telling_folder(root, file);
  if (KindGuess guess = by_ending(file, folder); guess.kind) return guess;
  if (!info && !named_like_media(file)) return {std::nullopt, "neither sound nor picture in it"};
  const bool picture = info && info->video.has_value();
  if (info && !picture && info->audio.empty()) return {std::nullopt, "neither sound nor picture in it"};
  const std::string name = bare(file.stem());
  if (!picture && name.find("ROOMTONE") != std::string::npos) return {MediaKind::RoomTone, "room tone by its name"};
  if (folder) {
    const std::string why = fmt::format("folder '{}'", folder->name);
    switch (folder->kind) {
      case MediaKind::Picture:
        if (info && !picture) return {MediaKind::Recording, why + ", but it holds sound only"};
        return {MediaKind::Picture, why};
      case MediaKind::Rushes:
        if (info && !picture) return {MediaKind::Recording, why + ", but it holds sound only"};
        return {MediaKind::Rushes, why};
      case MediaKind::Recording:
        if (picture) return {MediaKind::Rushes, why + ", but it holds picture"};
        return {MediaKind::Recording, why};
      case MediaKind::Score: return {MediaKind::Music, why + ", a recording"};
      case MediaKind::Script:
      case MediaKind::Sheet: return {MediaKind::Recording, "sound"};
      default: return {folder->kind, why};
    }
  }
  if (picture) return {MediaKind::Rushes, "moving picture"};
  return {MediaKind::Recording, "sound in a folder without a telling name"};
}

}  // namespace twopop::deliver
