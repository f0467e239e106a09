// Whole films drawn by seed with exact truth, built by the program as people run it.
// Usage: film_kits_bench TWOPOP [--seeds FROM-TO] [--held-out] [--long] [--small] [--looped] [--keep DIR] [--make-only]
// Without --held-out: the speakers, sentences, rooms and noises of development.

#include "corpus.h"
#include "kits/check.h"

#include <cstdio>
#include <cstring>
#include <unistd.h>

int main(int argc, char** argv) {
  using namespace twopop;
  namespace fs = std::filesystem;
  setvbuf(stdout, nullptr, _IOLBF, 0);
  const fs::path shared = test::shared_folder();
  if (argc < 2 || shared.empty()) {
    std::fprintf(stderr, "usage: film_kits_bench TWOPOP [--seeds FROM-TO] [--held-out] [--long] [--small] [--looped] [--keep DIR] [--make-only]\n(needs the recordings in ../shared, or TWOPOP_SHARED)\n");
    return 2;
  }
  unsigned long from = 1, to = 12;
  kits::KitOptions options;
  fs::path keep;
  bool make_only = false;
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--held-out") options.split = kits::Split::HeldOut;
    else if (word == "--long") options.shape = kits::Shape::LongTake;
    else if (word == "--small") options.small = true;
    else if (word == "--looped") options.looped = true;
    else if (word == "--make-only") make_only = true;
    else if (word == "--keep" && i + 1 < argc) keep = fs::absolute(argv[++i]);
    else if (word == "--seeds" && i + 1 < argc) {
      const int read = std::sscanf(argv[++i], "%lu-%lu", &from, &to);
      if (read == 1) to = from;
    }
  }
  const fs::path place = keep.empty() ? fs::temp_directory_path() / fmt::format("twopop-kits-{}", getpid()) : keep;
  int met = 0, all = 0;
  std::printf("seed %s\n", kits::figures_head().c_str());
  for (options.seed = from; options.seed <= to; ++options.seed) {
    const fs::path folder = place / fmt::format("{}{}-{:03}", options.shape == kits::Shape::LongTake ? "long-" : "", options.split == kits::Split::HeldOut ? "held-out" : "development", options.seed);
    const kits::Kit kit = kits::make_kit(shared / "corpus", folder, options);
    std::printf("%4lu %s\n", options.seed, kit.what.c_str());
    if (make_only) continue;
    const kits::Figures figures = kits::check_kit(kit, folder, fs::absolute(argv[1]));
    std::printf("     %s\n", kits::figures_line(figures).c_str());
    for (const std::string& trouble : figures.troubles) std::printf("       - %s\n", trouble.c_str());
    ++all;
    met += figures.met();
    if (keep.empty()) fs::remove_all(folder);
  }
  if (keep.empty()) fs::remove_all(place);
  if (!make_only) std::printf("%d of %d films as wanted\n", met, all);
  return met == all ? 0 : 1;
}
