#pragma once

#include "api/values_takes.h"

namespace twopop::server {

/// What the booth shows: only what somebody needs who records one cue after the other. An actor's link opens nothing else.

struct BoothTake {
  std::string item, media, name;
  SamplePosition at{};
  double duration_s = 0;
  int stars = 0;
  double nudge_ms = 0, fit = 0, worst_ms = 0;
  bool chosen = false;
  std::string notes;
  static constexpr auto fields() {
    return std::make_tuple(field("item", &BoothTake::item, "Id of the ADR take or of the Foley performance"), field("media", &BoothTake::media, "Id of the recording"), field("name", &BoothTake::name, "Name shown to people"),
                           field("at_samples", &BoothTake::at, "Film position of its first frame"), field("duration_s", &BoothTake::duration_s, "Length"),
                           field("stars", &BoothTake::stars, "Rating; a Foley take is circled (1) or not (0)", {0, 5}), field("nudge_ms", &BoothTake::nudge_ms, "Moved by hand"),
                           field("fit", &BoothTake::fit, "How alike it is to the guide", {0, 1}), field("worst_ms", &BoothTake::worst_ms, "Largest distance left after fitting"),
                           field("chosen", &BoothTake::chosen, "It is the one that is heard in the film"), field("notes", &BoothTake::notes, "Notes"));
  }
};

struct BoothCue {
  std::string id;
  TakeFor what = TakeFor::Adr;
  std::string number, character, text, alternate_text, notes;
  SamplePosition in{}, out{};
  bool on_screen = true;
  session::CueStatus status = session::CueStatus::Open;
  session::FoleyPass pass = session::FoleyPass::Feet;
  std::vector<BoothTake> takes;
  static constexpr auto fields() {
    return std::make_tuple(field("id", &BoothCue::id, "Id of the cue"), field("for", &BoothCue::what, "A line, or Foley"), field("number", &BoothCue::number, "As on the sheet"), field("character", &BoothCue::character, "Who"),
                           field("text", &BoothCue::text, "The line, or the action"), field("alternate_text", &BoothCue::alternate_text, "Alternate line"), field("notes", &BoothCue::notes, "Notes"),
                           field("in_samples", &BoothCue::in, "In"), field("out_samples", &BoothCue::out, "Out"), field("on_screen", &BoothCue::on_screen, "It is seen"), field("status", &BoothCue::status, "State"),
                           field("pass", &BoothCue::pass, "Foley pass"), field("takes", &BoothCue::takes, "Oldest first"));
  }
};

struct BoothView {
  std::string film, title;
  std::int64_t revision = 0;
  int rate_hz = 48000;
  FrameRate frames{25, 1};
  bool drop_frame = false;
  std::int64_t start_frame = 0;
  SampleCount length{};
  bool picture = false;
  std::vector<BoothCue> cues;
  static constexpr auto fields() {
    return std::make_tuple(field("film", &BoothView::film, "Name of the film in the server"), field("title", &BoothView::title, "Name of the film"), field("revision", &BoothView::revision, "Of the session"),
                           field("rate_hz", &BoothView::rate_hz, "Of the session"), field("frame_rate", &BoothView::frames, "Picture frames per second"), field("drop_frame", &BoothView::drop_frame, "Drop-frame timecode"),
                           field("start_frame", &BoothView::start_frame, "Timecode of the first frame, counted in frames"), field("length_samples", &BoothView::length, "Length of the film"),
                           field("picture", &BoothView::picture, "The picture can be shown"), field("cues", &BoothView::cues, "What is to be recorded, in order of time"));
  }
};

struct BoothTakeChange {
  std::optional<int> stars;
  std::optional<double> nudge_ms;
  std::optional<bool> chosen;
  static constexpr auto fields() {
    return std::make_tuple(field("stars", &BoothTakeChange::stars, "Rating", {0, 5}), field("nudge_ms", &BoothTakeChange::nudge_ms, "How far it is moved by hand, in all", {-2000, 2000}),
                           field("chosen", &BoothTakeChange::chosen, "true: this one is heard in the film"));
  }
};

}  // namespace twopop::server
