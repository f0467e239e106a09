#include "phases/foley/plan.h"

#include "core/hash.h"
#include "core/random.h"
#include "core/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <limits>

namespace twopop::phases::foley {
namespace {

constexpr double kLevelSpread_db = 2.0, kPitchSpread_semitones = 0.5;
constexpr double kFurthestMove_s = 1.0;   ///< a hit further from a cue than this plays another one
constexpr double kLeftOverCost_s = 0.6;   ///< of leaving a hit or a cue alone

RandomStream dice_of(const session::Id& cue, std::int64_t seed) { return RandomStream(static_cast<std::uint64_t>(seed), hash_of(cue).low); }

}  // namespace

std::vector<Laid> lay_set(const std::vector<std::pair<session::Id, const session::FoleyCue*>>& cues, const std::vector<Recorded>& recordings, std::int64_t seed) {
  std::vector<Laid> laid;
  if (recordings.empty()) return laid;
  std::size_t last = recordings.size();
  for (const auto& [id, cue] : cues) {
    RandomStream dice = dice_of(id, seed);
    std::size_t choice = dice.below(static_cast<std::uint32_t>(recordings.size()));
    if (choice == last && recordings.size() > 1) choice = (choice + 1 + dice.below(static_cast<std::uint32_t>(recordings.size() - 1))) % recordings.size();
    last = choice;
    Laid one;
    one.cue = id;
    one.media = recordings[choice].media;
    one.hit = recordings[choice].hit;
    one.attack = cue->at;
    one.gain = cue->gain + Decibels{dice.uniform(-kLevelSpread_db, kLevelSpread_db)};
    one.pitch_semitones = dice.uniform(-kPitchSpread_semitones, kPitchSpread_semitones);
    one.pan = cue->pan;
    one.pass = cue->pass;
    laid.push_back(one);
  }
  return laid;
}

Moved move_performance(const std::vector<std::pair<session::Id, const session::FoleyCue*>>& cues, const std::vector<Recorded>& hits, SamplePosition start,
                       SampleRate rate) {
  const std::size_t rows = hits.size() + 1, columns = cues.size() + 1;
  const auto heard = [&](std::size_t h) { return start + (hits[h].hit.onset - SamplePosition{0}); };
  const auto way_s = [&](std::size_t h, std::size_t c) { return std::fabs(seconds(cues[c].second->at - heard(h), rate)); };
  std::vector<double> cost(rows * columns, 0.0);
  std::vector<char> from(rows * columns, 0);
  for (std::size_t h = 0; h < rows; ++h)
    for (std::size_t c = 0; c < columns; ++c) {
      if (h == 0 && c == 0) continue;
      double best = std::numeric_limits<double>::max();
      char step = 0;
      if (h > 0 && cost[(h - 1) * columns + c] + kLeftOverCost_s < best) best = cost[(h - 1) * columns + c] + kLeftOverCost_s, step = 'h';
      if (c > 0 && cost[h * columns + c - 1] + kLeftOverCost_s < best) best = cost[h * columns + c - 1] + kLeftOverCost_s, step = 'c';
      if (h > 0 && c > 0 && way_s(h - 1, c - 1) <= kFurthestMove_s && cost[(h - 1) * columns + c - 1] + way_s(h - 1, c - 1) <= best)
        best = cost[(h - 1) * columns + c - 1] + way_s(h - 1, c - 1), step = 'm';
      cost[h * columns + c] = best, from[h * columns + c] = step;
    }
  Moved moved;
  for (std::size_t h = hits.size(), c = cues.size(); h > 0 || c > 0;) {
    const char step = from[h * columns + c];
    Laid one;
    if (step == 'm' || step == 'h') {
      one.media = hits[h - 1].media;
      one.hit = hits[h - 1].hit;
      one.attack = heard(h - 1);
    }
    if (step == 'm') {
      const session::FoleyCue& cue = *cues[c - 1].second;
      one.cue = cues[c - 1].first;
      one.moved_ms = 1000 * seconds(cue.at - one.attack, rate);
      one.attack = cue.at;
      one.gain = cue.gain;
      one.pan = cue.pan;
      one.pass = cue.pass;
      moved.laid.push_back(one);
      --h, --c;
    } else if (step == 'h') {
      ++moved.left_over;
      // Where no cue is written at all, the performance is heard as it was played.
      if (cues.empty()) moved.laid.push_back(one);
      --h;
    } else {
      moved.unplayed.push_back(cues[c - 1].first);
      --c;
    }
  }
  std::reverse(moved.laid.begin(), moved.laid.end());
  std::reverse(moved.unplayed.begin(), moved.unplayed.end());
  return moved;
}

session::Id set_of(const session::Foley& foley, const session::FoleyCue& cue) {
  if (foley.sets.contains(cue.set)) return cue.set;
  for (const std::string& wanted : {cue.set, cue.surface}) {
    if (wanted.empty()) continue;
    for (const auto& [id, set] : foley.sets)
      if (set.pass == cue.pass && to_upper(set.surface) == to_upper(wanted)) return id;
  }
  return cue.set;
}

Named named(const std::string& file_name) {
  std::string stem = file_name.substr(0, file_name.find_last_of('.') == std::string::npos ? file_name.size() : file_name.find_last_of('.'));
  const std::string upper = to_upper(stem);
  const auto says = [&](std::initializer_list<const char*> words) {
    return std::any_of(words.begin(), words.end(), [&](const char* word) { return upper.find(word) != std::string::npos; });
  };
  Named out;
  for (const char* surface : {"GRAVEL", "GRASS", "WOOD", "CONCRETE", "SNOW", "SAND", "DIRT", "METAL", "TILE", "CARPET", "MARBLE", "WATER", "LEAVES", "HARD"})
    if (out.surface.empty() && says({surface})) {
      out.surface = surface;
      for (char& c : out.surface) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  if (says({"FOOTSTEP", "STEP", "WALK", "FEET", "FOOT", "RUN"}))
    out.pass = session::FoleyPass::Feet;
  else if (says({"CLOTH", "RUSTLE", "MOVES", "MOVEMENT", "JACKET", "FABRIC"}))
    out.pass = session::FoleyPass::Moves;
  // The number of a take says nothing of the set.
  while (!stem.empty() && (std::isdigit(static_cast<unsigned char>(stem.back())) || stem.back() == '.' || stem.back() == '_' || stem.back() == '-' || stem.back() == ' ')) stem.pop_back();
  out.set = stem.empty() ? file_name : stem;
  if (out.surface.empty()) out.surface = out.set;
  return out;
}

}  // namespace twopop::phases::foley
