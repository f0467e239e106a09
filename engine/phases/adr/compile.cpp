#include "phases/adr/adr.h"
#include "phases/adr/take_fit.h"
#include "phases/detail/sources.h"
#include "phases/ranges.h"

namespace twopop::phases {
namespace {

constexpr double kCoverFade_s = 0.04;

/// Where a cue is heard, and how the covered line gives way to it.
struct Placed {
  SampleRange where{};
  signal::FadeSettings fade{};
};

Result<signal::Signal> cue_sound(const Context& context, const session::AdrCue& cue, const session::Id& take_id, const session::AdrTake& take, const Placed& placed) {
  signal::Signal sound;
  const auto media = context.document.media.find(take.media);
  const std::optional<SamplePosition> at = media == context.document.media.end() ? std::nullopt : recorded_at(context.document, media->second);
  if (context.document.dialogue.clips.contains(cue.clip)) {
    TWOPOP_TRY(const signal::Signal line, production_line(context, cue.clip));
    TWOPOP_TRY(const TakeFit fit, fit_of(context, line, placed.where, take.media, take.channel, at));
    if (fit.alignment.map.size() >= 2) {
      TWOPOP_TRY(sound, fitted(context, take_id, fit, placed.where, take.media, take.channel));
    }
  }
  // An added line, or one that was never recorded, has nothing to be aligned to: it lies as it was spoken to the picture, or else at its in.
  if (!sound) {
    const SamplePosition start = at.value_or(placed.where.begin);
    if (start >= placed.where.end) return Error{Code::InvalidArgument, fmt::format("take {} begins after its line has ended", take_id), "choose another take, or move the cue"};
    TWOPOP_TRY(sound, media_on_session_clock(context, take.media, take.channel, 0, 0, placed.where.end - start));
    sound = signal::shifted(std::move(sound), start - SamplePosition{});
  }
  sound = signal::shifted(std::move(sound), samples(take.nudge_ms / 1000, context.document.rate));
  sound = signal::faded(signal::cut(std::move(sound), placed.where), placed.fade, placed.fade);
  return signal::labelled(signal::amplified(std::move(sound), take.gain), "adr take " + take_id);
}

}  // namespace

Result<Compiled> compile_adr(const Context& context) {
  const session::Document& document = context.document;
  Compiled compiled;
  std::map<session::Id, std::pair<std::vector<signal::Signal>, std::vector<SampleRange>>> tracks;
  std::vector<signal::Signal> tones;
  std::vector<SampleRange> toned;
  const auto dialogue = context.earlier.find("dialogue");
  for (const auto& [id, cue] : document.adr.cues) {
    if (cue.chosen_take.empty() || cue.status == session::CueStatus::Omitted) continue;
    const auto take = document.adr.takes.find(cue.chosen_take);
    if (take == document.adr.takes.end() || take->second.refused) continue;
    Placed placed;
    const auto clip = document.dialogue.clips.find(cue.clip);
    placed.where = clip == document.dialogue.clips.end() ? cue.film.range() : intersection(cue.film.range(), clip->second.film.range());
    if (placed.where.empty()) continue;
    placed.fade = {std::min(samples(kCoverFade_s, document.rate), SampleCount{placed.where.length().value / 4}), signal::Curve::EqualPower};
    Result<signal::Signal> sound = cue_sound(context, cue, cue.chosen_take, take->second, placed);
    if (!sound) {
      if (sound.error().code == Code::Cancelled) return sound.error();
      compiled.findings.push_back(detail::unusable("adr", take->second.media, sound.error()));
      continue;
    }
    auto& [sounds, heard] = tracks[cue.character.empty() ? "adr" : "adr-" + detail::id_of(cue.character)];
    sounds.push_back(*std::move(sound));
    heard.push_back(placed.where);
    compiled.speech.push_back(placed.where);
    if (clip != document.dialogue.clips.end()) {
      Cover cover;
      cover.stem = Stem::Dialogue;
      cover.track = clip->second.track;
      cover.range = {placed.where, placed.fade, placed.fade};
      cover.reason = fmt::format("ADR cue {}: {}", cue.number, cue.figure.empty() ? cue.decided.reason : cue.figure);
      compiled.covers.push_back(std::move(cover));
      // The room of the scene goes on under a line from the studio.
      if (dialogue != context.earlier.end() && dialogue->second->room_tone) {
        tones.push_back(signal::faded(signal::cut(dialogue->second->room_tone, placed.where), placed.fade, placed.fade));
        toned.push_back(placed.where);
      }
    }
    const auto media = document.media.find(take->second.media);
    compiled.treatments.push_back({"/adr/takes/" + cue.chosen_take, media == document.media.end() ? take->second.media : media->second.name, placed.where,
                                   fmt::format("laid over the line as cue {}, gain {:+.1f} dB", cue.number, take->second.gain.value), take->second.decided.reason});
  }
  const auto add_track = [&](const session::Id& id, Role role, std::vector<signal::Signal> sounds, std::vector<SampleRange> heard) {
    Track track;
    track.id = track.name = id;
    track.stem = Stem::Adr;
    track.role = role;
    track.sound = signal::sum(std::move(sounds), 1);
    track.heard = unite(std::move(heard));
    compiled.tracks.push_back(std::move(track));
  };
  for (auto& [id, parts] : tracks) add_track(id, Role::Speech, std::move(parts.first), std::move(parts.second));
  if (!tones.empty()) add_track("adr-room-tone", Role::RoomTone, std::move(tones), std::move(toned));
  compiled.speech = unite(std::move(compiled.speech));
  return compiled;
}

}  // namespace twopop::phases
