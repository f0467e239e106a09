#include "phases/detail/sources.h"
#include "phases/music/music.h"
#include "phases/music/piece.h"
#include "phases/ranges.h"

#include <set>

namespace twopop::phases::music {
namespace {

using session::MediaKind;

constexpr double kShortFilm_s = 180;      ///< up to here one cue carries the film
constexpr double kLongest_s = 60;         ///< of an opening or closing cue
constexpr double kIntoSpeech_s = 3;       ///< the opening ends so far under the first words
constexpr double kLeastOpening_s = 6;

struct Wanted {
  SampleRange film;
  std::string usage, reason;
};

std::vector<Wanted> places(const Context& context) {
  const SampleRate rate = context.document.rate;
  const SampleRange film = context.document.extent();
  const double length_s = seconds(film.length(), rate);
  if (length_s <= kShortFilm_s)
    return {{film, "BI", fmt::format("a film of {:.0f} s: one piece from the first frame to the last, low under speech, is calmer than several entries", length_s)}};
  std::vector<SampleRange> speech;
  for (const char* phase : {"dialogue", "adr"})
    if (const auto found = context.earlier.find(phase); found != context.earlier.end()) speech.insert(speech.end(), found->second->speech.begin(), found->second->speech.end());
  speech = unite(std::move(speech));
  const double first = speech.empty() ? kLongest_s / 2 : seconds(speech.front().begin, rate), last = speech.empty() ? length_s - kLongest_s / 2 : seconds(speech.back().end, rate);
  const double opening = std::clamp(first + kIntoSpeech_s, kLeastOpening_s, kLongest_s), closing = std::clamp(length_s - last + kIntoSpeech_s, kLeastOpening_s, kLongest_s);
  const auto at = [rate](double s) { return SamplePosition{samples(s, rate).value}; };
  return {{{at(0), at(opening)}, "MT", fmt::format("opening: up to the first words at {:.1f} s, and out under them", first)},
          {{at(length_s - closing), film.end}, "ET", fmt::format("closing: in under the last words at {:.1f} s, to the last frame", last)}};
}

}  // namespace

Result<Proposal> spot(const Context& context) {
  Proposal proposal;
  proposal.document = context.document;
  session::Music& music = proposal.document.music;
  std::erase_if(music.cues, [](const auto& item) { return item.second.decided.by == session::By::Auto; });
  std::set<session::Id> used;
  std::vector<SampleRange> taken;
  for (const auto& [id, cue] : music.cues) used.insert(cue.media), taken.push_back(cue.film.range());
  taken = unite(std::move(taken));

  std::vector<session::Id> pieces;
  for (const MediaKind kind : {MediaKind::Music, MediaKind::Score})
    for (const session::Id& id : detail::media_of_kind(context.document, kind)) {
      const auto length = duration_s(context, id);
      if (!length) {
        proposal.findings.push_back(detail::unusable("music", id, length.error()));
      } else if (*length >= 1 && !used.contains(id)) {
        pieces.push_back(id);
      }
    }
  const SampleRange film = context.document.extent();
  // A person who has placed cues has spotted the film: nothing is added beside them.
  if (!pieces.empty() && !film.empty() && music.cues.empty()) {
    int number = 1;
    for (const Wanted& wanted : places(context)) {
      const session::Id& piece = pieces[std::min(pieces.size() - 1, static_cast<std::size_t>(number - 1))];
      session::MusicCue cue;
      cue.number = fmt::format("1M{}", number);
      cue.media = piece;
      cue.film = {wanted.film.begin, wanted.film.end};
      cue.usage = wanted.usage;
      const bool to_the_end = wanted.film.end == film.end;
      cue.fade_in.length = samples(number == 1 ? 0.02 : 2.0, context.document.rate);
      cue.fade_out.length = samples(to_the_end ? 0.5 : 3.0, context.document.rate);
      cue.decided.reason = fmt::format("{}; {} is {} by name", wanted.reason, context.document.media.at(piece).name, number == 1 ? "the first" : "the next");
      cue.decided.confidence = 0.6;
      const session::Id id = detail::id_of(cue.number);
      music.cues[id] = cue;
      used.insert(piece);
      proposal.items.push_back({"/music/cues/" + id, cue.decided.reason, cue.decided.confidence});
      ++number;
    }
  }
  for (const session::Id& id : pieces)
    if (!used.contains(id))
      proposal.findings.push_back({Severity::Note, "music", "music-unused", std::nullopt, "/media/" + id, fmt::format("{} is in no cue", context.document.media.at(id).name), "place it, or leave it out", 0, ""});
  return proposal;
}

}  // namespace twopop::phases::music
