#include "corpus.h"
#include "kits/check.h"
#include "program.h"

#include <gtest/gtest.h>

namespace twopop {
namespace {

/// A small raw film drawn by seed (bench/film_kits_bench.cpp makes long ones), built by the program, against its exact truth.
void expect_all_as_wanted(std::uint64_t seed, kits::Split split) {
  const test::ScratchFolder scratch("kit");
  kits::KitOptions options;
  options.seed = seed, options.split = split, options.small = true;
  const kits::Kit kit = kits::make_kit(test::shared_folder() / "corpus", scratch.path / "kit", options);
  const kits::Figures figures = kits::check_kit(kit, scratch.path / "kit", test::program());
  for (const std::string& trouble : figures.troubles) ADD_FAILURE() << kit.what << ": " << trouble;
  EXPECT_GT(figures.wanted, 0) << "the film holds lines to be placed";
  EXPECT_GT(figures.speech_s, 2.0);
  EXPECT_GT(figures.bad_files, 0);
}

TEST(FilmKits, a_film_without_an_edit_list_comes_out_as_its_truth_says) {
  TWOPOP_NEEDS_SHARED();
  expect_all_as_wanted(1, kits::Split::Development);
}

TEST(FilmKits, a_film_with_an_edit_list_of_other_speakers_comes_out_as_its_truth_says) {
  TWOPOP_NEEDS_SHARED();
  expect_all_as_wanted(4, kits::Split::HeldOut);
}

}  // namespace
}  // namespace twopop
