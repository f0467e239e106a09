#pragma once

#include "signal/workspace.h"

namespace twopop::signal {

/// The recipe of a measurement as Workspace::fact makes it.
Hash fact_recipe(std::string_view recipe, int version, const Hash& settings);
/// A measurement if it was made before and is still kept; null otherwise. Nothing is measured for it.
cache::Blob known_fact(Workspace& work, std::string_view recipe, int version, const Hash& settings);

}  // namespace twopop::signal
