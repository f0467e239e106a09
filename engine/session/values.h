#pragma once

#include "core/fields.h"
#include "core/time.h"
#include "core/units.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// Values that several phases share. Each declares its fields once (core/fields.h).
namespace twopop::session {

/// Stable name of an item within its collection: letters, digits, '-', '_' and '.'.
using Id = std::string;

enum class By { Auto, Person };
constexpr auto names_of(By) { return std::array{EnumName<By>{By::Auto, "auto"}, EnumName<By>{By::Person, "person"}}; }

/// Who decided an item, why, and how sure analysis was. A person's decision is never overwritten by analysis.
struct Decision {
  By by = By::Auto;
  std::string reason;
  double confidence = 1.0;
  static constexpr auto fields() {
    return std::make_tuple(field("by", &Decision::by, "Who decided: analysis or a person"),
                           field("reason", &Decision::reason, "Why, with the figures behind it"),
                           field("confidence", &Decision::confidence, "Probability that it is right, for proposals", {0, 1}));
  }
};

/// Half-open stretch of film time.
struct Span {
  SamplePosition in{};
  SamplePosition out{};
  constexpr SampleRange range() const { return {in, out}; }
  static constexpr auto fields() {
    return std::make_tuple(field("in_samples", &Span::in, "First sample, from the first frame of the film"),
                           field("out_samples", &Span::out, "Sample after the last"));
  }
};

enum class FadeShape { Linear, EqualPower, SCurve, Exponential };
constexpr auto names_of(FadeShape) {
  return std::array{EnumName<FadeShape>{FadeShape::Linear, "linear"}, EnumName<FadeShape>{FadeShape::EqualPower, "equal_power"},
                    EnumName<FadeShape>{FadeShape::SCurve, "s_curve"}, EnumName<FadeShape>{FadeShape::Exponential, "exponential"}};
}

struct Fade {
  SampleCount length{};
  FadeShape shape = FadeShape::EqualPower;
  static constexpr auto fields() {
    return std::make_tuple(field("length_samples", &Fade::length, "Length; 0 is a cut", {0, 1e12}),
                           field("shape", &Fade::shape, "Curve of the gain"));
  }
};

/// A point of an automation curve; straight in dB between points.
struct AutomationPoint {
  SamplePosition at{};
  double value = 0;
  static constexpr auto fields() {
    return std::make_tuple(field("at_samples", &AutomationPoint::at, "Film time"),
                           field("value", &AutomationPoint::value, "In the unit of what is automated"));
  }
};

/// Removal of steady noise (dsp/denoise.h).
struct DenoiseSettings {
  bool on = false;
  Decibels amount{12.0};
  std::string room_tone;  ///< media id to learn from; empty: the take's own pauses
  static constexpr auto fields() {
    return std::make_tuple(field("on", &DenoiseSettings::on, "Whether noise is reduced"),
                           field("amount_db", &DenoiseSettings::amount, "Greatest reduction", {0, 40}),
                           field("room_tone", &DenoiseSettings::room_tone, "Media to learn the noise from; empty for the take's own pauses"));
  }
};

/// Downward expander (dsp/expander.h).
struct ExpanderSettings {
  bool on = false;
  DbFs threshold{-50.0};
  double ratio = 2.0;
  Decibels range{12.0};
  double attack_ms = 5, hold_ms = 150, release_ms = 250, look_ahead_ms = 10;
  Decibels hysteresis{4.0};
  static constexpr auto fields() {
    return std::make_tuple(field("on", &ExpanderSettings::on, "Whether the expander works"),
                           field("threshold_dbfs", &ExpanderSettings::threshold, "Level below which it turns down", {-120, 0}),
                           field("ratio", &ExpanderSettings::ratio, "dB of output per dB of input below the threshold", {1, 100}),
                           field("range_db", &ExpanderSettings::range, "Greatest reduction", {0, 80}),
                           field("attack_ms", &ExpanderSettings::attack_ms, "Time to open", {0.01, 500}),
                           field("hold_ms", &ExpanderSettings::hold_ms, "Stays open at least this long", {0, 5000}),
                           field("release_ms", &ExpanderSettings::release_ms, "Time to close", {1, 5000}),
                           field("look_ahead_ms", &ExpanderSettings::look_ahead_ms, "Opens this long before the sound", {0, 100}),
                           field("hysteresis_db", &ExpanderSettings::hysteresis, "Closes this far below the threshold", {0, 24}));
  }
};

/// Subtraction of mains hum (dsp/dehum.h).
struct DehumSettings {
  bool on = false;
  double fundamental_hz = 50;
  int harmonics = 8;
  static constexpr auto fields() {
    return std::make_tuple(field("on", &DehumSettings::on, "Whether hum is subtracted"),
                           field("fundamental_hz", &DehumSettings::fundamental_hz, "Mains frequency as measured", {40, 70}),
                           field("harmonics", &DehumSettings::harmonics, "How many multiples are subtracted", {1, 40}));
  }
};

enum class BandKind { HighPass, LowPass, Bell, LowShelf, HighShelf, Notch };
constexpr auto names_of(BandKind) {
  return std::array{EnumName<BandKind>{BandKind::HighPass, "high_pass"}, EnumName<BandKind>{BandKind::LowPass, "low_pass"},
                    EnumName<BandKind>{BandKind::Bell, "bell"},          EnumName<BandKind>{BandKind::LowShelf, "low_shelf"},
                    EnumName<BandKind>{BandKind::HighShelf, "high_shelf"}, EnumName<BandKind>{BandKind::Notch, "notch"}};
}

struct EqBand {
  int order = 0;
  BandKind kind = BandKind::Bell;
  double frequency_hz = 1000;
  double q = 0.7071;
  Decibels gain{};
  bool on = true;
  std::string reason;
  static constexpr auto fields() {
    return std::make_tuple(field("order", &EqBand::order, "Place in the chain, lowest first", {0, 1000}),
                           field("kind", &EqBand::kind, "Shape"), field("frequency_hz", &EqBand::frequency_hz, "Centre or corner", {10, 96000}),
                           field("q", &EqBand::q, "Quality", {0.1, 30}), field("gain_db", &EqBand::gain, "For bells and shelves", {-24, 24}),
                           field("on", &EqBand::on, "Whether it works"), field("reason", &EqBand::reason, "What asked for it"));
  }
};

struct CompressorSettings {
  bool on = false;
  DbFs threshold{-20.0};
  double ratio = 2.0;
  Decibels knee{6.0};
  double attack_ms = 10, release_ms = 150;
  Decibels make_up{};
  std::string reason;
  static constexpr auto fields() {
    return std::make_tuple(field("on", &CompressorSettings::on, "Whether it works"),
                           field("threshold_dbfs", &CompressorSettings::threshold, "Level above which it turns down", {-80, 0}),
                           field("ratio", &CompressorSettings::ratio, "dB of input per dB of output above the threshold", {1, 100}),
                           field("knee_db", &CompressorSettings::knee, "Width of the bend", {0, 40}),
                           field("attack_ms", &CompressorSettings::attack_ms, "Time constant down", {0.01, 500}),
                           field("release_ms", &CompressorSettings::release_ms, "Time constant up", {1, 500}),
                           field("make_up_db", &CompressorSettings::make_up, "Gain after it", {-24, 24}),
                           field("reason", &CompressorSettings::reason, "What asked for it"));
  }
};

/// One step of a processing chain for effects and wild tracks (dsp/futz.h); what a parameter means depends on the kind.
struct EffectStep {
  int order = 0;
  std::string kind;  ///< "eq", "pitch", "stretch", "reverse", "convolve", "futz"
  std::map<std::string, double> numbers;
  std::map<std::string, std::string> texts;
  static constexpr auto fields() {
    return std::make_tuple(field("order", &EffectStep::order, "Place in the chain, lowest first", {0, 1000}),
                           field("kind", &EffectStep::kind, "eq, pitch, stretch, reverse, convolve or futz"),
                           field("numbers", &EffectStep::numbers, "Parameters, the unit in each key"),
                           field("texts", &EffectStep::texts, "Parameters that are words: preset, impulse response"));
  }
};

}  // namespace twopop::session
