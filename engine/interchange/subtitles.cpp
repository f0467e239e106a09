#include "interchange/subtitles.h"

#include "core/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace twopop::interchange {
namespace {

constexpr std::size_t kMostWarnings = 100;
constexpr std::size_t kLongestTag = 1024;

/// "01:02:03,456", "02:03.456", with one to three digits behind the mark.
std::optional<double> seconds_of(std::string_view text) {
  text = trimmed(text);
  double fraction = 0;
  if (const std::size_t mark = text.find_first_of(".,"); mark != std::string_view::npos) {
    const std::string_view digits = text.substr(mark + 1);
    const auto value = whole_number(digits);
    if (!value || *value < 0 || digits.size() > 9) return std::nullopt;
    fraction = static_cast<double>(*value) / std::pow(10.0, static_cast<double>(digits.size()));
    text = text.substr(0, mark);
  }
  double total = 0;
  int parts = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(':'), text.size());
    const auto value = whole_number(text.substr(0, end));
    if (!value || *value < 0 || *value > 100'000 || ++parts > 3 || (parts > 1 && *value > 59)) return std::nullopt;
    total = total * 60 + static_cast<double>(*value);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (parts < 2) return std::nullopt;
  return total + fraction;
}

struct Span {
  double start_s, end_s;
};
/// "start --> end settings"; nothing where the line is none of the kind or its times are wrong.
std::optional<Span> span_of(std::string_view line) {
  const std::size_t arrow = line.find("-->");
  if (arrow == std::string_view::npos) return std::nullopt;
  const std::string_view rest = trimmed(line.substr(arrow + 3));
  const auto start = seconds_of(line.substr(0, arrow)), end = seconds_of(rest.substr(0, rest.find_first_of(" \t")));
  if (!start || !end) return std::nullopt;
  return Span{*start, *end};
}

struct Entity {
  std::string_view name, text;
};
constexpr std::array kEntities{Entity{"&amp;", "&"},       Entity{"&lt;", "<"},  Entity{"&gt;", ">"}, Entity{"&nbsp;", "\xc2\xa0"},
                               Entity{"&quot;", "\""}, Entity{"&lrm;", ""}, Entity{"&rlm;", ""}};

/// Words without <tags> and {\overrides}. The first voice tag names who speaks.
std::string plain(std::string_view text, std::string& speaker) {
  std::string out;
  while (!text.empty()) {
    if (text[0] == '<') {
      const std::size_t end = text.substr(0, kLongestTag).find('>');
      const std::string_view tag = text.substr(1, end == std::string_view::npos ? std::string_view::npos : end - 1);
      if (tag.size() > 1 && tag[0] == 'v' && (tag[1] == ' ' || tag[1] == '.') && speaker.empty()) {
        const std::size_t name = tag.find(' ');
        if (name != std::string_view::npos) speaker = tidy_text(tag.substr(name));
      }
      // "<" in words, as in "a < b", is no tag.
      const bool is_tag = end != std::string_view::npos && !tag.empty() && tag[0] != ' ' && tag.find('\n') == std::string_view::npos;
      if (is_tag) {
        text.remove_prefix(end + 1);
        continue;
      }
    } else if (text.starts_with("{\\")) {
      if (const std::size_t end = text.substr(0, kLongestTag).find('}'); end != std::string_view::npos) {
        text.remove_prefix(end + 1);
        continue;
      }
    } else if (text[0] == '&') {
      const auto entity = std::find_if(kEntities.begin(), kEntities.end(), [&](const Entity& e) { return text.starts_with(e.name); });
      if (entity != kEntities.end()) {
        out += entity->text;
        text.remove_prefix(entity->name.size());
        continue;
      }
    }
    out += text[0];
    text.remove_prefix(1);
  }
  return tidy_text(out);
}

/// "MARY: words" and "- MARY: words" name who speaks, where the name is in capitals.
void take_name(SubtitleLine& line) {
  if (!line.speaker.empty()) return;
  const std::size_t colon = line.text.find(':');
  if (colon == std::string::npos || colon == 0 || colon > 30) return;
  std::string_view name = trimmed(std::string_view(line.text).substr(0, colon));
  if (name.starts_with("-")) name = trimmed(name.substr(1));
  const bool has_letter = std::any_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!has_letter || to_upper(name) != name || name.find('\n') != std::string_view::npos) return;
  line.speaker = name;
  line.text = std::string(trimmed(std::string_view(line.text).substr(colon + 1)));
}

}  // namespace

Result<Subtitles> read_subtitles(std::string_view text) {
  const auto lines = lines_of(text);
  Subtitles subtitles;
  const bool web = !lines.empty() && lines[0].text.starts_with("WEBVTT");
  const auto blank = [&](std::size_t i) { return trimmed(lines[i].text).empty(); };
  for (std::size_t i = web ? 1 : 0; i < lines.size(); ++i) {
    if (web && (lines[i].text.starts_with("NOTE") || lines[i].text.starts_with("STYLE") || lines[i].text.starts_with("REGION"))) {
      while (i < lines.size() && !blank(i)) ++i;
      continue;
    }
    if (lines[i].text.find("-->") == std::string_view::npos) continue;  // a number, an id, or stray text
    SubtitleLine line;
    line.line = lines[i].number;
    const auto span = span_of(lines[i].text);
    std::string raw;
    while (i + 1 < lines.size() && !blank(i + 1) && lines[i + 1].text.find("-->") == std::string_view::npos) {
      // Where the empty line before the next cue is missing, its number is not ours.
      const bool next_number = !web && i + 2 < lines.size() && whole_number(trimmed(lines[i + 1].text)) && span_of(lines[i + 2].text);
      if (next_number) break;
      if (!raw.empty()) raw += '\n';
      raw += lines[++i].text;
    }
    if (!span || span->end_s < span->start_s) {
      if (subtitles.warnings.size() < kMostWarnings)
        subtitles.warnings.push_back(fmt::format("line {}: the times of this subtitle cannot be read", line.line));
      continue;
    }
    line.start_s = span->start_s;
    line.end_s = span->end_s;
    line.text = plain(raw, line.speaker);
    take_name(line);
    subtitles.lines.push_back(std::move(line));
  }
  if (subtitles.lines.empty() && !web)
    return Error{Code::Damaged, fmt::format("no subtitle was found in {} lines", lines.size()), "save the subtitles as SRT or WebVTT"};
  return subtitles;
}

}  // namespace twopop::interchange
