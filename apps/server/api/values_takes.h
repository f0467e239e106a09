#pragma once

#include "core/fields.h"
#include "session/document.h"

#include <optional>
#include <string>
#include <tuple>
#include <vector>

/// A take recorded in the booth: what the page says of it, and what became of it. A *frame* here is one sample of every channel,
/// counted on the clock of the page's sound; `at` and `film` are samples of the session.
namespace twopop::server {

enum class TakeFor { Adr, Foley };
constexpr auto names_of(TakeFor) {
  return std::array{EnumName<TakeFor>{TakeFor::Adr, "adr"}, EnumName<TakeFor>{TakeFor::Foley, "foley"}};
}

enum class TakeFormat { Float32, Pcm24 };
constexpr auto names_of(TakeFormat) {
  return std::array{EnumName<TakeFormat>{TakeFormat::Float32, "f32"}, EnumName<TakeFormat>{TakeFormat::Pcm24, "s24"}};
}

struct TakeStart {
  TakeFor what = TakeFor::Adr;
  std::string cue;
  session::FoleyPass pass = session::FoleyPass::Feet;
  TakeFormat format = TakeFormat::Float32;
  int rate_hz = 48000, channels = 1;
  std::int64_t first_frame = 0, anchor_frame = 0;
  SamplePosition anchor{};
  double latency_ms = 0, latency_spread_ms = 0;
  bool calibrated = false;
  double beep_hz = 1000, beep_ms = 40;
  std::vector<std::int64_t> beep_frames;
  std::string input, output, performer, notes;
  static constexpr auto fields() {
    return std::make_tuple(
        field("for", &TakeStart::what, "A line, or a Foley performance"), field("cue", &TakeStart::cue, "The ADR or Foley cue; for Foley it may be empty", {0, 200}),
        field("pass", &TakeStart::pass, "Foley pass"), field("format", &TakeStart::format, "Little-endian, channels interleaved"),
        field("rate_hz", &TakeStart::rate_hz, "Of the page's sound", {8000, 192000}), field("channels", &TakeStart::channels, "Channels", {1, 2}),
        field("first_frame", &TakeStart::first_frame, "Clock at the first frame that is sent", {0, 1e15}),
        field("anchor_frame", &TakeStart::anchor_frame, "Clock at which the page played film position anchor_samples", {0, 1e15}),
        field("anchor_samples", &TakeStart::anchor, "That film position", {-1e12, 1e15}), field("latency_ms", &TakeStart::latency_ms, "From playing to recording, as calibrated or as the browser states", {0, 2000}),
        field("latency_spread_ms", &TakeStart::latency_spread_ms, "Of the calibration", {0, 2000}), field("calibrated", &TakeStart::calibrated, "Measured by chirps on this device; else stated by the browser"),
        field("beep_hz", &TakeStart::beep_hz, "Pitch of the beeps", {100, 8000}), field("beep_ms", &TakeStart::beep_ms, "Length of a beep", {5, 500}),
        field("beep_frames", &TakeStart::beep_frames, "Clock at the start of each beep; at most 8"), field("input", &TakeStart::input, "Microphone", {0, 200}),
        field("output", &TakeStart::output, "Headphones", {0, 200}), field("performer", &TakeStart::performer, "Who is heard", {0, 100}), field("notes", &TakeStart::notes, "Anything else", {0, 2000}));
  }
};

struct TakeOffset {
  std::string id;
  std::int64_t offset = 0;
  bool finished = false;
  static constexpr auto fields() {
    return std::make_tuple(field("id", &TakeOffset::id, "Names the take in the server"), field("offset_bytes", &TakeOffset::offset, "Bytes the server holds: the next ones go here"),
                           field("finished", &TakeOffset::finished, "It is in the film; ask `finish` again for the result"));
  }
};

struct TakeFinish {
  std::string sha256;
  std::int64_t frames = 0;
  std::vector<std::string> suspect;
  int stars = 0;
  static constexpr auto fields() {
    return std::make_tuple(field("sha256", &TakeFinish::sha256, "Of all bytes, 64 hexadecimal digits", {0, 64}), field("frames", &TakeFinish::frames, "How many were sent", {0, 1e12}),
                           field("suspect", &TakeFinish::suspect, "What the page saw go wrong while it recorded; at most 20"), field("stars", &TakeFinish::stars, "Rating", {0, 5}));
  }
};

/// One thing that was looked at.
struct TakeCheck {
  std::string name;
  bool ok = true;
  std::string text;
  static constexpr auto fields() {
    return std::make_tuple(field("name", &TakeCheck::name, "beeps, guide, level, capture, calibration"), field("ok", &TakeCheck::ok, "Nothing to worry about"), field("text", &TakeCheck::text, "What was found, with the figure"));
  }
};

struct TakeResult {
  std::string media, item, name, fingerprint;
  std::int64_t revision = 0, frames = 0;
  SamplePosition at{};
  std::optional<double> beep_error_ms, guide_error_ms;
  double fit = 0;
  bool suspect = false;
  std::vector<TakeCheck> checks;
  static constexpr auto fields() {
    return std::make_tuple(
        field("media", &TakeResult::media, "Id of the recording in the film"), field("item", &TakeResult::item, "Id of the take, or of the Foley performance"), field("name", &TakeResult::name, "Name shown to people"),
        field("fingerprint", &TakeResult::fingerprint, "Of the WAV that was made"), field("revision", &TakeResult::revision, "Of the session that has it"), field("frames", &TakeResult::frames, "Its length"),
        field("at_samples", &TakeResult::at, "Film position of its first frame, corrected by the beeps where they were heard"),
        field("beep_error_ms", &TakeResult::beep_error_ms, "Where the beeps lie in the take against where the page's clock says; corrected for; empty where they were not heard"),
        field("guide_error_ms", &TakeResult::guide_error_ms, "Where the words lie against the guide, after that correction; positive is late; empty where it cannot be told"),
        field("fit", &TakeResult::fit, "How alike it is to the guide", {0, 1}), field("suspect", &TakeResult::suspect, "Listen before you trust its timing"), field("checks", &TakeResult::checks, "What was looked at"));
  }
};

}  // namespace twopop::server
