#include "deliver/coded.h"

#include "phases/mix/mix.h"

namespace twopop::deliver {

media::SoundSource source_of(signal::Workspace& work, const signal::Signal& sound, SampleRange film, SampleRate rate) {
  media::SoundSource source;
  source.rate = rate;
  source.channels = sound->channels();
  source.length = film.length();
  // Coders ask for small blocks in order: a chunk is read once and handed out in parts.
  struct Window {
    AudioBuffer<float> sound;
    SampleRange range{};
  };
  auto window = std::make_shared<Window>();
  source.read = [&work, sound, film, window](SamplePosition begin, AudioView<float> out) -> Result<void> {
    std::int64_t done = 0;
    while (done < out.frames()) {
      const SamplePosition at{film.begin.value + begin.value + done};
      if (!window->range.contains(at)) {
        const std::int64_t first = mul_div(at.value, 1, signal::kChunk.value, Rounding::Floor) * signal::kChunk.value;
        window->range = intersection({{first}, {first + signal::kChunk.value}}, film);
        if (!window->range.contains(at)) break;
        TWOPOP_TRY(window->sound, work.read(sound, window->range));
      }
      const std::int64_t n = std::min(out.frames() - done, (window->range.end - at).value);
      for (int c = 0; c < out.channels(); ++c) std::copy_n(window->sound.channel(c) + (at - window->range.begin).value, n, out.channel(c) + done);
      done += n;
    }
    return {};
  };
  return source;
}

signal::Signal with_headroom(const signal::Signal& mix, SampleRange film, SampleRate rate, DbTp ceiling, Decibels headroom) {
  if (headroom.value <= 0) return mix;
  const signal::Signal gain = signal::stored(signal::cut(phases::limiter_gain(mix, ceiling - headroom, rate), film), "film gain");
  return signal::multiplied(mix, gain);
}

Result<CodedSound> fit_under_ceiling(signal::Workspace& work, const signal::Signal& mix, SampleRange film, SampleRate rate, const media::SoundCoding& coding,
                                     DbTp ceiling, const std::filesystem::path& scratch, const std::function<void(double)>& progress) {
  CodedSound coded;
  for (coded.rounds = 1; coded.rounds <= 4; ++coded.rounds) {
    coded.sound = with_headroom(mix, film, rate, ceiling, coded.headroom);
    // Decoding and measuring it takes about as long as the last twentieth of coding it.
    TWOPOP_CHECK(media::encode_sound(scratch, source_of(work, coded.sound, film, rate), coding, [&](double share) {
      if (progress) progress(0.95 * share);
      return true;
    }));
    const auto measured = analysis::measure_loudness(scratch);
    if (!measured) return measured.error();
    coded.decoded_peak = measured->true_peak();
    coded.decoded_loudness = analysis::integrated_loudness(*measured);
    coded.under_ceiling = coded.decoded_peak <= ceiling;
    if (coded.under_ceiling) break;
    coded.headroom = coded.headroom + (coded.decoded_peak - ceiling) + Decibels{0.1};
  }
  coded.rounds = std::min(coded.rounds, 4);
  return coded;
}

}  // namespace twopop::deliver
