#pragma once

#include "core/result.h"

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace twopop {

/// Appends plain values to bytes, little-endian as the machine is; for what the cache keeps.
class ByteWriter {
 public:
  template <class T>
    requires std::is_trivially_copyable_v<T>
  ByteWriter& put(const T& value) {
    return raw(&value, sizeof value);
  }
  ByteWriter& put(std::string_view text) {
    put(static_cast<std::uint64_t>(text.size()));
    return raw(text.data(), text.size());
  }
  ByteWriter& put(const std::string& text) { return put(std::string_view(text)); }
  template <class T>
    requires std::is_trivially_copyable_v<T>
  ByteWriter& put(const std::vector<T>& values) {
    put(static_cast<std::uint64_t>(values.size()));
    return raw(values.data(), values.size() * sizeof(T));
  }
  ByteWriter& raw(const void* bytes, std::size_t size) {
    const auto* p = static_cast<const std::byte*>(bytes);
    bytes_.insert(bytes_.end(), p, p + size);
    return *this;
  }
  std::vector<std::byte> take() { return std::move(bytes_); }

 private:
  std::vector<std::byte> bytes_;
};

/// Reads back what ByteWriter wrote. After a short read everything comes back empty and ok() is false.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <class T>
    requires std::is_trivially_copyable_v<T>
  T get() {
    T value{};
    if (const std::byte* p = advance(sizeof value)) std::memcpy(&value, p, sizeof value);
    return value;
  }
  std::string text() {
    const auto size = get<std::uint64_t>();
    const std::byte* p = advance(size);
    return p && size ? std::string(reinterpret_cast<const char*>(p), size) : std::string();
  }
  template <class T>
    requires std::is_trivially_copyable_v<T>
  std::vector<T> vector() {
    const auto count = get<std::uint64_t>();
    std::vector<T> values;
    if (count > bytes_.size() / sizeof(T)) {
      ok_ = false;
      return values;
    }
    if (const std::byte* p = advance(count * sizeof(T)); p && count) {
      values.resize(count);
      std::memcpy(values.data(), p, count * sizeof(T));
    }
    return values;
  }
  bool ok() const { return ok_; }
  bool at_end() const { return bytes_.empty(); }

 private:
  const std::byte* advance(std::uint64_t size) {
    if (!ok_ || size > bytes_.size()) {
      ok_ = false;
      return nullptr;
    }
    const std::byte* p = bytes_.data();
    bytes_ = bytes_.subspan(size);
    return p;
  }
  std::span<const std::byte> bytes_;
  bool ok_ = true;
};

}  // namespace twopop
