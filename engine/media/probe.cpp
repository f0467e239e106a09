#include "media/detail/readers.h"
#include "media/detail/recorder_metadata.h"

namespace twopop::media {
namespace detail {

Error in_file(const std::filesystem::path& path, Error error) {
  if (error.message.find(path.string()) == std::string::npos) error.message = fmt::format("{}: {}", path.string(), error.message);
  return error;
}

MediaInfo info_of(const std::filesystem::path& path, const RiffWave& wave, std::uint64_t bytes) {
  MediaInfo info;
  info.path = path;
  info.container = wave.form == "RIFF" ? "wav" : wave.form == "RF64" ? "rf64" : "bw64";
  info.bytes = bytes;
  info.warnings = wave.warnings;
  AudioStream audio;
  audio.rate = {wave.rate_hz};
  audio.channels = wave.channels;
  audio.bits = wave.bits;
  audio.channel_mask = wave.channel_mask;
  audio.length = {wave.frames()};
  audio.direct = wave.coding != SampleCoding::Other;
  audio.is_float = wave.coding == SampleCoding::Float32 || wave.coding == SampleCoding::Float64;
  if (audio.direct)
    audio.codec = fmt::format("pcm_{}{}", audio.is_float ? "f" : wave.coding == SampleCoding::Unsigned8 ? "u" : "s",
                              wave.coding == SampleCoding::Unsigned8 ? "8" : fmt::format("{}le", bytes_of(wave.coding) * 8));
  info.duration_s = seconds(audio.length, audio.rate);
  info.audio.push_back(std::move(audio));
  for (const auto& [name, text] : wave.info)
    if (std::string tidy = tidy_text(text); !tidy.empty()) info.metadata.other["info." + name] = std::move(tidy);
  if (!wave.bext.empty()) read_bext(wave.bext, info.metadata, info.warnings);
  if (!wave.ixml.empty()) read_ixml(wave.ixml, info.metadata, info.warnings);
  resolve_timecode(info.metadata, {wave.rate_hz});
  if (info.audio[0].length.value == 0) info.warnings.emplace_back("it holds no samples");
  return info;
}

}  // namespace detail

Result<MediaInfo> probe(const std::filesystem::path& path) {
  TWOPOP_TRY(const detail::FileBytes bytes, detail::FileBytes::open(path));
  if (bytes.size() == 0)
    return Error{Code::Damaged, fmt::format("{}: the file is empty", path.string()), "copy it again from its source"};
  if (!detail::looks_like_wave(bytes)) return detail::coded_info(path, bytes.size());
  auto wave = detail::read_riff(bytes);
  if (!wave) return detail::in_file(path, wave.error());
  MediaInfo info = detail::info_of(path, *wave, bytes.size());
  if (wave->coding != detail::SampleCoding::Other) return info;
  TWOPOP_TRY(MediaInfo coded, detail::coded_info(path, bytes.size()));
  coded.metadata = std::move(info.metadata);
  coded.warnings.insert(coded.warnings.begin(), wave->warnings.begin(), wave->warnings.end());
  return coded;
}

Result<Hash> fingerprint(const std::filesystem::path& path) {
  TWOPOP_TRY(const detail::FileBytes bytes, detail::FileBytes::open(path));
  Hasher hasher;
  std::vector<std::byte> block(std::size_t{1} << 20);
  for (std::uint64_t at = 0;;) {
    TWOPOP_TRY(const std::size_t got, bytes.read(at, block));
    hasher.raw(block.data(), got);
    at += got;
    if (got < block.size()) return hasher.finish();
  }
}

Result<std::unique_ptr<Reader>> Reader::open(const std::filesystem::path& path, int audio_stream) {
  TWOPOP_TRY(detail::FileBytes bytes, detail::FileBytes::open(path));
  if (bytes.size() == 0)
    return Error{Code::Damaged, fmt::format("{}: the file is empty", path.string()), "copy it again from its source"};
  if (!detail::looks_like_wave(bytes)) return detail::coded_reader(path, audio_stream);
  auto wave = detail::read_riff(bytes);
  if (!wave) return detail::in_file(path, wave.error());
  if (wave->coding == detail::SampleCoding::Other) return detail::coded_reader(path, audio_stream);
  if (audio_stream != 0)
    return Error{Code::NotFound, fmt::format("{}: has no audio stream {}", path.string(), audio_stream + 1), "a WAVE file has one"};
  return detail::direct_reader(std::move(bytes), *std::move(wave));
}

Result<AudioBuffer<float>> read_all(const std::filesystem::path& path, int audio_stream, std::int64_t most_frames) {
  TWOPOP_TRY(const auto reader, Reader::open(path, audio_stream));
  const auto too_long = [&](std::int64_t frames) {
    return Error{Code::OutOfSpace, fmt::format("{}: {} samples are more than the {} that may be held at once", path.string(), frames, most_frames),
                 "shorten the file"};
  };
  // Coded files say only roughly how long they are: the buffer grows as they are read.
  std::int64_t capacity = std::max<std::int64_t>(reader->length().value, 0) + (reader->direct() ? 0 : 4096);
  if (reader->direct() && capacity > most_frames) return too_long(capacity);
  capacity = std::min(capacity, most_frames + 1);
  AudioBuffer<float> all(reader->channels(), capacity);
  std::int64_t length = 0;
  for (;;) {
    TWOPOP_TRY(const std::int64_t got, reader->read({length}, all.view().sub(length, capacity - length)));
    length += got;
    if (length < capacity || reader->direct()) break;
    if (length > most_frames) return too_long(length);
    capacity = std::min(capacity * 2, most_frames + 1);
    AudioBuffer<float> larger(reader->channels(), capacity);
    for (int c = 0; c < reader->channels(); ++c) std::copy_n(all.channel(c), length, larger.channel(c));
    all = std::move(larger);
  }
  if (length == all.frames()) return all;
  AudioBuffer<float> exact(reader->channels(), length);
  for (int c = 0; c < reader->channels(); ++c) std::copy_n(all.channel(c), length, exact.channel(c));
  return exact;
}

}  // namespace twopop::media
