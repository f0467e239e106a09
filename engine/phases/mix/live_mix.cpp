#include "phases/mix/live_mix.h"

namespace twopop::phases {
namespace {

// The shapes of fades stand in the same order in the session and in signals.
session::Fade stored(const signal::FadeSettings& fade) { return {fade.length, static_cast<session::FadeShape>(fade.curve)}; }
signal::FadeSettings heard(const session::Fade& fade) { return {fade.length, static_cast<signal::Curve>(fade.shape)}; }
static_assert(static_cast<int>(signal::Curve::Exponential) == static_cast<int>(session::FadeShape::Exponential));
static_assert(static_cast<int>(signal::Curve::EqualPower) == static_cast<int>(session::FadeShape::EqualPower));

}  // namespace

LiveMix live_mix(const session::Document& document, const MixInput& input, DbTp ceiling, std::int64_t revision) {
  LiveMix live;
  live.revision = revision;
  live.rate = document.rate;
  live.layout = document.layout;
  live.length = document.extent().length();
  live.production_effects_stem = document.delivery.production_effects_stem;
  live.ceiling = ceiling;
  live.mix = document.mix;
  for (const Track& track : input.tracks)
    live.tracks.push_back({track.id, track.name, "track:" + track.id, track.stem, track.role, track.pan, track.sound->channels(), track.sound->extent(), track.heard});
  for (const Cover& cover : input.covers)
    live.covers.push_back({cover.stem, cover.track, cover.range.range, stored(cover.range.fade_in), stored(cover.range.fade_out), cover.reason});
  return live;
}

MixGraph build_mix(const LiveMix& live, const std::vector<signal::Signal>& sounds) {
  TWOPOP_ASSERT(sounds.size() == live.tracks.size());
  session::Document document;
  document.rate = live.rate;
  document.layout = live.layout;
  document.picture.length = live.length;
  document.delivery.production_effects_stem = live.production_effects_stem;
  document.mix = live.mix;
  MixInput input;
  for (std::size_t i = 0; i < sounds.size(); ++i) {
    const LiveTrack& track = live.tracks[i];
    input.tracks.push_back({track.id, track.name, track.stem, track.role, sounds[i], track.pan, track.heard});
  }
  for (const LiveCover& cover : live.covers)
    input.covers.push_back({cover.stem, cover.track, {cover.range, heard(cover.fade_in), heard(cover.fade_out)}, cover.reason});
  return build_mix(document, input, live.ceiling);
}

}  // namespace twopop::phases
