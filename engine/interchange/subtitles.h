#pragma once

#include "core/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace twopop::interchange {

/// One subtitle: what is said, and when.
struct SubtitleLine {
  int line = 0;          ///< of the file, from 1, where its times stand
  double start_s = 0, end_s = 0;
  std::string speaker;   ///< of a WebVTT voice tag, or of "NAME: words"; empty where nobody is named
  std::string text;      ///< without tags; lines divided by '\n'
};

struct Subtitles {
  std::vector<SubtitleLine> lines;  ///< in file order
  std::vector<std::string> warnings;
};

/// Reads SubRip (.srt) or WebVTT (.vtt), told apart by their content. A cue whose times cannot be read costs that cue.
/// Fails with Damaged where there is no cue and nothing that says WEBVTT.
Result<Subtitles> read_subtitles(std::string_view text);

}  // namespace twopop::interchange
