#include "deliver/wav_file.h"

#include "core/exact_math.h"

namespace twopop::deliver {

Result<void> write_wav(signal::Workspace& work, const WavDeliverable& wav) {
  media::WavWriter::Settings settings;
  settings.rate = wav.rate;
  settings.channels = wav.sound->channels();
  settings.format = wav.format;
  settings.bext = wav.bext;
  TWOPOP_TRY(const auto writer, media::WavWriter::create(wav.path, settings));
  if (wav.leader.value > 0) {
    AudioBuffer<float> leader(settings.channels, wav.leader.value);
    const std::int64_t beep = std::min(wav.leader.value, sample_of_frame(1, wav.frames, wav.rate).value);
    for (std::int64_t i = 0; i < beep; ++i)
      for (int c = 0; c < settings.channels; ++c)
        leader.view().at(c, i) = static_cast<float>(0.1 * exact::sin(exact::kTwoPi * 1000.0 * static_cast<double>(i) / wav.rate.hz));
    TWOPOP_CHECK(writer->write(leader.view()));
  }
  TWOPOP_CHECK(work.stream(wav.sound, wav.film, [&](SamplePosition, AudioView<const float> sound) { return writer->write(sound); }));
  return writer->finish();
}

}  // namespace twopop::deliver
