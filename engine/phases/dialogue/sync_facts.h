#pragma once

#include "analysis/conform.h"
#include "phases/phase.h"

/// What sync measured, made once for a pair of files and kept.
namespace twopop::phases::detail {

/// `file` against `reference`, both media of the document. What is decoded for it stays on the shelf for the next pair.
Result<analysis::SyncResult> sync_of(const Context& context, const session::Id& reference, const session::Id& file, analysis::SourceShelf& shelf);
/// The same where it was measured before; nothing is measured for it.
std::optional<analysis::SyncResult> known_sync_of(const Context& context, const session::Id& reference, const session::Id& file);
/// What the guide's sound was found to say of a source, one for each stretch of it, where that was measured; nothing is measured for it.
std::vector<analysis::SyncResult> known_conform_of(const Context& context, const session::Id& guide, const session::Id& source);
/// Which stretch of which source lies under the guide's sound; indices as in `sources`.
Result<analysis::ConformResult> conform_of(const Context& context, const session::Id& guide, const std::vector<session::Id>& sources);

}  // namespace twopop::phases::detail
