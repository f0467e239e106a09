#include "media/detail/av.h"
#include "media/detail/decoder.h"
#include "media/detail/frame_grid.h"
#include "media/detail/readers.h"
#include "media/detail/recorder_metadata.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

extern "C" {
#include <libavutil/dict.h>
}

namespace twopop::media::detail {
namespace {

std::string tag(const AVDictionary* tags, const char* name) {
  const AVDictionaryEntry* entry = av_dict_get(tags, name, nullptr, 0);
  return entry ? tidy_text(entry->value) : std::string();
}

FrameRate ratio(AVRational r) {
  if (r.num <= 0 || r.den <= 0) return {0, 1};
  // Containers write 29.97 and 2997/100 where 30000/1001 is meant.
  if (const auto known = recorder_rate(fmt::format("{}/{}", r.num, r.den), "NDF"))
    if (std::fabs(known->frames.hz() / av_q2d(r) - 1) < 1e-4) return known->frames;
  return {r.num, r.den};
}

/// By the container's index: nothing is read for it.
std::optional<Spacing> indexed_spacing(AVStream& stream) {
  const int count = avformat_index_get_entries_count(&stream);
  if (count < 4 || stream.nb_frames <= 0) return std::nullopt;
  std::vector<std::int64_t> steps;
  // The first step and the last may be bent by the edit list.
  for (int i = 1; i < count - 1; ++i) {
    const AVIndexEntry* entry = avformat_index_get_entry(&stream, i);
    const AVIndexEntry* before = i > 1 ? avformat_index_get_entry(&stream, i - 1) : nullptr;
    if (!entry || entry->timestamp == AV_NOPTS_VALUE) return std::nullopt;
    if (before) steps.push_back(entry->timestamp - before->timestamp);
  }
  return spacing_of(std::move(steps));
}

VideoStream video_of(AVFormatContext& input, AVStream& stream) {
  VideoStream video;
  video.codec = avcodec_get_name(stream.codecpar->codec_id);
  video.width = stream.codecpar->width;
  video.height = stream.codecpar->height;
  video.start_s = stream.start_time != AV_NOPTS_VALUE ? av::seconds(stream.start_time, stream.time_base) : 0;
  if (stream.duration != AV_NOPTS_VALUE) video.duration_s = av::seconds(stream.duration, stream.time_base);
  else if (input.duration != AV_NOPTS_VALUE) video.duration_s = static_cast<double>(input.duration) / AV_TIME_BASE;
  const FrameRate mean = ratio(stream.avg_frame_rate), nominal = ratio(stream.r_frame_rate);
  const auto differ = [](FrameRate a, FrameRate b) { return a.numerator > 0 && b.numerator > 0 && std::fabs(a.hz() / b.hz() - 1) > 0.005; };
  const auto spacing = indexed_spacing(stream);
  video.variable_rate = spacing ? spacing->uneven : differ(mean, nominal);
  video.frames = mean.numerator > 0 ? mean : nominal;
  if (!video.variable_rate && nominal.numerator > 0) {
    // Of a few frames the mean counts the edit list too: even steps in the index tell the true rate.
    const double indexed_hz = spacing && spacing->step > 0 ? 1 / av::seconds(spacing->step, stream.time_base) : nominal.hz();
    if (std::fabs(indexed_hz / nominal.hz() - 1) < 0.005) video.frames = nominal;
  }
  if (video.variable_rate && spacing && spacing->mostly_even)
    if (const auto grid = rate_of_step(av::seconds(spacing->step, stream.time_base))) video.frames = *grid;
  if (video.frames.numerator <= 0) video.frames = frame_rates::k25;
  video.frame_count = stream.nb_frames > 0 ? stream.nb_frames : std::llround(video.duration_s * video.frames.hz());
  return video;
}

/// Recorder tags that containers carry, by the names their writers use.
void take_tags(const AVDictionary* tags, Metadata& into) {
  const AVDictionaryEntry* entry = nullptr;
  while ((entry = av_dict_get(tags, "", entry, AV_DICT_IGNORE_SUFFIX))) {
    std::string key = entry->key, text = tidy_text(entry->value);
    std::transform(key.begin(), key.end(), key.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (text.empty()) continue;
    if (key == "scene") into.scene = text;
    else if (key == "take") into.take = text;
    else if (key == "reel_name" || key == "tape" || key == "roll") into.roll = text;
    else if (key == "project") into.project = text;
    else if (key == "comment" && into.notes.empty()) into.notes = text;
    else if (key == "creation_time" || key == "date") into.date = text;
    else if (key == "com.apple.quicktime.model" || key == "device") into.device = text;
    into.other[key] = std::move(text);
  }
}

/// The start label: a `timecode` tag of the file, the picture or a tmcd track.
void take_timecode(AVFormatContext& input, const std::optional<VideoStream>& video, MediaInfo& info) {
  std::string label = tag(input.metadata, "timecode");
  AVRational rate{0, 1};
  for (unsigned i = 0; i < input.nb_streams; ++i) {
    const AVStream& stream = *input.streams[i];
    std::string own = tag(stream.metadata, "timecode");
    if (own.empty() || (!label.empty() && stream.codecpar->codec_type != AVMEDIA_TYPE_DATA)) continue;
    label = own;
    if (stream.codecpar->codec_type == AVMEDIA_TYPE_DATA && stream.avg_frame_rate.num > 0) rate = stream.avg_frame_rate;
  }
  if (label.empty()) return;
  FrameRate frames = rate.num > 0 ? ratio(rate) : video ? video->frames : FrameRate{0, 1};
  if (frames.numerator <= 0) {
    info.metadata.other["timecode"] = label;
    return;
  }
  const DropFrame drop = label.find(';') != std::string::npos ? DropFrame::Yes : DropFrame::No;
  const auto counted = timecode_rate(frames, drop).value_or(TimecodeRate{frames, DropFrame::No});
  const auto parsed = parse_timecode(label, counted);
  if (!parsed) {
    info.warnings.push_back(fmt::format("its start {}", parsed.error().message));
    return;
  }
  info.metadata.timecode_rate = counted;
  info.metadata.timecode = *parsed;
}

}  // namespace

Result<MediaInfo> coded_info(const std::filesystem::path& path, std::uint64_t bytes) {
  TWOPOP_TRY(const av::Input input, av::open(path));
  MediaInfo info;
  info.path = path;
  info.bytes = bytes;
  const std::string names = input->iformat->name;
  info.container = names.substr(0, names.find(','));
  if (input->duration != AV_NOPTS_VALUE) info.duration_s = static_cast<double>(input->duration) / AV_TIME_BASE;
  take_tags(input->metadata, info.metadata);
  if (AVStream* stream = av::video_stream(*input)) info.video = video_of(*input, *stream);
  for (int n = 0;; ++n) {
    const AVStream* stream = av::audio_stream(*input, n);
    if (!stream) break;
    const AVCodecParameters& coding = *stream->codecpar;
    AudioStream audio;
    audio.index = n;
    audio.codec = avcodec_get_name(coding.codec_id);
    // Rate, channels and start as they are heard: the first packet is decoded.
    const auto decoder = LinearDecoder::open(path, n);
    if (!decoder) {
      info.warnings.push_back(decoder.error().message);
      continue;
    }
    audio.rate = (*decoder)->rate();
    audio.channels = (*decoder)->channels();
    audio.length = {(*decoder)->stated_length()};
    // A file of sound alone starts with its first sample, whatever its encoder's delay was.
    audio.start_s = info.video ? (*decoder)->start_s() : 0;
    const AVCodecDescriptor* described = avcodec_descriptor_get(coding.codec_id);
    const bool lossless = described && (described->props & AV_CODEC_PROP_LOSSLESS) != 0;
    if (lossless || av_get_exact_bits_per_sample(coding.codec_id) >= 8)
      audio.bits = coding.bits_per_raw_sample > 0 ? coding.bits_per_raw_sample : coding.bits_per_coded_sample;
    if (coding.ch_layout.order == AV_CHANNEL_ORDER_NATIVE) audio.channel_mask = static_cast<std::uint32_t>(coding.ch_layout.u.mask);
    if (!info.video && n == 0) take_tags(stream->metadata, info.metadata);
    info.audio.push_back(std::move(audio));
  }
  if (info.audio.empty() && !info.video)
    return Error{Code::Damaged, fmt::format("{}: no sound or picture in it can be read", path.string()),
                 "copy the file again from its source, or leave it out"};
  take_timecode(*input, info.video, info);
  return info;
}

}  // namespace twopop::media::detail
