#pragma once

#include "kits/kit.h"

#include "core/random.h"

namespace twopop::kits {

/// A sentence with all its performances.
struct Sentence {
  std::string words, speaker;
  std::vector<Sound> takes;
};

/// What a split's films are made of.
struct Stock {
  std::vector<Sentence> sentences;
  std::vector<Room> rooms;
  std::vector<Sound> noises;
  std::vector<std::string> room_names, noise_names;
  Sound rub, tone;
  std::vector<std::filesystem::path> pictures;
};

/// Reads a split's material once; speech at an active level of -26 dBFS.
const Stock& stock_of(const std::filesystem::path& corpus, Split split);

/// Decides everything; writes nothing.
Kit draw_kit(const Stock& stock, const KitOptions& options);

/// Writes all files of a drawn film.
void write_kit(const Kit& kit, const Stock& stock, const std::filesystem::path& corpus, const std::filesystem::path& raw);

}  // namespace twopop::kits
