#include "film/peaks.h"

#include "core/bytes.h"
#include "deliver/moment.h"
#include "film/caught.h"
#include "film/sounds.h"
#include "media/media.h"
#include "session/json.h"

#include <cstring>
#include <sys/resource.h>

namespace twopop::server {
namespace {

constexpr std::size_t kMostOpen = 96;
constexpr std::size_t kMostQueued = 4096;
/// What peaks of sounds may take on the disk: each edit makes others.
constexpr std::uint64_t kSoundBytes = std::uint64_t{512} << 20;
constexpr std::int64_t kPortion = std::int64_t{1} << 16;  ///< a multiple of a peak

void add_peaks(std::vector<std::vector<DrawnPeak>>& channels, AudioView<const float> sound) {
  for (int c = 0; c < sound.channels(); ++c)
    for (std::int64_t at = 0; at < sound.frames(); at += PeakFile::kSamplesAPeak)
      channels[static_cast<std::size_t>(c)].push_back(drawn({sound.channel(c) + at, static_cast<std::size_t>(std::min(PeakFile::kSamplesAPeak, sound.frames() - at))}));
}

std::filesystem::path resolved(const FilmCore& core, const session::Media& media) {
  const std::filesystem::path path(media.path);
  return path.is_absolute() ? path : core.folder / path;
}

std::string file_of(const session::Media& media) { return "media-" + media.fingerprint + ".peaks"; }

}  // namespace

Peaks::Peaks(FilmCore& core, FilmCompiler& compiler) : core_(core), compiler_(compiler) {
  revised();
  thread_ = std::thread([this] { work(); });
}

Peaks::~Peaks() {
  {
    // Under the lock, or the thread may miss it between its last look and its sleep.
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Peaks::revised() {
  const session::Head head = core_.session.head();
  const std::lock_guard lock(mutex_);
  failed_.clear();  // a file may have been put back or relinked
  for (const auto& [id, media] : head.document->media) {
    if (media.rate_hz <= 0 || media.channels <= 0 || !media.problem.empty() || media.fingerprint.empty()) continue;
    if (!seen_.insert(file_of(media)).second) continue;
    later_.push_back({file_of(media), id, resolved(core_, media), {}, nullptr, {}});
  }
  changed_.notify_all();
}

Result<Peaks::Task> Peaks::task_of(const Wanted& wanted, const Stop& stop) {
  if (wanted.is_media) {
    const session::Head head = core_.session.head();
    const auto found = head.document->media.find(wanted.name);
    if (found == head.document->media.end()) return Error{Code::NotFound, fmt::format("there is no media '{}'", wanted.name), "the film's document lists them"};
    const session::Media& media = found->second;
    if (media.rate_hz <= 0 || media.channels <= 0 || media.fingerprint.empty()) return Error{Code::Unsupported, fmt::format("{} has no sound", media.name), "ask for a recording"};
    return Task{file_of(media), wanted.name, resolved(core_, media), {}, nullptr, {}};
  }
  TWOPOP_TRY(const CompiledRef film, compiler_.newest(Sounds::kPatience, stop));
  TWOPOP_TRY(signal::Signal sound, deliver::sound_named(film->whole, wanted.name));
  const SampleRange extent = film->document->extent();
  const Hash key = Hasher().add(sound->structure()).add(extent.end.value).finish();
  return Task{"sound-" + to_string(key) + ".peaks", {}, {}, wanted.name, std::move(sound), extent};
}

Result<std::shared_ptr<const PeakFile>> Peaks::opened(const std::string& file) {
  for (auto it = open_.begin(); it != open_.end(); ++it)
    if (it->first == file) {
      open_.splice(open_.begin(), open_, it);
      return open_.front().second;
    }
  TWOPOP_TRY(PeakFile peaks, PeakFile::open(folder() / file));
  open_.emplace_front(file, std::make_shared<const PeakFile>(std::move(peaks)));
  if (open_.size() > kMostOpen) open_.pop_back();
  return open_.front().second;
}

Result<std::optional<std::vector<DrawnPeak>>> Peaks::read(const Wanted& wanted, int level, std::int64_t begin, std::int64_t count, const Stop& stop) {
  if (begin < 0 || count < 1 || count > kMostPeaks)
    return Error{Code::InvalidArgument, fmt::format("peaks {} to {}", begin, begin + count), fmt::format("begin is 0 or more, count 1 to {}", kMostPeaks)};
  TWOPOP_TRY(Task task, task_of(wanted, stop));
  std::shared_ptr<const PeakFile> peaks;
  {
    const std::lock_guard lock(mutex_);
    if (const auto failed = failed_.find(task.file); failed != failed_.end()) return failed->second;
    auto found = opened(task.file);
    if (!found) {
      if (task.file != making_ && !queued_.contains(task.file)) {
        if (queue_.size() >= kMostQueued) return Error{Code::Busy, "too many waveforms are waiting to be made", "ask again in a minute"};
        queued_.insert(task.file);
        queue_.push_back(std::move(task));
        changed_.notify_all();
      }
      return std::optional<std::vector<DrawnPeak>>();
    }
    peaks = *std::move(found);
  }
  TWOPOP_TRY(std::vector<DrawnPeak> out, peaks->read(wanted.channel, level, begin, count));
  return std::optional(std::move(out));
}

void Peaks::work() {
  ::setpriority(PRIO_PROCESS, 0, 10);
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return ending_ || core_.closing || !queue_.empty() || !later_.empty(); });
    if (ending_ || core_.closing) return;
    std::deque<Task>& from = queue_.empty() ? later_ : queue_;
    const bool asked = &from == &queue_;
    Task task = std::move(from.front());
    from.pop_front();
    making_ = task.file;
    queued_.erase(task.file);
    std::error_code absent;
    const bool there = std::filesystem::exists(folder() / task.file, absent);
    lock.unlock();
    const bool missing = !there || (asked && !PeakFile::open(folder() / task.file));
    const Result<void> made = missing ? caught([&] { return make(task); }) : Result<void>();
    lock.lock();
    making_.clear();
    if (made && missing) {
      ++made_;
      lock.unlock();
      core_.tell(fmt::format(R"({{"type":"peaks","{}":{}}})", task.media.empty() ? "sound" : "media", session::json_string(task.media.empty() ? task.sound : task.media)));
      let_go_of_old_files();
      lock.lock();
    } else if (!made && made.error().code != Code::Cancelled) {
      if (failed_.size() > kMostQueued) failed_.clear();
      failed_.emplace(task.file, made.error());
    }
  }
}

Result<void> Peaks::make(const Task& task) {
  const cache::RunScope scope([this] { return ending_ || core_.closing; });
  return task.media.empty() ? make_sound(task) : make_media(task);
}

Result<void> Peaks::make_media(const Task& task) {
  TWOPOP_TRY(const auto reader, media::Reader::open(task.path));
  std::vector<std::vector<DrawnPeak>> channels(static_cast<std::size_t>(reader->channels()));
  AudioBuffer<float> portion(reader->channels(), kPortion);
  std::int64_t at = 0;
  for (;;) {
    if (ending_ || core_.closing) return Error{Code::Cancelled, "stopped on request"};
    TWOPOP_TRY(const std::int64_t frames, reader->read({at}, portion.view()));
    add_peaks(channels, std::as_const(portion).view().sub(0, frames));
    at += frames;
    if (frames < kPortion) break;
  }
  return PeakFile::write(folder() / task.file, channels, {at});
}

/// Chunk by chunk, each kept under its content: after an edit, only what sounds different is heard again.
Result<std::vector<std::vector<DrawnPeak>>> Peaks::chunk_peaks(const Task& task, SampleRange chunk) {
  const int channels = task.signal->channels();
  const auto peaks = static_cast<std::size_t>((chunk.length().value + PeakFile::kSamplesAPeak - 1) / PeakFile::kSamplesAPeak);
  std::vector<std::vector<DrawnPeak>> out(static_cast<std::size_t>(channels), std::vector<DrawnPeak>(peaks));
  if (intersection(chunk, task.signal->extent()).empty()) return out;
  TWOPOP_TRY(const Hash content, content_of(*core_.work, task.signal, chunk));
  const Hash key = Hasher().add("studio peaks").add(1).add(content).add(chunk.length().value).finish();
  cache::Store& store = core_.work->store();
  const std::size_t size = peaks * sizeof(DrawnPeak);
  if (const auto known = store.outcome_of(key))
    if (const auto bytes = store.get(known->content); bytes && *bytes && (*bytes)->size() == size * out.size()) {
      for (std::size_t c = 0; c < out.size(); ++c) std::memcpy(out[c].data(), (*bytes)->data() + c * size, size);
      return out;
    }
  TWOPOP_TRY(const AudioBuffer<float> sound, core_.work->read(task.signal, chunk));
  for (auto& channel : out) channel.clear();
  add_peaks(out, sound.view());
  ByteWriter writer;
  for (const auto& channel : out) writer.raw(channel.data(), size);
  const std::vector<std::byte> bytes = writer.take();
  // What cannot be kept is made again.
  static_cast<void>(store.put(key, hash_of(bytes), bytes));
  return out;
}

Result<void> Peaks::make_sound(const Task& task) {
  std::vector<std::vector<DrawnPeak>> channels(static_cast<std::size_t>(task.signal->channels()));
  for (SamplePosition at = task.film.begin; at < task.film.end; at = at + signal::kChunk) {
    if (ending_ || core_.closing) return Error{Code::Cancelled, "stopped on request"};
    TWOPOP_TRY(const auto part, chunk_peaks(task, {at, std::min(at + signal::kChunk, task.film.end)}));
    for (std::size_t c = 0; c < channels.size(); ++c) channels[c].insert(channels[c].end(), part[c].begin(), part[c].end());
  }
  return PeakFile::write(folder() / task.file, channels, task.film.length());
}

void Peaks::let_go_of_old_files() {
  struct Old {
    std::filesystem::file_time_type time;
    std::uint64_t bytes;
    std::filesystem::path path;
  };
  std::vector<Old> files;
  std::uint64_t all = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder(), ignored)) {
    if (!entry.path().filename().string().starts_with("sound-")) continue;
    files.push_back({entry.last_write_time(ignored), entry.file_size(ignored), entry.path()});
    all += files.back().bytes;
  }
  std::sort(files.begin(), files.end(), [](const Old& a, const Old& b) { return a.time < b.time; });
  for (const Old& old : files) {
    if (all <= kSoundBytes) return;
    std::filesystem::remove(old.path, ignored);
    all -= old.bytes;
  }
}

}  // namespace twopop::server
