#pragma once

#include "core/fields.h"

#include <string>
#include <vector>

/// What effect steps and synthesised beds can be set to: the one table that checks a session and feeds the studio's controls.
namespace twopop::phases {

struct Control {
  std::string key;         ///< its unit is its last word: "gain_db"
  std::string meaning;
  double least = 0, most = 1, usual = 0;
  static constexpr auto fields() {
    return std::make_tuple(field("key", &Control::key, "Key of the number, its unit in it"), field("meaning", &Control::meaning, "What it does"),
                           field("least", &Control::least, "Least value"), field("most", &Control::most, "Greatest value"),
                           field("usual", &Control::usual, "Value where nothing is said"));
  }
};

struct WordControl {
  std::string key, meaning;
  std::vector<std::string> choices;  ///< empty: the id of a media item
  static constexpr auto fields() {
    return std::make_tuple(field("key", &WordControl::key, "Key of the word"), field("meaning", &WordControl::meaning, "What it says"),
                           field("choices", &WordControl::choices, "Words to choose from; none: the id of a media item"));
  }
};

struct EffectKind {
  std::string kind;
  std::vector<Control> numbers;
  std::vector<WordControl> words;
  static constexpr auto fields() {
    return std::make_tuple(field("kind", &EffectKind::kind, "Name of the step or synthesiser"), field("numbers", &EffectKind::numbers, "Its numbers"),
                           field("words", &EffectKind::words, "Its words"));
  }
};

/// Steps of /design/effects/<id>/chain.
const std::vector<EffectKind>& effect_kinds();
/// Synthesisers of /design/ambiences/<id>: wind, rain, tone, pink, white, with the numbers each of them uses.
const std::vector<EffectKind>& synth_kinds();

}  // namespace twopop::phases
