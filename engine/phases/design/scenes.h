#pragma once

#include "phases/phase.h"

#include <string>
#include <vector>

namespace twopop::phases::detail {

/// A stretch of film that plays in one place.
struct SceneRange {
  std::string scene;  ///< empty where nobody named it
  SampleRange film{};
};

/// Scenes by what clips and script lines say, from the start of the film to its end without gaps, divided at the picture
/// cut nearest to the middle between two scenes. One unnamed scene where nothing is said.
std::vector<SceneRange> scenes_of(const session::Document& document, const std::vector<SamplePosition>& cuts);

/// Whether a file's name or scene label speaks of a scene ("INT. KITCHEN - DAY": kitchen_hum.wav).
bool speaks_of(const session::Media& media, const std::string& scene);

}  // namespace twopop::phases::detail
