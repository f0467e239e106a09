#include "phases/dialogue/sync_spot.h"

#include "analysis/sync_group.h"
#include "analysis/sync_timecode.h"
#include "phases/detail/sources.h"
#include "phases/dialogue/organise.h"
#include "phases/dialogue/sync_facts.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace twopop::phases {
namespace {

using analysis::ConformSegment;
using analysis::CutEvent;
using analysis::SyncResult;
using session::Id;

/// A shot of the cut whose rush is known.
struct Shot {
  Id rush;
  CutEvent event;        // event.rush is not used here
  std::string known_by;  // "event 2 of the edit list", "the guide's sound"
};

/// A recording against one rush, with what timecode has to say.
struct Heard {
  Id rush;
  SyncResult result;
  std::optional<analysis::TimecodeClaim> claim;
};

class PlacementSpot {
 public:
  PlacementSpot(const Context& context, Proposal& proposal)
      : context_(context), proposal_(proposal), document_(proposal.document), rate_(context.document.rate), length_s_(seconds(document_.picture.length, rate_)) {}

  Result<void> run() {
    auto& dialogue = document_.dialogue;
    std::erase_if(dialogue.placements, [](const auto& item) { return item.second.decided.by == session::By::Auto; });
    dialogue.refusals.clear();
    for (const auto& [id, placement] : dialogue.placements) by_person_.insert(placement.media);
    for (const auto& [id, media] : document_.media) {
      if (!media.problem.empty() || media.channels == 0) continue;
      if (media.kind == session::MediaKind::Rushes) rushes_.push_back(id);
      if (media.kind == session::MediaKind::Recording) recordings_.push_back(id);
    }
    if (rushes_.empty() && recordings_.empty()) return {};
    const auto picture = document_.media.find(document_.picture.media);
    if (picture == document_.media.end()) return without_picture();
    const bool guide = picture->second.channels > 0 && picture->second.problem.empty();
    if (length_s_ <= 0) length_s_ = picture->second.duration_s;
    return under_picture(document_.picture.media, guide);
  }

 private:
  const session::Media& media(const Id& id) const { return document_.media.at(id); }
  const std::string& name(const Id& id) const { return media(id).name; }

  // --- what is offered ---

  void place(const Id& file, double begin_s, double end_s, double source_at_in_s, double drift_ppm, double interval_ppm, const char* method, double score,
             const std::optional<analysis::SyncRunnerUp>& runner_up, double confidence, std::string reason) {
    placed_.insert(file);
    if (by_person_.contains(file)) return;  // where it lies was decided
    if (begin_s < 0) source_at_in_s -= begin_s * (1 + drift_ppm * 1e-6), begin_s = 0;
    end_s = std::min(end_s, length_s_);
    session::Placement p;
    p.media = file;
    p.film = {{samples(begin_s, rate_).value}, {samples(end_s, rate_).value}};
    if (p.film.out <= p.film.in) return;
    // The span starts on a sample: what is heard there, exactly.
    p.source_at_in_s = source_at_in_s + (seconds(p.film.in, rate_) - begin_s) * (1 + drift_ppm * 1e-6);
    p.drift_ppm = drift_ppm;
    p.drift_interval_ppm = interval_ppm;
    p.method = method;
    p.score = score;
    if (runner_up) p.runner_up = fmt::format("second-best place {:.3f} s, height {:.1f}", runner_up->offset_s, runner_up->score);
    p.decided = {session::By::Auto, std::move(reason), confidence};
    Id id = fmt::format("{}-{}", detail::id_of(file), ++count_[file]);
    while (document_.dialogue.placements.contains(id)) id = fmt::format("{}-{}", detail::id_of(file), ++count_[file]);
    proposal_.items.push_back({"/dialogue/placements/" + id, p.decided.reason, confidence});
    document_.dialogue.placements[id] = std::move(p);
  }

  void refuse(const Id& file, const SyncResult& best) {
    if (by_person_.contains(file) || placed_.contains(file)) return;
    session::Refusal refusal;
    refusal.media = file;
    refusal.score = best.score;
    refusal.reason = best.reason;
    refusal.runner_up = fmt::format("best place {:.3f} s with height {:.1f}", best.offset_s, best.score);
    if (best.runner_up) refusal.runner_up += fmt::format(", second-best {:.3f} s with {:.1f}", best.runner_up->offset_s, best.runner_up->score);
    document_.dialogue.refusals[detail::id_of(file)] = refusal;
    proposal_.findings.push_back({Severity::Warning, "dialogue", "recording-not-in-picture", std::nullopt, "/media/" + file,
                                  fmt::format("{} was not placed: {} ({})", name(file), refusal.reason, refusal.runner_up),
                                  "if it belongs to the film, place it by hand; if not, take it out", best.score, "height"});
  }

  void note(Severity severity, const char* code, const Id& file, std::optional<SampleRange> where, std::string message, std::string remedy, double figure, const char* unit) {
    proposal_.findings.push_back({severity, "dialogue", code, where, "/media/" + file, std::move(message), std::move(remedy), figure, unit});
  }

  std::optional<SyncResult> compared(const Id& reference, const Id& file) {
    const auto [known, first] = compared_.try_emplace({reference, file});
    if (!first) return known->second;
    Result<SyncResult> result = detail::sync_of(context_, reference, file, shelf_);
    if (result) return known->second = *std::move(result);
    // A file that cannot be read costs itself.
    note(Severity::Error, "sync-failed", file, std::nullopt, fmt::format("{} against {}: {}", name(file), name(reference), result.error().message),
         result.error().remedy.empty() ? "look at the file" : result.error().remedy, 0, "");
    return std::nullopt;
  }

  void tell_steps(const Id& file, const SyncResult& r) {
    for (const analysis::SyncStep& step : r.steps)
      note(Severity::Note, "samples-lost", file, std::nullopt,
           fmt::format("{}: the recorder {} {:.1f} ms at second {:.2f} of the file; each side is placed by itself", name(file), step.step_s < 0 ? "lost" : "repeated",
                       std::abs(step.step_s) * 1e3, r.file_second(step.at_s - 1e-6)),
           "listen to the place", step.step_s * 1e3, "ms");
  }

  // --- under a picture ---

  Result<void> under_picture(const Id& picture, bool guide) {
    // Long whole files first: an interview, a concert, a cut that is one take.
    std::vector<Id> short_ones;
    for (const std::vector<Id>* list : {&rushes_, &recordings_})
      for (const Id& id : *list)
        if (!guide || !document_.picture.events.empty() || !placed_whole(picture, id)) short_ones.push_back(id);

    analysis::ConformResult conformed;
    bool heard = false;
    if (guide && !short_ones.empty()) {
      Result<analysis::ConformResult> found = detail::conform_of(context_, picture, short_ones);
      if (found) {
        conformed = *std::move(found);
        heard = true;
      } else {
        note(Severity::Warning, "conform-failed", picture, std::nullopt, fmt::format("the cut's sound could not be compared with the recordings: {}", found.error().message),
             found.error().remedy.empty() ? "look at the files named" : found.error().remedy, 0, "");
      }
    }
    std::vector<Shot> shots = document_.picture.events.empty() ? shots_by_sound(conformed, short_ones) : shots_by_list(conformed, short_ones, heard);

    learn_clocks(shots);
    for (const Id& recording : recordings_) {
      if (placed_.contains(recording)) continue;
      SyncResult best;
      best.reason = "there is no rush with sound to compare it with, and no sound in the picture";
      through_rushes(recording, shots, best);
      if (!placed_.contains(recording)) by_guide(recording, conformed, short_ones);
      if (placed_.contains(recording)) continue;
      if (guide)
        if (const auto direct = compared(picture, recording); direct && direct->score > best.score) best = *direct;
      best.placed = false;
      refuse(recording, best);
    }
    for (const Id& rush : rushes_) {
      if (placed_.contains(rush) || !guide || !document_.picture.events.empty()) continue;
      // A rush that the cut does not use is no fault; it is only said.
      note(Severity::Note, "rush-not-in-cut", rush, std::nullopt, fmt::format("no stretch of {} was found in the cut", name(rush)), "nothing, if it was not meant to be in it", 0, "");
    }
    return {};
  }

  /// One line over a long overlap with the guide: no cuts to look for.
  bool placed_whole(const Id& picture, const Id& file) {
    constexpr double kLong_s = 60;
    if (media(picture).duration_s < kLong_s || media(file).duration_s < kLong_s) return false;
    const std::optional<SyncResult> r = compared(picture, file);
    if (!r || !r->placed || r->overlap_end_s - r->overlap_begin_s < kLong_s || r->windows_used * 10 < r->windows_tried * 8) return false;
    place_along(file, *r, "against the picture's sound: ");
    return true;
  }

  /// Film time is reference time: the overlap, in pieces where samples were lost.
  void place_along(const Id& file, const SyncResult& r, const std::string& against) {
    const double end = std::min(length_s_, r.reference_second(media(file).duration_s));
    double begin = std::max(0.0, r.reference_second(0));
    std::vector<double> edges;
    for (const analysis::SyncStep& step : r.steps) edges.push_back(step.at_s);
    edges.push_back(end);
    for (const double edge : edges) {
      place(file, begin, edge, r.file_second(begin), r.drift_ppm, r.drift_interval_ppm, "waveform", r.score, r.runner_up, r.confidence, against + r.reason);
      begin = edge;
    }
    tell_steps(file, r);
  }

  /// A moment of the cut shows one rush: of several that sound like the guide (other cameras, the same background), the one whose
  /// copy it is, or the one that agrees best over its length.
  std::vector<ConformSegment> one_rush_a_moment(const analysis::ConformResult& conformed, const std::vector<Id>& sources) const {
    std::vector<ConformSegment> ranked, kept;
    for (const ConformSegment& s : conformed.segments)
      if (s.source >= 0 && media(sources[static_cast<std::size_t>(s.source)]).kind == session::MediaKind::Rushes) ranked.push_back(s);
    const auto worth = [](const ConformSegment& s) { return std::pair(s.copy, s.foreground * (s.cut_end_s - s.cut_begin_s)); };
    std::stable_sort(ranked.begin(), ranked.end(), [&](const ConformSegment& a, const ConformSegment& b) { return worth(a) > worth(b); });
    for (ConformSegment s : ranked) {
      const double length = s.cut_end_s - s.cut_begin_s;
      for (const ConformSegment& k : kept) {
        if (s.cut_begin_s >= k.cut_begin_s && s.cut_begin_s < k.cut_end_s) {
          s.source_begin_s += (k.cut_end_s - s.cut_begin_s) * (1 + s.drift_ppm * 1e-6);
          s.cut_begin_s = k.cut_end_s;
        } else if (s.cut_begin_s < k.cut_begin_s && s.cut_end_s > k.cut_begin_s) {
          s.cut_end_s = k.cut_begin_s;
        }
      }
      if (s.cut_end_s - s.cut_begin_s > 0.7 * length) kept.push_back(s);
    }
    std::sort(kept.begin(), kept.end(), [](const ConformSegment& a, const ConformSegment& b) { return a.cut_begin_s < b.cut_begin_s; });
    return kept;
  }

  std::vector<Shot> shots_by_sound(const analysis::ConformResult& conformed, const std::vector<Id>& sources) {
    std::vector<Shot> shots;
    for (const ConformSegment& s : one_rush_a_moment(conformed, sources)) {
      const Id& file = sources[static_cast<std::size_t>(s.source)];
      place(file, s.cut_begin_s, s.cut_end_s, s.source_begin_s, s.copy ? 0 : s.drift_ppm, s.copy ? 0 : s.drift_interval_ppm, "waveform", s.score, std::nullopt, s.confidence, "found by the guide's sound: " + s.reason);
      shots.push_back({file, {s.cut_begin_s, s.cut_end_s, 0, s.source_begin_s, 1}, "the guide's sound"});
    }
    return shots;
  }

  std::vector<Shot> shots_by_list(const analysis::ConformResult& conformed, const std::vector<Id>& sources, bool heard) {
    std::vector<Shot> shots;
    std::vector<const session::EditEvent*> events;
    for (const auto& [id, event] : document_.picture.events) events.push_back(&event);
    std::sort(events.begin(), events.end(), [](const auto* a, const auto* b) { return a->film.in < b->film.in; });
    int number = 0;
    for (const session::EditEvent* event : events) {
      ++number;
      if (event->media.empty() || std::find(rushes_.begin(), rushes_.end(), event->media) == rushes_.end()) continue;
      Shot shot{event->media, {seconds(event->film.in, rate_), seconds(event->film.out, rate_), 0, event->source_in_s, event->speed}, fmt::format("event {} of the edit list", number)};
      if (std::abs(event->speed - 1) > 1e-6) continue;  // sound of a shot that runs at another speed is not in sync
      std::string proof = heard ? "; the guide's sound does not show it" : "";
      double confidence = heard ? 0.85 : 0.9;
      const char* method = "edl";
      for (const ConformSegment& s : conformed.segments) {
        if (s.source < 0 || sources[static_cast<std::size_t>(s.source)] != event->media) continue;
        const double both = std::min(s.cut_end_s, shot.event.record_out_s) - std::max(s.cut_begin_s, shot.event.record_in_s);
        if (both < 0.5 * (shot.event.record_out_s - shot.event.record_in_s)) continue;
        const double said = shot.event.rush_in_s + (s.cut_begin_s - shot.event.record_in_s), off = s.source_begin_s - said;
        if (std::abs(off) < 0.002) {
          proof = fmt::format("; the guide's sound agrees within {:.2f} ms", std::abs(off) * 1e3);
          confidence = std::max(s.confidence, 0.95);
        } else {
          shot.event.rush_in_s += off;
          method = "waveform";
          confidence = s.confidence;
          proof = fmt::format("; moved by {:+.1f} ms, where the guide's sound has it", off * 1e3);
          if (std::abs(off) > 0.5 / std::max(1.0, document_.frames.hz()))
            note(Severity::Warning, "edl-disagrees", event->media, event->film.range(),
                 fmt::format("event {} of the edit list is {:+.3f} s off the picture's own sound", number, off), "check that list and picture are of one version", off, "s");
        }
        break;
      }
      place(shot.rush, shot.event.record_in_s, shot.event.record_out_s, shot.event.rush_in_s, 0, 0, method, 0, std::nullopt, confidence, shot.known_by + proof);
      shots.push_back(std::move(shot));
    }
    return shots;
  }

  std::optional<analysis::TimecodeClaim> claim(const Id& rush, const Id& recording) const {
    const auto &a = media(rush).start_of_day_s, &b = media(recording).start_of_day_s;
    if (!a || !b) return std::nullopt;
    double offset = *b - *a;
    if (offset > 43200) offset -= 86400;  // over midnight
    if (offset < -43200) offset += 86400;
    return analysis::TimecodeClaim{offset, "its timecode"};
  }

  /// What the timecode of each recorder is off by, as its files' sound shows.
  void learn_clocks(const std::vector<Shot>& shots) {
    std::set<Id> used;
    for (const Shot& shot : shots) used.insert(shot.rush);
    for (const Id& recording : recordings_)
      for (const Id& rush : used)
        if (const auto said = claim(rush, recording))
          if (const auto r = compared(rush, recording); r && r->placed) clock_errors_[label_of(media(recording)).device].push_back({recording, said->offset_s - r->offset_s});
  }

  /// What the recorder's other files agree on: two or more of them, within 20 ms.
  std::optional<double> error_of_device(const Id& recording) const {
    const auto device = clock_errors_.find(label_of(media(recording)).device);
    if (device == clock_errors_.end()) return std::nullopt;
    std::set<Id> files;
    double least = 1e9, most = -1e9;
    for (const auto& [file, error] : device->second)
      if (file != recording) files.insert(file), least = std::min(least, error), most = std::max(most, error);
    if (files.size() < 2 || most - least > 0.02) return std::nullopt;
    return (least + most) / 2;
  }

  /// The recording against every rush the cut uses, its clock from all of them together, then under every shot it covers.
  void through_rushes(const Id& recording, const std::vector<Shot>& shots, SyncResult& best) {
    std::set<Id> used;
    for (const Shot& shot : shots) used.insert(shot.rush);
    std::vector<Heard> heard;
    std::vector<analysis::ClockPoint> clocks;
    std::vector<double> errors;
    const std::optional<double> device = error_of_device(recording);
    for (const Id& rush : used) {
      std::optional<SyncResult> r = compared(rush, recording);
      if (!r) continue;
      const std::optional<analysis::TimecodeClaim> said = claim(rush, recording);
      if (said && device && analysis::clock_refutes(*r, *said, *device)) {
        r->placed = false;
        r->reason = fmt::format("its sound is a little like that of {} at {:.3f} s, but by its timecode, which other files of the recorder prove, it lies at {:.3f} s", name(rush), r->offset_s, said->offset_s - *device);
      }
      if (r->score > best.score) best = *r;
      Heard one{rush, *std::move(r), said};
      if (one.result.placed) {
        const double middle = (one.result.overlap_begin_s + one.result.overlap_end_s) / 2;
        const auto& start = media(rush).start_of_day_s;
        clocks.push_back({one.result.drift_ppm, one.result.drift_interval_ppm, start && one.result.steps.empty(), start.value_or(0) + middle, one.result.file_second(middle),
                          one.result.offset_interval_s / 2});
        if (one.claim) errors.push_back(one.claim->offset_s - one.result.offset_s);
      }
      heard.push_back(std::move(one));
    }
    if (heard.empty()) return;
    std::optional<double> device_error;
    if (!errors.empty()) {
      std::nth_element(errors.begin(), errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2), errors.end());
      const double middle = errors[errors.size() / 2];
      if (std::all_of(errors.begin(), errors.end(), [&](double e) { return std::abs(e - middle) < 0.02; })) device_error = middle;
      if (std::abs(middle) > 0.5 / std::max(1.0, document_.frames.hz()) + 0.002)
        note(Severity::Note, "timecode-wrong", recording, std::nullopt,
             fmt::format("the timecode of {} is {:+.3f} s off what its sound shows on {} rushes; its sound decides", name(recording), middle, errors.size()),
             "set the recorder's clock, or jam it from the camera", middle, "s");
    }
    const bool shared = clocks.size() > 1;
    const analysis::SharedClock clock = analysis::shared_clock(clocks).value_or(analysis::SharedClock{});
    for (const Heard& one : heard) {
      SyncResult r = one.result;
      if (r.placed && shared && r.steps.empty()) {
        const double middle = (r.overlap_begin_s + r.overlap_end_s) / 2, at = r.file_second(middle);
        r.drift_ppm = clock.drift_ppm;
        r.drift_interval_ppm = clock.drift_interval_ppm;
        r.offset_s = middle - at / (1 + r.drift_ppm * 1e-6);
      }
      const analysis::Reconciled agreed = analysis::reconcile(r, one.claim, 1 / std::max(1.0, document_.frames.hz()), device_error);
      if (!agreed.placed) continue;
      if (!r.placed) {
        r.placed = true;
        r.offset_s = agreed.offset_s;
        r.drift_ppm = clock.drift_ppm;
        r.confidence = agreed.confidence;
        r.steps.clear();
      }
      r.reason = agreed.reason;
      bool first = true;
      for (const Shot& shot : shots) {
        if (shot.rush != one.rush) continue;
        const ConformSegment s = analysis::through_rush(shot.event, r, media(shot.rush).duration_s, media(recording).duration_s);
        if (s.source < 0) continue;
        place(recording, s.cut_begin_s, s.cut_end_s, s.source_begin_s, s.drift_ppm, r.drift_interval_ppm, agreed.method == "timecode" ? "timecode" : "waveform", s.score,
              r.runner_up, s.confidence, fmt::format("against {} ({}): {}", name(shot.rush), shot.known_by, r.reason));
        if (std::exchange(first, false)) tell_steps(recording, r);
      }
    }
  }

  /// One short stretch among all places of a long recording is easily chance: it is believed where several stretches are found,
  /// or one that agrees well under the words.
  static bool believable(const std::vector<const ConformSegment*>& found) {
    constexpr double kAlone = 0.2;
    return found.size() > 1 || (found.size() == 1 && (found[0]->copy || found[0]->foreground >= kAlone));
  }

  void by_guide(const Id& recording, const analysis::ConformResult& conformed, const std::vector<Id>& sources) {
    std::vector<const ConformSegment*> found;
    for (const ConformSegment& s : conformed.segments)
      if (s.source >= 0 && sources[static_cast<std::size_t>(s.source)] == recording) found.push_back(&s);
    if (!believable(found)) return;
    for (const ConformSegment& s : conformed.segments)
      if (s.source >= 0 && sources[static_cast<std::size_t>(s.source)] == recording)
        place(recording, s.cut_begin_s, s.cut_end_s, s.source_begin_s, s.drift_ppm, s.drift_interval_ppm, "waveform", s.score, std::nullopt, s.confidence, "found by the guide's sound: " + s.reason);
  }

  // --- without a picture ---

  /// The camera's sound if there is one, else the longest recording: its clock is the film's.
  Id anchor() const {
    Id best;
    const auto longer = [&](const std::vector<Id>& list, auto eligible) {
      for (const Id& id : list)
        if (eligible(id) && (best.empty() || media(id).duration_s > media(best).duration_s)) best = id;
    };
    longer(rushes_, [](const Id&) { return true; });
    if (best.empty()) {
      longer(recordings_, [&](const Id& id) {
        std::string device = label_of(media(id)).device;
        std::transform(device.begin(), device.end(), device.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return device.starts_with("cam");
      });
    }
    if (best.empty()) longer(recordings_, [](const Id&) { return true; });
    return best;
  }

  Result<void> without_picture() {
    const Id reference = anchor();
    const double reference_s = media(reference).duration_s;
    if (length_s_ <= 0) {
      length_s_ = reference_s;
      document_.picture.length = samples(length_s_, rate_);
    }
    place(reference, 0, reference_s, 0, 0, 0, "waveform", 0, std::nullopt, 1, "there is no picture: the film runs on its clock");
    std::vector<Id> others = rushes_;
    others.insert(others.end(), recordings_.begin(), recordings_.end());
    std::erase(others, reference);

    std::map<Id, SyncResult> found;
    std::map<std::string, std::vector<analysis::ClockPoint>> devices;
    for (const Id& id : others) {
      std::optional<SyncResult> r = compared(reference, id);
      if (!r) continue;
      if (r->placed && r->steps.empty()) devices[label_of(media(id)).device].push_back({r->drift_ppm, r->drift_interval_ppm, false, 0, 0, 0});
      found[id] = *std::move(r);
    }
    for (const Id& id : others) {
      const auto it = found.find(id);
      if (it == found.end()) continue;
      SyncResult r = it->second;
      if (!r.placed) {
        // What the reference does not hear, another one that is placed may.
        for (const auto& [other, place_of_other] : found) {
          if (other == id || !place_of_other.placed || !place_of_other.steps.empty()) continue;
          const std::optional<SyncResult> via = compared(other, id);
          if (!via || !via->placed) continue;
          const double one = 1 + place_of_other.drift_ppm * 1e-6, two = 1 + via->drift_ppm * 1e-6;
          r = *via;
          r.drift_ppm = (one * two - 1) * 1e6;
          r.drift_interval_ppm = std::hypot(via->drift_interval_ppm, place_of_other.drift_interval_ppm);
          r.offset_s = place_of_other.offset_s + via->offset_s / one;
          for (analysis::SyncStep& step : r.steps) step.at_s = place_of_other.reference_second(step.at_s);
          place_along(id, r, fmt::format("through {}: ", name(other)));
          break;
        }
        if (!placed_.contains(id)) refuse(id, r);
        continue;
      }
      const auto& clips = devices[label_of(media(id)).device];
      if (clips.size() > 1 && r.steps.empty()) {
        const analysis::SharedClock clock = *analysis::shared_clock(clips);
        const double middle = (r.overlap_begin_s + r.overlap_end_s) / 2, at = r.file_second(middle);
        r.drift_ppm = clock.drift_ppm;
        r.drift_interval_ppm = clock.drift_interval_ppm;
        r.offset_s = middle - at / (1 + r.drift_ppm * 1e-6);
        r.reason += fmt::format("; drift from {} files of {}", clips.size(), label_of(media(id)).device);
      }
      place_along(id, r, fmt::format("against {}: ", name(reference)));
    }
    return {};
  }

  const Context& context_;
  Proposal& proposal_;
  session::Document& document_;
  SampleRate rate_;
  double length_s_;
  analysis::SourceShelf shelf_;
  std::vector<Id> rushes_, recordings_;
  std::set<Id> by_person_, placed_;
  std::map<Id, int> count_;
  std::map<std::pair<Id, Id>, std::optional<SyncResult>> compared_;
  std::map<std::string, std::vector<std::pair<Id, double>>> clock_errors_;  ///< by device: recording, timecode minus sound in seconds
};

}  // namespace

Result<void> spot_placements(const Context& context, Proposal& proposal) { return PlacementSpot(context, proposal).run(); }

}  // namespace twopop::phases
