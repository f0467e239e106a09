#include "accounts/secrets.h"

#include <argon2.h>
#include <openssl/crypto.h>

#include <array>
#include <semaphore>
#include <sys/random.h>

namespace twopop::server {
namespace {

constexpr std::size_t kSaltBytes = 16, kHashBytes = 32;
std::counting_semaphore<2> hashing(2);

struct Turn {
  Turn() { hashing.acquire(); }
  ~Turn() { hashing.release(); }
};

template <std::size_t N>
std::array<unsigned char, N> random_bytes() {
  std::array<unsigned char, N> bytes;
  // Up to 256 bytes come whole or not at all (getrandom(2)).
  TWOPOP_ASSERT(::getrandom(bytes.data(), N, 0) == static_cast<ssize_t>(N));
  return bytes;
}

}  // namespace

std::string random_token() {
  constexpr const char* kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const auto bytes = random_bytes<32>();
  std::string token;
  unsigned bits = 0;
  int held = 0;
  for (const unsigned char byte : bytes) {
    bits = bits << 8 | byte;
    held += 8;
    while (held >= 6) token += kLetters[bits >> (held -= 6) & 63];
  }
  token += kLetters[bits << (6 - held) & 63];
  return token;
}

bool equal_secrets(std::string_view a, std::string_view b) { return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

Result<std::string> hash_password(std::string_view password, HashCost cost) {
  const auto salt = random_bytes<kSaltBytes>();
  std::string encoded(argon2_encodedlen(cost.passes, cost.memory_kib, 1, kSaltBytes, kHashBytes, Argon2_id), '\0');
  const Turn turn;
  const int status = argon2id_hash_encoded(cost.passes, cost.memory_kib, 1, password.data(), password.size(), salt.data(), salt.size(), kHashBytes, encoded.data(), encoded.size());
  if (status != ARGON2_OK) return Error{Code::OutOfSpace, fmt::format("the password could not be hashed: {}", argon2_error_message(status)), "try again when the machine has memory to spare"};
  encoded.resize(encoded.find('\0'));
  return encoded;
}

bool password_matches(std::string_view password, const std::string& encoded) {
  const Turn turn;
  return argon2id_verify(encoded.c_str(), password.data(), password.size()) == ARGON2_OK;
}

Result<void> check_new_password(std::string_view name, std::string_view password) {
  if (password.size() < 10) return Error{Code::InvalidArgument, fmt::format("a password of {} characters is too easily guessed", password.size()), "take 10 or more; a few words are fine"};
  if (password.size() > 256) return Error{Code::InvalidArgument, "the password is longer than 256 bytes", "take a shorter one"};
  if (password.find_first_not_of(password[0]) == std::string_view::npos || password == name)
    return Error{Code::InvalidArgument, "the password is too easily guessed", "take a few words that are not the name"};
  return {};
}

}  // namespace twopop::server
