#include "phases/clip_sound.h"

#include "phases/detail/sources.h"
#include "phases/heard.h"
#include "phases/repair.h"

namespace twopop::phases {
namespace {

/// Heard on either side of a clip by its repairs: pauses to learn noise from, room for what settles.
constexpr double kHandle_s = 2.0;

}  // namespace

Result<signal::Signal> clip_sound(const Context& context, const session::Id& id, const session::DialogueClip& clip, Repairs repairs) {
  const auto placed = context.document.dialogue.placements.find(clip.placement);
  if (placed == context.document.dialogue.placements.end())
    return Error{Code::NotFound, fmt::format("/dialogue/clips/{}: there is no placement '{}'", id, clip.placement), "place its recording, or remove the clip"};
  const session::Placement& placement = placed->second;
  const SampleRate rate = context.document.rate;
  const SampleRange where = clip.film.range();
  TWOPOP_TRY(const signal::MediaDescription media, describe_media(context, placement.media));
  const double file_s = static_cast<double>(media.length.value) / media.rate.hz;
  const double in_s = source_second(placement, where.begin, rate), out_s = source_second(placement, where.end, rate);
  // Handles end where the file does: the silence beyond would be taken for the quietest of rooms.
  const bool repair = repairs == Repairs::Done && wants_repair(clip);
  const SampleCount before = repair ? samples(std::clamp(in_s, 0.0, kHandle_s), rate) : SampleCount{};
  const SampleCount after = repair ? samples(std::clamp(file_s - out_s, 0.0, kHandle_s), rate) : SampleCount{};
  TWOPOP_TRY(signal::Signal sound, media_on_session_clock(context, placement.media, clip.channel, source_second(placement, where.begin - before, rate), placement.drift_ppm,
                                                  before + where.length() + after));
  if (repair) {
    signal::Signal tone;
    if (clip.denoise.on && !clip.denoise.room_tone.empty()) {
      TWOPOP_TRY(const signal::MediaDescription described, describe_media(context, clip.denoise.room_tone));
      const SampleCount length{std::min(mul_div(described.length.value, rate.hz, described.rate.hz, Rounding::Floor), samples(20, rate).value)};
      TWOPOP_TRY(tone, media_on_session_clock(context, clip.denoise.room_tone, 0, 0, 0, length));
    }
    const SamplePosition first{before.value};
    sound = repaired(id, clip, std::move(sound), {first, first + where.length()}, std::move(tone), rate);
  }
  sound = signal::shifted(std::move(sound), where.begin - SamplePosition{before.value});
  sound = signal::faded(signal::cut(std::move(sound), where), detail::fade_of(clip.fade_in), detail::fade_of(clip.fade_out));
  return signal::labelled(signal::amplified(std::move(sound), clip.gain), "dialogue clip " + id);
}

}  // namespace twopop::phases
