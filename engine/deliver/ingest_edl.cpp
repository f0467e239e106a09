#include "deliver/ingest_edl.h"

#include "core/text.h"
#include "interchange/edl.h"
#include "interchange/script.h"
#include "interchange/subtitles.h"
#include "session/validate.h"

#include <filesystem>

namespace twopop::deliver {
namespace {

std::string bare(std::string_view name) {
  std::string out;
  for (const char c : to_upper(name))
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) out += c;
  return out;
}

std::string bare_stem(const std::string& name) { return bare(std::filesystem::path(name).stem().string()); }

/// How well a rush fits what the list says of an event: 0 not at all.
int fit(const session::Media& rush, const interchange::EdlEdit& edit) {
  constexpr std::size_t kTelling = 4;  // shorter names fit by chance
  const std::string name = bare_stem(rush.path), reel = bare(edit.reel), source = bare_stem(edit.source_file);
  // A clip name is a title or a file's name: with and without what follows its last dot.
  const std::string clip = bare(edit.clip_name), clip_stem = bare_stem(edit.clip_name);
  int score = 0;
  if (!source.empty() && source == name) score += 4;
  if (!clip.empty() && (clip == name || clip_stem == name)) score += 3;
  else if (clip.size() >= kTelling && name.find(clip) != std::string::npos) score += 2;
  if (!reel.empty() && (reel == name || reel == bare(rush.roll))) score += 3;
  else if (reel.size() >= kTelling && name.starts_with(reel)) score += 1;
  return score;
}

session::Id rush_of(const session::Document& document, const interchange::EdlEdit& edit) {
  session::Id best;
  int most = 0;
  bool tied = false;
  for (const auto& [id, media] : document.media) {
    if (media.kind != session::MediaKind::Rushes) continue;
    const int score = fit(media, edit);
    if (score == most) tied = true;
    if (score > most) most = score, best = id, tied = false;
  }
  return most > 0 && !tied ? best : session::Id();
}

/// Second of the rush at a label of its own counting. A rush without timecode is taken to start on the hour of the label.
double second_in(const session::Media& rush, Timecode label, TimecodeRate rate) {
  const double at = static_cast<double>(label.frame) / rate.frames.hz();
  if (rush.start_of_day_s) return at - *rush.start_of_day_s;
  const std::int64_t hour = std::int64_t{3600} * rate.frames.nominal();
  return static_cast<double>(label.frame % hour) / rate.frames.hz();
}

}  // namespace

Result<std::vector<std::string>> apply_edl(session::Document& document, std::string_view text, bool keep_start) {
  TWOPOP_TRY(const interchange::Edl edl, interchange::read_edl(text, document.frames));
  std::vector<std::string> notes = edl.warnings;
  std::vector<const interchange::EdlEdit*> events;
  for (const auto& edit : edl.edits)
    if (edit.tracks.video && !edit.black() && edit.record_frames() > 0) events.push_back(&edit);
  if (events.empty()) {
    notes.emplace_back("the edit list has no event of picture");
    return notes;
  }
  const auto first = std::min_element(events.begin(), events.end(), [](const auto* a, const auto* b) { return a->record_in < b->record_in; });
  if (!keep_start && (*first)->record_in.frame < document.start_frame) document.start_frame = (*first)->record_in.frame;
  document.picture.events.clear();
  int matched = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const interchange::EdlEdit& edit = *events[i];
    session::EditEvent event;
    const Timecode start{document.start_frame};
    event.film = {position_of(edit.record_in, start, edit.rate, document.rate), position_of(edit.record_out, start, edit.rate, document.rate)};
    event.reel = edit.reel;
    event.clip_name = edit.clip_name;
    event.speed = std::clamp(edit.speed(), -100.0, 100.0);
    event.media = rush_of(document, edit);
    if (event.media.empty()) {
      notes.push_back(fmt::format("event {} ({}, reel {}): no rush has that name", edit.event, edit.clip_name, edit.reel));
    } else {
      event.source_in_s = second_in(document.media.at(event.media), edit.source_in, edit.rate);
      ++matched;
    }
    document.picture.events.emplace(fmt::format("e{:04}", i + 1), std::move(event));
  }
  notes.push_back(fmt::format("{} events, {} with their rush", events.size(), matched));
  return notes;
}

Result<std::vector<std::string>> apply_script(session::Document& document, std::string_view text, std::string_view ending) {
  const std::string kind = to_upper(ending);
  std::vector<std::string> notes;
  auto& lines = document.picture.script;
  lines.clear();
  const auto add = [&](session::ScriptLine line) {
    line.order = static_cast<int>(lines.size()) + 1;
    lines.emplace(fmt::format("l{:05}", line.order), std::move(line));
  };
  if (kind == ".SRT" || kind == ".VTT") {
    TWOPOP_TRY(const interchange::Subtitles subtitles, interchange::read_subtitles(text));
    notes = subtitles.warnings;
    // Some subtitles count from the film's first timecode in place of zero.
    const double start_s = static_cast<double>(document.start_frame) / document.frames.hz();
    const double shift = !subtitles.lines.empty() && start_s > 0 && subtitles.lines.front().start_s >= start_s ? start_s : 0;
    for (const auto& subtitle : subtitles.lines) {
      session::ScriptLine line;
      line.character = subtitle.speaker;
      line.text = subtitle.text;
      line.film = session::Span{{samples(subtitle.start_s - shift, document.rate).value}, {samples(subtitle.end_s - shift, document.rate).value}};
      add(std::move(line));
    }
  } else {
    const interchange::Script script = interchange::read_script(text);
    for (const auto& spoken : script.lines) {
      session::ScriptLine line;
      if (spoken.scene >= 0) line.scene = script.scenes[static_cast<std::size_t>(spoken.scene)].heading;
      line.character = spoken.character;
      line.text = spoken.text;
      add(std::move(line));
    }
  }
  notes.push_back(fmt::format("{} lines of script", lines.size()));
  return notes;
}

}  // namespace twopop::deliver
