#include "deliver/stamps.h"

#include "core/bytes.h"

namespace twopop::deliver {
namespace {

struct Stamp {
  Hash made_from{};
  std::uint64_t bytes = 0;
  std::int64_t time = 0;
};

std::optional<Stamp> on_disk(const std::filesystem::path& path) {
  std::error_code failed;
  Stamp stamp;
  stamp.bytes = std::filesystem::file_size(path, failed);
  if (failed) return std::nullopt;
  stamp.time = static_cast<std::int64_t>(std::filesystem::last_write_time(path, failed).time_since_epoch().count());
  return failed ? std::nullopt : std::optional(stamp);
}

}  // namespace

Result<bool> write_if_stale(cache::Store& store, const std::filesystem::path& path, const Hash& stamp, const std::function<Result<void>()>& write) {
  const std::string name = "deliverable " + path.filename().string();
  const auto present = on_disk(path);
  if (const auto note = store.note(name); note && present) {
    ByteReader reader(*note);
    const Stamp known = reader.get<Stamp>();
    if (reader.ok() && known.made_from == stamp && known.bytes == present->bytes && known.time == present->time) return false;
  }
  TWOPOP_CHECK(write());
  if (auto written = on_disk(path)) {
    written->made_from = stamp;
    ByteWriter writer;
    writer.put(*written);
    const cache::Bytes bytes = writer.take();
    TWOPOP_CHECK(store.set_note(name, bytes));
  }
  return true;
}

}  // namespace twopop::deliver
