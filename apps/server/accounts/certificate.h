#pragma once

#include "core/result.h"

#include <filesystem>
#include <string>
#include <vector>

namespace twopop::server {

/// A certificate that nobody else vouches for: people compare its fingerprint once, by another way.
struct SelfMadeCertificate {
  std::filesystem::path certificate, key;  ///< PEM, the key for its owner alone
  std::string fingerprint;                 ///< SHA-256, as browsers show it: "AB:CD:..."
};

/// The one in `folder`, made anew where there is none, where it ends within a week, or where a name is missing: ECDSA P-256, two years, for
/// these names and addresses. It stays the same across restarts, so that browsers ask once.
Result<SelfMadeCertificate> self_made_certificate(const std::filesystem::path& folder, const std::vector<std::string>& names);

}  // namespace twopop::server
