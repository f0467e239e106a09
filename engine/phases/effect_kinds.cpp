#include "phases/effect_kinds.h"

#include "dsp/coefficients.h"
#include "dsp/futz.h"
#include "dsp/synth.h"

#include <initializer_list>
#include <string_view>

namespace twopop::phases {
namespace {

/// Controls of a processor's settings from its own field list, as far as `keys` names them.
template <class Settings>
std::vector<Control> controls_of(std::initializer_list<std::string_view> keys) {
  std::vector<Control> controls;
  const Settings usual;
  const auto one = [&](const auto& f) {
    using Value = std::remove_cvref_t<decltype(usual.*f.member)>;
    for (const std::string_view key : keys) {
      if (key != f.key) continue;
      if constexpr (std::is_arithmetic_v<Value>)
        controls.push_back({f.key, f.meaning, f.limits.least, f.limits.most, static_cast<double>(usual.*f.member)});
      else if constexpr (requires { (usual.*f.member).value; })
        controls.push_back({f.key, f.meaning, f.limits.least, f.limits.most, (usual.*f.member).value});
    }
  };
  std::apply([&](const auto&... f) { (one(f), ...); }, Settings::fields());
  return controls;
}

template <class Enum>
std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& known : names_of(Enum{})) all.emplace_back(known.name);
  return all;
}

std::vector<EffectKind> make_effects() {
  EffectKind futz{"futz", controls_of<dsp::FutzSettings>({"amount", "drive_db", "room"}), {{"preset", "What it is heard through", names<dsp::FutzPreset>()}}};
  futz.numbers.push_back({"seed", "Of the room's reflections", 0, 4294967295.0, 1});
  return {
      {"eq", controls_of<dsp::FilterSettings>({"frequency_hz", "q", "gain_db"}), {{"shape", "Shape of the filter", {"bell", "high_pass", "low_pass", "low_shelf", "high_shelf", "band_pass", "notch"}}}},
      {"pitch", {{"semitones", "Higher or lower, of the same length", -24, 24, 0}}, {}},
      {"stretch", {{"factor", "2 is twice as long, of the same pitch", 0.125, 8, 1}}, {}},
      {"reverse", {}, {}},
      {"convolve", {{"wet_db", "Level of the room", -100, 24, 0}, {"dry_db", "Level of the sound itself; -100 for none of it", -100, 24, -100}}, {{"impulse", "Impulse response", {}}}},
      std::move(futz),
      {"gain", {{"gain_db", "Louder or softer", -96, 48, 0}}, {}},
  };
}

std::vector<EffectKind> make_synths() {
  const auto synth = [](const char* kind, std::initializer_list<std::string_view> keys) { return EffectKind{kind, controls_of<dsp::SynthSettings>(keys), {}}; };
  return {
      synth("wind", {"level_dbfs", "strength", "gustiness", "howl", "frequency_hz", "brightness"}),
      synth("rain", {"level_dbfs", "strength", "drops", "brightness"}),
      synth("tone", {"level_dbfs", "frequency_hz"}),
      synth("pink", {"level_dbfs"}),
      synth("white", {"level_dbfs"}),
  };
}

}  // namespace

const std::vector<EffectKind>& effect_kinds() {
  static const std::vector<EffectKind> kinds = make_effects();
  return kinds;
}

const std::vector<EffectKind>& synth_kinds() {
  static const std::vector<EffectKind> kinds = make_synths();
  return kinds;
}

}  // namespace twopop::phases
