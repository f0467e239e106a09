#include "phases/detail/effect_steps.h"

#include <algorithm>
#include <set>

namespace twopop::phases::detail {
namespace {

using Step = session::EffectStep;

double number(const Step& step, const char* key, double otherwise) {
  const auto found = step.numbers.find(key);
  return found == step.numbers.end() ? otherwise : found->second;
}

std::string text(const Step& step, const char* key) {
  const auto found = step.texts.find(key);
  return found == step.texts.end() ? std::string() : found->second;
}

/// Unknown keys are mistakes: a filter whose "frequence_hz" is passed over would be a wrong filter.
Result<void> only(const session::Id& id, const Step& step, const std::set<std::string>& numbers, const std::set<std::string>& texts) {
  for (const auto& [key, value] : step.numbers)
    if (!numbers.contains(key))
      return Error{Code::InvalidArgument, fmt::format("effect step {} ({}): unknown number {}", id, step.kind, key), fmt::format("it may have {}", fmt::join(numbers, ", "))};
  for (const auto& [key, value] : step.texts)
    if (!texts.contains(key))
      return Error{Code::InvalidArgument, fmt::format("effect step {} ({}): unknown word {}", id, step.kind, key), fmt::format("it may have {}", fmt::join(texts, ", "))};
  return {};
}

Result<dsp::EffectStep> eq_of(const session::Id& id, const Step& step) {
  TWOPOP_CHECK(only(id, step, {"frequency_hz", "gain_db", "q"}, {"shape"}));
  dsp::EqStep eq;
  const std::string shape = text(step, "shape").empty() ? "bell" : text(step, "shape");
  bool known = false;
  for (const auto& name : dsp::names_of(dsp::FilterKind{}))
    if (shape == name.name) eq.filter.kind = name.value, known = true;
  if (!known) return Error{Code::InvalidArgument, fmt::format("effect step {}: unknown shape {}", id, shape), "use high_pass, low_pass, bell, low_shelf, high_shelf, band_pass or notch"};
  eq.filter.frequency_hz = number(step, "frequency_hz", 1000);
  eq.filter.gain = Decibels{number(step, "gain_db", 0)};
  eq.filter.q = number(step, "q", 0.7071067811865476);
  return dsp::EffectStep{eq};
}

Result<dsp::EffectStep> step_of(const session::Id& id, const Step& step) {
  if (step.kind == "eq") return eq_of(id, step);
  if (step.kind == "pitch") {
    TWOPOP_CHECK(only(id, step, {"semitones"}, {}));
    return dsp::EffectStep{dsp::PitchStep{number(step, "semitones", 0)}};
  }
  if (step.kind == "stretch") {
    TWOPOP_CHECK(only(id, step, {"factor"}, {}));
    const double factor = number(step, "factor", 1);
    if (!(factor >= 0.125 && factor <= 8)) return Error{Code::InvalidArgument, fmt::format("effect step {}: stretch by {}", id, factor), "stay within 1/8 .. 8"};
    return dsp::EffectStep{dsp::StretchStep{factor}};
  }
  if (step.kind == "reverse") {
    TWOPOP_CHECK(only(id, step, {}, {}));
    return dsp::EffectStep{dsp::ReverseStep{}};
  }
  if (step.kind == "convolve") {
    TWOPOP_CHECK(only(id, step, {"wet_db", "dry_db"}, {"impulse"}));
    return dsp::EffectStep{dsp::ConvolveStep{text(step, "impulse"), number(step, "wet_db", 0), number(step, "dry_db", -100)}};
  }
  if (step.kind == "futz") {
    TWOPOP_CHECK(only(id, step, {"amount", "drive_db", "room", "seed"}, {"preset"}));
    dsp::FutzStep futz;
    TWOPOP_TRY(futz.settings.preset, futz_preset(text(step, "preset")));
    futz.settings.amount = number(step, "amount", 1);
    futz.settings.drive_db = number(step, "drive_db", 0);
    futz.settings.room = number(step, "room", 0.5);
    futz.settings.seed = static_cast<std::uint32_t>(number(step, "seed", 1));
    return dsp::EffectStep{futz};
  }
  if (step.kind == "gain") {
    TWOPOP_CHECK(only(id, step, {"gain_db"}, {}));
    return dsp::EffectStep{dsp::GainStep{number(step, "gain_db", 0)}};
  }
  return Error{Code::InvalidArgument, fmt::format("effect step {}: unknown kind {}", id, step.kind), "use eq, pitch, stretch, reverse, convolve, futz or gain"};
}

}  // namespace

Result<dsp::FutzPreset> futz_preset(const std::string& name) {
  if (name == "tv") return dsp::FutzPreset::Television;
  for (const auto& known : dsp::names_of(dsp::FutzPreset{}))
    if (name == known.name) return known.value;
  return Error{Code::InvalidArgument, fmt::format("futz: unknown preset \"{}\"", name), "use telephone, radio, television, next-room or megaphone"};
}

Result<dsp::EffectChain> chain_of(const std::map<session::Id, session::EffectStep>& steps) {
  std::vector<std::pair<session::Id, const Step*>> sorted;
  for (const auto& [id, step] : steps) sorted.push_back({id, &step});
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second->order < b.second->order; });
  dsp::EffectChain chain;
  for (const auto& [id, step] : sorted) {
    TWOPOP_TRY(auto made, step_of(id, *step));
    chain.push_back(std::move(made));
  }
  return chain;
}

}  // namespace twopop::phases::detail
