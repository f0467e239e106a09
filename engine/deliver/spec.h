#pragma once

#include "analysis/loudness.h"
#include "session/document.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a film must measure to be taken.
namespace twopop::deliver {

/// How sure a figure of a preset is: seen in the specification or its publisher's text, in a text that quotes it, or
/// general knowledge that the user should check.
enum class Standing { Seen, Quoted, General };

struct Specification {
  std::string id, name, source;
  Standing standing = Standing::Seen;
  Lufs target{-23};
  Lu tolerance{0.2};
  DbTp ceiling{-1};
  bool dialogue_gated = false;              ///< the target is for dialogue, not for the programme
  std::optional<Lufs> little_dialogue;      ///< programme target where less than `least_dialogue` of the film is dialogue
  double least_dialogue = 0.15;
  std::optional<Lufs> max_short_term, max_momentary;
  std::optional<Lu> greatest_range;
};

/// All presets, in the order in which they are offered.
const std::vector<Specification>& specifications();
/// Preset of a document, with its overrides. Fails with NotFound, naming those there are.
Result<Specification> specification_of(const session::Document& document);

struct FilmFigures {
  analysis::LoudnessFigures programme;
  Lufs dialogue{analysis::kNoLoudness};
  double dialogue_share = 0;                ///< of the film's length
};
/// What the target is compared with: programme or dialogue loudness, as the specification and the film ask.
Lufs judged_loudness(const Specification& spec, const FilmFigures& figures);
Lufs judged_target(const Specification& spec, const FilmFigures& figures);

enum class Judged { Programme, Dialogue, TruePeak, MaxShortTerm, MaxMomentary, Range };
constexpr auto names_of(Judged) {
  return std::array{EnumName<Judged>{Judged::Programme, "programme"}, EnumName<Judged>{Judged::Dialogue, "dialogue"}, EnumName<Judged>{Judged::TruePeak, "true-peak"},
                    EnumName<Judged>{Judged::MaxShortTerm, "max-short-term"}, EnumName<Judged>{Judged::MaxMomentary, "max-momentary"}, EnumName<Judged>{Judged::Range, "range"}};
}

struct Check {
  Judged judged = Judged::Programme;
  std::string name, limit;
  double figure = 0;
  std::string unit;
  bool pass = true;
};
std::vector<Check> check(const Specification& spec, const FilmFigures& figures);

}  // namespace twopop::deliver
