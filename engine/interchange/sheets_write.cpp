#include "interchange/csv.h"
#include "interchange/sheets.h"

#include <algorithm>

namespace twopop::interchange {
namespace {

std::string timecode(const session::Document& document, SamplePosition at) {
  return to_string(timecode_at(at, {document.start_frame}, document.timecode_rate(), document.rate), document.timecode_rate());
}

/// To a tenth of a sample at 96 kHz.
std::string exact(const session::Document& document, SamplePosition at) { return fmt::format("{:.6f}", seconds(at, document.rate)); }

template <class Enum>
std::string name_of_value(Enum value) {
  for (const auto& known : names_of(value))
    if (known.value == value) return known.name;
  return {};
}

/// Items of a map in order of time, then of id.
template <class Cue, class At>
std::vector<std::pair<session::Id, const Cue*>> in_order(const std::map<session::Id, Cue>& cues, At at) {
  std::vector<std::pair<session::Id, const Cue*>> sorted;
  for (const auto& [id, cue] : cues) sorted.push_back({id, &cue});
  std::stable_sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) { return at(*a.second) < at(*b.second); });
  return sorted;
}

}  // namespace

std::string adr_sheet(const session::Document& document) {
  std::vector<CsvRow> rows{{"cue", "in", "out", "character", "line", "alternate line", "reason", "figure", "notes", "status", "on screen", "take", "in s", "out s"}};
  for (const auto& [id, cue] : in_order(document.adr.cues, [](const session::AdrCue& c) { return c.film.in; })) {
    const auto take = document.adr.takes.find(cue->chosen_take);
    std::string take_name;
    if (take != document.adr.takes.end()) {
      const auto media = document.media.find(take->second.media);
      take_name = media != document.media.end() ? media->second.name : take->second.media;
    }
    rows.push_back({cue->number.empty() ? id : cue->number, timecode(document, cue->film.in), timecode(document, cue->film.out), cue->character, cue->text,
                    cue->alternate_text, cue->reason_code, cue->figure, cue->notes, name_of_value(cue->status), cue->on_screen ? "yes" : "no", take_name,
                    exact(document, cue->film.in), exact(document, cue->film.out)});
  }
  return write_csv(rows);
}

std::string foley_sheet(const session::Document& document) {
  std::vector<CsvRow> rows{{"cue", "timecode", "out", "pass", "character", "surface", "action", "set", "performance", "gain db", "status", "on screen", "time s", "out s"}};
  for (const auto& [id, cue] : in_order(document.foley.cues, [](const session::FoleyCue& c) { return c.at; }))
    rows.push_back({id, timecode(document, cue->at), cue->out ? timecode(document, *cue->out) : "", name_of_value(cue->pass), cue->character, cue->surface,
                    cue->action, cue->set, cue->performance, fmt::format("{:g}", cue->gain.value), name_of_value(cue->status), cue->on_screen ? "yes" : "no",
                    exact(document, cue->at), cue->out ? exact(document, *cue->out) : ""});
  return write_csv(rows);
}

std::string music_sheet(const session::Document& document) {
  std::vector<CsvRow> rows{{"cue", "title", "composer", "publisher", "licence", "source", "isrc", "usage", "in", "out", "duration s"}};
  for (const auto& [id, cue] : in_order(document.music.cues, [](const session::MusicCue& c) { return c.film.in; })) {
    const auto found = document.media.find(cue->media);
    const session::Licence licence = found != document.media.end() ? found->second.licence : session::Licence{};
    const std::string title = !licence.title.empty() ? licence.title : found != document.media.end() ? found->second.name : cue->media;
    // Usage codes of cue sheets: background or visual, instrumental or vocal; we cannot tell vocals.
    const std::string usage = !cue->usage.empty() ? cue->usage : cue->diegetic ? "VI" : "BI";
    rows.push_back({cue->number.empty() ? id : cue->number, title, licence.author, licence.publisher, licence.licence, licence.source, licence.isrc, usage,
                    timecode(document, cue->film.in), timecode(document, cue->film.out), fmt::format("{:.2f}", seconds(cue->film.out - cue->film.in, document.rate))});
  }
  return write_csv(rows);
}

}  // namespace twopop::interchange
