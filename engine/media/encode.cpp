#include "media/encode.h"

#include "media/detail/sound_encoder.h"

namespace twopop::media {

Result<void> encode_sound(const std::filesystem::path& path, const SoundSource& source, const SoundCoding& coding,
                          const std::function<bool(double)>& progress) {
  const char* const format = coding.codec == SoundCodec::Aac ? "ipod" : coding.codec == SoundCodec::Flac ? "flac" : "wav";
  TWOPOP_TRY(detail::Muxer muxer, detail::Muxer::create(path, format));
  TWOPOP_TRY(detail::SoundEncoder encoder, detail::SoundEncoder::open(source, coding, muxer.global_header()));
  AVStream* stream = muxer.add_stream();
  avcodec_parameters_from_context(stream->codecpar, &encoder.context());
  stream->time_base = encoder.context().time_base;
  TWOPOP_CHECK(muxer.begin(source.rate));
  SamplePosition told{};
  for (;;) {
    TWOPOP_TRY(AVPacket* packet, encoder.next());
    if (!packet) break;
    packet->stream_index = stream->index;
    av_packet_rescale_ts(packet, encoder.context().time_base, stream->time_base);
    TWOPOP_CHECK(muxer.write(*packet));
    if (!progress || encoder.position() - told < SampleCount{source.rate.hz}) continue;
    told = encoder.position();
    if (!progress(static_cast<double>(told.value) / static_cast<double>(source.length.value)))
      return Error{Code::Cancelled, fmt::format("{}: stopped", path.string())};
  }
  return muxer.finish();
}

}  // namespace twopop::media
