#include "accounts/certificate.h"

#include "session/detail/durable_file.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <arpa/inet.h>
#include <cerrno>
#include <memory>
#include <sys/stat.h>

namespace twopop::server {
namespace {

constexpr long kDay_s = 24 * 3600;
constexpr long kLasts_s = 730 * kDay_s, kLeast_s = 7 * kDay_s;

struct Free {
  void operator()(X509* p) const { X509_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
  void operator()(GENERAL_NAMES* p) const { GENERAL_NAMES_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

Error failed(const char* what) { return {Code::Internal, fmt::format("the certificate could not be {}", what), "give one of your own with --tls-cert and --tls-key"}; }

bool is_address(const std::string& name) {
  std::array<unsigned char, 16> bytes;
  return ::inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 || ::inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

/// "DNS:studio.local,IP:192.0.2.1"; what may not stand in a name is left out.
std::string alternatives(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    const bool fits = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '-' || c == ':'; });
    if (fits) text += (text.empty() ? "" : ",") + std::string(is_address(name) ? "IP:" : "DNS:") + name;
  }
  return text;
}

std::string fingerprint_of(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  std::string text;
  for (unsigned i = 0; i < size; ++i) text += fmt::format("{}{:02X}", i ? ":" : "", digest[i]);
  return text;
}

bool covers(X509* certificate, const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return is_address(name) ? X509_check_ip_asc(certificate, name.c_str(), 0) == 1 : X509_check_host(certificate, name.c_str(), name.size(), 0, nullptr) == 1;
  });
}

Owned<X509> read(const std::filesystem::path& path) {
  const Owned<BIO> in(BIO_new_file(path.c_str(), "r"));
  return Owned<X509>(in ? PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr) : nullptr);
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(std::max(0L, size))};
}

bool extend(X509* certificate, int which, const std::string& value) {
  const Owned<X509_EXTENSION> extension(X509V3_EXT_conf_nid(nullptr, nullptr, which, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

}  // namespace

Result<SelfMadeCertificate> self_made_certificate(const std::filesystem::path& folder, const std::vector<std::string>& names) {
  SelfMadeCertificate made{folder / "self-made.crt", folder / "self-made.key", {}};
  std::error_code missing;
  if (const Owned<X509> known = read(made.certificate); known && std::filesystem::exists(made.key, missing)) {
    std::time_t soon = std::time(nullptr) + kLeast_s;
    if (X509_cmp_time(X509_get0_notAfter(known.get()), &soon) > 0 && covers(known.get(), names)) {
      made.fingerprint = fingerprint_of(known.get());
      return made;
    }
  }
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const Owned<X509> certificate(X509_new());
  if (!key || !certificate) return failed("made");
  std::array<unsigned char, 16> serial;
  if (RAND_bytes(serial.data(), serial.size()) != 1) return failed("made");
  serial[0] &= 0x7f;
  const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(BN_bin2bn(serial.data(), serial.size(), nullptr), BN_free);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const std::string title = "Twopop on this machine";
  const bool filled = X509_set_version(certificate.get(), 2) == 1 && number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) != nullptr &&
                      X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay_s) && X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kLasts_s) &&
                      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(title.data()), static_cast<int>(title.size()), -1, 0) == 1 &&
                      X509_set_issuer_name(certificate.get(), name) == 1 && X509_set_pubkey(certificate.get(), key.get()) == 1 && extend(certificate.get(), NID_basic_constraints, "critical,CA:FALSE") &&
                      extend(certificate.get(), NID_ext_key_usage, "serverAuth") && extend(certificate.get(), NID_subject_alt_name, alternatives(names)) &&
                      X509_sign(certificate.get(), key.get(), EVP_sha256()) != 0;
  if (!filled) return failed("made");
  const Owned<BIO> key_text(BIO_new(BIO_s_mem())), certificate_text(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1 || PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1) return failed("written");
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return failed("written");
  // Written into a folder that only its owner may enter.
  TWOPOP_CHECK(session::detail::replace_file(made.key, text_of(key_text.get())));
  std::filesystem::permissions(made.key, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, missing);
  TWOPOP_CHECK(session::detail::replace_file(made.certificate, text_of(certificate_text.get())));
  made.fingerprint = fingerprint_of(certificate.get());
  return made;
}

}  // namespace twopop::server
