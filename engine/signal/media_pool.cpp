#include "signal/media_pool.h"

#include <algorithm>

namespace twopop::signal {
namespace {

constexpr std::size_t kMostIdle = 2, kMostOpen = 32;
/// Decoded sound takes at most this, and at most a quarter of what is free on the disk.
constexpr std::uint64_t kMostDecodedBytes = std::uint64_t{8} << 30;

Result<void> as_described(const MediaDescription& media, SampleRate rate, int channels) {
  if (channels == media.channels && rate == media.rate) return {};
  return Error{Code::Damaged,
               fmt::format("{}: {} channels at {} Hz, but the session knows it as {} at {} Hz", media.path.string(), channels, rate.hz, media.channels, media.rate.hz),
               "the file was replaced: put the old one back, or add the new one"};
}

}  // namespace

Result<void> MediaPool::read(const MediaDescription& media, SamplePosition begin, AudioView<float> out) {
  const Key key{media.path.string(), media.fingerprint, media.audio_stream};
  return media.direct ? read_direct(key, media, begin, out) : read_coded(key, media, begin, out);
}

Result<void> MediaPool::read_direct(const Key& key, const MediaDescription& media, SamplePosition begin, AudioView<float> out) {
  Idle taken;
  {
    const std::scoped_lock lock(mutex_);
    if (auto& idle = idle_[key]; !idle.empty()) {
      taken = std::move(idle.back());
      idle.pop_back();
      --open_;
    }
  }
  if (!taken.reader) {
    TWOPOP_TRY(taken.reader, media::Reader::open(media.path, media.audio_stream));
    TWOPOP_CHECK(as_described(media, taken.reader->rate(), taken.reader->channels()));
  }
  TWOPOP_CHECK(taken.reader->read(begin, out));
  const std::scoped_lock lock(mutex_);
  if (!taken.reader->warnings().empty()) warnings_[key.path] = taken.reader->warnings();
  auto& idle = idle_[key];
  if (idle.size() == kMostIdle) return {};
  taken.used = ++uses_;
  idle.push_back(std::move(taken));
  if (++open_ > kMostOpen) close_oldest_direct();
  return {};
}

Result<void> MediaPool::read_coded(const Key& key, const MediaDescription& media, SamplePosition begin, AudioView<float> out) {
  std::shared_ptr<Coded> coded;
  {
    const std::scoped_lock lock(mutex_);
    auto& known = coded_[key];
    if (!known) known = std::make_shared<Coded>();
    coded = known;
    coded->used = ++uses_;
    close_oldest_coded(coded.get());
  }
  {
    const std::scoped_lock opening(coded->opening);
    if (!coded->spool) {
      TWOPOP_TRY(auto spool, media::Spool::open(media.path, media.audio_stream, folder_, room_for_decoded()));
      TWOPOP_CHECK(as_described(media, spool->rate(), spool->channels()));
      const std::scoped_lock lock(mutex_);
      coded->spool = std::move(spool);
    }
  }
  TWOPOP_CHECK(coded->spool->read(begin, out));
  if (auto warnings = coded->spool->warnings(); !warnings.empty()) {
    const std::scoped_lock lock(mutex_);
    warnings_[key.path] = std::move(warnings);
  }
  return {};
}

void MediaPool::close_oldest_direct() {
  const auto oldest = [](const auto& readers) { return std::min_element(readers.begin(), readers.end(), [](const Idle& a, const Idle& b) { return a.used < b.used; }); };
  const auto file = std::min_element(idle_.begin(), idle_.end(), [&](const auto& a, const auto& b) {
    if (a.second.empty() || b.second.empty()) return !a.second.empty();
    return oldest(a.second)->used < oldest(b.second)->used;
  });
  file->second.erase(oldest(file->second));
  if (file->second.empty()) idle_.erase(file);
  --open_;
}

void MediaPool::close_oldest_coded(const Coded* kept) {
  const auto too_much = [&] {
    std::uint64_t bytes = 0;
    for (const auto& [key, coded] : coded_) bytes += coded->spool ? coded->spool->bytes() : 0;
    return coded_.size() > kMostOpen || bytes > kMostDecodedBytes;
  };
  while (coded_.size() > 1 && too_much()) {
    // Whoever reads one that goes keeps it to the end.
    const auto oldest = std::min_element(coded_.begin(), coded_.end(), [&](const auto& a, const auto& b) {
      if ((a.second.get() == kept) != (b.second.get() == kept)) return b.second.get() == kept;
      return a.second->used < b.second->used;
    });
    coded_.erase(oldest);
  }
}

std::uint64_t MediaPool::room_for_decoded() const {
  std::error_code unknown;
  const auto space = std::filesystem::space(folder_, unknown);
  return unknown ? 0 : std::min<std::uint64_t>(kMostDecodedBytes, space.available / 4);
}

void MediaPool::rest() {
  const std::scoped_lock lock(mutex_);
  idle_.clear();
  open_ = 0;
  std::erase_if(coded_, [](const auto& known) { return known.second.use_count() == 1 && !(known.second->spool && known.second->spool->complete()); });
}

std::size_t MediaPool::open_files() const {
  const std::scoped_lock lock(mutex_);
  return open_ + coded_.size();
}

std::map<std::string, std::vector<std::string>> MediaPool::warnings() const {
  const std::scoped_lock lock(mutex_);
  return warnings_;
}

}  // namespace twopop::signal
