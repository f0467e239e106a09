#include "film/library.h"

#include "session/json.h"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>

namespace twopop::server {
namespace {

bool is_library(session::MediaKind kind) {
  using K = session::MediaKind;
  return kind == K::Effect || kind == K::Ambience || kind == K::Foley || kind == K::Music || kind == K::RoomTone || kind == K::Score;
}

std::string kind_name(session::MediaKind kind) {
  for (const auto& known : names_of(kind))
    if (known.value == kind) return known.name;
  return {};
}

/// Camel case and signs apart, so that "DoorSlam_wood-2" is found by slam: what FTS5 takes for one word is written as several too.
std::string words_of(std::string_view text) {
  std::string out;
  char before = ' ';
  for (const char c : text) {
    const bool upper = std::isupper(static_cast<unsigned char>(c)), digit = std::isdigit(static_cast<unsigned char>(c));
    if ((upper && std::islower(static_cast<unsigned char>(before))) || (digit && std::isalpha(static_cast<unsigned char>(before)))) out += ' ';
    out += c == '_' || c == '-' || c == '.' || c == '/' ? ' ' : c;
    before = c;
  }
  return out;
}

std::string quoted(std::string_view word) {
  std::string out = "\"";
  for (const char c : word) {
    if (c == '"') continue;
    out += c;
  }
  return out + '"';
}

bool has_letters(std::string_view word) {
  return std::any_of(word.begin(), word.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80; });
}

}  // namespace

std::string fts_query(std::string_view words) {
  std::vector<std::string> alternatives;
  std::vector<std::string> wanted, unwanted;
  const auto end_alternative = [&] {
    if (!wanted.empty()) {
      std::string text = fmt::format("({})", fmt::join(wanted, " AND "));
      for (const std::string& word : unwanted) text = fmt::format("({} NOT {})", text, word);
      alternatives.push_back(std::move(text));
    }
    wanted.clear();
    unwanted.clear();
  };
  bool negated = false;
  for (std::size_t i = 0; i < words.size();) {
    const char c = words[i];
    if (c == ',') {
      end_alternative();
      negated = false;
      ++i;
    } else if (std::isspace(static_cast<unsigned char>(c)) || c == '+') {
      ++i;
    } else if (c == '-' && (i == 0 || std::isspace(static_cast<unsigned char>(words[i - 1])) || words[i - 1] == ',')) {
      negated = true;
      ++i;
    } else {
      std::size_t end = i;
      std::string term;
      if (c == '"') {
        end = std::min(words.find('"', i + 1), words.size());
        const std::string_view phrase = words.substr(i + 1, end - i - 1);
        if (has_letters(phrase)) term = quoted(phrase);
        end = std::min(end + 1, words.size());
      } else {
        while (end < words.size() && !std::isspace(static_cast<unsigned char>(words[end])) && words[end] != ',' && words[end] != '+' && words[end] != '"') ++end;
        const std::string_view word = words.substr(i, end - i);
        if (has_letters(word)) term = quoted(word) + "*";
      }
      if (!term.empty()) (negated ? unwanted : wanted).push_back(std::move(term));
      negated = false;
      i = end;
    }
  }
  end_alternative();
  return fmt::format("{}", fmt::join(alternatives, " OR "));
}

std::string ucs_category(std::string_view file_name) {
  // CatID: two to six capitals for the category, then the sub-category's short name, ended by an underscore ("AMBCity_", "DOORWood-INT_").
  const std::size_t end = file_name.find('_');
  if (end == std::string_view::npos || end < 4 || end > 20) return {};
  std::string_view id = file_name.substr(0, end);
  if (const std::size_t user = id.find('-'); user != std::string_view::npos) id = id.substr(0, user);
  std::size_t capitals = 0;
  while (capitals < id.size() && std::isupper(static_cast<unsigned char>(id[capitals]))) ++capitals;
  // The last capital begins the sub-category: "AMB" and "City".
  if (capitals < 3 || capitals >= id.size()) return {};
  for (std::size_t i = capitals; i < id.size(); ++i)
    if (!std::isalnum(static_cast<unsigned char>(id[i]))) return {};
  return std::string(id);
}

struct Library::Database {
  sqlite3* handle = nullptr;
  ~Database() { sqlite3_close(handle); }

  Error failed(const char* doing) const { return {Code::Internal, fmt::format("the library's index: {}: {}", doing, sqlite3_errmsg(handle)), "start the server anew"}; }
  Result<void> execute(const char* statement) {
    if (sqlite3_exec(handle, statement, nullptr, nullptr, nullptr) != SQLITE_OK) return failed(statement);
    return {};
  }
};

namespace {

struct Statement {
  explicit Statement(sqlite3* database, const std::string& text) { sqlite3_prepare_v2(database, text.c_str(), -1, &handle, nullptr); }
  ~Statement() { sqlite3_finalize(handle); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  void bind(int at, const std::string& text) { sqlite3_bind_text(handle, at, text.c_str(), static_cast<int>(text.size()), SQLITE_TRANSIENT); }
  std::string text(int column) const {
    const auto* found = reinterpret_cast<const char*>(sqlite3_column_text(handle, column));
    return found ? found : "";
  }
  sqlite3_stmt* handle = nullptr;
};

}  // namespace

Library::Library(std::unique_ptr<Database> database) : database_(std::move(database)) {}
Library::~Library() = default;

Result<std::unique_ptr<Library>> Library::open() {
  auto database = std::make_unique<Database>();
  if (sqlite3_open_v2(":memory:", &database->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_FULLMUTEX, nullptr) != SQLITE_OK) return database->failed("opening");
  TWOPOP_CHECK(database->execute("CREATE VIRTUAL TABLE sounds USING fts5(media UNINDEXED, kind UNINDEXED, title UNINDEXED, name, path, category, notes, licence, tokenize = 'unicode61 remove_diacritics 2')"));
  return std::unique_ptr<Library>(new Library(std::move(database)));
}

Result<void> Library::fill(const session::Document& document) {
  Hasher hasher;
  for (const auto& [id, media] : document.media)
    if (is_library(media.kind)) hasher.add(id).add(media.kind).add(media.name).add(media.path).add(media.notes).add(session::write_json(media.licence, session::JsonLayout::Compact));
  const Hash now = hasher.finish();
  if (now == filled_with_) return {};
  TWOPOP_CHECK(database_->execute("BEGIN"));
  TWOPOP_CHECK(database_->execute("DELETE FROM sounds"));
  Statement insert(database_->handle, "INSERT INTO sounds VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  for (const auto& [id, media] : document.media) {
    if (!is_library(media.kind)) continue;
    const std::filesystem::path path(media.path);
    const std::string category = ucs_category(path.filename().string());
    const std::string texts[]{id, kind_name(media.kind), media.name, media.name + ' ' + words_of(path.stem().string()), words_of(path.parent_path().string()), category + ' ' + words_of(category) + ' ' + kind_name(media.kind),
                              words_of(media.notes), fmt::format("{} {} {}", media.licence.title, media.licence.author, media.licence.licence)};
    sqlite3_reset(insert.handle);
    for (int i = 0; i < 8; ++i) insert.bind(i + 1, texts[i]);
    if (sqlite3_step(insert.handle) != SQLITE_DONE) {
      const Error error = database_->failed("adding a sound");
      static_cast<void>(database_->execute("ROLLBACK"));
      return error;
    }
  }
  TWOPOP_CHECK(database_->execute("COMMIT"));
  filled_with_ = now;
  return {};
}

Result<LibraryPage> Library::find(const session::Document& document, const std::string& words, std::optional<session::MediaKind> kind, int first, int count) {
  const std::lock_guard lock(mutex_);
  TWOPOP_CHECK(fill(document));
  const std::string query = fts_query(words);
  LibraryPage page;
  if (query.empty() && has_letters(words)) return page;
  const std::string where = fmt::format("FROM sounds WHERE {}{}", query.empty() ? "1" : "sounds MATCH ?1", kind ? " AND kind = ?2" : "");
  const auto prepared = [&](const std::string& text) {
    auto statement = std::make_unique<Statement>(database_->handle, text);
    if (!query.empty()) statement->bind(1, query);
    if (kind) statement->bind(2, kind_name(*kind));
    return statement;
  };
  const auto counted = prepared("SELECT count(*) " + where);
  if (!counted->handle || sqlite3_step(counted->handle) != SQLITE_ROW) return Error{Code::InvalidArgument, fmt::format("'{}' cannot be searched for: {}", words, sqlite3_errmsg(database_->handle)), "use words; a comma for or, a minus for not"};
  page.total = sqlite3_column_int64(counted->handle, 0);
  // A hit in the name counts most, then category and notes.
  const auto found = prepared(fmt::format("SELECT media, category {} ORDER BY {} LIMIT {} OFFSET {}", where, query.empty() ? "title COLLATE NOCASE" : "bm25(sounds, 0, 0, 0, 10, 2, 6, 4, 1), title COLLATE NOCASE", count, first));
  while (found->handle && sqlite3_step(found->handle) == SQLITE_ROW) {
    const std::string id = found->text(0);
    const auto media = document.media.find(id);
    if (media == document.media.end()) continue;
    const session::Media& m = media->second;
    const std::filesystem::path path(m.path);
    page.items.push_back({id, m.name, path.is_absolute() ? path.parent_path().filename().string() : path.parent_path().generic_string(), ucs_category(path.filename().string()), m.notes, m.licence.licence, m.kind, m.duration_s, m.channels, m.rate_hz});
  }
  return page;
}

}  // namespace twopop::server
