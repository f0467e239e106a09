#include "commands.h"

#include <cstdio>
#include <malloc.h>

namespace {

/// The kernels are compiled for one instruction set, so that results can be kept and compared.
bool processor_will_do() {
#if defined(__x86_64__) && defined(__AVX2__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return true;
#endif
}

}  // namespace

int main(int argc, char** argv) {
  using namespace twopop;
  // Chunks of sound go back to the system as soon as they are done with, instead of leaving holes in the heap.
  mallopt(M_MMAP_THRESHOLD, 1 << 18);
  mallopt(M_ARENA_MAX, 4);
  if (!processor_will_do()) {
    std::fputs("twopop: this program was built for processors with AVX2; build it here with cmake -DTWOPOP_ARCH=x86-64\n", stderr);
    return 1;
  }
  cli::Cli cli;
  cli.app.require_subcommand(1);
  cli.app.set_help_all_flag("--help-all", "Help of every command");
  cli::add_new_commands(cli);
  cli::add_build_commands(cli);
  cli::add_board_commands(cli);
  cli::add_edit_commands(cli);
  cli::add_media_commands(cli);
  cli::add_exchange_commands(cli);
  cli::add_measure_command(cli);
  cli::add_sync_command(cli);
  cli::add_serve_command(cli);
  try {
    cli.app.parse(argc, argv);
    if (!cli.chosen) return 0;
    const Result<void> done = cli.chosen();
    if (done) return 0;
    const Error& error = done.error();
    if (cli.globals.json && !cli.globals.reported)
      cli::print_json({{"error", {{"code", name_of(error.code)}, {"message", error.message}, {"remedy", error.remedy}}}});
    std::fprintf(stderr, "twopop: %s\n", error.sentence().c_str());
    return exit_code_of(error.code);
  } catch (const CLI::ParseError& e) {
    return cli.app.exit(e) == 0 ? 0 : exit_code_of(Code::InvalidArgument);
  } catch (const std::bad_alloc&) {
    std::fputs("twopop: there is not enough memory; close other programs, or work with fewer threads (-j)\n", stderr);
    return exit_code_of(Code::OutOfSpace);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "twopop: internal error: %s\n", e.what());
    return 1;
  }
}
