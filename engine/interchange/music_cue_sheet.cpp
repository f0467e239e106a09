#include "interchange/music_cue_sheet.h"

#include "interchange/csv.h"

#include <algorithm>
#include <cmath>

namespace twopop::interchange {
namespace {

std::string clock_time(SampleCount length, SampleRate rate) {
  const std::int64_t ms = mul_div(length.value, 1000, rate.hz, Rounding::Nearest);
  return fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

std::vector<std::pair<session::Id, const session::MusicCue*>> in_film_time(const session::Document& document) {
  std::vector<std::pair<session::Id, const session::MusicCue*>> cues;
  for (const auto& [id, cue] : document.music.cues) cues.push_back({id, &cue});
  std::stable_sort(cues.begin(), cues.end(), [](const auto& a, const auto& b) { return a.second->film.in < b.second->film.in; });
  return cues;
}

SampleCount total(const session::Document& document) {
  SampleCount sum{};
  for (const auto& [id, cue] : document.music.cues) sum = sum + cue.film.range().length();
  return sum;
}

const session::Media* piece_of(const session::Document& document, const session::MusicCue& cue) {
  const auto found = document.media.find(cue.media);
  return found == document.media.end() ? nullptr : &found->second;
}

}  // namespace

std::string write_music_cue_sheet(const session::Document& document) {
  const auto timecode = [&](SamplePosition at) {
    return to_string(timecode_at(at, Timecode{document.start_frame}, document.timecode_rate(), document.rate), document.timecode_rate());
  };
  std::vector<CsvRow> rows{{"Title", document.delivery.title.empty() ? document.name : document.delivery.title},
                           {"Length of programme", clock_time(document.picture.length, document.rate)},
                           {"Length of music", clock_time(total(document), document.rate)},
                           {"Timecode", to_string(document.timecode_rate())},
                           {"Seq", "Cue", "Title", "Usage", "In", "Out", "Duration", "Source", "Composer", "Publisher", "Licence", "ISRC", "Origin", "Notes"}};
  int sequence = 0;
  for (const auto& [id, cue] : in_film_time(document)) {
    const session::Media* piece = piece_of(document, *cue);
    const session::Licence licence = piece ? piece->licence : session::Licence{};
    rows.push_back({std::to_string(++sequence), cue->number.empty() ? id : cue->number, licence.title.empty() && piece ? piece->name : licence.title,
                    cue->usage.empty() ? (cue->diegetic ? "VI" : "BI") : cue->usage, timecode(cue->film.in), timecode(cue->film.out),
                    clock_time(cue->film.range().length(), document.rate), cue->diegetic ? "visual" : "background", licence.author, licence.publisher, licence.licence, licence.isrc,
                    licence.source, licence.notes});
  }
  return write_csv(rows);
}

std::vector<std::string> check_music_cue_sheet(const session::Document& document) {
  std::vector<std::string> wrong;
  if (total(document) > document.picture.length)
    wrong.push_back(fmt::format("the cues last {} in sum, the programme {}: cues that overlap need their parts carved out", clock_time(total(document), document.rate),
                                clock_time(document.picture.length, document.rate)));
  for (const auto& [id, cue] : in_film_time(document)) {
    const session::Media* piece = piece_of(document, *cue);
    const std::string name = cue->number.empty() ? id : cue->number;
    if (!piece) {
      wrong.push_back(fmt::format("cue {} has no piece", name));
      continue;
    }
    if (piece->licence.title.empty()) wrong.push_back(fmt::format("cue {}: {} has no title", name, piece->name));
    if (piece->licence.author.empty()) wrong.push_back(fmt::format("cue {}: {} has no composer", name, piece->name));
    if (piece->licence.licence.empty()) wrong.push_back(fmt::format("cue {}: {} has no licence", name, piece->name));
  }
  return wrong;
}

}  // namespace twopop::interchange
