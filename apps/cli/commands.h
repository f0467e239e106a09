#pragma once

#include "cli.h"

namespace twopop::cli {

// One function a file: each adds its commands.
void add_build_commands(Cli& cli);

}  // namespace twopop::cli
