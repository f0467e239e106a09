#pragma once

#include "core/fields.h"
#include "phases/mix/mix.h"

/// What a live mixer needs of a compiled film: everything of the mix but the sound of its tracks.
namespace twopop::phases {

constexpr auto names_of(Stem) {
  return std::array{EnumName<Stem>{Stem::Dialogue, "dialogue"}, EnumName<Stem>{Stem::Adr, "adr"}, EnumName<Stem>{Stem::Effects, "effects"},
                    EnumName<Stem>{Stem::Foley, "foley"}, EnumName<Stem>{Stem::Music, "music"}};
}
constexpr auto names_of(Role) {
  return std::array{EnumName<Role>{Role::Speech, "speech"},       EnumName<Role>{Role::RoomTone, "room_tone"},   EnumName<Role>{Role::ProductionEffect, "production_effect"},
                    EnumName<Role>{Role::Ambience, "ambience"},   EnumName<Role>{Role::Effect, "effect"},        EnumName<Role>{Role::Footsteps, "footsteps"},
                    EnumName<Role>{Role::Moves, "moves"},         EnumName<Role>{Role::Specifics, "specifics"},  EnumName<Role>{Role::Score, "score"},
                    EnumName<Role>{Role::DiegeticMusic, "diegetic_music"}};
}

/// A track before its strip.
struct LiveTrack {
  session::Id id;
  std::string name, sound;
  Stem stem = Stem::Dialogue;
  Role role = Role::Speech;
  double pan = 0;
  int channels = 1;
  SampleRange extent{};
  std::vector<SampleRange> heard;
  static constexpr auto fields() {
    return std::make_tuple(field("id", &LiveTrack::id, "Its strip's key"), field("name", &LiveTrack::name, "For people"), field("sound", &LiveTrack::sound, "Whose chunks it is fed with"),
                           field("stem", &LiveTrack::stem, "Its bus"), field("role", &LiveTrack::role, "What it is for"), field("pan", &LiveTrack::pan, "Wish of its phase; the strip's pan adds to it", {-1, 1}),
                           field("channels", &LiveTrack::channels, "Channels", {1, 8}), field("extent", &LiveTrack::extent, "Outside there is silence, in samples"),
                           field("heard", &LiveTrack::heard, "Where it has sound worth measuring, in samples"));
  }
};

struct LiveCover {
  Stem stem = Stem::Dialogue;
  session::Id track;
  SampleRange range{};
  session::Fade fade_in, fade_out;
  std::string reason;
  static constexpr auto fields() {
    return std::make_tuple(field("stem", &LiveCover::stem, "That is covered"), field("track", &LiveCover::track, "Only this track of it; empty: all"), field("range", &LiveCover::range, "Where, in samples"),
                           field("fade_in", &LiveCover::fade_in, "Of what covers it"), field("fade_out", &LiveCover::fade_out, "Of what covers it"), field("reason", &LiveCover::reason, "Why"));
  }
};

struct LiveMix {
  std::int64_t revision = 0;
  SampleRate rate{};
  session::LayoutName layout = session::LayoutName::Stereo;
  SampleCount length{};
  bool production_effects_stem = false;
  DbTp ceiling{-1.0};
  std::int64_t chunk_samples = signal::kChunk.value;
  std::vector<LiveTrack> tracks;
  std::vector<LiveCover> covers;
  session::Mix mix;
  static constexpr auto fields() {
    return std::make_tuple(field("revision", &LiveMix::revision, "Revision it is of", {0, 1e15}), field("rate_hz", &LiveMix::rate, "Sample rate"), field("layout", &LiveMix::layout, "Speakers of the mix"),
                           field("length_samples", &LiveMix::length, "Length of the film", {0, 1e12}), field("production_effects_stem", &LiveMix::production_effects_stem, "Production effects have a bus of their own"),
                           field("ceiling_dbtp", &LiveMix::ceiling, "Of the limiter", {-40, 0}), field("chunk_samples", &LiveMix::chunk_samples, "Length of a chunk", {1, 1e9}),
                           field("tracks", &LiveMix::tracks, "In the order in which they are added up"), field("covers", &LiveMix::covers, "In the order in which they work"), field("mix", &LiveMix::mix, "Strips, buses, master"));
  }
};

LiveMix live_mix(const session::Document& document, const MixInput& input, DbTp ceiling, std::int64_t revision);

/// The graph of a live mix; `sounds` are its tracks' by their place in the list.
MixGraph build_mix(const LiveMix& live, const std::vector<signal::Signal>& sounds);

}  // namespace twopop::phases
