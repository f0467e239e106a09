#include "cache/detail/ledger.h"

#include <gtest/gtest.h>

namespace twopop::cache::detail {
namespace {

TEST(Texts, come_back_as_they_were_with_any_number_at_their_end) {
  Texts texts;
  std::vector<std::string> given{"", "0", "00", "7", "x", "track a chunk 87", "track a chunk 88", "track a chunk 087", "track a chunk 0", "track a chunk 00", "line at 234.50 s", "line at 234.50",
                                 "n 999999999", "n 1000000000", "n 2147483648", "n 18446744073709551616", "n 10000000000000000000", "n -1", "ä3", "3ä"};
  for (int i = 0; i < 300; ++i) given.push_back(fmt::format("bus chunk {}", i));
  std::vector<Texts::Text> kept;
  for (const std::string& text : given) kept.push_back(texts.add(text));
  for (std::size_t i = 0; i < given.size(); ++i) EXPECT_EQ(texts.text(kept[i]), given[i]);
  EXPECT_EQ(texts.add("bus chunk 7").stem, texts.add("bus chunk 8").stem) << "they share what is the same";
  texts.clear();
  EXPECT_EQ(texts.text(texts.add("track a chunk 87")), "track a chunk 87");
}

}  // namespace
}  // namespace twopop::cache::detail
