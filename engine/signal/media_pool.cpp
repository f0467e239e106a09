#include "signal/media_pool.h"

#include <algorithm>
#include <limits>

namespace twopop::signal {
namespace {

constexpr std::size_t kMostIdle = 2, kMostOpen = 32;
/// From here on the tables of a coded file count.
constexpr double kLong_s = 1200;

std::size_t most_readers(const MediaDescription& media) {
  const bool long_tables = !media.direct && seconds(media.length, media.rate) > kLong_s;
  return long_tables ? 1 : std::numeric_limits<std::size_t>::max();
}

}  // namespace

Result<void> MediaPool::read(const MediaDescription& media, SamplePosition begin, AudioView<float> out) {
  const Key key{media.path.string(), media.audio_stream};
  Idle taken;
  {
    std::unique_lock lock(mutex_);
    File& file = files_[key];
    returned_.wait(lock, [&] { return file.busy < most_readers(media); });
    ++file.busy;
    // The reader that stands closest before the wanted place decodes least; a direct one does not care.
    auto& idle = file.idle;
    std::size_t best = idle.size();
    for (std::size_t i = 0; i < idle.size(); ++i)
      if ((media.direct || idle[i].at <= begin.value) && (best == idle.size() || idle[i].at > idle[best].at)) best = i;
    if (best == idle.size() && !idle.empty() && idle.size() + file.busy > std::min(kMostIdle, most_readers(media))) best = 0;
    if (best != idle.size()) {
      taken = std::move(idle[best]);
      idle.erase(idle.begin() + static_cast<std::ptrdiff_t>(best));
      --open_;
    }
  }
  const Result<void> done = read_with(taken, media, begin, out);
  {
    const std::scoped_lock lock(mutex_);
    File& file = files_.at(key);
    --file.busy;
    if (done) {
      if (!taken.reader->warnings().empty()) warnings_[key.first] = taken.reader->warnings();
      taken.used = ++uses_;
      file.idle.push_back(std::move(taken));
      if (++open_ > kMostOpen) close_oldest();
    }
  }
  returned_.notify_all();
  return done;
}

Result<void> MediaPool::read_with(Idle& taken, const MediaDescription& media, SamplePosition begin, AudioView<float> out) {
  if (!taken.reader) {
    TWOPOP_TRY(taken.reader, media::Reader::open(media.path, media.audio_stream));
    if (taken.reader->channels() != media.channels || taken.reader->rate() != media.rate)
      return Error{Code::Damaged,
                   fmt::format("{}: {} channels at {} Hz, but the session knows it as {} at {} Hz", media.path.string(),
                               taken.reader->channels(), taken.reader->rate().hz, media.channels, media.rate.hz),
                   "the file was replaced: put the old one back, or add the new one"};
  }
  TWOPOP_CHECK(taken.reader->read(begin, out));
  taken.at = begin.value + out.frames();
  return {};
}

void MediaPool::close_oldest() {
  const auto oldest = [](auto& readers) { return std::min_element(readers.begin(), readers.end(), [](const Idle& a, const Idle& b) { return a.used < b.used; }); };
  const auto file = std::min_element(files_.begin(), files_.end(), [&](auto& a, auto& b) {
    if (a.second.idle.empty() || b.second.idle.empty()) return !a.second.idle.empty();
    return oldest(a.second.idle)->used < oldest(b.second.idle)->used;
  });
  file->second.idle.erase(oldest(file->second.idle));
  --open_;
}

void MediaPool::rest() {
  std::scoped_lock lock(mutex_);
  for (auto& [key, file] : files_) file.idle.clear();
  open_ = 0;
}

std::size_t MediaPool::open_files() const {
  std::scoped_lock lock(mutex_);
  return open_;
}

std::map<std::string, std::vector<std::string>> MediaPool::warnings() const {
  std::scoped_lock lock(mutex_);
  return warnings_;
}

}  // namespace twopop::signal
