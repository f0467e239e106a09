#include "commands.h"

#include "deliver/ingest.h"
#include "deliver/spec.h"
#include "film.h"

#include <thread>

namespace twopop::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::string film, from, picture, frame_rate, start, layout, preset, title, as, cue;
  int rate_hz = 48000;
  std::vector<std::string> files;
};

std::string kind_name(session::MediaKind kind) {
  for (const auto& known : names_of(kind))
    if (known.value == kind) return known.name;
  return "other";
}

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const auto& known : names_of(session::MediaKind{})) names.emplace_back(known.name);
  return names;
}

std::optional<session::MediaKind> kind_of(const std::string& name) {
  for (const auto& known : names_of(session::MediaKind{}))
    if (known.name == name) return known.value;
  return std::nullopt;
}

int threads_of(const Globals& globals) {
  return globals.threads > 0 ? globals.threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

void show(const deliver::Ingest& taken, const session::Store& store, const Globals& globals) {
  if (globals.json) {
    Json json{{"film", store.folder().string()}, {"revision", store.head().revision}, {"taken", Json::array()}, {"left_out", Json::array()}, {"notes", taken.notes}};
    for (const deliver::IngestItem& item : taken.items) {
      if (!item.kind) {
        json["left_out"].push_back({{"path", item.path.string()}, {"reason", item.reason}});
        continue;
      }
      Json entry{{"id", item.id}, {"path", item.path.string()}, {"kind", kind_name(*item.kind)}, {"reason", item.reason}};
      if (!item.problem.empty()) entry["problem"] = item.problem;
      json["taken"].push_back(std::move(entry));
    }
    return print_json(json);
  }
  std::vector<std::vector<std::string>> rows;
  for (const deliver::IngestItem& item : taken.items)
    rows.push_back({item.kind ? kind_name(*item.kind) : "-", item.path.filename().string(), item.problem.empty() ? item.reason : "UNUSABLE: " + item.problem});
  if (!rows.empty()) std::fputs(table({"taken as", "file", "because"}, rows).c_str(), stdout);
  for (const std::string& note : taken.notes) std::printf("%s\n", note.c_str());
}

Result<void> keep(const deliver::Ingest& taken, session::Store& store, const std::string& reason, const Globals& globals) {
  TWOPOP_TRY([[maybe_unused]] const auto revision, store.commit(store.head(), taken.document, author(), reason));
  TWOPOP_CHECK(store.export_json());
  show(taken, store, globals);
  return {};
}

Result<session::Document> settings(const Options& options) {
  session::Document document;
  document.name = options.title.empty() ? std::filesystem::path(options.film).stem().string() : options.title;
  document.delivery.title = options.title;
  document.rate = {options.rate_hz};
  if (!options.preset.empty()) document.delivery.preset = options.preset;
  TWOPOP_TRY([[maybe_unused]] const auto preset, deliver::specification_of(document));
  for (const auto& known : names_of(session::LayoutName{}))
    if (known.name == options.layout) document.layout = known.value;
  if (!options.frame_rate.empty()) {
    TWOPOP_TRY(const TimecodeRate rate, parse_timecode_rate(options.frame_rate));
    document.frames = rate.frames;
    document.drop_frame = rate.drop == DropFrame::Yes;
    TWOPOP_TRY(const Timecode hour, parse_timecode("01:00:00:00", rate));
    document.start_frame = hour.frame;
  }
  return document;
}

Result<void> make(const Options& options, const Globals& globals) {
  TWOPOP_TRY(session::Document document, settings(options));
  std::vector<std::filesystem::path> files;
  if (!options.from.empty()) {
    TWOPOP_TRY(files, deliver::files_below(options.from));
    if (files.empty()) return Error{Code::NotFound, fmt::format("{} holds no files", options.from), "name the folder that holds the picture and the sound"};
  }
  if (!options.picture.empty() && !std::filesystem::is_regular_file(options.picture))
    return Error{Code::NotFound, fmt::format("{} is not there", options.picture), "check the path of the picture"};

  deliver::IngestOptions how;
  how.keep_frame_rate = !options.frame_rate.empty();
  how.keep_start = !options.start.empty();
  how.threads = threads_of(globals);
  deliver::Ingest taken{document, {}, {}};
  if (!options.picture.empty()) {
    how.as = session::MediaKind::Picture;
    taken = deliver::ingest(taken.document, {}, {options.picture}, how);
    if (taken.document.picture.media.empty()) {
      const deliver::IngestItem& item = taken.items.front();
      return Error{Code::Unsupported, fmt::format("{}: {}", options.picture, item.problem.empty() ? "there is no moving picture in it" : item.problem), "give the cut picture"};
    }
    how.as = std::nullopt;
  }
  if (!options.start.empty()) {
    TWOPOP_TRY(const Timecode start, parse_timecode(options.start, taken.document.timecode_rate()));
    taken.document.start_frame = start.frame;
  }
  if (!files.empty()) {
    deliver::Ingest more = deliver::ingest(taken.document, options.from, files, how);
    more.items.insert(more.items.begin(), taken.items.begin(), taken.items.end());
    more.notes.insert(more.notes.begin(), taken.notes.begin(), taken.notes.end());
    taken = std::move(more);
    // The rate in which the start was written is known only with the picture.
    if (!options.start.empty()) {
      TWOPOP_TRY(const Timecode start, parse_timecode(options.start, taken.document.timecode_rate()));
      taken.document.start_frame = start.frame;
    }
  }
  TWOPOP_TRY(session::Store store, session::Store::create(options.film, document));
  TWOPOP_CHECK(keep(taken, store, options.from.empty() ? "picture" : "files from " + options.from, globals));
  if (!globals.json) std::printf("%s is ready: `twopop build %s`\n", options.film.c_str(), options.film.c_str());
  return {};
}

Result<void> add(const Options& options, const Globals& globals) {
  TWOPOP_TRY(session::Store store, session::Store::open(options.film));
  std::vector<std::filesystem::path> files;
  std::filesystem::path root;
  for (const std::string& given : options.files) {
    if (std::filesystem::is_directory(given)) {
      TWOPOP_TRY(const auto below, deliver::files_below(given));
      files.insert(files.end(), below.begin(), below.end());
      root = std::filesystem::absolute(given).parent_path();  // the folder's own name counts
    } else if (std::filesystem::exists(given)) {
      files.emplace_back(given);
    } else {
      return Error{Code::NotFound, fmt::format("{} is not there", given), "check the path"};
    }
  }
  deliver::IngestOptions how;
  how.as = kind_of(options.as);
  how.cue = options.cue;
  how.threads = threads_of(globals);
  const deliver::Ingest taken = deliver::ingest(*store.head().document, options.files.size() == 1 ? root : std::filesystem::path(), files, how);
  return keep(taken, store, fmt::format("added {} files", files.size()), globals);
}

}  // namespace

void add_new_commands(Cli& cli) {
  auto options = std::make_shared<Options>();
  CLI::App* command = cli.command("new", "Makes a film, from a folder of raw recordings or from a picture", "twopop new film.twopop --from raw/");
  command->add_option("film", options->film, "The film to make: film.twopop")->required();
  command->add_option("--from", options->from, "Folder of raw files: its sub-folders' names and the files say what each is");
  command->add_option("--picture", options->picture, "The cut picture");
  command->add_option("--rate", options->rate_hz, "Sample rate of the session, Hz")->check(CLI::IsMember({44100, 48000, 88200, 96000}));
  command->add_option("--fps", options->frame_rate, "Frames per second: 23.976, 24, 25, 29.97, 29.97df, 30, 50, 59.94, 59.94df, 60; the picture's if left out");
  command->add_option("--start", options->start, "Timecode of the first frame; the picture's, or 01:00:00:00, if left out");
  command->add_option("--layout", options->layout, "Speakers of the mix")->check(CLI::IsMember({"mono", "stereo", "5.1", "7.1"}))->default_val("stereo");
  command->add_option("--preset", options->preset, "Delivery specification, such as ebu-r128");
  command->add_option("--title", options->title, "Title on sheets and report");
  cli.runs(command, [&cli, options] { return make(*options, cli.globals); });

  command = cli.command("add", "Adds files to a film", "twopop add film.twopop recorder/*.wav --as recording");
  command->add_option("film", options->film, "The film: film.twopop")->required();
  command->add_option("files", options->files, "Files and folders")->required();
  command->add_option("--as", options->as, "What they are; told by their folders and by looking into them if left out")->check(CLI::IsMember(kind_names()));
  command->add_option("--cue", options->cue, "Cue that takes were recorded for");
  cli.runs(command, [&cli, options] { return add(*options, cli.globals); });
}

}  // namespace twopop::cli
