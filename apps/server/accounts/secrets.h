#pragma once

#include "accounts/sha256.h"
#include "core/result.h"

#include <cstdint>
#include <string>
#include <string_view>

/// Passwords and tokens: what must not be guessed, and how little of it is kept.
namespace twopop::server {

/// 256 random bits of the system, as 43 characters that may stand in a link. Its SHA-256 is what is kept: enough for random bits.
std::string random_token();
/// In time that does not tell where they differ.
bool equal_secrets(std::string_view a, std::string_view b);

/// Work of one Argon2id hash (RFC 9106). The default is OWASP's for servers: 19 MiB, 2 passes.
struct HashCost {
  std::uint32_t memory_kib = 19456, passes = 2;
};

/// Argon2id with a random salt, in the encoded form that holds its own parameters. At most two at a time, so that many logins at
/// once do not take the memory of the server.
Result<std::string> hash_password(std::string_view password, HashCost cost = {});
bool password_matches(std::string_view password, const std::string& encoded);

/// What is wrong with a new password, as an error: length 10 to 256, not the name itself.
Result<void> check_new_password(std::string_view name, std::string_view password);

}  // namespace twopop::server
