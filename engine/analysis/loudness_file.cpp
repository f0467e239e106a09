#include "analysis/detail/loudness_batch.h"
#include "analysis/loudness.h"
#include "analysis/true_peak.h"
#include "media/media.h"

#include <algorithm>

namespace twopop::analysis {
namespace {

/// Sound that can only be read forwards: one stretch after another is held in memory and measured there.
Result<LoudnessBlocks> measure_forwards(media::Reader& reader, const detail::LoudnessJob& job, const LoudnessOptions& options) {
  const std::int64_t lead = loudness_pre_roll(job.rate).value;
  const std::int64_t stretch = std::max<std::int64_t>(1, 40 / job.channels) * job.rate.hz;
  AudioBuffer<float> held(job.channels, lead + stretch);
  LoudnessBlocks whole(job.rate, {});
  LoudnessOptions each = options;
  each.weights = job.weights;
  for (std::int64_t at = 0;; at += stretch) {
    TWOPOP_TRY(const std::int64_t got, reader.read({at}, held.view().sub(lead, stretch)));
    // A stretch that comes whole may be the last: whether sound follows is known only by asking for more.
    const bool ends = got < stretch;
    TWOPOP_TRY(const LoudnessBlocks blocks, measure_loudness(held.view().sub(0, lead + got), job.rate, {at}, {lead}, each,
                                                             ends ? Following::Silence : Following::More));
    TWOPOP_CHECK(whole.append(blocks));
    if (got == 0 && at > 0) {  // the sound ended exactly with the stretch before: the points after its last sample are due
      float last[2 * TruePeakInterpolator::kHistory]{};
      for (int c = 0; c < job.channels; ++c) {
        std::copy_n(held.channel(c) + lead - TruePeakInterpolator::kHistory, TruePeakInterpolator::kHistory, last);
        const float peak = TruePeakInterpolator(job.rate).peak(last + TruePeakInterpolator::kHistory, TruePeakInterpolator::kHistory);
        whole.raise_true_peak(whole.grid().step_of({at - 1}), peak);
      }
    }
    if (ends) return whole;
    for (int c = 0; c < job.channels; ++c) std::copy_n(held.channel(c) + stretch, lead, held.channel(c));
  }
}

}  // namespace

Result<LoudnessBlocks> measure_loudness(const std::filesystem::path& file, int audio_stream, const LoudnessOptions& options) {
  TWOPOP_TRY(const media::MediaInfo info, media::probe(file));
  if (audio_stream < 0 || static_cast<std::size_t>(audio_stream) >= info.audio.size())
    return Error{Code::NotFound, fmt::format("{} has no audio stream {}", file.string(), audio_stream)};
  const media::AudioStream& stream = info.audio[static_cast<std::size_t>(audio_stream)];
  LoudnessOptions chosen = options;
  if (chosen.weights.empty()) chosen.weights = channel_weights(stream.channels, stream.channel_mask);
  if (stream.direct)
    return measure_loudness(stream.rate, stream.channels, {{}, SamplePosition{} + stream.length}, [&]() -> Result<SampleFeed> {
      TWOPOP_TRY(std::shared_ptr<media::Reader> reader, media::Reader::open(file, audio_stream));
      return SampleFeed([reader](SamplePosition begin, AudioView<float> out) -> Result<void> {
        TWOPOP_CHECK(reader->read(begin, out));
        return {};
      });
    }, chosen);
  TWOPOP_TRY(const std::unique_ptr<media::Reader> reader, media::Reader::open(file, audio_stream));
  TWOPOP_TRY(const detail::LoudnessJob job, detail::job_of(reader->rate(), reader->channels(), chosen));
  return measure_forwards(*reader, job, chosen);
}

}  // namespace twopop::analysis
