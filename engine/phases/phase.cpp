#include "phases/phase.h"

#include "core/bytes.h"

namespace twopop::phases {

const std::array<const Phase*, 6>& order_of_operations() {
  static const std::array<const Phase*, 6> order{&dialogue_phase(), &adr_phase(), &design_phase(), &foley_phase(), &music_phase(), &mix_phase()};
  return order;
}

std::filesystem::path media_path(const Context& context, const session::Media& media) {
  const std::filesystem::path path(media.path);
  return path.is_absolute() ? path : context.film / path;
}

Result<signal::MediaDescription> describe_media(const Context& context, const session::Id& id) {
  const auto found = context.document.media.find(id);
  if (found == context.document.media.end()) return Error{Code::NotFound, fmt::format("/media/{}: there is no such media", id)};
  const session::Media& media = found->second;
  if (!media.problem.empty()) return Error{Code::Unreadable, fmt::format("{}: {}", media.name, media.problem), "replace the file"};
  signal::MediaDescription description;
  description.path = media_path(context, media);
  std::error_code status;
  const auto bytes = std::filesystem::file_size(description.path, status);
  if (status)
    return Error{Code::NotFound, fmt::format("{}: the file is not at {}", media.name, description.path.string()), "put it back, or run `twopop relink`"};
  if (static_cast<std::int64_t>(bytes) != media.bytes)
    return Error{Code::Damaged, fmt::format("{}: has {} bytes, but had {} when it was added", description.path.string(), bytes, media.bytes),
                 "put the old file back, or add the new one"};
  TWOPOP_TRY(description.fingerprint, parse_hash(media.fingerprint));
  const std::filesystem::path path = description.path;
  const auto look = [&path]() -> Result<cache::Bytes> {
    TWOPOP_TRY(const media::MediaInfo info, media::probe(path));
    ByteWriter writer;
    writer.put(static_cast<std::int32_t>(info.audio.size()));
    if (!info.audio.empty()) {
      const media::AudioStream& a = info.audio.front();
      writer.put(a.rate.hz).put(static_cast<std::int32_t>(a.channels)).put(a.length.value).put(static_cast<std::int32_t>(a.direct));
    }
    return writer.take();
  };
  TWOPOP_TRY(const cache::Blob blob, context.work.fact("probe of " + media.name, "probe", 1, description.fingerprint, look));
  ByteReader reader(*blob);
  if (reader.get<std::int32_t>() == 0) return Error{Code::Unsupported, fmt::format("{}: holds no sound", media.name)};
  description.rate.hz = reader.get<std::int32_t>();
  description.channels = reader.get<std::int32_t>();
  description.length.value = reader.get<std::int64_t>();
  description.direct = reader.get<std::int32_t>() != 0;
  if (!reader.ok()) return Error{Code::Damaged, fmt::format("{}: what is known of it cannot be read", media.name), "remove the film's cache folder"};
  return description;
}

Result<signal::Signal> media_on_session_clock(const Context& context, const session::Id& id, int channel, double source_in_s, double drift_ppm,
                                              SampleCount length) {
  TWOPOP_TRY(const signal::MediaDescription media, describe_media(context, id));
  if (channel >= media.channels)
    return Error{Code::InvalidArgument, fmt::format("/media/{}: channel {} of a file with {}", id, channel + 1, media.channels), "choose another channel"};
  signal::Signal source = signal::media_source(context.work.media(), media);
  if (channel >= 0) source = signal::channel_of(std::move(source), channel);
  return signal::resampled(std::move(source), media.rate, context.document.rate, source_in_s * media.rate.hz, drift_ppm, {{0}, {length.value}});
}

}  // namespace twopop::phases
