#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace twopop::interchange {

struct ScriptScene {
  int line = 0;         ///< of the file, from 1
  std::string heading;  ///< "INT. KITCHEN - DAY"
  std::string number;   ///< as written between #...#; empty where there is none
};

/// What one character says until another speaks or something happens.
struct ScriptLine {
  int line = 0;           ///< of the file, where its first words stand
  int scene = -1;         ///< index into Script::scenes; -1 before the first heading
  std::string character;  ///< in capitals; empty in plain text that names nobody
  std::string extension;  ///< "(V.O.)", "(O.S.)"; without (CONT'D)
  std::string direction;  ///< parentheticals, such as "slowly"
  std::string text;       ///< words alone; lines divided by a space
};

struct Script {
  std::string title;
  std::vector<ScriptScene> scenes;
  std::vector<ScriptLine> lines;
  /// Names in order of first appearance, each once.
  std::vector<std::string> characters() const;
};

enum class ScriptFormat { Guess, Fountain, PlainText };

/// Reads a screenplay in Fountain (fountain.io, syntax 1.1), or plain text of "NAME: words" lines. Every text is a script
/// of some kind: what is neither heading nor speech is left out of Fountain, and is a line of nobody in plain text.
Script read_script(std::string_view text, ScriptFormat format = ScriptFormat::Guess);

}  // namespace twopop::interchange
