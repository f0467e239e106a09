#pragma once

#include "core/random.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace twopop::session::testing {

enum class Fault {
  None,
  IoError,   ///< the n-th call fails, later ones succeed
  DiskFull,  ///< the n-th call and all later writes find the disk full
  PowerCut,  ///< from the n-th call on nothing succeeds; what was not synced is lost, kept or torn
};

/// A disk for SQLite that fails at the n-th call. It passes everything on to the system's files, and remembers what of them
/// would survive a power cut: synced bytes, and any part of the others, in sectors of 512 bytes and in any order.
class FaultDisk {
 public:
  static constexpr const char* kName = "twopop-fault";

  static FaultDisk& instance() {
    static FaultDisk disk;
    return disk;
  }

  void arm(Fault fault, int at) {
    fault_ = fault;
    at_ = at;
    calls_ = 0;
    files_.clear();
  }
  int calls() const { return calls_; }

  /// Writes what a power cut would have left into `folder`, by file name.
  void write_survivors(const std::filesystem::path& folder, std::uint64_t seed) const {
    RandomStream random(seed, 5);
    // One cut in four keeps everything, one nothing, the others some.
    const double kept = std::array{0.0, 1.0, 0.5, 0.9}[seed % 4];
    for (const auto& [path, shadow] : files_) {
      std::vector<std::byte> bytes = shadow->synced;
      bool there = shadow->entry_synced;
      for (const Change& change : shadow->unsynced) {
        there = there || random.uniform(0, 1) < kept;
        if (change.truncate_to >= 0) {
          if (random.uniform(0, 1) < kept) bytes.resize(static_cast<std::size_t>(change.truncate_to));
          continue;
        }
        for (std::size_t i = 0; i < change.bytes.size();) {
          const std::size_t at = change.offset + i, n = std::min(kSector - at % kSector, change.bytes.size() - i);
          if (random.uniform(0, 1) < kept) {
            bytes.resize(std::max(bytes.size(), at + n));
            std::memcpy(bytes.data() + at, change.bytes.data() + i, n);
          }
          i += n;
        }
      }
      if (!there) continue;
      std::ofstream out(folder / std::filesystem::path(path).filename(), std::ios::binary);
      out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }
  }

 private:
  static constexpr std::size_t kSector = 512;
  struct Change {
    std::size_t offset = 0;
    std::vector<std::byte> bytes;
    std::int64_t truncate_to = -1;
  };
  struct Shadow {
    bool entry_synced = false;
    std::vector<std::byte> synced;
    std::vector<std::byte> all;
    std::vector<Change> unsynced;
  };
  /// SQLite allocates this with room for the system's file behind it.
  struct File {
    sqlite3_file base;
    std::shared_ptr<Shadow>* shadow;
    sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };

  FaultDisk() {
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.zName = kName;
    vfs_.pNext = nullptr;
    vfs_.szOsFile = static_cast<int>(sizeof(File)) + real_->szOsFile;
    vfs_.xOpen = open;
    vfs_.xDelete = [](sqlite3_vfs*, const char* name, int sync) {
      FaultDisk& disk = instance();
      if (const int status = disk.call(false); status != SQLITE_OK) return status;
      disk.files_.erase(name);
      return disk.real_->xDelete(disk.real_, name, sync);
    };
    methods_.iVersion = 2;  // no memory mapping: every byte goes through xRead and xWrite
    methods_.xClose = [](sqlite3_file* f) {
      auto* file = reinterpret_cast<File*>(f);
      delete file->shadow;
      return file->real()->pMethods->xClose(file->real());
    };
    methods_.xRead = [](sqlite3_file* f, void* out, int n, sqlite3_int64 at) {
      if (const int status = instance().call(false); status != SQLITE_OK) return SQLITE_IOERR_READ;
      return real_of(f)->pMethods->xRead(real_of(f), out, n, at);
    };
    methods_.xWrite = write;
    methods_.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) {
      if (const int status = instance().call(true); status != SQLITE_OK) return SQLITE_IOERR_TRUNCATE;
      Shadow& shadow = **reinterpret_cast<File*>(f)->shadow;
      shadow.all.resize(static_cast<std::size_t>(size));
      shadow.unsynced.push_back({0, {}, size});
      return real_of(f)->pMethods->xTruncate(real_of(f), size);
    };
    methods_.xSync = [](sqlite3_file* f, int) {
      if (const int status = instance().call(false); status != SQLITE_OK) return SQLITE_IOERR_FSYNC;
      Shadow& shadow = **reinterpret_cast<File*>(f)->shadow;
      shadow.synced = shadow.all;
      shadow.unsynced.clear();
      shadow.entry_synced = true;
      return SQLITE_OK;  // the cut is ours, so the system need not sync
    };
    methods_.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) { return real_of(f)->pMethods->xFileSize(real_of(f), size); };
    methods_.xLock = [](sqlite3_file* f, int level) { return real_of(f)->pMethods->xLock(real_of(f), level); };
    methods_.xUnlock = [](sqlite3_file* f, int level) { return real_of(f)->pMethods->xUnlock(real_of(f), level); };
    methods_.xCheckReservedLock = [](sqlite3_file* f, int* out) { return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out); };
    methods_.xFileControl = [](sqlite3_file* f, int op, void* arg) { return real_of(f)->pMethods->xFileControl(real_of(f), op, arg); };
    methods_.xSectorSize = [](sqlite3_file* f) { return real_of(f)->pMethods->xSectorSize(real_of(f)); };
    methods_.xDeviceCharacteristics = [](sqlite3_file* f) { return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f)); };
    methods_.xShmMap = [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
      return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, out);
    };
    methods_.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) { return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags); };
    methods_.xShmBarrier = [](sqlite3_file* f) { real_of(f)->pMethods->xShmBarrier(real_of(f)); };
    methods_.xShmUnmap = [](sqlite3_file* f, int remove) { return real_of(f)->pMethods->xShmUnmap(real_of(f), remove); };
    sqlite3_vfs_register(&vfs_, 0);
  }

  static sqlite3_file* real_of(sqlite3_file* f) { return reinterpret_cast<File*>(f)->real(); }

  int call(bool writes) {
    ++calls_;
    if (fault_ == Fault::IoError && calls_ == at_) return SQLITE_IOERR;
    if (fault_ == Fault::DiskFull && calls_ >= at_ && writes) return SQLITE_FULL;
    if (fault_ == Fault::PowerCut && calls_ >= at_) return SQLITE_IOERR;
    return SQLITE_OK;
  }

  static int open(sqlite3_vfs*, const char* name, sqlite3_file* f, int flags, int* out_flags) {
    FaultDisk& disk = instance();
    auto* file = reinterpret_cast<File*>(f);
    file->base.pMethods = nullptr;
    if (disk.call(false) != SQLITE_OK) return SQLITE_CANTOPEN;
    const int status = disk.real_->xOpen(disk.real_, name, file->real(), flags, out_flags);
    if (status != SQLITE_OK) return status;
    file->shadow = new std::shared_ptr<Shadow>(std::make_shared<Shadow>());
    if (name && *name) {
      std::shared_ptr<Shadow>& kept = disk.files_[name];
      if (!kept) {
        kept = *file->shadow;
        // A file from before the fault was armed is taken for synced.
        std::ifstream in(name, std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
        const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
        kept->all.assign(begin, begin + bytes.size());
        kept->synced = kept->all;
        kept->entry_synced = !bytes.empty();
      }
      *file->shadow = kept;
    }
    file->base.pMethods = &disk.methods_;
    return SQLITE_OK;
  }

  static int write(sqlite3_file* f, const void* bytes, int n, sqlite3_int64 at) {
    if (const int status = instance().call(true); status != SQLITE_OK) return status == SQLITE_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    Shadow& shadow = **reinterpret_cast<File*>(f)->shadow;
    const auto offset = static_cast<std::size_t>(at), size = static_cast<std::size_t>(n);
    const auto* begin = static_cast<const std::byte*>(bytes);
    shadow.all.resize(std::max(shadow.all.size(), offset + size));
    std::memcpy(shadow.all.data() + offset, begin, size);
    shadow.unsynced.push_back({offset, {begin, begin + size}, -1});
    return real_of(f)->pMethods->xWrite(real_of(f), bytes, n, at);
  }

  sqlite3_vfs* real_ = nullptr;
  sqlite3_vfs vfs_{};
  sqlite3_io_methods methods_{};
  Fault fault_ = Fault::None;
  int at_ = 0, calls_ = 0;
  std::map<std::string, std::shared_ptr<Shadow>> files_;
};

}  // namespace twopop::session::testing
