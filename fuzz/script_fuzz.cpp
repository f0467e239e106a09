#include "interchange/script.h"

#include "core/result.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace twopop::interchange;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const ScriptFormat format : {ScriptFormat::Guess, ScriptFormat::Fountain, ScriptFormat::PlainText}) {
    const Script script = read_script(text, format);
    for (const ScriptLine& line : script.lines) {
      TWOPOP_ASSERT(!line.text.empty() && line.line > 0);
      TWOPOP_ASSERT(line.scene < static_cast<int>(script.scenes.size()));
    }
    TWOPOP_ASSERT(script.characters().size() <= script.lines.size());
  }
  return 0;
}
