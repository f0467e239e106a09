#include "session/store.h"

#include "session/json.h"
#include "session/testing/fault_disk.h"
#include "session/testing/temporary_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace twopop::session {
namespace {

using testing::Fault;
using testing::FaultDisk;
using testing::TemporaryFolder;

StoreOptions faulty() { return {FaultDisk::kName, 50, 3}; }

/// Edits a film, closes and opens it again, and keeps what was acknowledged: the document of each revision, by its JSON.
class Workload {
 public:
  explicit Workload(std::filesystem::path film) : film_(std::move(film)) {}

  void run() {
    Document document;
    for (const char* id : {"a", "b"}) document.mix.strips[id];
    attempted_ = {write_json(document)};
    auto made = Store::create(film_, document, faulty());
    if (!made) return;
    std::optional<Store> store = *std::move(made);
    acknowledge(0);
    for (int i = 1; i <= 8 && store; ++i) {
      step(*store, i);
      if (i == 4) store = reopened(std::move(*store));
    }
  }

  /// What a film that was left like this must hold.
  void check(const std::filesystem::path& film, const std::string& when) const {
    FaultDisk::instance().arm(Fault::None, 0);
    auto opened = Store::open(film, Access::Read, faulty());
    if (acknowledged_.empty() && !opened) {
      const auto made = Store::create(film, Document{}, faulty());
      ASSERT_TRUE(made) << when << ": a film that was never acknowledged can be made again: " << made.error().sentence();
      return;
    }
    ASSERT_TRUE(opened) << when << ": " << opened.error().sentence();
    const auto newest = static_cast<std::size_t>(opened->head().revision);
    ASSERT_GE(newest + 1, acknowledged_.size()) << when << ": an acknowledged edit is lost";
    for (std::size_t revision = 0; revision < acknowledged_.size(); ++revision)
      ASSERT_EQ(write_json(*opened->at(static_cast<std::int64_t>(revision))), acknowledged_[revision]) << when << ", revision " << revision;
    ASSERT_LE(newest, acknowledged_.size()) << when;
    if (newest == acknowledged_.size()) {
      const std::string held = write_json(*opened->head().document);
      ASSERT_TRUE(std::find(attempted_.begin(), attempted_.end(), held) != attempted_.end())
          << when << ": neither the old session nor one that was attempted\n" << held;
    }
  }

 private:
  void step(Store& store, int i) {
    const Head base = store.head();
    Document after = *base.document;
    after.mix.strips[i % 2 ? "a" : "b"].gain = Decibels{-1.0 * i};
    if (i == 3) after.name = std::string(20000, 'x');  // an edit of several pages
    const bool undo = i == 6 && acknowledged_.size() > 1;
    attempted_.push_back(undo ? acknowledged_[acknowledged_.size() - 2] : write_json(after));
    const auto revision = undo ? store.undo("Ann") : store.commit(base, after, "Ann", "step");
    if (!revision) {
      ASSERT_EQ(write_json(*store.head().document), acknowledged_.back()) << "a refused edit shows";
      return;
    }
    acknowledge(*revision);
    ASSERT_EQ(write_json(*store.head().document), acknowledged_.back());
  }

  void acknowledge(std::int64_t revision) {
    acknowledged_.push_back(attempted_.back());
    attempted_.clear();
    ASSERT_EQ(static_cast<std::size_t>(revision) + 1, acknowledged_.size());
  }

  std::optional<Store> reopened(Store store) {
    { const Store closed = std::move(store); }
    for (int tries = 0; tries < 3; ++tries)
      if (auto opened = Store::open(film_, Access::Write, faulty())) return *std::move(opened);
    return std::nullopt;
  }

  std::filesystem::path film_;
  std::vector<std::string> acknowledged_;
  std::vector<std::string> attempted_;  ///< since the last acknowledged one
};

int calls_of_a_run() {
  TemporaryFolder folder;
  FaultDisk::instance().arm(Fault::None, 0);
  Workload(folder / "film").run();
  return FaultDisk::instance().calls();
}

TEST(StoreFaults, the_workload_passes_on_a_disk_without_faults) {
  TemporaryFolder folder;
  FaultDisk::instance().arm(Fault::None, 0);
  Workload workload(folder / "film");
  workload.run();
  workload.check(folder / "film", "no fault");
}

TEST(StoreFaults, an_io_error_at_any_call_loses_no_acknowledged_edit) {
  for (int n = 1, calls = calls_of_a_run(); n <= calls && !HasFatalFailure(); ++n) {
    TemporaryFolder folder;
    FaultDisk::instance().arm(Fault::IoError, n);
    Workload workload(folder / "film");
    workload.run();
    workload.check(folder / "film", fmt::format("I/O error at call {}", n));
  }
}

TEST(StoreFaults, a_disk_that_is_full_from_any_call_on_loses_no_acknowledged_edit) {
  for (int n = 1, calls = calls_of_a_run(); n <= calls && !HasFatalFailure(); ++n) {
    TemporaryFolder folder;
    FaultDisk::instance().arm(Fault::DiskFull, n);
    Workload workload(folder / "film");
    workload.run();
    workload.check(folder / "film", fmt::format("disk full from call {}", n));
  }
}

/// TWOPOP_CUTS sets how many power cuts are tried at each call.
TEST(StoreFaults, a_power_cut_at_any_call_loses_no_acknowledged_edit_and_mixes_no_sessions) {
  const char* set = std::getenv("TWOPOP_CUTS");
  const int cuts = set ? std::atoi(set) : 4;
  for (int n = 1, calls = calls_of_a_run(); n <= calls && !HasFatalFailure(); ++n) {
    TemporaryFolder folder;
    FaultDisk::instance().arm(Fault::PowerCut, n);
    Workload workload(folder / "film");
    workload.run();
    const auto left = [&](int cut) { return folder / fmt::format("left-{}", cut); };
    for (int cut = 0; cut < cuts; ++cut) {
      std::filesystem::create_directories(left(cut));
      FaultDisk::instance().write_survivors(left(cut), static_cast<std::uint64_t>(n) * 1000 + static_cast<std::uint64_t>(cut));
    }
    for (int cut = 0; cut < cuts && !HasFatalFailure(); ++cut) workload.check(left(cut), fmt::format("power cut at call {}, {}", n, cut));
  }
}

}  // namespace
}  // namespace twopop::session
