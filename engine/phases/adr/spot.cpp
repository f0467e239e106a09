#include "phases/adr/adr.h"
#include "phases/adr/take_fit.h"
#include "phases/detail/sources.h"
#include "phases/heard.h"

#include <algorithm>
#include <cctype>
#include <cmath>

namespace twopop::phases {
namespace {

using session::AdrCue;
using session::AdrTake;
using session::Id;

/// A take just under the aligner's own limit is its line's all the same where it is far more like it than like any other: takes of lines that
/// are not in the film lie within 0.11 of each other (bench/film_kits_bench), and never reached kLeastFit.
constexpr double kAheadOfOthers = 0.10;
constexpr double kUnaskedConfidence = 0.4;  // a take of a line that needs none: for people to decide

const char* reason_code(analysis::LineFault fault) {
  switch (fault) {
    case analysis::LineFault::Missing: return "M";
    case analysis::LineFault::Noisy:
    case analysis::LineFault::Hum: return "N";
    default: return "T";
  }
}

std::string lower(const std::string& text) {
  std::string out;
  for (const char c : text) out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

/// Whether a file's name holds a cue's number or id as a word of its own.
bool names(const std::string& file, const std::string& word) {
  if (word.empty()) return false;
  const std::string name = lower(file), key = lower(word);
  for (std::size_t at = name.find(key); at != std::string::npos; at = name.find(key, at + 1)) {
    const auto joined = [&](std::size_t i) { return i < name.size() && std::isalnum(static_cast<unsigned char>(name[i])); };
    if ((at == 0 || !joined(at - 1)) && !joined(at + key.size())) return true;
  }
  return false;
}

class AdrSpotter {
 public:
  AdrSpotter(const Context& context, Proposal& proposal) : context_(context), proposal_(proposal), document_(proposal.document) {}

  Result<void> run() {
    before_ = document_.adr.cues;
    std::erase_if(document_.adr.cues, [](const auto& item) { return item.second.decided.by == session::By::Auto; });
    std::erase_if(document_.adr.takes, [](const auto& item) { return item.second.decided.by == session::By::Auto; });
    for (const auto& [id, cue] : before_) number_ = std::max(number_, std::atoi(cue.number.c_str()));
    for (const auto& [id, clip] : document_.dialogue.clips) TWOPOP_CHECK(judge(id, clip));
    for (const Id& media : detail::media_of_kind(document_, session::MediaKind::Take)) TWOPOP_CHECK(match(media));
    choose();
    agree();
    for (const auto& [id, cue] : document_.adr.cues)
      if (cue.decided.by == session::By::Auto) proposal_.items.push_back({"/adr/cues/" + id, cue.decided.reason, cue.decided.confidence});
    for (const auto& [id, take] : document_.adr.takes)
      if (take.decided.by == session::By::Auto) proposal_.items.push_back({"/adr/takes/" + id, take.decided.reason, take.decided.confidence});
    return {};
  }

 private:
  /// A cue and its takes are accepted together: that somebody recorded the line again is as sure a sign that it is wanted as
  /// the take's match with it. A take that is not sure enough to be accepted is not the one that is heard.
  void agree() {
    for (const auto& [id, take] : document_.adr.takes) {
      const auto cue = document_.adr.cues.find(take.cue);
      if (cue != document_.adr.cues.end() && cue->second.decided.by == session::By::Auto)
        cue->second.decided.confidence = std::max(cue->second.decided.confidence, take.decided.confidence);
    }
    for (auto& [id, cue] : document_.adr.cues) {
      const auto chosen = document_.adr.takes.find(cue.chosen_take);
      if (chosen != document_.adr.takes.end() && chosen->second.decided.by == session::By::Auto && chosen->second.decided.confidence < kAcceptConfidence)
        cue.chosen_take.clear();
    }
  }

  bool has_cue(const Id& clip) const {
    return std::any_of(document_.adr.cues.begin(), document_.adr.cues.end(), [&](const auto& item) { return item.second.clip == clip; });
  }

  /// A cue that was there before keeps its number: it stands on sheets and in names of takes.
  AdrCue cue_for(const Id& cue_id, const Id& clip_id, const session::DialogueClip& clip) {
    AdrCue cue;
    const auto known = before_.find(cue_id);
    cue.number = known != before_.end() ? known->second.number : fmt::format("{:03}", ++number_);
    cue.film = clip.film;
    cue.character = clip.character;
    cue.text = clip.text;
    cue.clip = clip_id;
    return cue;
  }

  Result<void> judge(const Id& id, const session::DialogueClip& clip) {
    if (clip.muted || clip.role != session::ClipRole::Speech || has_cue(id)) return {};
    const auto placed = document_.dialogue.placements.find(clip.placement);
    if (placed == document_.dialogue.placements.end()) return {};
    const Result<analysis::LineQuality> q = quality_of(context_, placed->second.media, clip.channel, source_second(placed->second, clip.film.in, document_.rate),
                                                       source_second(placed->second, clip.film.out, document_.rate));
    if (!q) {
      if (q.error().code == Code::Cancelled) return q.error();
      return {};
    }
    if (q->faults.empty()) return {};
    const analysis::LineVerdict& worst = q->faults.front();
    AdrCue cue = cue_for("a-" + id, id, clip);
    cue.reason_code = reason_code(worst.fault);
    for (const analysis::LineVerdict& v : q->faults) cue.figure += (cue.figure.empty() ? "" : "; ") + v.reason;
    cue.decided = {session::By::Auto, cue.figure, worst.fault == analysis::LineFault::Noisy ? std::clamp(0.5 + (12 - q->snr.value) / 20, 0.5, 0.95) : 0.8};
    document_.adr.cues["a-" + id] = std::move(cue);
    return {};
  }

  /// Cues that a take says it is for: by the cue it was added under, by its name.
  std::vector<Id> named_cues(const session::Media& media) const {
    std::vector<Id> out;
    for (const auto& [id, cue] : document_.adr.cues)
      if ((!media.cue.empty() && (media.cue == id || media.cue == cue.number)) || (media.cue.empty() && (names(media.name, id) || (cue.number.size() >= 3 && names(media.name, cue.number))))) out.push_back(id);
    return out;
  }

  /// How long somebody speaks in a take, first word to last; 0 where nobody does.
  double spoken_s(const Id& media) const {
    const Result<Heard> heard = heard_in(context_, media, 0);
    return heard && !heard->speech.empty() ? seconds(heard->speech.back().end - heard->speech.front().begin, heard->rate) : 0;
  }

  /// Stretches of a clip from pause to pause that are about as long as a take: one clip often holds several sentences, and one of them is
  /// said again.
  std::vector<SampleRange> parts_of(const session::DialogueClip& clip, double take_s) const {
    constexpr double kLeast = 0.65, kMost = 1.6, kPause_s = 0.1;
    std::vector<SampleRange> parts;
    const SampleRate rate = document_.rate;
    const SampleRange whole = clip.film.range();
    const auto placed = document_.dialogue.placements.find(clip.placement);
    if (take_s <= 0 || seconds(whole.length(), rate) < 1.3 * take_s + 0.5 || placed == document_.dialogue.placements.end()) return parts;
    const Result<Heard> heard = heard_in(context_, placed->second.media, clip.channel);
    if (!heard) return parts;
    std::vector<SamplePosition> edges{whole.begin};
    for (std::size_t i = 1; i < heard->speech.size(); ++i) {
      const SampleRange pause{heard->speech[i - 1].end, heard->speech[i].begin};
      const SamplePosition middle = film_position(placed->second, seconds(SamplePosition{(pause.begin.value + pause.end.value) / 2}, heard->rate), rate);
      if (pause.length() >= samples(kPause_s, heard->rate) && edges.back() < middle && middle < whole.end) edges.push_back(middle);
    }
    edges.push_back(whole.end);
    for (std::size_t i = 0; i < edges.size(); ++i)
      for (std::size_t j = i + 1; j < edges.size(); ++j) {
        const double length_s = seconds(edges[j] - edges[i], rate);
        if ((i > 0 || j + 1 < edges.size()) && length_s > kLeast * take_s && length_s < kMost * take_s + 0.5) parts.push_back({edges[i], edges[j]});
      }
    return parts;
  }

  Result<TakeFit> fit(const Id& clip, SampleRange where, const Id& media) {
    TWOPOP_TRY(const signal::Signal line, production_line(context_, clip));
    return fit_of(context_, line, where, media, 0);
  }

  Result<void> match(const Id& media_id) {
    for (const auto& [id, take] : document_.adr.takes)
      if (take.media == media_id) return {};  // a person has said what it is for
    const session::Media& media = document_.media.at(media_id);
    struct Answer {
      Id clip, cue;
      SampleRange where;
      TakeFit fit;
    };
    std::vector<Answer> answers;
    const std::vector<Id> named = named_cues(media);
    const auto ask_of = [&](const Id& clip_id, const Id& cue_id, SampleRange where) -> Result<void> {
      Result<TakeFit> answer = fit(clip_id, where, media_id);
      if (!answer) {
        if (answer.error().code == Code::Cancelled) return answer.error();
        failure_ = answer.error().message;
        return {};
      }
      answers.push_back({clip_id, cue_id, where, *std::move(answer)});
      return {};
    };
    const auto ask = [&](const Id& clip_id, const Id& cue_id) -> Result<void> {
      const auto clip = document_.dialogue.clips.find(clip_id);
      if (clip == document_.dialogue.clips.end()) return {};
      const SampleRange where = cue_id.empty() ? clip->second.film.range() : intersection(document_.adr.cues.at(cue_id).film.range(), clip->second.film.range());
      return where.empty() ? Result<void>{} : ask_of(clip_id, cue_id, where);
    };
    failure_.clear();
    if (!named.empty()) {
      for (const Id& cue : named) TWOPOP_CHECK(ask(document_.adr.cues.at(cue).clip, cue));
    } else {
      const double take_s = spoken_s(media_id);
      for (const auto& [id, clip] : document_.dialogue.clips) {
        if (clip.muted || clip.role != session::ClipRole::Speech) continue;
        std::vector<SampleRange> decided;  // by people: what lies there is their cue's
        bool cued = false;
        for (const auto& [cue_id, cue] : document_.adr.cues) {
          if (cue.clip != id) continue;
          cued = true;
          if (cue.decided.by == session::By::Person) decided.push_back(cue.film.range());
          TWOPOP_CHECK(ask(id, cue_id));
        }
        if (!cued) TWOPOP_CHECK(ask(id, ""));
        for (const SampleRange& part : parts_of(clip, take_s))
          if (std::none_of(decided.begin(), decided.end(), [&](const SampleRange& d) { return d.overlaps(part); })) TWOPOP_CHECK(ask_of(id, "", part));
      }
    }
    std::stable_sort(answers.begin(), answers.end(), [](const Answer& a, const Answer& b) { return a.fit.alignment.score > b.fit.alignment.score; });

    AdrTake take;
    take.media = media_id;
    // A line that is missing from the production sound cannot say whether the words are right: the name is believed.
    const bool believed = !named.empty() && !answers.empty() && document_.adr.cues.at(named.front()).reason_code == "M";
    // Stretches of one clip that overlap say the same words.
    const auto other = std::find_if(answers.begin(), answers.end(), [&](const Answer& a) { return !a.where.overlaps(answers.front().where); });
    const bool stands_out = other != answers.end() && answers[0].fit.alignment.score >= kLeastFit && answers[0].fit.alignment.score - other->fit.alignment.score >= kAheadOfOthers;
    if (answers.empty() || !(answers.front().fit.alignment.same_words || believed || stands_out)) {
      take.refused = true;
      take.fit = answers.empty() ? 0 : answers.front().fit.alignment.score;
      const std::string why = answers.empty() ? (failure_.empty() ? "there is no line it could be for" : failure_)
                                              : fmt::format("its words are {} (best score {:.2f} of {} lines tried)", named.empty() ? "not in the film" : "not those of its cue", take.fit, answers.size());
      take.decided = {session::By::Auto, why, 0.9};
      proposal_.findings.push_back({Severity::Warning, "adr", "take-refused", std::nullopt, "/media/" + media_id, fmt::format("{}: {}", media.name, why), "record the line again, or name the cue it is for (`twopop add --as take --cue N`)", take.fit, "score"});
    } else {
      const Answer& best = answers.front();
      const session::DialogueClip& clip = document_.dialogue.clips.at(best.clip);
      take.cue = best.cue;
      const bool part = best.where != clip.film.range();
      const Id id = part ? fmt::format("a-{}-{}", best.clip, mul_div(best.where.begin.value, 1000, document_.rate.hz, Rounding::Floor)) : "a-" + best.clip;
      if (take.cue.empty() && document_.adr.cues.contains(id)) take.cue = id;
      if (take.cue.empty()) {
        AdrCue cue = cue_for(id, best.clip, clip);
        cue.film = {best.where.begin, best.where.end};
        if (part) cue.text.clear();
        cue.reason_code = "P";
        cue.figure = fmt::format("a take of its words was recorded ({})", media.name);
        cue.decided = {session::By::Auto, cue.figure + ", but the line measures well", kUnaskedConfidence};
        take.cue = id;
        document_.adr.cues[take.cue] = std::move(cue);
      }
      take.fit = best.fit.alignment.score;
      take.worst_ms = best.fit.worst_ms;
      take.gain = level_match(clip, best.where, best.fit);
      const std::string alike = best.fit.alignment.same_words || believed ? best.fit.alignment.reason
                                                                          : fmt::format("far more like this line (score {:.2f}) than like any other ({:.2f})", take.fit, other->fit.alignment.score);
      take.decided = {session::By::Auto, fmt::format("{}; {:.0f} ms off at most after that, gain {:+.1f} dB to the level of the line", alike, take.worst_ms, take.gain.value), 0.8};
    }
    document_.adr.takes["k-" + media_id] = std::move(take);
    return {};
  }

  /// To the level at which the dialogue's clips are heard: its own line where that can be told, else the others'.
  Decibels level_match(const session::DialogueClip& clip, SampleRange where, const TakeFit& fit) const {
    double target = -26;
    const auto placed = document_.dialogue.placements.find(clip.placement);
    if (placed != document_.dialogue.placements.end()) {
      const auto q = quality_of(context_, placed->second.media, clip.channel, source_second(placed->second, where.begin, document_.rate), source_second(placed->second, where.end, document_.rate));
      if (q && !q->missing && q->snr.value > 3) target = q->speech_level.value + clip.gain.value;
    }
    return {std::clamp(std::round((target - fit.take_level.value) * 10) / 10, -30.0, 30.0)};
  }

  /// The take that fits best is heard, unless a person chose.
  void choose() {
    for (auto& [id, cue] : document_.adr.cues) {
      if (cue.decided.by == session::By::Person && !cue.chosen_take.empty()) continue;
      const AdrTake* best = nullptr;
      for (const auto& [take_id, take] : document_.adr.takes) {
        if (take.cue != id || take.refused) continue;
        const auto worth = [](const AdrTake& t) { return t.fit - t.worst_ms / 500 + 0.2 * t.stars; };
        if (!best || worth(take) > worth(*best)) best = &take, cue.chosen_take = take_id;
      }
      if (best && cue.status == session::CueStatus::Open) cue.status = session::CueStatus::Recorded;
    }
  }

  const Context& context_;
  Proposal& proposal_;
  session::Document& document_;
  std::map<Id, AdrCue> before_;  ///< cues as they were
  int number_ = 0;
  std::string failure_;
};

}  // namespace

Result<Proposal> spot_adr(const Context& context) {
  Proposal proposal;
  proposal.document = context.document;
  TWOPOP_CHECK(AdrSpotter(context, proposal).run());
  return proposal;
}

}  // namespace twopop::phases
