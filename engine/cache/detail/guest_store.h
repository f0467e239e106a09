#pragma once

#include "cache/detail/pack_store.h"

namespace twopop::cache::detail {

/// What another store held when this was opened, for reading only. A pack stays readable here also when its owner has removed
/// it; bytes that fail their check count as absent. Thread-safe.
class HostView {
 public:
  Result<void> open(FileSystem& files, const std::filesystem::path& folder);

  std::optional<Outcome> outcome_of(const Hash& recipe) const;
  std::optional<Bytes> note(const Hash& name) const;
  bool has(const Hash& content) const;
  bool found_damaged(const Hash& content) const;
  Blob get(const Hash& content);
  std::uint64_t stored_bytes() const { return stored_bytes_; }
  std::uint64_t entries() const { return entries_.size(); }

 private:
  std::unordered_map<Hash, Outcome> outcomes_;
  std::unordered_map<Hash, Place> entries_;
  std::unordered_map<Hash, Bytes> notes_;
  std::map<std::uint32_t, std::shared_ptr<Pack>> packs_;
  std::uint64_t stored_bytes_ = 0;
  mutable std::mutex mutex_;
  std::unordered_set<Hash> damaged_;  ///< guarded by the mutex; all else never changes once open
};

/// A store whose folder belongs to another process: reads what that and its other guests hold, and keeps what is made in a store of its own
/// inside it, which the owner, or whoever opens the folder next, takes in once this is closed or its process was killed.
class GuestStore final : public Store {
 public:
  static Result<std::unique_ptr<GuestStore>> open(const std::filesystem::path& folder, FileSystem& files, std::uint64_t budget_bytes);
  ~GuestStore() override;

  std::optional<Outcome> outcome_of(const Hash& recipe) const override;
  Result<Blob> get(const Hash& content) override;
  bool has(const Hash& content) const override { return own_.has(content) || others_have(content); }
  bool found_damaged(const Hash& content) const override;
  Result<void> put(const Hash& recipe, const Hash& content, std::span<const std::byte> bytes) override;
  Result<void> remember(const Hash& recipe, const Outcome& outcome) override { return own_.remember(recipe, outcome); }
  std::optional<Bytes> note(std::string_view name) const override;
  Result<void> set_note(std::string_view name, std::span<const std::byte> value) override { return own_.set_note(name, value); }
  void pin(const Hash& content) override { own_.pin(content); }
  void unpin(const Hash& content) override { own_.unpin(content); }
  void unpin_all() override { own_.unpin_all(); }
  Result<void> sync() override { return own_.sync(); }
  StoreUsage usage() const override;

 private:
  GuestStore(std::filesystem::path folder, FileSystem& files) : folder_(std::move(folder)), files_(files), own_(folder_, files) {}

  bool others_have(const Hash& content) const;
  void look_at_others(const std::filesystem::path& owners);

  const std::filesystem::path folder_;
  FileSystem& files_;
  PackStore own_;
  std::vector<std::unique_ptr<HostView>> others_;
};

}  // namespace twopop::cache::detail
