#pragma once

#include "session/detail/patch_dom.h"
#include "session/document.h"

#include <memory>
#include <string>
#include <vector>

namespace twopop::session::detail {

using Tokens = std::vector<std::string>;

/// What a patch touches, for telling whether two edits collide: the ids of the innermost collection items, or, outside
/// items, the settings themselves.
std::vector<Tokens> touched_units(const Patch& patch);

/// A session tree with its version checked: Unsupported for a newer major format.
/// `skipped` receives the keys that a newer minor format has and this one does not understand.
Result<std::shared_ptr<Document>> read_session(const Dom& dom, std::vector<std::string>* skipped = nullptr);

/// A session in memory: the tree, which keeps what this version does not know, and the document read from it.
class State {
 public:
  /// What a patch made of the session, and what takes it back.
  struct Change {
    Patch patch;    ///< with a test of everything it replaces, and the defaults of what it left out
    Patch inverse;
    TreeSum before, sum;
    std::vector<Tokens> places{};  ///< that it touched
    bool read = false;             ///< the document was brought in line at those
  };

  static State of(const Document& document);
  /// The tree must carry the sum, where one is given. Fails with Damaged otherwise.
  static Result<State> read(std::string_view json, const std::string& expected_sum);

  const Dom& dom() const {
    unpack();
    return dom_;
  }
  TreeSum sum() const { return sum_; }
  /// As it is: what is given out never changes, the next change is made on a copy.
  std::shared_ptr<const Document> document() const {
    given_out_ = true;
    return document_;
  }

  /// Applies an edit of the log, which must lead to the expected sum; all is as before if not.
  Result<void> replay(const Patch& patch, const std::string& expected_sum);
  /// To be called before the document is asked for. `skipped`, where that means reading it as a whole, receives what is not understood.
  Result<void> settle(std::vector<std::string>* skipped = nullptr);

  /// Applies a patch and checks what comes out; all is as before if that fails.
  Result<Change> change(const Patch& patch);
  /// Takes back the last change that stands.
  void take_back(const Change& change);

  /// For people, with the revision that it is of.
  std::string print(std::int64_t revision, JsonLayout layout) const;

  /// Holds the tree in a tenth of its memory until it is asked for again.
  void pack();

 private:
  /// Applies an operation to the tree; `made` receives it with the tests of what it replaces, `back` what takes it back.
  Result<void> add(const Operation& operation, Patch& made, Patch& back);
  Result<void> finish(Change& change);
  /// Brings the document in line with the tree at some places.
  Result<void> read_again(const std::vector<Tokens>& places);
  /// The document, which nobody else reads.
  Document& own_document();
  void unpack() const;

  mutable Dom dom_;
  mutable std::vector<std::uint8_t> packed_;  // the tree as CBOR (RFC 8949), in which case dom_ is null
  TreeSum sum_;
  std::shared_ptr<Document> document_;  // shared with whoever it was given to
  mutable bool given_out_ = false;
};

}  // namespace twopop::session::detail
