#include "interchange/script.h"

#include "core/text.h"

#include <algorithm>
#include <array>

namespace twopop::interchange {
namespace {

bool has_capital(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80; });
}
bool has_small(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

/// The next place of a mark at or behind `at`, looked for anew only when it lies behind us.
class NextMark {
 public:
  NextMark(std::string_view text, std::string_view mark) : text_(text), mark_(mark) {}
  std::size_t from(std::size_t at) {
    if (!known_ || place_ < at) place_ = text_.find(mark_, at);
    known_ = true;
    return place_;
  }

 private:
  std::string_view text_, mark_;
  std::size_t place_ = 0;
  bool known_ = false;
};

/// Without [[notes]] and /* boneyard */; line ends within them stay, so that lines keep their numbers. An empty line
/// within brackets makes them words.
std::string without_notes(std::string_view text) {
  NextMark note_end(text, "]]"), yard_end(text, "*/"), gap(text, "\n\n"), wide_gap(text, "\r\n\r\n");
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool note = text.compare(at, 2, "[[") == 0, yard = text.compare(at, 2, "/*") == 0;
    if (note || yard) {
      const std::size_t close = (note ? note_end : yard_end).from(at + 2);
      const bool whole = yard || close < std::min(gap.from(at), wide_gap.from(at));
      if (close != std::string_view::npos && whole) {
        for (; at < close; ++at)
          if (text[at] == '\n' || text[at] == '\r') out += text[at];
        ++at;
        continue;
      }
    }
    out += text[at];
  }
  return out;
}

/// Without the stars and underscores of emphasis; "\*" is a star.
std::string without_emphasis(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '*' || text[i + 1] == '_')) out += text[++i];
    else if (text[i] != '*' && text[i] != '_') out += text[i];
  }
  return std::string(trimmed(out));
}

/// Scene headings begin with one of these and a dot or a space.
constexpr std::array<std::string_view, 7> kHeadings{"INT./EXT", "INT/EXT", "EXT./INT", "I/E", "INT", "EXT", "EST"};

bool is_heading(std::string_view line) {
  const std::string upper = to_upper(line.substr(0, 16));
  return std::any_of(kHeadings.begin(), kHeadings.end(), [&](std::string_view start) {
    return upper.starts_with(start) && upper.size() > start.size() && (upper[start.size()] == '.' || upper[start.size()] == ' ');
  });
}

struct Cue {
  std::string character, extension;
};

/// Reads "STEEL (V.O.) (CONT'D) ^". Nothing where the line cannot be a character's name.
bool read_cue(std::string_view line, Cue& cue) {
  line = trimmed(line);
  const bool forced = line.starts_with('@');
  if (forced) line.remove_prefix(1);
  if (line.ends_with('^')) line = trimmed(line.substr(0, line.size() - 1));  // speaks at the same time as the one before
  const std::size_t open = std::min(line.find('('), line.size());
  const std::string_view name = trimmed(line.substr(0, open));
  std::string_view rest = trimmed(line.substr(open));
  if (name.empty() || name.size() > 60) return false;
  const bool digit_first = name[0] >= '0' && name[0] <= '9';
  if (!forced && (!has_capital(name) || has_small(name) || digit_first)) return false;
  if (!forced && name.find_first_of(":!?^\"") != std::string_view::npos) return false;
  std::string extension;
  while (!rest.empty()) {
    const std::size_t close = rest.find(')');
    if (rest[0] != '(' || close == std::string_view::npos) return false;
    const std::string_view part = rest.substr(0, close + 1);
    if (!to_upper(part).starts_with("(CONT")) extension += (extension.empty() ? "" : " ") + std::string(part);
    rest = trimmed(rest.substr(close + 1));
  }
  cue = {to_upper(name), extension};
  return true;
}

class Fountain {
 public:
  Script run(std::string_view text) {
    clean_ = without_notes(text);
    lines_ = lines_of(clean_);
    std::size_t at = title_page();
    for (; at < lines_.size(); ++at) at = take(at);
    return std::move(script_);
  }

 private:
  std::string_view line(std::size_t i) const { return i < lines_.size() ? trimmed(lines_[i].text) : std::string_view(); }
  /// A line of spaces alone goes on with speech; an empty one ends it.
  bool ends_speech(std::size_t i) const { return i >= lines_.size() || (line(i).empty() && lines_[i].text.size() < 2); }

  /// "Title: ..." and such before the first empty line.
  std::size_t title_page() {
    const std::size_t colon = lines_.empty() ? std::string_view::npos : lines_[0].text.find(':');
    const std::string_view key = colon == std::string_view::npos ? std::string_view() : lines_[0].text.substr(0, colon);
    constexpr std::array<std::string_view, 8> kKeys{"TITLE", "CREDIT", "AUTHOR", "AUTHORS", "SOURCE", "DRAFT DATE", "CONTACT", "NOTES"};
    if (std::find(kKeys.begin(), kKeys.end(), to_upper(key)) == kKeys.end()) return 0;
    std::size_t at = 0;
    bool in_title = false;
    for (; at < lines_.size() && !line(at).empty(); ++at) {
      std::string_view words = line(at);
      if (to_upper(words.substr(0, 6)) == "TITLE:") {
        in_title = true;
        words = trimmed(words.substr(6));
      } else if (lines_[at].text[0] != ' ' && lines_[at].text[0] != '\t') {
        in_title = false;
      }
      if (in_title && !words.empty()) script_.title += (script_.title.empty() ? "" : " ") + without_emphasis(tidy_text(words));
    }
    return at;
  }

  /// Takes what starts at a line and returns its last line.
  std::size_t take(std::size_t at) {
    const std::string_view text = line(at);
    const bool fresh = at == 0 || line(at - 1).empty();
    const bool forced = text.size() > 1 && text[0] == '.' && text[1] != '.' && text[1] != ' ';
    if (text.empty() || text[0] == '!' || text[0] == '=' || text[0] == '#' || text[0] == '>' || text[0] == '~') return at;
    if (forced || (fresh && is_heading(text))) {
      take_heading(forced ? text.substr(1) : text, lines_[at].number);
      return at;
    }
    Cue cue;
    if (!fresh || at + 1 >= lines_.size() || line(at + 1).empty() || !read_cue(text, cue)) return at;
    return take_speech(cue, at + 1);
  }

  void take_heading(std::string_view text, int number) {
    ScriptScene scene{number, "", ""};
    const std::size_t open = text.find('#');
    const std::size_t close = open == std::string_view::npos ? open : text.find('#', open + 1);
    if (close != std::string_view::npos && close > open + 1 && text.substr(open, close - open).find(' ') == std::string_view::npos) {
      scene.number = tidy_text(text.substr(open + 1, close - open - 1));
      text = text.substr(0, open);
    }
    scene.heading = without_emphasis(tidy_text(text));
    script_.scenes.push_back(std::move(scene));
  }

  std::size_t take_speech(const Cue& cue, std::size_t at) {
    ScriptLine spoken;
    spoken.line = lines_[at].number;
    spoken.scene = static_cast<int>(script_.scenes.size()) - 1;
    spoken.character = tidy_text(cue.character);
    spoken.extension = tidy_text(cue.extension);
    for (; !ends_speech(at); ++at) {
      const std::string_view words = line(at);
      const bool direction = words.size() > 1 && words.front() == '(' && words.back() == ')';
      std::string& into = direction ? spoken.direction : spoken.text;
      const std::string tidy = without_emphasis(tidy_text(direction ? words.substr(1, words.size() - 2) : words.substr(words.starts_with('~') ? 1 : 0)));
      if (!tidy.empty()) into += (into.empty() ? "" : direction ? "; " : " ") + tidy;
    }
    if (!spoken.text.empty()) script_.lines.push_back(std::move(spoken));
    return at - 1;
  }

  std::string clean_;
  std::vector<TextLine> lines_;
  Script script_;
};

/// "NAME: words", "Name (V.O.): words"; other lines are said by nobody in particular.
Script read_plain(std::string_view text) {
  Script script;
  for (const TextLine& line : lines_of(text)) {
    const std::string words = tidy_text(line.text);
    if (words.empty() || words[0] == '#') continue;
    if (is_heading(words)) {
      script.scenes.push_back({line.number, words, ""});
      continue;
    }
    ScriptLine spoken{line.number, static_cast<int>(script.scenes.size()) - 1, "", "", "", words};
    const std::size_t colon = words.find(':');
    Cue cue;
    // Up to three words before a colon are a name, unless they are a time of day.
    if (colon != std::string::npos && colon + 1 < words.size() && words[colon + 1] == ' ' &&
        std::count(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(colon), ' ') < 4 &&
        read_cue(to_upper(words.substr(0, colon)), cue)) {
      spoken.character = cue.character;
      spoken.extension = cue.extension;
      spoken.text = std::string(trimmed(std::string_view(words).substr(colon + 1)));
    }
    if (!spoken.text.empty()) script.lines.push_back(std::move(spoken));
  }
  return script;
}

}  // namespace

std::vector<std::string> Script::characters() const {
  std::vector<std::string> names;
  for (const ScriptLine& line : lines)
    if (!line.character.empty() && std::find(names.begin(), names.end(), line.character) == names.end()) names.push_back(line.character);
  return names;
}

Script read_script(std::string_view text, ScriptFormat format) {
  if (format == ScriptFormat::PlainText) return read_plain(text);
  Script fountain = Fountain().run(text);
  if (format == ScriptFormat::Fountain) return fountain;
  // Characters' names on lines of their own are the mark of a screenplay; "NAME: words" that of a list of lines.
  Script plain = read_plain(text);
  const auto named = std::count_if(plain.lines.begin(), plain.lines.end(), [](const ScriptLine& l) { return !l.character.empty(); });
  const bool is_list = named > static_cast<std::ptrdiff_t>(fountain.lines.size());
  return fountain.lines.empty() || is_list ? plain : fountain;
}

}  // namespace twopop::interchange
