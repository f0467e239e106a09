#pragma once

#include "cli.h"

namespace twopop::cli {

// One function a file: each adds its commands.
void add_new_commands(Cli& cli);
void add_build_commands(Cli& cli);
void add_board_commands(Cli& cli);
void add_edit_commands(Cli& cli);
void add_media_commands(Cli& cli);
void add_exchange_commands(Cli& cli);
void add_measure_command(Cli& cli);
void add_sync_command(Cli& cli);
void add_serve_command(Cli& cli);

}  // namespace twopop::cli
