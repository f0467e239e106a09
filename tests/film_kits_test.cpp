#include "corpus.h"
#include "kits/check.h"
#include "program.h"

#include <gtest/gtest.h>

namespace twopop {
namespace {

// A small raw film drawn by seed (bench/film_kits_bench.cpp makes long ones, by many seeds), built by the program without an edit list,
// against its exact truth: places, drift, words under clips, takes, loudness, stems, a second build, a finding for what is damaged.
TEST(FilmKits, a_raw_film_without_an_edit_list_comes_out_as_its_truth_says) {
  TWOPOP_NEEDS_SHARED();
  const test::ScratchFolder scratch("kit");
  kits::KitOptions options;
  options.seed = 1, options.small = true;
  const kits::Kit kit = kits::make_kit(test::shared_folder() / "corpus", scratch.path / "kit", options);
  const kits::Figures figures = kits::check_kit(kit, scratch.path / "kit", test::program());
  for (const std::string& trouble : figures.troubles) ADD_FAILURE() << kit.what << ": " << trouble;
  EXPECT_GT(figures.wanted, 0) << "the film holds lines to be placed";
  EXPECT_GT(figures.speech_s, 2.0);
  EXPECT_GT(figures.bad_files, 0);
}

}  // namespace
}  // namespace twopop
