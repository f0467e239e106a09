#include "deliver/ingest.h"

#include "deliver/ingest_edl.h"
#include "deliver/ingest_kind.h"
#include "interchange/sheets.h"
#include "session/validate.h"

#include <atomic>
#include <fstream>
#include <sstream>
#include <thread>

namespace twopop::deliver {
namespace {

using session::MediaKind;

/// A file as it was found.
struct Look {
  std::filesystem::path path;
  std::optional<media::MediaInfo> info;
  std::string fingerprint, problem;
  std::uint64_t bytes = 0;
};

Look look_at(const std::filesystem::path& path) {
  Look look;
  look.path = path;
  std::error_code failed;
  look.bytes = std::filesystem::file_size(path, failed);
  if (auto info = media::probe(path)) {
    look.info = *std::move(info);
    const bool no_sound = !look.info->audio.empty() && look.info->duration_s <= 0 && !look.info->video;
    if (no_sound) look.problem = "it holds no samples";
  } else {
    look.problem = info.error().sentence();
  }
  if (const auto hash = media::fingerprint(path)) look.fingerprint = to_string(*hash);
  else look.problem = hash.error().sentence();
  return look;
}

std::vector<Look> look_at_all(const std::vector<std::filesystem::path>& files, int threads) {
  std::vector<Look> looks(files.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i; (i = next.fetch_add(1)) < files.size();) looks[i] = look_at(files[i]);
  };
  std::vector<std::thread> helpers;
  for (int i = 1; i < threads && i < static_cast<int>(files.size()); ++i) helpers.emplace_back(work);
  work();
  for (std::thread& helper : helpers) helper.join();
  return looks;
}

/// Real seconds since midnight of the first sample, from whatever counting the file states.
std::optional<double> start_of_day(const media::Metadata& metadata) {
  if (metadata.time_reference && metadata.time_reference_rate && metadata.time_reference_rate->hz > 0)
    return static_cast<double>(*metadata.time_reference) / metadata.time_reference_rate->hz;
  if (metadata.timecode && metadata.timecode_rate && metadata.timecode_rate->frames.numerator > 0)
    return static_cast<double>(metadata.timecode->frame) / metadata.timecode_rate->frames.hz();
  return std::nullopt;
}

/// What a file's own tags say of its author and licence, by the names that taggers use.
session::Licence licence_of(const media::Metadata& metadata) {
  const auto first = [&](std::initializer_list<const char*> names) {
    for (const char* name : names)
      if (const auto found = metadata.other.find(name); found != metadata.other.end()) return found->second;
    return std::string();
  };
  session::Licence licence;
  licence.title = first({"title", "info.INAM"});
  licence.author = first({"composer", "artist", "author", "album_artist", "info.IART"});
  licence.licence = first({"license", "licence", "copyright", "info.ICOP"});
  licence.source = first({"purl", "url", "contact", "comments"});
  licence.publisher = first({"publisher", "organization"});
  licence.isrc = first({"isrc", "tsrc"});
  return licence;
}

session::Media media_of(const Look& look, MediaKind kind) {
  session::Media media;
  media.path = look.path.string();
  media.fingerprint = look.fingerprint;
  media.kind = kind;
  media.name = look.path.filename().string();
  media.bytes = static_cast<std::int64_t>(look.bytes);
  if (!look.info) return media;
  const media::MediaInfo& info = *look.info;
  media.duration_s = std::max(0.0, info.duration_s);
  if (!info.audio.empty()) {
    media.rate_hz = info.audio[0].rate.hz;
    media.channels = info.audio[0].channels;
  }
  if (info.video) {
    media.has_picture = true;
    media.frames = info.video->frames;
    media.variable_frame_rate = info.video->variable_rate;
  }
  const media::Metadata& metadata = info.metadata;
  media.device = metadata.device.empty() ? metadata.originator : metadata.device;
  media.scene = metadata.scene;
  media.take = metadata.take;
  media.roll = metadata.roll;
  media.notes = metadata.notes;
  media.circled = metadata.circled;
  for (const media::TrackName& track : metadata.tracks) media.tracks[std::to_string(track.channel + 1)] = track.name;
  media.start_of_day_s = start_of_day(metadata);
  if (kind == MediaKind::Music || kind == MediaKind::Ambience || kind == MediaKind::Effect || kind == MediaKind::Foley) media.licence = licence_of(metadata);
  return media;
}

bool needs_sound_or_picture(MediaKind kind) {
  switch (kind) {
    case MediaKind::Score:
    case MediaKind::SoundFont:
    case MediaKind::Script:
    case MediaKind::Edl:
    case MediaKind::Sheet:
    case MediaKind::Other: return false;
    default: return true;
  }
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

class Taker {
 public:
  Taker(const session::Document& document, const IngestOptions& options) : options_(options) { out_.document = document; }

  void take(const std::filesystem::path& root, const Look& look) {
    IngestItem item;
    item.path = look.path;
    for (const auto& [id, known] : out_.document.media)
      if (known.path == look.path.string() || (!look.fingerprint.empty() && known.fingerprint == look.fingerprint && look.bytes > 0)) {
        item.reason = fmt::format("it is in the film already, as {}", id);
        out_.items.push_back(std::move(item));
        return;
      }
    if (options_.as) {
      item.kind = options_.as;
      item.reason = "as told";
    } else {
      KindGuess guess = guess_kind(root, look.path, look.info ? &*look.info : nullptr);
      item.kind = guess.kind;
      item.reason = std::move(guess.reason);
    }
    if (item.kind) {
      session::Media media = media_of(look, *item.kind);
      if (needs_sound_or_picture(*item.kind)) media.problem = look.problem;
      if (*item.kind == MediaKind::Take) media.cue = options_.cue;
      item.problem = media.problem;
      item.id = session::unused_id(out_.document.media, session::id_from(media.name));
      out_.document.media.emplace(item.id, std::move(media));
      taken_.emplace(item.id, &look);
    }
    out_.items.push_back(std::move(item));
  }

  Ingest finish() {
    choose_picture();
    for (const MediaKind kind : {MediaKind::Edl, MediaKind::Script})
      for (const IngestItem& item : out_.items)
        if (item.kind == kind) read_list(item);
    set_length_without_picture();
    // Sheets speak of places in the film: they come last.
    for (const IngestItem& item : out_.items)
      if (item.kind == MediaKind::Sheet) read_sheet(item);
    return std::move(out_);
  }

 private:
  session::Document& document() { return out_.document; }
  void note(std::string text) { out_.notes.push_back(std::move(text)); }
  void change_kind(const session::Id& id, MediaKind kind, std::string reason) {
    document().media.at(id).kind = kind;
    for (IngestItem& item : out_.items)
      if (item.id == id) item.kind = kind, item.reason = std::move(reason);
  }

  /// One picture a film: the one taken for it, else a file named like a cut, else the only one with a picture.
  void choose_picture() {
    if (!document().picture.media.empty()) return demote_other_pictures();
    std::vector<session::Id> pictures, rushes;
    for (const auto& [id, look] : taken_) {
      const session::Media& media = document().media.at(id);
      if (!media.has_picture || !media.problem.empty()) continue;
      if (media.kind == MediaKind::Picture) pictures.push_back(id);
      if (media.kind == MediaKind::Rushes) rushes.push_back(id);
    }
    if (pictures.empty() && !options_.as) {
      for (const session::Id& id : rushes)
        if (named_like_cut(document().media.at(id).name)) pictures.push_back(id);
      if (pictures.empty() && rushes.size() == 1) pictures = rushes;
    }
    if (pictures.empty()) return;
    const auto rank = [&](const session::Id& id) {
      const session::Media& media = document().media.at(id);
      return std::pair(named_like_cut(media.name), media.duration_s);
    };
    const session::Id chosen = *std::max_element(pictures.begin(), pictures.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
    if (document().media.at(chosen).kind != MediaKind::Picture)
      change_kind(chosen, MediaKind::Picture, pictures.size() > 1 ? "named like a cut" : rushes.size() == 1 ? "the only file with moving picture" : "named like a cut");
    document().picture.media = chosen;
    demote_other_pictures();
    adopt(chosen);
  }

  void demote_other_pictures() {
    for (const auto& [id, look] : taken_)
      if (id != document().picture.media && document().media.at(id).kind == MediaKind::Picture)
        change_kind(id, MediaKind::Other, fmt::format("the film's picture is {} already", document().media.at(document().picture.media).name));
  }

  /// The picture's rate, start and length become the film's.
  void adopt(const session::Id& id) {
    const media::MediaInfo& info = *taken_.at(id)->info;
    const media::VideoStream& video = *info.video;
    const media::Metadata& metadata = info.metadata;
    if (!options_.keep_frame_rate && video.frames.numerator > 0 && video.frames.denominator > 0) {
      document().frames = video.frames;
      document().drop_frame = metadata.timecode_rate && metadata.timecode_rate->frames == video.frames && metadata.timecode_rate->drop == DropFrame::Yes;
      document().start_frame = std::int64_t{3600} * video.frames.nominal();
      if (document().drop_frame)
        if (const auto hour = parse_timecode("01:00:00;00", document().timecode_rate())) document().start_frame = hour->frame;
      note(fmt::format("{} frames per second{}, from {}", to_string(document().timecode_rate()), video.variable_rate ? " on average (variable)" : "", info.path.filename().string()));
    }
    if (!options_.keep_start && metadata.timecode && metadata.timecode_rate && metadata.timecode_rate->frames == document().frames) {
      document().start_frame = metadata.timecode->frame;
      note(fmt::format("starts at {}", to_string(*metadata.timecode, document().timecode_rate())));
    }
    const bool counted = !video.variable_rate && video.frame_count > 0 && video.frames.numerator > 0;
    document().picture.length = counted ? SampleCount{sample_of_frame(video.frame_count, video.frames, document().rate).value}
                                        : samples(video.duration_s > 0 ? video.duration_s : info.duration_s, document().rate);
    note(fmt::format("{:.3f} s long", seconds(document().picture.length, document().rate)));
  }

  void read_list(const IngestItem& item) {
    const std::string text = text_of(item.path), name = item.path.filename().string();
    const bool edl = item.kind == MediaKind::Edl;
    auto notes = edl ? apply_edl(document(), text, options_.keep_start) : apply_script(document(), text, item.path.extension().string());
    if (!notes) {
      document().media.at(item.id).problem = notes.error().sentence();
      note(fmt::format("{}: {}", name, notes.error().sentence()));
      return;
    }
    for (const std::string& line : *notes) note(fmt::format("{}: {}", name, line));
  }

  void read_sheet(const IngestItem& item) {
    const std::string name = item.path.filename().string();
    auto taken = interchange::take_sheet(text_of(item.path), document(), name);
    if (!taken) {
      document().media.at(item.id).problem = taken.error().sentence();
      note(taken.error().sentence());
      return;
    }
    document() = std::move(taken->document);
    constexpr const char* kKinds[]{"ADR", "Foley", "effect"};
    note(fmt::format("{}: {} {} cues added, {} changed", name, taken->added, kKinds[static_cast<int>(taken->kind)], taken->changed));
    for (std::string& warning : taken->warnings) note(std::move(warning));
  }

  void set_length_without_picture() {
    session::Picture& picture = document().picture;
    if (!picture.media.empty() || picture.length.value > 0) return;
    double longest = 0;
    std::string name;
    for (const auto& [id, media] : document().media)
      if ((media.kind == MediaKind::Recording || media.kind == MediaKind::Rushes) && media.problem.empty() && media.duration_s > longest) {
        longest = media.duration_s;
        name = media.name;
      }
    if (longest <= 0) return;
    picture.length = samples(longest, document().rate);
    note(fmt::format("no picture: the film is as long as {}, {:.3f} s", name, longest));
  }

  IngestOptions options_;
  Ingest out_;
  std::map<session::Id, const Look*> taken_;
};

}  // namespace

Result<std::vector<std::filesystem::path>> files_below(const std::filesystem::path& folder) {
  std::error_code failed;
  if (!std::filesystem::is_directory(folder, failed))
    return Error{Code::NotFound, fmt::format("{} is no folder", folder.string()), "check the path"};
  std::vector<std::filesystem::path> files;
  std::filesystem::recursive_directory_iterator at(folder, std::filesystem::directory_options::skip_permission_denied, failed), end;
  for (; !failed && at != end; at.increment(failed)) {
    const std::string name = at->path().filename().string();
    std::error_code none;
    if (name.starts_with('.') || at->path().extension() == ".twopop") {
      if (at->is_directory(none)) at.disable_recursion_pending();
      continue;
    }
    if (at->is_regular_file(none)) files.push_back(at->path());
  }
  if (failed) return Error{Code::IoFailed, fmt::format("{} cannot be read: {}", folder.string(), failed.message()), "check its permissions"};
  std::sort(files.begin(), files.end());
  return files;
}

Ingest ingest(const session::Document& document, const std::filesystem::path& root, const std::vector<std::filesystem::path>& files,
              const IngestOptions& options) {
  const auto whole = [](const std::filesystem::path& path) { return path.empty() ? path : std::filesystem::absolute(path).lexically_normal(); };
  std::vector<std::filesystem::path> paths;
  for (const std::filesystem::path& file : files) paths.push_back(whole(file));
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  const std::vector<Look> looks = look_at_all(paths, std::max(1, options.threads));
  Taker taker(document, options);
  for (const Look& look : looks) taker.take(whole(root), look);
  return taker.finish();
}

}  // namespace twopop::deliver
