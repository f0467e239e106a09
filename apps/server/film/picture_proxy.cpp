#include "film/picture_proxy.h"

#include "core/bytes.h"
#include "film/caught.h"
#include "media/media.h"
#include "media/proxy.h"
#include "session/json.h"

#include <fstream>
#include <sys/resource.h>

namespace twopop::server {
namespace {

constexpr int kThumbs = 30;
constexpr double kThumbStep_s = 2;

Error not_ready(const std::string& what) { return {Code::Busy, what + " is being made", "ask again when the socket tells of it"}; }

cache::Bytes bytes_of(const media::FrameTimes& times) {
  ByteWriter out;
  out.put(times.ticks).put(times.key_frames).put(times.tick_numerator).put(times.tick_denominator).put(times.end_ticks).put(times.start_s).put(times.frames).put(times.variable_rate);
  return out.take();
}

std::optional<media::FrameTimes> times_from(std::span<const std::byte> bytes) {
  ByteReader in(bytes);
  media::FrameTimes times;
  times.ticks = in.vector<std::int64_t>();
  times.key_frames = in.vector<std::int64_t>();
  times.tick_numerator = in.get<std::int64_t>();
  times.tick_denominator = in.get<std::int64_t>();
  times.end_ticks = in.get<std::int64_t>();
  times.start_s = in.get<double>();
  times.frames = in.get<FrameRate>();
  times.variable_rate = in.get<bool>();
  if (!in.ok() || !in.at_end() || times.ticks.empty()) return std::nullopt;
  return times;
}

}  // namespace

PictureProxy::PictureProxy(FilmCore& core) : core_(core) {
  revised();
  thread_ = std::thread([this] { work(); });
}

PictureProxy::~PictureProxy() {
  {
    // Under the lock, or the thread may miss it between its last look and its sleep.
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void PictureProxy::revised() {
  const session::Head head = core_.session.head();
  const session::Document& document = *head.document;
  Current next;
  next.info.start_frame = document.start_frame;
  if (const auto media = document.media.find(document.picture.media); media != document.media.end()) {
    next.info.media = media->first;
    next.fingerprint = media->second.fingerprint;
    next.problem = media->second.problem;
    next.path = std::filesystem::path(media->second.path).is_absolute() ? std::filesystem::path(media->second.path) : core_.folder / media->second.path;
  }
  const std::lock_guard lock(mutex_);
  if (next.info.media == current_.info.media && next.fingerprint == current_.fingerprint && next.path == current_.path) {
    current_.info.start_frame = next.info.start_frame;
    return;
  }
  current_ = std::move(next);
  new_picture_ = true;
  changed_.notify_all();
}

PictureInfo PictureProxy::info() const {
  const std::lock_guard lock(mutex_);
  return current_.info;
}

void PictureProxy::tell() const { core_.tell(fmt::format(R"({{"type":"picture","info":{}}})", session::write_json(info(), session::JsonLayout::Compact))); }

Result<std::vector<double>> PictureProxy::frame_seconds() const {
  std::shared_ptr<const media::FrameTimes> times;
  {
    const std::lock_guard lock(mutex_);
    if (current_.info.media.empty()) return Error{Code::NotFound, "the film has no picture", "add one"};
    if (!current_.problem.empty()) return Error{Code::Unreadable, current_.problem, "look at the file"};
    times = current_.times;
  }
  if (!times) return not_ready("the list of its frames");
  std::vector<double> seconds;
  seconds.reserve(times->ticks.size());
  for (std::int64_t i = 0; i < times->count(); ++i) seconds.push_back(times->seconds_of(i));
  return seconds;
}

Result<std::filesystem::path> PictureProxy::proxy() const {
  const std::lock_guard lock(mutex_);
  if (current_.info.media.empty()) return Error{Code::NotFound, "the film has no picture", "add one"};
  if (!current_.info.proxy_problem.empty()) return Error{Code::Unreadable, current_.info.proxy_problem, "look at the file"};
  if (!current_.info.proxy_ready) return not_ready("the picture's proxy");
  return folder(current_.fingerprint) / "proxy.mp4";
}

Result<std::filesystem::path> PictureProxy::thumbs(std::int64_t minute, const Stop& stop) {
  std::filesystem::path source, path;
  double duration_s = 0;
  {
    const std::lock_guard lock(mutex_);
    if (current_.info.media.empty()) return Error{Code::NotFound, "the film has no picture", "add one"};
    if (!current_.times) return current_.problem.empty() ? not_ready("the list of its frames") : Error{Code::Unreadable, current_.problem, "look at the file"};
    duration_s = current_.info.duration_s;
    path = folder(current_.fingerprint) / fmt::format("thumbs-{}.jpg", minute);
    source = current_.info.proxy_ready ? folder(current_.fingerprint) / "proxy.mp4" : current_.path;
  }
  if (minute < 0 || static_cast<double>(minute) * 60 >= std::max(duration_s, 1.0)) return Error{Code::NotFound, fmt::format("minute {} lies outside the picture", minute), "minutes are counted from 0"};
  std::error_code absent;
  if (std::filesystem::exists(path, absent)) return path;
  TWOPOP_TRY(const Gate::Pass pass, strips_.enter(stop));
  if (std::filesystem::exists(path, absent)) return path;
  std::vector<double> times;
  for (int i = 0; i < kThumbs; ++i) times.push_back(std::min(static_cast<double>(minute) * 60 + kThumbStep_s * i, std::max(0.0, duration_s - 1e-3)));
  TWOPOP_TRY(const std::string image, media::sprite(source, times, 160));
  std::filesystem::create_directories(path.parent_path(), absent);
  const std::filesystem::path part = path.string() + ".part";
  std::ofstream out(part, std::ios::binary | std::ios::trunc);
  out << image;
  out.close();
  std::filesystem::rename(part, path, absent);
  if (!out || absent) return Error{Code::IoFailed, fmt::format("{} cannot be written", path.string()), "check that the film's folder is writable and the disk not full"};
  return path;
}

/// Fills in what must be known of a picture before its proxy is made.
Result<void> PictureProxy::look(Current& current) {
  TWOPOP_TRY(const media::MediaInfo file, media::probe(current.path));
  if (!file.video) return Error{Code::NotFound, fmt::format("{}: there is no picture in it", current.path.string()), "choose another picture"};
  current.info.width = file.video->width;
  current.info.height = file.video->height;
  const auto path = current.path;
  TWOPOP_TRY(const cache::Blob blob, core_.work->fact("frames of the picture", "frame times", 1, Hasher().add(current.fingerprint).finish(), [path]() -> Result<cache::Bytes> {
    TWOPOP_TRY(const media::FrameTimes times, media::frame_times(path));
    return bytes_of(times);
  }));
  auto times = times_from(*blob);
  if (!times) return Error{Code::Damaged, "what is known of the picture's frames cannot be read", "remove the film's cache folder"};
  current.info.frames = times->frames;
  current.info.variable_rate = times->variable_rate;
  current.info.count = times->count();
  current.info.duration_s = times->duration_s();
  current.times = std::make_shared<const media::FrameTimes>(*std::move(times));
  return {};
}

void PictureProxy::work() {
  ::setpriority(PRIO_PROCESS, 0, 15);
  const auto over = [this] { return ending_ || core_.closing; };
  const cache::RunScope scope(over);
  for (;;) {
    Current mine;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return over() || new_picture_; });
      if (over()) return;
      new_picture_ = false;
      mine = current_;
    }
    if (mine.info.media.empty()) continue;
    const auto keep = [&](auto change) {
      {
        const std::lock_guard lock(mutex_);
        if (new_picture_ || current_.fingerprint != mine.fingerprint) return false;
        change(current_);
      }
      tell();
      return true;
    };
    const std::filesystem::path place = folder(mine.fingerprint), file = place / "proxy.mp4";
    std::error_code absent;
    mine.info.proxy_ready = std::filesystem::exists(file, absent);
    const Result<void> looked = caught([&] { return look(mine); });
    const bool ours = keep([&](Current& now) {
      mine.info.start_frame = now.info.start_frame;
      if (!looked) mine.problem = mine.info.proxy_problem = looked.error().message;
      now = mine;
    });
    if (!looked || !ours || mine.info.proxy_ready) continue;
    auto told = std::chrono::steady_clock::now();
    const auto go_on = [&](double share) {
      if (over()) return false;
      const auto now = std::chrono::steady_clock::now();
      if (now - told < std::chrono::seconds(1)) return true;
      told = now;
      return keep([&](Current& current) { current.info.proxy_share = share; });
    };
    const Result<void> made = caught([&] { return media::make_proxy(mine.path, *mine.times, file, place / "pieces", {}, go_on); });
    if (!made && made.error().code == Code::Cancelled) continue;
    keep([&](Current& now) {
      now.info.proxy_ready = made.ok();
      now.info.proxy_share = made.ok() ? 1 : 0;
      if (!made) now.info.proxy_problem = made.error().message;
    });
  }
}

}  // namespace twopop::server
