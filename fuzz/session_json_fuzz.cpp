// Reads bytes as session.json, and what can be read as a patch against a small session: nothing may crash, what was read
// must come back the same from its own text, and an inverse must take its patch back.
#include "session/detail/state.h"
#include "session/document.h"
#include "session/json.h"
#include "session/patch.h"
#include "session/validate.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace twopop::session;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void read_document(std::string_view text, UnknownKeys unknown) {
  const auto document = read_json<Document>(text, unknown);
  if (!document) return;
  static_cast<void>(validate(*document).ok());
  const std::string written = write_json(*document);
  const auto again = read_json<Document>(written);
  require(again.ok() && write_json(*again) == written);
  // What differs from an empty session makes it; from itself nothing does.
  Document made;
  require(apply_patch(made, difference(made, *document)).ok() && write_json(made) == written);
  require(difference(*document, *again).empty());
}

void apply(std::string_view text) {
  const auto patch = parse_patch(text);
  if (!patch) return;
  require(patch_json(*parse_patch(patch_json(*patch))) == patch_json(*patch));
  Document document;
  document.mix.strips["a"];
  document.delivery.target = twopop::Lufs{-23};
  const std::string before = write_json(document);
  Patch inverse;
  if (apply_patch(document, *patch, &inverse)) require(apply_patch(document, inverse).ok());
  require(write_json(document) == before);
}

/// As the store applies it: in place, with defaults filled in, and checked.
void change_state(std::string_view text) {
  const auto patch = parse_patch(text);
  if (!patch) return;
  Document document;
  document.mix.strips["a"];
  document.media["m"].path = "m.wav";
  detail::State state = detail::State::of(document);
  const auto before = state.sum();
  if (const auto change = state.change(*patch)) {
    static_cast<void>(detail::touched_units(*patch).size());
    require(write_json(*state.document()) == write_json(*read_json<Document>(detail::print_dom(state.dom(), nullptr, JsonLayout::Compact), UnknownKeys::Skip)));
    state.take_back(*change);
  }
  require(state.sum() == before);
  require(state.sum() == detail::sum_of(state.dom()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_document(text, UnknownKeys::Refuse);
  read_document(text, UnknownKeys::Skip);
  apply(text);
  change_state(text);
  return 0;
}
