#include "media/spool.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace twopop::media {
namespace {

constexpr std::int64_t kBlock = 1 << 16;

/// A file that is gone when it is closed, or when the process ends however it may; -1 if there can be none.
int nameless_file(const std::filesystem::path& folder) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (file >= 0) return file;
  // Not every file system has such files.
  std::string name = (folder / "spool-XXXXXX").string();
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

/// All of `bytes` at an offset, by pread or pwrite; false where that is not possible.
template <class Byte, class Move>
bool move_all(std::span<Byte> bytes, std::uint64_t offset, const Move& move) {
  while (!bytes.empty()) {
    const ssize_t n = move(bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    offset += static_cast<std::uint64_t>(n);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

bool write_all(int file, std::uint64_t offset, std::span<const std::byte> bytes) {
  return move_all(bytes, offset, [&](const void* from, std::size_t size, off_t at) { return ::pwrite(file, from, size, at); });
}

bool read_all(int file, std::uint64_t offset, std::span<std::byte> bytes) {
  return move_all(bytes, offset, [&](void* to, std::size_t size, off_t at) { return ::pread(file, to, size, at); });
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::open(const std::filesystem::path& path, int audio_stream, const std::filesystem::path& folder, std::uint64_t most_bytes) {
  std::unique_ptr<Spool> spool(new Spool());
  TWOPOP_TRY(spool->decoder_, Reader::open(path, audio_stream));
  spool->rate_ = spool->decoder_->rate();
  spool->channels_ = spool->decoder_->channels();
  spool->most_bytes_ = most_bytes;
  const std::uint64_t stated = static_cast<std::uint64_t>(std::max<std::int64_t>(0, spool->decoder_->length().value)) * sizeof(float) * static_cast<std::uint64_t>(spool->channels_);
  if (stated <= most_bytes) spool->file_ = nameless_file(folder);
  return spool;
}

Spool::~Spool() {
  if (file_ >= 0) ::close(file_);
}

bool Spool::complete() const {
  const std::shared_lock lock(mutex_);
  return decoder_ == nullptr;
}

std::vector<std::string> Spool::warnings() const {
  const std::shared_lock lock(mutex_);
  return decoder_ ? decoder_->warnings() : warnings_;
}

Result<std::int64_t> Spool::read(SamplePosition begin, AudioView<float> out) {
  TWOPOP_ASSERT(out.channels() == channels_);
  const std::int64_t end = begin.value + out.frames();
  std::shared_lock lock(mutex_);
  const auto there = [&] { return file_ >= 0 && (!decoder_ || decoded_ >= end); };
  if (!there()) {
    lock.unlock();
    {
      const std::unique_lock alone(mutex_);
      if (file_ >= 0) TWOPOP_CHECK(decode_to(end));
      if (file_ < 0) return decoder_->read(begin, out);
    }
    lock.lock();
    if (!there()) {  // the disk became full meanwhile
      lock.unlock();
      const std::unique_lock alone(mutex_);
      return decoder_->read(begin, out);
    }
  }
  const std::int64_t first = std::clamp<std::int64_t>(begin.value, 0, decoded_), last = std::clamp<std::int64_t>(end, first, decoded_);
  for (int c = 0; c < channels_; ++c) std::fill_n(out.channel(c), out.frames(), 0.0f);
  TWOPOP_CHECK(load(first, out.sub(last > first ? first - begin.value : 0, last - first)));
  return last - first;
}

Result<void> Spool::decode_to(std::int64_t end) {
  AudioBuffer<float> block;
  std::vector<float> interleaved;
  while (decoder_ && decoded_ < end) {
    if (block.frames() == 0) block = AudioBuffer<float>(channels_, kBlock);
    TWOPOP_TRY(const std::int64_t there, decoder_->read({decoded_}, block.view()));
    interleaved.resize(static_cast<std::size_t>(there * channels_));
    for (int c = 0; c < channels_; ++c)
      for (std::int64_t i = 0; i < there; ++i) interleaved[static_cast<std::size_t>(i * channels_ + c)] = block.channel(c)[i];
    if (bytes_ + interleaved.size() * sizeof(float) > most_bytes_ || !write_all(file_, bytes_, std::as_bytes(std::span(interleaved)))) {
      // The disk is full, or there is more than was stated: on without the file.
      ::close(file_);
      file_ = -1;
      bytes_ = 0;
      return {};
    }
    bytes_ += interleaved.size() * sizeof(float);
    decoded_ += there;
    if (there == kBlock) continue;
    warnings_ = decoder_->warnings();
    decoder_ = nullptr;
  }
  return {};
}

Result<void> Spool::load(std::int64_t begin, AudioView<float> out) const {
  std::vector<float> interleaved(static_cast<std::size_t>(std::min(kBlock, out.frames()) * channels_));
  for (std::int64_t at = 0; at < out.frames(); at += kBlock) {
    const std::int64_t n = std::min(kBlock, out.frames() - at);
    const std::span<float> some(interleaved.data(), static_cast<std::size_t>(n * channels_));
    if (!read_all(file_, static_cast<std::uint64_t>((begin + at) * channels_) * sizeof(float), std::as_writable_bytes(some)))
      return Error{Code::IoFailed, fmt::format("decoded sound cannot be read back: {}", std::strerror(errno)), "check the disk that holds the film's cache"};
    for (int c = 0; c < channels_; ++c)
      for (std::int64_t i = 0; i < n; ++i) out.channel(c)[at + i] = some[static_cast<std::size_t>(i * channels_ + c)];
  }
  return {};
}

}  // namespace twopop::media
