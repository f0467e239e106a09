#include "film/film_service.h"

#include "deliver/ingest.h"
#include "media/media.h"

#include <cstring>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace twopop::server {
namespace {

constexpr std::size_t kUploadPortion = std::size_t{1} << 18;
/// Disk that uploads leave free, for the session and its cache.
constexpr std::uint64_t kFreeBytes = std::uint64_t{512} << 20;

std::filesystem::path path_of(const FilmCore& core, const session::Media& media) {
  const std::filesystem::path path(media.path);
  return (path.is_absolute() ? path : core.folder / path).lexically_normal();
}

bool lies_in(const std::filesystem::path& folder, const std::filesystem::path& file) {
  std::error_code failed;
  const auto root = std::filesystem::canonical(folder, failed);
  if (failed) return false;
  const auto real = std::filesystem::canonical(file, failed);
  if (failed) return false;
  const auto inside = real.lexically_relative(root);
  return !inside.empty() && *inside.begin() != "..";
}

/// A file's own name, without what could lead elsewhere or upset a shell.
std::string safe_name(const std::string& given) {
  std::string name = std::filesystem::path(given).filename().string();
  for (char& c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == '/' || c == '\\' || c == ':' || c == '*' || c == '?' || c == '"' || c == '<' || c == '>' || c == '|') c = '_';
  while (name.starts_with('.')) name.erase(0, 1);
  if (name.size() > 180) name = name.substr(name.size() - 180);
  return name;
}

std::string kind_name(session::MediaKind kind) {
  for (const auto& known : names_of(kind))
    if (known.value == kind) return known.name;
  return "other";
}

bool disk_is_full(const std::filesystem::path& folder) {
  struct statvfs status{};
  return ::statvfs(folder.c_str(), &status) == 0 && static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize < kFreeBytes;
}

/// A file that goes when it is not kept.
struct PartFile {
  std::filesystem::path path;
  int file = -1;
  ~PartFile() {
    if (file >= 0) ::close(file);
    if (!path.empty()) ::unlink(path.c_str());
  }
};

Result<void> receive(BodyReader& body, PartFile& part) {
  std::vector<std::byte> portion(kUploadPortion);
  for (std::uint64_t received = 0;;) {
    TWOPOP_TRY(const std::size_t n, body.read(portion));
    if (n == 0) break;
    for (std::size_t done = 0; done < n;) {
      const ssize_t written = ::write(part.file, portion.data() + done, n - done);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return Error{errno == ENOSPC ? Code::OutOfSpace : Code::IoFailed, fmt::format("the file cannot be written: {}", std::strerror(errno)), "free some disk"};
      done += static_cast<std::size_t>(written);
    }
    // Asked now and then: the disk may be filling up from elsewhere too.
    if ((received >> 26) != ((received + n) >> 26) && disk_is_full(part.path.parent_path())) return Error{Code::OutOfSpace, "the server's disk is nearly full", "free some disk, then add the file again"};
    received += n;
  }
  if (::fsync(part.file) != 0) return Error{Code::IoFailed, fmt::format("the file cannot be written: {}", std::strerror(errno)), "look at the server's disk"};
  return {};
}

}  // namespace

Result<std::shared_ptr<FilmService>> FilmService::open(const std::filesystem::path& folder, SessionAccess session, std::function<void(const std::string&)> tell, const FilmServiceOptions& options) {
  std::shared_ptr<FilmService> service(new FilmService());
  FilmCore& core = service->core_;
  core.folder = std::filesystem::absolute(folder).lexically_normal();
  if (core.folder.filename().empty()) core.folder = core.folder.parent_path();
  core.session = std::move(session);
  core.tell = std::move(tell);
  signal::WorkspaceOptions work;
  work.threads = options.threads;
  work.cache_budget_bytes = options.cache_budget_bytes;
  TWOPOP_TRY(core.work, signal::Workspace::open(core.folder / "cache", std::move(work)));
  TWOPOP_TRY(service->library_, Library::open());
  const session::Head head = core.session.head();
  for (const auto& [id, media] : head.document->media) service->trusted_.insert(path_of(core, media));
  service->compiler_ = std::make_unique<FilmCompiler>(core);
  service->sounds_ = std::make_unique<Sounds>(core, *service->compiler_);
  service->peaks_ = std::make_unique<Peaks>(core, *service->compiler_);
  service->picture_ = std::make_unique<PictureProxy>(core);
  service->jobs_ = std::make_unique<Jobs>(core, *service->compiler_);
  return service;
}

FilmService::~FilmService() {
  core_.closing = true;
  jobs_.reset();
  picture_.reset();
  peaks_.reset();
  sounds_.reset();
  compiler_.reset();
}

void FilmService::revised() {
  compiler_->revised();
  peaks_->revised();
  picture_->revised();
}

Board FilmService::board() const {
  if (auto board = compiler_->board()) return *std::move(board);
  Board empty;
  empty.revision = core_.session.head().revision;
  for (const phases::Phase* phase : phases::order_of_operations()) {
    BoardPhase row;
    row.name = phase->name();
    empty.phases.push_back(std::move(row));
  }
  return empty;
}

Result<std::int64_t> FilmService::approve(const ApprovalRequest& request, const std::string& who, const Stop& stop) {
  if (request.withdraw) {
    const session::Head head = core_.session.head();
    TWOPOP_TRY(const session::Document next, deliver::approval_withdrawn(*head.document, request.phase));
    return core_.session.commit(head, next, who, "approval of " + request.phase + " withdrawn", session::By::Person);
  }
  TWOPOP_TRY(const CompiledRef film, compiler_->newest(std::chrono::minutes(1), stop));
  const cache::RunScope scope([&] { return core_.closing || (stop && stop()); });
  TWOPOP_TRY(const session::Document next, deliver::approved(*film->document, film->place(core_), film->whole, request.phase, who, request.note, film->revision));
  return core_.session.commit({film->revision, film->document}, next, who, request.phase + " approved", session::By::Person);
}

Result<deliver::Moment> FilmService::moment(const std::string& phase, SamplePosition at, const Stop& stop) {
  TWOPOP_TRY(const CompiledRef film, compiler_->newest(Sounds::kPatience, stop));
  return deliver::moment_of(*film->document, *core_.work, film->whole, phase, at);
}

Result<PreviewSound> FilmService::preview(const PreviewRequest& request, const Stop& stop) {
  const session::Head head = core_.session.head();
  // A film that holds nothing else: what is heard is what the design phase would make of the item.
  session::Document alone;
  alone.rate = head.document->rate;
  alone.layout = head.document->layout;
  alone.frames = head.document->frames;
  const SampleCount length = samples(request.length_s, alone.rate);
  alone.picture.length = length;
  const auto take_media = [&](const session::Id& id) -> Result<void> {
    if (id.empty()) return {};
    const auto media = head.document->media.find(id);
    if (media == head.document->media.end()) return Error{Code::NotFound, fmt::format("there is no media '{}'", id), "the film's document lists them"};
    alone.media[id] = media->second;
    return {};
  };
  if (request.what == PreviewKind::Ambience) {
    if (!request.ambience) return Error{Code::InvalidArgument, "/ambience is missing", "say which bed is to be heard"};
    session::AmbienceBed bed = *request.ambience;
    TWOPOP_CHECK(take_media(bed.media));
    bed.film = {{0}, {length.value}};
    alone.design.ambiences["preview"] = std::move(bed);
  } else {
    if (!request.effect) return Error{Code::InvalidArgument, "/effect is missing", "say which clip is to be heard"};
    session::EffectClip clip = *request.effect;
    TWOPOP_CHECK(take_media(clip.media));
    for (const auto& [id, step] : clip.chain)
      if (const auto impulse = step.texts.find("impulse"); impulse != step.texts.end()) TWOPOP_CHECK(take_media(impulse->second));
    clip.at = {0};
    alone.design.effects["preview"] = std::move(clip);
  }
  TWOPOP_TRY(const Gate::Pass pass, previews_.enter(stop));
  const cache::RunScope scope([&] { return core_.closing || (stop && stop()); });
  const phases::Context context{alone, core_.folder, *core_.work, {}};
  TWOPOP_TRY(const phases::Compiled compiled, phases::design_phase().compile(context));
  if (compiled.tracks.empty()) {
    if (!compiled.findings.empty()) return Error{Code::InvalidArgument, compiled.findings.front().message, compiled.findings.front().remedy};
    return Error{Code::InvalidArgument, "nothing would be heard", "choose a sound"};
  }
  const signal::Signal& sound = compiled.tracks.front().sound;
  const SampleRange range{{0}, std::min(SamplePosition{length.value}, std::max(SamplePosition{1}, sound->extent().end))};
  TWOPOP_TRY(const AudioBuffer<float> heard, core_.work->read(sound, range));
  return PreviewSound{planar(heard.view()), heard.channels(), range.length()};
}

Result<FileTaken> FilmService::add_file(const std::string& name, std::optional<session::MediaKind> kind, BodyReader& body, const std::string& who) {
  const std::string own_name = safe_name(name);
  if (own_name.empty()) return Error{Code::InvalidArgument, fmt::format("'{}' is no name for a file", name), "give it a name"};
  const std::filesystem::path folder = core_.folder / "media" / (kind ? kind_name(*kind) : "added");
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return Error{Code::IoFailed, fmt::format("the film's media folder cannot be made: {}", failed.message()), "check that the film's folder is writable"};
  if (disk_is_full(folder)) return Error{Code::OutOfSpace, "the server's disk is nearly full", "free some disk, then add the file again"};
  static std::atomic<std::uint64_t> number{0};
  PartFile part;
  part.path = folder / fmt::format(".{}-{}.part", ::getpid(), ++number);
  part.file = ::open(part.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (part.file < 0) return Error{Code::IoFailed, fmt::format("the file cannot be written: {}", std::strerror(errno)), "check that the film's folder is writable"};
  TWOPOP_CHECK(receive(body, part));

  const std::lock_guard lock(adding_);
  std::filesystem::path file = folder / own_name;
  const std::string stem = file.stem().string(), extension = file.extension().string();
  // A hard link fails where the name is taken, so that nothing is ever written over.
  for (int i = 2; ::link(part.path.c_str(), file.c_str()) != 0; ++i) {
    if (errno != EEXIST || i > 10000) return Error{Code::IoFailed, fmt::format("the file cannot be named: {}", std::strerror(errno)), "check that the film's folder is writable"};
    file = folder / fmt::format("{}-{}{}", stem, i, extension);
  }
  const session::Head head = core_.session.head();
  deliver::IngestOptions how;
  how.as = kind;
  deliver::Ingest taken = deliver::ingest(*head.document, core_.folder / "media", {file}, how);
  FileTaken result;
  if (!taken.items.empty()) {
    result.media = taken.items.front().id;
    result.kind = taken.items.front().kind.value_or(session::MediaKind::Other);
    result.reason = taken.items.front().reason;
    result.problem = taken.items.front().problem;
  }
  if (taken.items.empty() || !taken.items.front().kind || result.media.empty() || !taken.document.media.contains(result.media)) {
    ::unlink(file.c_str());
    return Error{Code::Unsupported, fmt::format("{} was left out: {}", own_name, result.reason), "give sound, picture, a script, an edit list or a sheet that is not in the film yet"};
  }
  // Inside the film's folder paths are relative, so that the film can be moved as one.
  session::Media& media = taken.document.media.at(result.media);
  if (std::filesystem::path(media.path).is_absolute()) media.path = file.lexically_relative(core_.folder).generic_string();
  auto revision = core_.session.commit(head, taken.document, who, "added " + own_name, session::By::Person);
  if (!revision) {
    ::unlink(file.c_str());
    return revision.error();
  }
  result.revision = *revision;
  return result;
}

Result<std::filesystem::path> FilmService::media_file(const session::Id& id) {
  const session::Head head = core_.session.head();
  const auto found = head.document->media.find(id);
  if (found == head.document->media.end()) return Error{Code::NotFound, fmt::format("there is no media '{}'", id), "the film's document lists them"};
  const std::filesystem::path path = path_of(core_, found->second);
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) return Error{Code::NotFound, fmt::format("{} is not where the session says", found->second.name), "relink it"};
  {
    const std::lock_guard lock(mutex_);
    if (trusted_.contains(path)) return path;
  }
  bool known = lies_in(core_.folder / "media", path) || lies_in(core_.folder / "takes", path);
  if (!known) {
    const auto fingerprint = media::fingerprint(path);
    known = fingerprint && to_string(*fingerprint) == found->second.fingerprint;
  }
  if (!known) return Error{Code::NotFound, fmt::format("{} is not the file that was added to the film", found->second.name), "add it again, or relink it"};
  const std::lock_guard lock(mutex_);
  trusted_.insert(path);
  return path;
}

Result<AudioBuffer<float>> FilmService::media_stretch(const session::Id& id, SampleRange range) {
  TWOPOP_TRY(const std::filesystem::path path, media_file(id));
  const session::Head head = core_.session.head();
  const phases::Context context{*head.document, core_.folder, *core_.work, {}};
  TWOPOP_TRY(signal::MediaDescription media, phases::describe_media(context, id));
  AudioBuffer<float> out(media.channels, range.length().value);
  const SampleRange there = intersection(range, {{0}, {media.length.value}});
  if (there.empty()) return out;
  TWOPOP_CHECK(core_.work->media()->read(media, there.begin, out.view().sub((there.begin - range.begin).value, there.length().value)));
  return out;
}

}  // namespace twopop::server
