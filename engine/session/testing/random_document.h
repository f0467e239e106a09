#pragma once

#include "core/random.h"
#include "session/document.h"
#include "session/type_info.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>

namespace twopop::session::testing {
class Filler {
 public:
  explicit Filler(std::uint64_t seed) : random_(seed, 1) {}

  void fill(const TypeInfo& type, void* value, const Limits& limits, int depth) {
    const double least = std::max(limits.least, -1e6), most = std::min(limits.most, 1e6);
    switch (type.kind) {
      case TypeKind::Bool: *static_cast<bool*>(value) = random_.below(2) == 1; return;
      case TypeKind::Integer: return type.store_integer(value, static_cast<std::int64_t>(random_.uniform(least, most)));
      case TypeKind::Number:
      case TypeKind::Level: return type.store_number(value, random_.uniform(least, most));
      case TypeKind::Text:
        if (type.pattern.empty()) TWOPOP_ASSERT(type.store_text(value, text()));
        return;
      case TypeKind::Enum: return type.store_name(value, random_.below(static_cast<std::uint32_t>(type.names.size())));
      case TypeKind::Range: {
        const std::int64_t begin = random_.below(1000000);
        *static_cast<SampleRange*>(value) = {{begin}, {begin + random_.below(1000000)}};
        return;
      }
      case TypeKind::Object:
        for (const FieldInfo& field : type.fields) fill(field.type(), field.at(value), field.limits, depth);
        return;
      case TypeKind::Optional:
        if (random_.below(2)) fill(type.element(), type.hold(value), limits, depth);
        return;
      case TypeKind::List:
        for (std::uint32_t n = random_.below(4); n > 0; --n) fill(type.element(), type.append(value), limits, depth + 1);
        return;
      case TypeKind::Map:
        for (std::uint32_t n = random_.below(depth ? 3 : 6); n > 0; --n)
          fill(type.element(), type.entry(value, fmt::format("i{}", random_.below(20))), limits, depth + 1);
        return;
      case TypeKind::Json: return;
    }
  }

 private:
  std::string text() {
    static constexpr const char* kPieces[] = {"a", "Z", "7", " ", "\"", "\\", "/", "~", "\n", "\t", "\x7f", "é", "語", "🎬"};
    std::string out;
    for (std::uint32_t n = random_.below(8); n > 0; --n) out += kPieces[random_.below(std::size(kPieces))];
    return out;
  }
  RandomStream random_;
};

/// A document of random values within the limits of its fields, the same for the same seed. Its ids refer to nothing.
inline Document random_document(std::uint64_t seed) {
  Document document;
  Filler(seed).fill(type_of<Document>(), &document, {}, 0);
  document.format_major = Document{}.format_major;
  document.format_minor = Document{}.format_minor;
  return document;
}

}  // namespace twopop::session::testing
