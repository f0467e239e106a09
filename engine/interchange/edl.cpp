#include "interchange/edl.h"

#include "core/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace twopop::interchange {
namespace {

constexpr std::size_t kMostWarnings = 200;
constexpr int kMostTracks = 256;

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (;;) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return words;
    text.remove_prefix(first);
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

bool looks_like_timecode(std::string_view word) {
  if (word.size() != 11) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool digit = word[i] >= '0' && word[i] <= '9';
    if (i % 3 == 2 ? digit : !digit) return false;
  }
  return true;
}

bool all_digits(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<double> number(std::string_view word) {
  if (word.starts_with('+')) word.remove_prefix(1);
  double value = 0;
  const auto [end, status] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || status != std::errc{} || end != word.data() + word.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// "V", "A", "A2", "AA", "AA/V", "B", "V1"; empty where it is none of these.
std::optional<EdlTracks> tracks_of(std::string_view word) {
  EdlTracks tracks;
  if (word == "B") return EdlTracks{true, {1}};
  if (word == "NONE") return tracks;
  while (!word.empty()) {
    const std::size_t end = std::min(word.find('/'), word.size());
    std::string_view part = word.substr(0, end);
    word.remove_prefix(std::min(end + 1, word.size()));
    while (!part.empty()) {
      const char kind = part[0];
      part.remove_prefix(1);
      std::size_t digits = 0;
      while (digits < part.size() && part[digits] >= '0' && part[digits] <= '9') ++digits;
      const auto index = whole_number(part.substr(0, digits));
      if (digits > 3 || (index && (*index < 1 || *index > kMostTracks))) return std::nullopt;
      part.remove_prefix(digits);
      if (kind == 'V') tracks.video = true;
      else if (kind == 'A') tracks.audio.push_back(index ? static_cast<int>(*index) : tracks.audio.empty() ? 1 : tracks.audio.back() + 1);
      else return std::nullopt;
    }
  }
  if (!tracks.video && tracks.audio.empty()) return std::nullopt;
  return tracks;
}

struct Type {
  EdlTransition transition;
  int wipe;
};
std::optional<Type> type_of(std::string_view word) {
  if (word == "C") return Type{EdlTransition::Cut, 0};
  if (word == "D") return Type{EdlTransition::Dissolve, 0};
  if (word == "K" || word == "KB" || word == "KO") return Type{EdlTransition::Key, 0};
  if (word.size() > 1 && word.size() <= 4 && word[0] == 'W' && all_digits(word.substr(1)))
    return Type{EdlTransition::Wipe, static_cast<int>(*whole_number(word.substr(1)))};
  return std::nullopt;
}

class Parser {
 public:
  explicit Parser(FrameRate frames) : rate_{frames, DropFrame::No} {}

  Result<Edl> run(std::string_view text) {
    for (const TextLine& line : lines_of(text)) {
      line_ = line.number;
      take_line(trimmed(line.text));
    }
    if (edl_.edits.empty())
      return Error{Code::Damaged, fmt::format("no edit of a CMX3600 list was found in {} lines", line_),
                   "export the cut again as an EDL (CMX3600)"};
    check_lengths();
    if (left_out_ > 0) edl_.warnings.push_back(fmt::format("and {} more", left_out_));
    return std::move(edl_);
  }

 private:
  template <class... Args>
  void warn(fmt::format_string<Args...> format, Args&&... args) {
    if (edl_.warnings.size() >= kMostWarnings) ++left_out_;
    else edl_.warnings.push_back(fmt::format("line {}: {}", line_, fmt::format(format, std::forward<Args>(args)...)));
  }

  void take_line(std::string_view line) {
    if (line.empty() || line.find_first_not_of("\x1a") == std::string_view::npos) return;  // some lists end with ^Z
    if (line.starts_with("TITLE:")) {
      if (edl_.title.empty()) edl_.title = tidy_text(line.substr(6));
    } else if (line.starts_with("FCM:")) {
      take_fcm(trimmed(line.substr(4)));
    } else if (line[0] == '*') {
      take_comment(trimmed(line.substr(1)));
    } else if (line.starts_with("M2") && line.size() > 2 && (line[2] == ' ' || line[2] == '\t')) {
      take_speed(line);
    } else if (line.starts_with("AUD")) {
      take_more_audio(line);
    } else if (line[0] >= '0' && line[0] <= '9') {
      take_edit(line);
    } else {
      take_comment(line);
    }
  }

  void take_fcm(std::string_view how) {
    const bool drop = how.starts_with("DROP");
    if (!drop && !how.starts_with("NON")) return warn("FCM '{}' is neither DROP FRAME nor NON-DROP FRAME", how);
    const auto rate = timecode_rate(rate_.frames, drop ? DropFrame::Yes : DropFrame::No);
    if (rate) rate_ = *rate;
    else warn("the list counts in drop-frame, which {} frames per second do not have; read as non-drop", to_string(rate_));
  }

  std::optional<Timecode> label(std::string_view word) {
    const auto timecode = parse_timecode(word, rate_);
    if (timecode) return *timecode;
    // A label that drop-frame leaves out stands for the next one that exists.
    if (rate_.drop == DropFrame::Yes)
      for (const char* frames : {"02", "04"})
        if (const auto next = parse_timecode(std::string(word.substr(0, 9)) + frames, rate_); next && word.substr(9) < frames) {
          warn("drop-frame counting leaves out {}; took {}", word, to_string(*next, rate_));
          return *next;
        }
    warn("{}", timecode.error().message);
    return std::nullopt;
  }

  void take_edit(std::string_view line) {
    const auto words = words_of(line);
    const std::size_t n = words.size();
    if (!all_digits(words[0]) || n < 7 || !std::all_of(words.end() - 4, words.end(), looks_like_timecode))
      return warn("not an edit with four timecodes: '{}'", line.substr(0, 60));
    EdlEdit edit;
    edit.line = line_;
    edit.event = words[0];
    edit.rate = rate_;
    // From the right: four labels, perhaps a length, the transition, the tracks; the rest is the reel.
    std::size_t at = n - 5;
    auto type = type_of(words[at]);
    if (!type && all_digits(words[at]) && at > 1) {
      edit.transition_frames = whole_number(words[at]).value_or(0);
      type = type_of(words[--at]);
    }
    if (!type) return warn("'{}' is no transition", words[at]);
    edit.transition = type->transition;
    edit.wipe = type->wipe;
    if (edit.transition == EdlTransition::Cut) edit.transition_frames = 0;
    if (at < 2) return warn("it names no reel and tracks");
    const auto tracks = tracks_of(words[at - 1]);
    if (!tracks) return warn("'{}' are no tracks", words[at - 1]);
    edit.tracks = *tracks;
    for (std::size_t i = 1; i + 1 < at; ++i) edit.reel += (i > 1 ? " " : "") + tidy_text(words[i]);
    if (edit.reel.empty()) return warn("it names no reel");
    const auto source_in = label(words[n - 4]), source_out = label(words[n - 3]), record_in = label(words[n - 2]), record_out = label(words[n - 1]);
    if (!source_in || !source_out || !record_in || !record_out) return;
    edit.source_in = *source_in;
    edit.source_out = *source_out;
    edit.record_in = *record_in;
    edit.record_out = *record_out;
    if (edit.record_frames() < 0) return warn("it ends at {} before it starts at {}", words[n - 1], words[n - 2]);
    edl_.edits.push_back(std::move(edit));
  }

  /// "M2 REEL SPEED LABEL": belongs to the edit of this reel in the event that stands before it.
  void take_speed(std::string_view line) {
    const auto words = words_of(line);
    if (words.size() < 3 || edl_.edits.empty()) return warn("M2 without a reel and a speed, or before any edit");
    // The label may be missing; so may the space between reel and speed not be.
    const std::size_t at = looks_like_timecode(words.back()) ? words.size() - 2 : words.size() - 1;
    const auto speed = at >= 2 ? number(words[at]) : std::nullopt;
    if (!speed) return warn("M2 states no speed: '{}'", line.substr(0, 60));
    std::string reel;
    for (std::size_t i = 1; i < at; ++i) reel += (i > 1 ? " " : "") + tidy_text(words[i]);
    for (auto edit = edl_.edits.rbegin(); edit != edl_.edits.rend() && edit->event == edl_.edits.back().event; ++edit)
      if (edit->reel == reel) {
        edit->speed_fps = speed;
        return;
      }
    warn("M2 for reel '{}', which is not that of the edit before it ('{}')", reel, edl_.edits.back().reel);
    edl_.edits.back().speed_fps = speed;
  }

  void take_more_audio(std::string_view line) {
    if (edl_.edits.empty()) return;
    for (const std::string_view word : words_of(line.substr(3)))
      if (const auto track = whole_number(word); track && *track >= 1 && *track <= kMostTracks)
        edl_.edits.back().tracks.audio.push_back(static_cast<int>(*track));
  }

  void take_comment(std::string_view text) {
    const auto after = [&](std::string_view key) -> std::optional<std::string> {
      if (!text.starts_with(key)) return std::nullopt;
      return tidy_text(text.substr(key.size()));
    };
    if (edl_.edits.empty()) return;
    EdlEdit& edit = edl_.edits.back();
    if (const auto name = after("FROM CLIP NAME:")) {
      // In a transition this names what goes out: the half before, of the same event.
      EdlEdit* out = &edit;
      if (edit.transition != EdlTransition::Cut)
        out = edl_.edits.size() > 1 && edl_.edits[edl_.edits.size() - 2].event == edit.event ? &edl_.edits[edl_.edits.size() - 2] : nullptr;
      if (out) out->clip_name = *name;
      else edit.comments.push_back(tidy_text(text));
    } else if (const auto to = after("TO CLIP NAME:")) {
      edit.clip_name = *to;
    } else if (const auto file = after("SOURCE FILE:"); file || (text.starts_with("FROM FILE:") || text.starts_with("FROM CLIP:"))) {
      edit.source_file = file ? *file : tidy_text(text.substr(10));
    } else if (const auto marker = after("LOC:")) {
      take_marker(*marker);
    } else if (std::string comment = tidy_text(text); !comment.empty()) {
      edit.comments.push_back(std::move(comment));
    }
  }

  void take_marker(const std::string& text) {
    const auto words = words_of(text);
    if (words.empty() || !looks_like_timecode(words[0])) return warn("LOC without a timecode");
    const auto at = label(words[0]);
    if (!at) return;
    EdlMarker marker{line_, *at, rate_, words.size() > 1 ? std::string(words[1]) : "", ""};
    if (words.size() > 2) marker.text = text.substr(static_cast<std::size_t>(words[2].data() - text.data()));
    edl_.markers.push_back(std::move(marker));
  }

  void check_lengths() {
    int without_source = 0;
    for (const EdlEdit& edit : edl_.edits) {
      line_ = edit.line;
      if (edit.black() || edit.speed_fps) continue;
      if (edit.source_frames() == 0 && edit.record_frames() > 0) ++without_source;
      else if (edit.source_frames() != edit.record_frames())
        warn("event {} takes {} frames of its source for {} frames of the cut", edit.event, edit.source_frames(), edit.record_frames());
    }
    if (without_source > 0) edl_.warnings.push_back(fmt::format("{} edits state no length of their source", without_source));
  }

  TimecodeRate rate_;
  Edl edl_;
  int line_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace

Result<Edl> read_edl(std::string_view text, FrameRate frames) { return Parser(frames).run(text); }

int least_nominal_rate(std::string_view text) {
  std::int64_t most = 0;
  for (const TextLine& line : lines_of(text)) {
    const auto words = words_of(trimmed(line.text));
    if (words.size() < 7 || !all_digits(words[0])) continue;
    for (const std::string_view word : words)
      if (looks_like_timecode(word)) most = std::max(most, *whole_number(word.substr(9)));
  }
  for (const int rate : {24, 25, 30, 50})
    if (most < rate) return rate;
  return 60;
}

}  // namespace twopop::interchange
