#include "analysis/sync_shelf.h"

#include "analysis/detail/channel_pick.h"
#include "media/media.h"

#include <algorithm>

namespace twopop::analysis {
namespace {

std::uint64_t bytes_of(const SourceShelf::Sound& sound) { return static_cast<std::uint64_t>(sound.samples.frames() * sound.samples.channels()) * sizeof(float); }

bool channels_alike(const AudioBuffer<float>& samples) {
  double power = 0, difference = 0;
  for (int c = 1; c < samples.channels(); ++c)
    for (std::int64_t i = 0; i < samples.frames(); ++i) {
      const double first = samples.channel(0)[i], other = samples.channel(c)[i] - first;
      power += first * first, difference += other * other;
    }
  return difference <= 1e-3 * power;
}

class ShelvedSource final : public SampleSource {
 public:
  ShelvedSource(std::shared_ptr<const SourceShelf::Sound> sound, ChannelPick pick) : sound_(std::move(sound)), pick_(pick) {}
  SampleRate rate() const override { return sound_->rate; }
  SampleCount length() const override { return {sound_->samples.frames()}; }
  double start_s() const override { return sound_->start_s; }
  Result<void> read(SamplePosition begin, std::span<float> out) override {
    std::fill(out.begin(), out.end(), 0.0f);
    const std::int64_t first = std::clamp<std::int64_t>(begin.value, 0, sound_->samples.frames());
    const std::int64_t last = std::clamp<std::int64_t>(begin.value + static_cast<std::int64_t>(out.size()), first, sound_->samples.frames());
    if (first < last) detail::pick_channel(sound_->samples.view().sub(first, last - first), pick_.channel, out.data() + (first - begin.value));
    return {};
  }

 private:
  std::shared_ptr<const SourceShelf::Sound> sound_;
  ChannelPick pick_;
};

}  // namespace

Result<const SourceShelf::File*> SourceShelf::file(const std::filesystem::path& path) {
  for (auto known = files_.begin(); known != files_.end(); ++known)
    if (known->path == path) {
      files_.splice(files_.begin(), files_, known);
      return &files_.front();
    }
  TWOPOP_TRY(const media::MediaInfo info, media::probe(path));
  if (info.audio.empty()) return Error{Code::Unsupported, fmt::format("{} holds no sound", path.string()), "give a file with sound"};
  File file{path, info.audio.front().channels, nullptr};
  TWOPOP_TRY(const auto reader, media::Reader::open(path));
  const std::int64_t length = reader->length().value;
  const std::uint64_t frame_bytes = sizeof(float) * static_cast<std::uint64_t>(std::max(1, reader->channels()));
  if (!reader->direct() && length >= 0 && static_cast<std::uint64_t>(length) <= most_bytes_ / frame_bytes) {
    auto sound = std::make_shared<Sound>();
    sound->samples = AudioBuffer<float>(reader->channels(), length);
    sound->rate = reader->rate();
    for (const media::AudioStream& stream : info.audio)
      if (stream.index == 0) sound->start_s = stream.start_s;
    TWOPOP_CHECK(reader->read({0}, sound->samples.view()));
    if (channels_alike(sound->samples)) file.channels = 1;
    bytes_ += bytes_of(*sound);
    file.sound = std::move(sound);
  }
  files_.push_front(std::move(file));
  while (bytes_ > most_bytes_) {
    const auto oldest = std::find_if(files_.rbegin(), files_.rend(), [](const File& f) { return f.sound != nullptr; });
    bytes_ -= bytes_of(*oldest->sound);
    files_.erase(std::prev(oldest.base()));
  }
  return &files_.front();
}

Result<std::unique_ptr<SampleSource>> SourceShelf::open(const std::filesystem::path& path, ChannelPick pick) {
  TWOPOP_TRY(const File* const known, file(path));
  if (!known->sound || pick.channel >= known->sound->samples.channels()) return open_source(path, pick);
  return std::unique_ptr<SampleSource>(std::make_unique<ShelvedSource>(known->sound, pick));
}

Result<int> SourceShelf::channels(const std::filesystem::path& path) {
  TWOPOP_TRY(const File* const known, file(path));
  return known->channels;
}

}  // namespace twopop::analysis
