#include "media/detail/bext_writer.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace twopop::media::detail {
namespace {

void put_text(std::string& to, std::size_t at, std::size_t room, const std::string& text) {
  std::memcpy(to.data() + at, text.data(), std::min(room, text.size()));
}

template <class T>
void put_number(std::string& to, std::size_t at, T value) {
  std::memcpy(to.data() + at, &value, sizeof value);
}

/// Hundredths, rounded to nearest; 0x7fff says "not known".
std::int16_t hundredths(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return 0x7fff;
  return static_cast<std::int16_t>(std::clamp(std::lround(*value * 100), -32768L, 32766L));
}

}  // namespace

std::size_t bext_size(const BextFields& fields) { return kBextFixedBytes + fields.coding_history.size(); }

std::string bext_chunk(const BextFields& fields, std::size_t size) {
  std::string chunk(std::max(size, kBextFixedBytes), '\0');
  put_text(chunk, 0, 256, fields.description);
  put_text(chunk, 256, 32, fields.originator);
  put_text(chunk, 288, 32, fields.originator_reference);
  put_text(chunk, 320, 10, fields.date);
  put_text(chunk, 330, 8, fields.time);
  put_number(chunk, 338, static_cast<std::uint64_t>(std::max<std::int64_t>(0, fields.time_reference)));
  put_number(chunk, 346, std::uint16_t{2});
  put_number(chunk, 412, hundredths(fields.integrated_lufs));
  put_number(chunk, 414, hundredths(fields.loudness_range_lu));
  put_number(chunk, 416, hundredths(fields.true_peak_dbtp));
  put_number(chunk, 418, hundredths(fields.max_momentary_lufs));
  put_number(chunk, 420, hundredths(fields.max_short_term_lufs));
  put_text(chunk, kBextFixedBytes, chunk.size() - kBextFixedBytes, fields.coding_history);
  return chunk;
}

}  // namespace twopop::media::detail
