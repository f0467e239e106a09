#include "accounts/certificate.h"
#include "small_film.h"

#include <gtest/gtest.h>

namespace twopop::server {
namespace {

using test::must;

TEST(Certificate, is_made_once_for_its_names_and_anew_for_others) {
  const test::ScratchFolder scratch("certificate");
  const auto folder = scratch.path / "state";
  const SelfMadeCertificate first = must(self_made_certificate(folder, {"127.0.0.1", "studio.local"}));
  EXPECT_EQ(first.fingerprint.size(), 32u * 3 - 1);
  EXPECT_EQ(must(self_made_certificate(folder, {"127.0.0.1"})).fingerprint, first.fingerprint) << "the browser has accepted it once";
  EXPECT_NE(must(self_made_certificate(folder, {"127.0.0.1", "other.local"})).fingerprint, first.fingerprint);
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(first.key).permissions() & perms::all, perms::owner_read | perms::owner_write);
}

}  // namespace
}  // namespace twopop::server
