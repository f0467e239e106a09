#pragma once

#include "api/values_film.h"
#include "session/store.h"

#include <memory>
#include <mutex>
#include <string_view>

namespace twopop::server {

/// Words as people type them into the search of a library: a space or "+" is and, a comma is or (binding weaker), "-" before a word is not;
/// words in quotes stand together; the beginning of a word finds it. As a query of SQLite's FTS5; empty where nothing is asked for that
/// can be looked up (only words to leave out, only signs).
std::string fts_query(std::string_view words);

/// Category of a file named by the Universal Category System ("AMBCity_Night Traffic_BOB_Lib.wav"): "AMBCity"; empty for other names.
std::string ucs_category(std::string_view file_name);

/// Index of the film's effects, ambiences, Foley and music by name, folders, notes, licence and category. Thread-safe.
class Library {
 public:
  static Result<std::unique_ptr<Library>> open();
  ~Library();

  /// Items that match, best first; all by name where `words` is empty. Looks into the document first whether its media changed.
  Result<LibraryPage> find(const session::Document& document, const std::string& words, std::optional<session::MediaKind> kind, int first, int count);

 private:
  struct Database;
  explicit Library(std::unique_ptr<Database> database);
  Result<void> fill(const session::Document& document);

  std::mutex mutex_;
  std::unique_ptr<Database> database_;
  Hash filled_with_{};
};

}  // namespace twopop::server
