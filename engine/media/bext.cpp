#include "media/detail/recorder_metadata.h"

#include <cctype>
#include <cstring>

namespace twopop::media::detail {
namespace {

/// Byte places in the chunk (EBU Tech 3285, section 2.3).
struct Place {
  std::size_t at, size;
};
constexpr Place kDescription{0, 256}, kOriginator{256, 32}, kReference{288, 32}, kDate{320, 10}, kTime{330, 8},
    kTimeReference{338, 8}, kVersion{346, 2}, kLoudness{412, 10};
constexpr std::size_t kHistoryAt = 602;
constexpr std::int16_t kNotSet = 0x7fff;

std::string text_at(std::string_view chunk, Place place) {
  return place.at < chunk.size() ? tidy_text(chunk.substr(place.at, place.size)) : std::string();
}

template <class T>
std::optional<T> number_at(std::string_view chunk, std::size_t at) {
  if (at + sizeof(T) > chunk.size()) return std::nullopt;
  T value;
  std::memcpy(&value, chunk.data() + at, sizeof value);
  return value;
}

std::optional<bool> truth_of(std::string_view text) {
  if (text == "TRUE" || text == "true" || text == "True" || text == "1" || text == "YES") return true;
  if (text == "FALSE" || text == "false" || text == "False" || text == "0" || text == "NO") return false;
  return std::nullopt;
}

/// One "sSCENE=12A" of a description; the leading s, g or nothing tells the maker.
void take_field(std::string_view key, const std::string& value, Metadata& into) {
  if (!key.empty() && (key[0] == 's' || key[0] == 'g')) key.remove_prefix(1);
  if (value.empty()) return;
  if (key == "SCENE") into.scene = value;
  else if (key == "TAKE") into.take = value;
  else if (key == "TAPE") into.roll = value;
  else if (key == "PROJECT") into.project = value;
  else if (key == "NOTE") into.notes = value;
  else if (key == "CIRCLED") into.circled = truth_of(value);
  else if (key == "SPEED") into.timecode_rate = recorder_rate(value, {});
  else if (key.starts_with("TRK") || (key.starts_with("TR") && key.size() == 3)) {
    const std::string_view digits = key.substr(key.starts_with("TRK") ? 3 : 2);
    int number = 0;
    for (const char c : digits) {
      if (!std::isdigit(static_cast<unsigned char>(c)) || number > 1000) return;
      number = number * 10 + (c - '0');
    }
    if (number > 0) into.tracks.push_back({number - 1, value, ""});
  } else {
    into.other["bext." + std::string(key)] = value;
  }
}

/// Fields are divided by line ends or by " | ".
void take_description(std::string_view text, Metadata& into) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n|"), text.size());
    const std::string_view part = text.substr(0, end);
    if (const std::size_t equals = part.find('='); equals != std::string_view::npos) {
      const std::string key = tidy_text(part.substr(0, equals));
      const bool word = !key.empty() && key.find(' ') == std::string::npos;
      if (word) take_field(key, tidy_text(part.substr(equals + 1)), into);
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

void read_bext(std::string_view chunk, Metadata& into, std::vector<std::string>& warnings) {
  if (chunk.size() < kHistoryAt)
    warnings.push_back(fmt::format("the bext chunk has {} bytes instead of at least {}", chunk.size(), kHistoryAt));
  into.description = text_at(chunk, kDescription);
  into.originator = text_at(chunk, kOriginator);
  into.device = into.originator;
  into.date = text_at(chunk, kDate);
  into.time = text_at(chunk, kTime);
  if (const std::string reference = text_at(chunk, kReference); !reference.empty()) into.other["bext.originator_reference"] = reference;
  if (const auto reference = number_at<std::uint64_t>(chunk, kTimeReference.at)) {
    // More than 2^44 samples would be years: no recorder counts that far from midnight.
    if (*reference < std::uint64_t{1} << 44) into.time_reference = static_cast<std::int64_t>(*reference);
    else warnings.push_back(fmt::format("the time reference {} is no time of day and was left out", *reference));
  }
  const auto version = number_at<std::uint16_t>(chunk, kVersion.at).value_or(0);
  into.other["bext.version"] = std::to_string(version);
  if (version >= 2) {
    constexpr const char* kNames[]{"bext.integrated_lufs", "bext.loudness_range_lu", "bext.true_peak_dbtp", "bext.max_momentary_lufs",
                                   "bext.max_short_term_lufs"};
    for (std::size_t i = 0; i < 5; ++i)
      if (const auto value = number_at<std::int16_t>(chunk, kLoudness.at + 2 * i); value && *value != kNotSet)
        into.other[kNames[i]] = fmt::format("{:.2f}", *value / 100.0);
  }
  if (chunk.size() > kHistoryAt)
    if (const std::string history = tidy_text(chunk.substr(kHistoryAt)); !history.empty()) into.other["bext.coding_history"] = history;
  take_description(into.description, into);
}

}  // namespace twopop::media::detail
