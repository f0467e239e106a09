#include "phases/dialogue/compile.h"

#include "phases/heard.h"
#include "phases/clip_sound.h"
#include "phases/detail/sources.h"
#include "phases/ranges.h"
#include "phases/tone.h"

namespace twopop::phases {
namespace {

using signal::Signal;

Finding unusable(const session::Id& id, const char* collection, SampleRange where, const Error& error) {
  return {Severity::Error, "dialogue", std::string(name_of(error.code)), where, fmt::format("/dialogue/{}/{}", collection, id), error.message,
          error.remedy.empty() ? "choose another recording for it" : error.remedy, 0, ""};
}

std::string repairs_text(const session::DialogueClip& clip) {
  std::vector<std::string> done;
  if (clip.dehum.on) done.push_back(fmt::format("hum of {:.2f} Hz removed", clip.dehum.fundamental_hz));
  if (clip.denoise.on) done.push_back(fmt::format("noise down by up to {:.0f} dB", clip.denoise.amount.value));
  if (clip.expander.on) done.push_back(fmt::format("expander under {:.1f} dBFS", clip.expander.threshold.value));
  if (clip.gain.value != 0) done.push_back(fmt::format("gain {:+.1f} dB", clip.gain.value));
  return done.empty() ? "left as recorded" : fmt::format("{}", fmt::join(done, ", "));
}

class Compiler {
 public:
  explicit Compiler(const Context& context) : context_(context) {}

  Result<Compiled> run() {
    for (const auto& [id, clip] : context_.document.dialogue.clips) TWOPOP_CHECK(add_clip(id, clip));
    TWOPOP_CHECK(add_fills());
    for (auto& [track, parts] : tracks_) {
      Track made;
      made.id = track;
      made.name = track;
      made.stem = Stem::Dialogue;
      made.role = parts.role;
      made.sound = signal::sum(std::move(parts.clips), 1);
      made.heard = unite(std::move(parts.heard));
      compiled_.tracks.push_back(std::move(made));
    }
    compiled_.speech = unite(std::move(compiled_.speech));
    return std::move(compiled_);
  }

 private:
  struct Parts {
    Role role = Role::Speech;
    std::vector<Signal> clips;
    std::vector<SampleRange> heard;
  };

  /// A clip's track, by its role too: the mixer treats speech and what else was recorded on set apart.
  Parts& parts_of(const session::DialogueClip& clip) {
    const bool effect = clip.role == session::ClipRole::ProductionEffect, tone = clip.role == session::ClipRole::RoomTone;
    const std::string track = !clip.track.empty() ? clip.track : effect ? "production-effects" : tone ? kRoomToneTrack : "dialogue-1";
    Parts& parts = tracks_[track];
    if (parts.clips.empty()) parts.role = effect ? Role::ProductionEffect : tone ? Role::RoomTone : Role::Speech;
    return parts;
  }

  Result<void> add_clip(const session::Id& id, const session::DialogueClip& clip) {
    const SampleRange where = clip.film.range();
    if (clip.muted || where.empty()) return {};
    Result<Signal> sound = clip_sound(context_, id, clip);
    if (!sound) {
      if (sound.error().code == Code::Cancelled) return sound.error();
      compiled_.findings.push_back(unusable(id, "clips", where, sound.error()));
      return {};
    }
    Parts& parts = parts_of(clip);
    parts.clips.push_back(*std::move(sound));
    parts.heard.push_back(where);
    if (clip.role == session::ClipRole::Speech) compiled_.speech.push_back(where);
    const session::Placement& placement = context_.document.dialogue.placements.at(clip.placement);
    compiled_.treatments.push_back({"/dialogue/clips/" + id, fmt::format("{} channel {}", context_.document.media.at(placement.media).name, clip.channel + 1), where, repairs_text(clip), clip.decided.reason});
    return {};
  }

  Result<void> add_fills() {
    const session::ToneFill* longest = nullptr;
    for (const auto& [id, fill] : context_.document.dialogue.fills) {
      const SampleRange where = fill.film.range();
      if (where.empty()) continue;
      Result<Signal> tone = looped_tone(context_, source_of(fill), where, static_cast<std::uint64_t>(where.begin.value) + 1);
      if (!tone) {
        if (tone.error().code == Code::Cancelled) return tone.error();
        compiled_.findings.push_back(unusable(id, "fills", where, tone.error()));
        continue;
      }
      Signal sound = signal::faded(*std::move(tone), detail::fade_of(fill.fade_in), detail::fade_of(fill.fade_out));
      Parts& parts = tracks_[kRoomToneTrack];
      parts.role = Role::RoomTone;
      parts.clips.push_back(signal::labelled(signal::amplified(std::move(sound), fill.gain), "room tone " + id));
      parts.heard.push_back(where);
      if (!longest || fill.source_out_s - fill.source_in_s > longest->source_out_s - longest->source_in_s) longest = &fill;
    }
    if (!longest) return {};
    TWOPOP_TRY(Signal bed, looped_tone(context_, source_of(*longest), context_.document.extent(), 1));
    compiled_.room_tone = signal::amplified(std::move(bed), longest->gain);
    return {};
  }

  static ToneSource source_of(const session::ToneFill& fill) { return {fill.media, fill.channel, fill.source_in_s, fill.source_out_s}; }

  const Context& context_;
  Compiled compiled_;
  std::map<std::string, Parts> tracks_;
};

}  // namespace

Result<Compiled> compile_dialogue(const Context& context) { return Compiler(context).run(); }

}  // namespace twopop::phases
