#pragma once

#include "session/document.h"

#include <string>
#include <string_view>

namespace twopop::phases::detail {

struct ItemCount {
  int items = 0, by_person = 0, open = 0;
};
/// Decided items in a phase's part of the document; open: cues that wait for somebody.
ItemCount count_items(const session::Document& document, std::string_view phase);

/// Makes the item at `path` ("/dialogue/clips/c12") what it is in `before`, or removes it.
void restore_item(session::Document& document, const session::Document& before, const std::string& path);

}  // namespace twopop::phases::detail
