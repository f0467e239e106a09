#include "corpus.h"
#include "media/media.h"

#include <gtest/gtest.h>

namespace twopop::media {
namespace {

TEST(CodedFile, every_corpus_recording_opens_and_is_as_long_as_it_says) {
  TWOPOP_NEEDS_SHARED();
  int files = 0;
  for (const char* folder : {"ambience", "foley", "multi", "music", "speech/asterisk_en", "speech/fillets_cs", "video"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(test::shared_folder() / "corpus" / folder)) {
      const auto extension = entry.path().extension();
      if (!entry.is_regular_file() || extension == ".mid" || extension == ".sf2" || extension == ".txt") continue;
      if (std::filesystem::file_size(entry.path()) > 2'000'000) continue;  // the whole corpus would take minutes
      const auto info = probe(entry.path());
      ASSERT_TRUE(info.ok()) << info.error().sentence();
      if (info->audio.empty()) continue;
      const auto reader = Reader::open(entry.path());
      ASSERT_TRUE(reader.ok()) << reader.error().sentence();
      const auto all = read_all(entry.path());
      ASSERT_TRUE(all.ok()) << all.error().sentence();
      EXPECT_NEAR(seconds(SampleCount{all->frames()}, (*reader)->rate()), seconds(info->audio[0].length, info->audio[0].rate), 0.06) << entry.path();
      ++files;
    }
  }
  EXPECT_GT(files, 90);
}

}  // namespace
}  // namespace twopop::media
