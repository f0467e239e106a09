#include "signal/media_pool.h"

#include <algorithm>

namespace twopop::signal {
namespace {
constexpr std::size_t kMostIdle = 2, kMostOpen = 32;
}

Result<void> MediaPool::read(const MediaDescription& media, SamplePosition begin, AudioView<float> out) {
  const std::pair key{media.path.string(), media.audio_stream};
  Idle taken;
  {
    std::scoped_lock lock(mutex_);
    auto& idle = idle_[key];
    // The reader that stands closest before the wanted place decodes least; a direct one does not care.
    std::size_t best = idle.size();
    for (std::size_t i = 0; i < idle.size(); ++i)
      if ((media.direct || idle[i].at <= begin.value) && (best == idle.size() || idle[i].at > idle[best].at)) best = i;
    if (best == idle.size() && idle.size() >= kMostIdle) best = 0;
    if (best != idle.size()) {
      taken = std::move(idle[best]);
      idle.erase(idle.begin() + static_cast<std::ptrdiff_t>(best));
      --open_;
    }
  }
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
  std::scoped_lock lock(mutex_);
  if (!taken.reader->warnings().empty()) warnings_[media.path.string()] = taken.reader->warnings();
  taken.used = ++uses_;
  idle_[key].push_back(std::move(taken));
  if (++open_ > kMostOpen) close_oldest();
  return {};
}

void MediaPool::close_oldest() {
  const auto oldest = [](const auto& readers) { return std::min_element(readers.begin(), readers.end(), [](const Idle& a, const Idle& b) { return a.used < b.used; }); };
  const auto file = std::min_element(idle_.begin(), idle_.end(), [&](const auto& a, const auto& b) {
    if (a.second.empty() || b.second.empty()) return !a.second.empty();
    return oldest(a.second)->used < oldest(b.second)->used;
  });
  file->second.erase(oldest(file->second));
  if (file->second.empty()) idle_.erase(file);
  --open_;
}

void MediaPool::rest() {
  std::scoped_lock lock(mutex_);
  idle_.clear();
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
