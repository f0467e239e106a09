#include "phases/detail/effect_steps.h"

#include "phases/effect_kinds.h"

#include <algorithm>

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

template <class Entries>
std::vector<std::string> keys_of(const Entries& entries) {
  std::vector<std::string> keys;
  for (const auto& entry : entries) keys.push_back(entry.key);
  return keys;
}

/// Unknown keys are mistakes: a filter whose "frequence_hz" is passed over would be a wrong filter.
Result<void> only_known(const session::Id& id, const Step& step) {
  for (const EffectKind& kind : effect_kinds()) {
    if (kind.kind != step.kind) continue;
    const std::vector<std::string> numbers = keys_of(kind.numbers), words = keys_of(kind.words);
    for (const auto& [key, value] : step.numbers)
      if (std::find(numbers.begin(), numbers.end(), key) == numbers.end())
        return Error{Code::InvalidArgument, fmt::format("effect step {} ({}): unknown number {}", id, step.kind, key), fmt::format("it may have {}", fmt::join(numbers, ", "))};
    for (const auto& [key, value] : step.texts)
      if (std::find(words.begin(), words.end(), key) == words.end())
        return Error{Code::InvalidArgument, fmt::format("effect step {} ({}): unknown word {}", id, step.kind, key), fmt::format("it may have {}", fmt::join(words, ", "))};
    return {};
  }
  std::vector<std::string> known;
  for (const EffectKind& kind : effect_kinds()) known.push_back(kind.kind);
  return Error{Code::InvalidArgument, fmt::format("effect step {}: unknown kind {}", id, step.kind), fmt::format("use {}", fmt::join(known, ", "))};
}

Result<dsp::EffectStep> eq_of(const session::Id& id, const Step& step) {
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
  TWOPOP_CHECK(only_known(id, step));
  if (step.kind == "eq") return eq_of(id, step);
  if (step.kind == "pitch") {
    return dsp::EffectStep{dsp::PitchStep{number(step, "semitones", 0)}};
  }
  if (step.kind == "stretch") {
    const double factor = number(step, "factor", 1);
    if (!(factor >= 0.125 && factor <= 8)) return Error{Code::InvalidArgument, fmt::format("effect step {}: stretch by {}", id, factor), "stay within 1/8 .. 8"};
    return dsp::EffectStep{dsp::StretchStep{factor}};
  }
  if (step.kind == "reverse") {
    return dsp::EffectStep{dsp::ReverseStep{}};
  }
  if (step.kind == "convolve") {
    return dsp::EffectStep{dsp::ConvolveStep{text(step, "impulse"), number(step, "wet_db", 0), number(step, "dry_db", -100)}};
  }
  if (step.kind == "futz") {
    dsp::FutzStep futz;
    TWOPOP_TRY(futz.settings.preset, futz_preset(text(step, "preset")));
    futz.settings.amount = number(step, "amount", 1);
    futz.settings.drive_db = number(step, "drive_db", 0);
    futz.settings.room = number(step, "room", 0.5);
    futz.settings.seed = static_cast<std::uint32_t>(number(step, "seed", 1));
    return dsp::EffectStep{futz};
  }
  if (step.kind == "gain") {
    return dsp::EffectStep{dsp::GainStep{number(step, "gain_db", 0)}};
  }
  TWOPOP_ASSERT(!"a kind of the table that is not made");
  return dsp::EffectStep{dsp::ReverseStep{}};
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
