#pragma once

#include "cache/executor.h"

namespace twopop::cache::detail {

/// What a place was last filled with: kept as a note under the task's identity, so that the next run can say what
/// has changed since.
struct LastKey {
  Hash key, recipe;
  std::string settings;
  /// Of each input: the hash of its identity and its content.
  std::vector<std::pair<std::uint64_t, Hash>> inputs;

  bool operator==(const LastKey&) const = default;
};

std::string last_key_note_name(const std::string& identity);
Bytes encode(const LastKey& last);
/// Nothing if the bytes are not such a note.
std::optional<LastKey> decode_last_key(std::span<const std::byte> bytes);
/// Only the key of such a note; zero if it is none.
Hash last_key_in(std::span<const std::byte> bytes);
std::uint64_t short_identity(const std::string& identity);

/// Why a task whose key is not known must be run; `last` is null if its place was never filled.
std::pair<Reason, std::string> why_run(const LastKey* last, const LastKey& current,
                                       const std::vector<std::string>& input_identities);

}  // namespace twopop::cache::detail
