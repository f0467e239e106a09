#include "net/certificate.h"

#include "session/testing/temporary_folder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sys/stat.h>

namespace twopop::server {
namespace {

TEST(Certificate, is_made_once_and_kept_while_it_fits_its_names) {
  const session::testing::TemporaryFolder folder;
  const auto first = own_certificate(folder / "tls", {"studio.lan", "192.168.1.7", "::1"});
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->fingerprint.size(), 32u * 3 - 1);
  EXPECT_EQ(*fingerprint_of(first->files.certificate), first->fingerprint);
  EXPECT_EQ(own_certificate(folder / "tls", {"192.168.1.7"})->fingerprint, first->fingerprint);
  EXPECT_NE(own_certificate(folder / "tls", {"other.lan"})->fingerprint, first->fingerprint);
  struct stat info {};
  ASSERT_EQ(::stat(first->files.key.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u) << "the key is its owner's alone";
}

TEST(Certificate, what_is_none_is_refused_in_a_sentence) {
  const session::testing::TemporaryFolder folder;
  std::ofstream(folder / "x.pem") << "hello";
  EXPECT_EQ(fingerprint_of(folder / "x.pem").error().code, Code::Damaged);
  EXPECT_EQ(fingerprint_of(folder / "y.pem").error().code, Code::NotFound);
  EXPECT_FALSE(own_certificate(folder / "tls", {"bad,name:x"}));
}

}  // namespace
}  // namespace twopop::server
