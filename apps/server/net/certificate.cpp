#include "net/certificate.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace twopop::server {
namespace {

constexpr long kDays = 825;       ///< the most that browsers take
constexpr long kRenewDays = 30;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;

Error tls_error(const std::string& what) {
  char text[256] = "";
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  return {Code::IoFailed, fmt::format("{}: {}", what, text)};
}

bool is_address(const std::string& name) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, name.c_str(), bytes) == 1 || ::inet_pton(AF_INET6, name.c_str(), bytes) == 1;
}

Result<Certificate> read_certificate(const std::filesystem::path& path) {
  const Bio in(BIO_new_file(path.c_str(), "r"));
  if (!in) return Error{Code::NotFound, fmt::format("{} cannot be read", path.string()), "check the path"};
  Certificate certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  if (!certificate) return Error{Code::Damaged, fmt::format("{} holds no certificate in PEM form", path.string()), "give another"};
  return certificate;
}

bool still_fits(X509* certificate, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const int fits = is_address(name) ? X509_check_ip_asc(certificate, name.c_str(), 0) : X509_check_host(certificate, name.c_str(), name.size(), 0, nullptr);
    if (fits != 1) return false;
  }
  int days = 0, seconds = 0;
  return ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate)) == 1 && days > kRenewDays;
}

Result<Certificate> make(EVP_PKEY* key, const std::vector<std::string>& names) {
  Certificate made(X509_new());
  X509* x = made.get();
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
  X509_set_version(x, 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(x), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x), 60 * 60 * 24 * kDays);
  X509_set_pubkey(x, key);
  X509_NAME* name = X509_get_subject_name(x);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>("Twopop studio"), -1, -1, 0);
  X509_set_issuer_name(x, name);
  std::string alternatives;
  for (const std::string& n : names) alternatives += fmt::format("{}{}:{}", alternatives.empty() ? "" : ",", is_address(n) ? "IP" : "DNS", n);
  const std::pair<int, std::string> extensions[] = {
      {NID_subject_alt_name, alternatives}, {NID_basic_constraints, "critical,CA:FALSE"}, {NID_key_usage, "critical,digitalSignature"}, {NID_ext_key_usage, "serverAuth"}};
  for (const auto& [id, value] : extensions) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
    if (!extension) return tls_error(fmt::format("the name of the certificate '{}' cannot be used", alternatives));
    X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
  }
  if (X509_sign(x, key, EVP_sha256()) == 0) return tls_error("the certificate cannot be signed");
  return made;
}

/// Writes PEM text to a file of its owner alone, all of it or nothing.
template <class Write>
Result<void> write_pem(const std::filesystem::path& path, Write write) {
  const std::filesystem::path partial = path.string() + ".part";
  std::error_code none;
  std::filesystem::remove(partial, none);
  const int fd = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  std::FILE* file = fd < 0 ? nullptr : ::fdopen(fd, "w");
  if (!file) return Error{Code::IoFailed, fmt::format("{} cannot be written", partial.string()), "check that the folder is writable"};
  const bool written = write(file) == 1;
  const bool closed = std::fclose(file) == 0;
  if (!written || !closed) return tls_error(partial.string());
  std::filesystem::rename(partial, path, none);
  if (none) return Error{Code::IoFailed, fmt::format("{}: {}", path.string(), none.message())};
  return {};
}

std::string fingerprint(X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  X509_digest(certificate, EVP_sha256(), digest, &length);
  std::string text;
  for (unsigned i = 0; i < length; ++i) text += fmt::format("{}{:02X}", i ? ":" : "", digest[i]);
  return text;
}

}  // namespace

Result<std::string> fingerprint_of(const std::filesystem::path& path) {
  TWOPOP_TRY(const Certificate certificate, read_certificate(path));
  return fingerprint(certificate.get());
}

Result<OwnCertificate> own_certificate(const std::filesystem::path& folder, const std::vector<std::string>& names) {
  OwnCertificate own;
  own.files = {folder / "studio-cert.pem", folder / "studio-key.pem"};
  std::error_code failed;
  if (std::filesystem::exists(own.files.certificate, failed) && std::filesystem::exists(own.files.key, failed)) {
    const Result<Certificate> there = read_certificate(own.files.certificate);
    if (there && still_fits(there->get(), names)) {
      own.fingerprint = fingerprint(there->get());
      return own;
    }
  }
  std::filesystem::create_directories(folder, failed);
  if (failed) return Error{Code::IoFailed, fmt::format("{}: {}", folder.string(), failed.message()), "give a certificate with --tls-cert and --tls-key"};
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return tls_error("no key can be made");
  TWOPOP_TRY(const Certificate made, make(key.get(), names));
  TWOPOP_CHECK(write_pem(own.files.key, [&](std::FILE* file) { return PEM_write_PKCS8PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr); }));
  TWOPOP_CHECK(write_pem(own.files.certificate, [&](std::FILE* file) { return PEM_write_X509(file, made.get()); }));
  own.fingerprint = fingerprint(made.get());
  return own;
}

}  // namespace twopop::server
