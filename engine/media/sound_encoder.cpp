#include "media/detail/sound_encoder.h"

#include "media/detail/pcm.h"

#include <algorithm>
#include <bit>

namespace twopop::media::detail {
namespace {

/// Frames a block where the codec leaves it open (PCM).
constexpr int kFreeBlock = 4096;

AVCodecID id_of(SoundCodec codec) {
  switch (codec) {
    case SoundCodec::Aac: return AV_CODEC_ID_AAC;
    case SoundCodec::Pcm16: return AV_CODEC_ID_PCM_S16LE;
    case SoundCodec::Pcm24: return AV_CODEC_ID_PCM_S24LE;
    case SoundCodec::Flac: return AV_CODEC_ID_FLAC;
  }
  return AV_CODEC_ID_NONE;
}

AVSampleFormat format_of(SoundCodec codec) {
  return codec == SoundCodec::Aac ? AV_SAMPLE_FMT_FLTP : codec == SoundCodec::Pcm16 ? AV_SAMPLE_FMT_S16 : AV_SAMPLE_FMT_S32;
}

/// Our layouts in the words of FFmpeg. The AAC encoder knows 5.1 with back speakers only; the order is the same.
AVChannelLayout layout_of(int channels, SoundCodec codec) {
  AVChannelLayout layout{};
  if (channels == 6 && codec == SoundCodec::Aac) av_channel_layout_from_mask(&layout, AV_CH_LAYOUT_5POINT1_BACK);
  else if (channels == 6) av_channel_layout_from_mask(&layout, AV_CH_LAYOUT_5POINT1);
  else if (channels == 8) av_channel_layout_from_mask(&layout, AV_CH_LAYOUT_7POINT1);
  else av_channel_layout_default(&layout, channels);
  return layout;
}

}  // namespace

Result<SoundEncoder> SoundEncoder::open(const SoundSource& source, const SoundCoding& coding, bool global_header) {
  const AVCodec* codec = avcodec_find_encoder(id_of(coding.codec));
  if (!codec) return Error{Code::Unsupported, "this FFmpeg lacks the sound encoder that is asked for", "install Debian's ffmpeg"};
  av::Codec context(avcodec_alloc_context3(codec));
  context->sample_fmt = format_of(coding.codec);
  context->sample_rate = source.rate.hz;
  context->ch_layout = layout_of(source.channels, coding.codec);
  context->time_base = {1, source.rate.hz};
  context->thread_count = 1;
  context->flags |= AV_CODEC_FLAG_BITEXACT;
  if (coding.codec == SoundCodec::Flac) context->bits_per_raw_sample = 24;
  if (coding.codec == SoundCodec::Pcm24) context->bits_per_raw_sample = 24;
  if (coding.codec == SoundCodec::Aac) context->bit_rate = coding.bit_rate_bps > 0 ? coding.bit_rate_bps : 128'000 * source.channels;
  if (global_header) context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  const int status = avcodec_open2(context.get(), codec, nullptr);
  if (status < 0)
    return Error{Code::Unsupported, fmt::format("{} refuses {} channels at {} Hz ({})", codec->name, source.channels, source.rate.hz, av::words(status)),
                 "choose PCM, or a rate of 44100 or 48000 Hz"};
  return SoundEncoder(source, std::move(context));
}

Result<void> SoundEncoder::send_block() {
  const int whole = context_->frame_size > 0 ? context_->frame_size : kFreeBlock;
  const auto n = static_cast<int>(std::min<std::int64_t>(whole, source_.length.value - at_.value));
  if (n <= 0) {
    drained_ = true;
    avcodec_send_frame(context_.get(), nullptr);
    return {};
  }
  if (block_.frames() < n) block_ = AudioBuffer<float>(source_.channels, whole);
  const AudioView<float> block = block_.view().sub(0, n);
  TWOPOP_CHECK(source_.read(at_, block));
  av_frame_unref(frame_.get());
  frame_->nb_samples = n;
  frame_->format = context_->sample_fmt;
  frame_->sample_rate = context_->sample_rate;
  frame_->pts = at_.value;
  av_channel_layout_copy(&frame_->ch_layout, &context_->ch_layout);
  if (av_frame_get_buffer(frame_.get(), 0) < 0) return Error{Code::OutOfSpace, "no memory for a block of sound"};
  if (context_->sample_fmt == AV_SAMPLE_FMT_FLTP) {
    for (int c = 0; c < source_.channels; ++c) std::copy_n(block.channel(c), n, reinterpret_cast<float*>(frame_->extended_data[c]));
  } else if (context_->sample_fmt == AV_SAMPLE_FMT_S16) {
    interleaved_of(block, SampleCoding::Int16, reinterpret_cast<std::byte*>(frame_->data[0]));
  } else {
    // 24 bits in the upper end of 32: rounded once, to the bits that are kept.
    auto* out = reinterpret_cast<std::byte*>(frame_->data[0]);
    std::vector<std::byte> packed(static_cast<std::size_t>(3 * n * source_.channels));
    interleaved_of(block, SampleCoding::Int24, packed.data());
    for (std::size_t i = 0; i < packed.size() / 3; ++i) {
      out[4 * i] = std::byte{0};
      std::copy_n(&packed[3 * i], 3, out + 4 * i + 1);
    }
  }
  at_ = at_ + SampleCount{n};
  const int status = avcodec_send_frame(context_.get(), frame_.get());
  if (status < 0) return Error{Code::Internal, fmt::format("the encoder refused a block of sound ({})", av::words(status))};
  return {};
}

Result<AVPacket*> SoundEncoder::next() {
  for (;;) {
    av_packet_unref(packet_.get());
    const int status = avcodec_receive_packet(context_.get(), packet_.get());
    if (status == 0) return packet_.get();
    if (status == AVERROR_EOF || drained_) return static_cast<AVPacket*>(nullptr);
    if (status != AVERROR(EAGAIN)) return Error{Code::Internal, fmt::format("the sound encoder failed ({})", av::words(status))};
    TWOPOP_CHECK(send_block());
  }
}

}  // namespace twopop::media::detail
