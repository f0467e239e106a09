#include "film/sounds.h"

#include "deliver/moment.h"

#include <cstring>

namespace twopop::server {
namespace {

constexpr int kRendersAtOnce = 2;
constexpr int kMostWaiting = 128;  ///< a page asks for a chunk of each track at once
constexpr std::uint64_t kHeldBytes = std::uint64_t{48} << 20;
constexpr std::int64_t kMostChunks = std::int64_t{1} << 20;  ///< about two months of film

SoundKind kind_of(const std::string& name) {
  if (name.starts_with("stem:")) return SoundKind::Stem;
  if (name.starts_with("bus:")) return SoundKind::Bus;
  return name.starts_with("track:") ? SoundKind::Track : SoundKind::Mix;
}

bool is_silent(const std::vector<std::byte>& bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

SharedBytes planar(AudioView<const float> sound) {
  auto bytes = std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(sound.channels() * sound.frames()) * sizeof(float));
  for (int c = 0; c < sound.channels(); ++c)
    std::memcpy(bytes->data() + static_cast<std::size_t>(c * sound.frames()) * sizeof(float), sound.channel(c), static_cast<std::size_t>(sound.frames()) * sizeof(float));
  return bytes;
}

Result<Hash> content_of(signal::Workspace& work, const signal::Signal& sound, SampleRange range) {
  const SampleRange heard = intersection(range, sound->extent());
  if (heard.empty()) return Hasher().add("silence").add(sound->channels()).add(range.length().value).finish();
  if (sound->storage() == signal::Storage::Chunks) {
    TWOPOP_TRY(const std::vector<Hash> contents, work.contents(sound, range));
    if (contents.size() == 1) return contents.front();
    Hasher hasher;
    for (const Hash& content : contents) hasher.add(content);
    return hasher.finish();
  }
  return work.content(sound, range);
}

Sounds::Sounds(FilmCore& core, FilmCompiler& compiler) : core_(core), compiler_(compiler), gate_(kRendersAtOnce, kMostWaiting) {}

Result<std::vector<SoundInfo>> Sounds::list(const Stop& stop) {
  TWOPOP_TRY(const CompiledRef film, compiler_.newest(kPatience, stop));
  std::vector<SoundInfo> list;
  const SampleCount length = film->document->extent().length();
  const std::int64_t chunks = mul_div(length.value, 1, signal::kChunk.value, Rounding::Ceiling);
  for (const deliver::FilmSound& sound : deliver::sounds_of(film->whole))
    list.push_back({sound.name, sound.title, sound.phase, kind_of(sound.name), sound.sound->channels(), length, chunks, sound.heard});
  return list;
}

Result<SoundChunk> Sounds::chunk(const std::string& name, std::int64_t n, std::optional<Hash> known, const Stop& stop) {
  if (n < 0 || n >= kMostChunks) return Error{Code::InvalidArgument, fmt::format("chunk {} of {}", n, name), "chunks are counted from 0"};
  TWOPOP_TRY(const CompiledRef film, compiler_.newest(kPatience, stop));
  TWOPOP_TRY(const signal::Signal sound, deliver::sound_named(film->whole, name));
  const SampleRange range{{n * signal::kChunk.value}, {(n + 1) * signal::kChunk.value}};
  if (range.begin >= film->document->extent().end && n > 0)
    return Error{Code::NotFound, fmt::format("chunk {} of {} lies behind the end of the film", n, name), fmt::format("it has {} chunks", mul_div(film->document->extent().end.value, 1, signal::kChunk.value, Rounding::Ceiling))};
  TWOPOP_TRY(const Gate::Pass pass, gate_.enter(stop));
  const cache::RunScope scope([&] { return core_.closing || (stop && stop()); });
  SoundChunk chunk{film->revision, {}, sound->channels(), false, nullptr};
  TWOPOP_TRY(chunk.content, content_of(*core_.work, sound, range));
  if (known == chunk.content) return chunk;
  TWOPOP_TRY(chunk.samples, rendered(sound, range, chunk.content));
  chunk.silent = is_silent(*chunk.samples);
  return chunk;
}

Result<SharedBytes> Sounds::rendered(const signal::Signal& sound, SampleRange range, const Hash& content) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = where_.find(content); found != where_.end()) {
      held_.splice(held_.begin(), held_, found->second);
      return held_.front().bytes;
    }
  }
  TWOPOP_TRY(const AudioBuffer<float> samples, core_.work->read(sound, range));
  SharedBytes bytes = planar(samples.view());
  const std::lock_guard lock(mutex_);
  if (where_.contains(content)) return bytes;
  held_.push_front({content, bytes});
  where_[content] = held_.begin();
  held_bytes_ += bytes->size();
  while (held_bytes_ > kHeldBytes && held_.size() > 1) {
    held_bytes_ -= held_.back().bytes->size();
    where_.erase(held_.back().content);
    held_.pop_back();
  }
  return bytes;
}

Result<AudioBuffer<float>> Sounds::stretch(const std::string& name, SampleRange range, const Stop& stop) {
  TWOPOP_TRY(const CompiledRef film, compiler_.newest(kPatience, stop));
  TWOPOP_TRY(const signal::Signal sound, deliver::sound_named(film->whole, name));
  TWOPOP_TRY(const Gate::Pass pass, gate_.enter(stop));
  const cache::RunScope scope([&] { return core_.closing || (stop && stop()); });
  return core_.work->read(sound, range);
}

}  // namespace twopop::server
