#pragma once

#include "core/result.h"
#include "net/server.h"

#include <filesystem>
#include <string>
#include <vector>

namespace twopop::server {

/// A certificate that the server made for itself, for those who have none: nobody vouches for it, so people compare its fingerprint.
struct OwnCertificate {
  TlsFiles files;
  std::string fingerprint;  ///< SHA-256 of the certificate, "AB:CD:..."
};

/// Makes one for these names and addresses, or takes the one in the folder where it still fits them and is not about to end: the fingerprint stays
/// the same from start to start. The key is readable by its owner alone.
Result<OwnCertificate> own_certificate(const std::filesystem::path& folder, const std::vector<std::string>& names);

/// Of the first certificate in a PEM file.
Result<std::string> fingerprint_of(const std::filesystem::path& certificate);

}  // namespace twopop::server
