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
Result<std::shared_ptr<const Document>> read_session(const Dom& dom, std::vector<std::string>* skipped = nullptr);

/// A session in memory: the tree, which keeps what this version does not know, and the document read from it.
class State {
 public:
  /// Applied to the tree but not yet kept.
  struct Change {
    Patch patch;    ///< with a test of everything it replaces, and the defaults of what it left out
    Patch inverse;
    TreeSum sum;
    std::shared_ptr<const Document> document;
  };

  static State of(const Document& document);
  /// The tree must carry the sum, where one is given. Fails with Damaged otherwise.
  static Result<State> read(std::string_view json, const std::string& expected_sum);

  const Dom& dom() const { return dom_; }
  TreeSum sum() const { return sum_; }
  const std::shared_ptr<const Document>& document() const { return document_; }

  /// Applies an edit of the log, which must lead to the expected sum. The document is read again by settle().
  Result<void> replay(const Patch& patch, const std::string& expected_sum);
  Result<void> settle(std::vector<std::string>* skipped = nullptr);

  /// Applies a patch and checks what comes out; the tree is as before if that fails.
  Result<Change> change(const Patch& patch);
  void keep(const Change& change);
  void drop(const Change& change);

 private:
  Result<void> add(const Operation& operation, Change& change);
  Result<void> finish(const std::vector<Tokens>& places, Change& change);

  Dom dom_;
  TreeSum sum_;
  std::shared_ptr<const Document> document_;
};

}  // namespace twopop::session::detail
