#include "deliver/detail/report_tables.h"

#include "deliver/board.h"

#include <algorithm>
#include <set>

namespace twopop::deliver::detail {
namespace {

using session::Document;

std::string label(const Document& document, SamplePosition at) {
  return to_string(timecode_at(at, {document.start_frame}, document.timecode_rate(), document.rate), document.timecode_rate());
}

std::string label(const Document& document, const session::Span& span) { return label(document, span.in) + " – " + label(document, span.out); }

/// "00:01:02.345", as music cue sheets write durations.
std::string duration_text(SampleCount length, SampleRate rate) {
  const std::int64_t ms = mul_div(length.value, 1000, rate.hz, Rounding::Nearest);
  return fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

template <class Enum>
std::string text_of(Enum value) {
  for (const auto& [known, name] : names_of(value))
    if (known == value) return name;
  return {};
}

std::string or_dash(const std::string& text) { return text.empty() ? "–" : text; }

/// Items of a collection in order of time.
template <class Item, class Key>
std::vector<std::pair<const session::Id*, const Item*>> in_order(const std::map<session::Id, Item>& items, Key key) {
  std::vector<std::pair<const session::Id*, const Item*>> sorted;
  for (const auto& [id, item] : items) sorted.emplace_back(&id, &item);
  std::stable_sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) { return key(*a.second) < key(*b.second); });
  return sorted;
}

ReportTable adr_sheet(const Document& document) {
  ReportTable table{"ADR cues", "Lines that measurement (or a person) asks to be recorded again, and what was chosen for them.", "No line asks for it.",
                    {"Cue", "Timecode", "Character", "Line", "Reason", "Figure", "State", "Take", "Fit"}, {false, false, false, false, false, false, false, false, true}, {}};
  for (const auto& [id, cue] : in_order(document.adr.cues, [](const session::AdrCue& c) { return c.film.in; })) {
    const auto take = document.adr.takes.find(cue->chosen_take);
    const bool chosen = take != document.adr.takes.end();
    table.rows.push_back({or_dash(cue->number.empty() ? *id : cue->number), label(document, cue->film), or_dash(cue->character), or_dash(cue->text), or_dash(cue->reason_code), or_dash(cue->figure), text_of(cue->status),
                          chosen ? name_of_media(document, take->second.media) : "–", chosen ? fmt::format("{:.2f}", take->second.fit) : "–"});
  }
  return table;
}

ReportTable foley_sheet(const Document& document) {
  ReportTable table{"Foley cues", "", "No step, move or prop is cued.", {"Pass", "Timecode", "Character", "Surface", "Action", "Made from", "State"}, {}, {}};
  for (const auto& [id, cue] : in_order(document.foley.cues, [](const session::FoleyCue& c) { return c.at; })) {
    const auto performance = document.foley.performances.find(cue->performance);
    const auto set = document.foley.sets.find(cue->set);
    const std::string source = performance != document.foley.performances.end() ? name_of_media(document, performance->second.media)
                               : set != document.foley.sets.end()               ? fmt::format("set {}", set->second.surface.empty() ? cue->set : set->second.surface)
                                                                                : std::string();
    table.rows.push_back({text_of(cue->pass), label(document, cue->at), or_dash(cue->character), or_dash(cue->surface), or_dash(cue->action), or_dash(source), text_of(cue->status)});
  }
  return table;
}

ReportTable music_sheet(const Document& document) {
  ReportTable table{"Music cue sheet", "", "No music is used.", {"Cue", "Title", "Usage", "In", "Out", "Duration", "Composer", "Publisher", "Licence"}, {false, false, false, false, false, true}, {}};
  for (const auto& [id, cue] : in_order(document.music.cues, [](const session::MusicCue& c) { return c.film.in; })) {
    const auto media = document.media.find(cue->media);
    const session::Licence licence = media == document.media.end() ? session::Licence{} : media->second.licence;
    table.rows.push_back({or_dash(cue->number.empty() ? *id : cue->number), licence.title.empty() ? name_of_media(document, cue->media) : licence.title, or_dash(cue->usage), label(document, cue->film.in), label(document, cue->film.out),
                          duration_text(cue->film.out - cue->film.in, document.rate), or_dash(licence.author), or_dash(licence.publisher), or_dash(licence.licence)});
  }
  return table;
}

/// Media that are heard or seen in the film.
std::set<session::Id> used_media(const Document& document) {
  std::set<session::Id> used{document.picture.media};
  for (const auto& [id, clip] : document.dialogue.clips)
    if (const auto placed = document.dialogue.placements.find(clip.placement); placed != document.dialogue.placements.end() && !clip.muted) used.insert(placed->second.media);
  for (const auto& [id, fill] : document.dialogue.fills) used.insert(fill.media);
  for (const auto& [id, cue] : document.adr.cues)
    if (const auto take = document.adr.takes.find(cue.chosen_take); take != document.adr.takes.end()) used.insert(take->second.media);
  for (const auto& [id, bed] : document.design.ambiences) used.insert(bed.media);
  for (const auto& [id, clip] : document.design.effects) used.insert(clip.media);
  std::set<session::Id> sets;
  for (const auto& [id, cue] : document.foley.cues) sets.insert(cue.set);
  for (const auto& [id, set] : document.foley.sets)
    if (sets.contains(id))
      for (const auto& [item, media] : set.media) used.insert(media);
  for (const auto& [id, performance] : document.foley.performances) used.insert(performance.media);
  for (const auto& [id, cue] : document.music.cues) used.insert(cue.media);
  used.erase(session::Id());
  return used;
}

ReportTable licences(const Document& document) {
  ReportTable table{"Licences", "Of everything that is heard or seen in the film. What nobody wrote down is a dash.", "Nothing is used yet.", {"File", "What", "Title", "Author", "Licence", "Source"}, {}, {}};
  for (const session::Id& id : used_media(document)) {
    const auto media = document.media.find(id);
    if (media == document.media.end()) continue;
    const session::Licence& l = media->second.licence;
    table.rows.push_back({name_of_media(document, id), text_of(media->second.kind), or_dash(l.title), or_dash(l.author), or_dash(l.licence), or_dash(l.source)});
  }
  std::stable_sort(table.rows.begin(), table.rows.end(), [](const auto& a, const auto& b) { return std::tie(a[1], a[0]) < std::tie(b[1], b[0]); });
  return table;
}

}  // namespace

std::vector<ReportSync> sync_rows(const Document& document) {
  std::vector<ReportSync> rows;
  const auto device_of = [&](const session::Id& id) {
    const auto media = document.media.find(id);
    return media == document.media.end() ? std::string() : media->second.device;
  };
  for (const auto& [id, p] : in_order(document.dialogue.placements, [](const session::Placement& each) { return each.film.in; })) {
    ReportSync row;
    row.recording = name_of_media(document, p->media);
    row.device = device_of(p->media);
    row.placed = true;
    row.film = p->film.range();
    row.source_at_in_s = p->source_at_in_s;
    row.drift_ppm = p->drift_ppm;
    row.drift_interval_ppm = p->drift_interval_ppm;
    row.confidence = p->decided.confidence;
    row.method = p->method;
    row.reason = p->decided.reason.empty() ? p->method : p->decided.reason;
    row.runner_up = p->runner_up;
    row.by_person = p->decided.by == session::By::Person;
    rows.push_back(std::move(row));
  }
  for (const auto& [id, refusal] : document.dialogue.refusals) {
    ReportSync row;
    row.recording = name_of_media(document, refusal.media);
    row.device = device_of(refusal.media);
    row.reason = refusal.reason;
    row.runner_up = refusal.runner_up;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<ReportTable> sheets(const Document& document) { return {adr_sheet(document), foley_sheet(document), music_sheet(document), licences(document)}; }

}  // namespace twopop::deliver::detail
