#include "phases/dialogue/compile.h"
#include "phases/heard.h"
#include "phases/dialogue/line_spot.h"
#include "phases/dialogue/sync_spot.h"
#include "phases/ranges.h"

namespace twopop::phases {
namespace {

class DialoguePhase final : public Phase {
 public:
  const char* name() const override { return "dialogue"; }

  Result<Proposal> spot(const Context& context) const override {
    Proposal proposal;
    proposal.document = context.document;
    TWOPOP_CHECK(spot_placements(context, proposal));
    context.work.rest();  // what sync held is not needed for the lines
    TWOPOP_CHECK(spot_lines(context, proposal));
    return proposal;
  }

  Result<Compiled> compile(const Context& context) const override { return compile_dialogue(context); }

  Result<std::vector<Finding>> review(const Context& context, const Compiled&) const override {
    const session::Document& document = context.document;
    std::vector<Finding> findings;
    for (const auto& [id, refusal] : document.dialogue.refusals) {
      const auto media = document.media.find(refusal.media);
      findings.push_back({Severity::Warning, "dialogue", "recording-not-in-picture", std::nullopt, "/media/" + refusal.media,
                          fmt::format("{} was not placed: {}{}{}", media == document.media.end() ? refusal.media : media->second.name, refusal.reason, refusal.runner_up.empty() ? "" : "; ", refusal.runner_up),
                          "if it belongs to the film, place it by hand; else leave it out", refusal.score, "height"});
    }
    for (const auto& [id, clip] : document.dialogue.clips) TWOPOP_CHECK(review_clip(context, id, clip, findings));
    return findings;
  }

 private:
  static Result<void> review_clip(const Context& context, const session::Id& id, const session::DialogueClip& clip, std::vector<Finding>& findings) {
    if (clip.muted || clip.role != session::ClipRole::Speech) return {};
    const session::Document& document = context.document;
    const std::string item = "/dialogue/clips/" + id;
    const auto placed = document.dialogue.placements.find(clip.placement);
    if (placed == document.dialogue.placements.end()) return {};  // compiling it has said so
    const double in_s = source_second(placed->second, clip.film.in, document.rate), out_s = source_second(placed->second, clip.film.out, document.rate);
    const Result<analysis::LineQuality> quality = quality_of(context, placed->second.media, clip.channel, in_s, out_s);
    if (!quality) {
      if (quality.error().code == Code::Cancelled) return quality.error();
      return {};
    }
    for (const analysis::LineVerdict& fault : quality->faults)
      findings.push_back({fault.fault == analysis::LineFault::Missing ? Severity::Error : Severity::Warning, "dialogue", std::string("line-") + analysis::name_of(fault.fault),
                          clip.film.range(), item, fault.reason, "choose another microphone or take, or record it again (ADR)", fault.figure, fault.unit});
    // A clip that starts or ends inside a word was cut too tight.
    const Result<Heard> heard = heard_in(context, placed->second.media, clip.channel);
    if (!heard) return {};
    for (const SampleRange& word : heard->speech) {
      const double begin = seconds(word.begin, heard->rate), end = seconds(word.end, heard->rate);
      for (const double edge : {in_s, out_s})
        if (begin + 0.05 < edge && edge < end - 0.05 && !continued(document, clip, edge == in_s))
          findings.push_back({Severity::Warning, "dialogue", "word-cut", clip.film.range(), item,
                              fmt::format("the clip {} inside speech, {:.0f} ms from its {}", edge == in_s ? "starts" : "ends", 1000 * (edge == in_s ? edge - begin : end - edge), edge == in_s ? "start" : "end"),
                              "draw the clip's edge out, or accept it as the picture's cut", 1000 * (edge == in_s ? edge - begin : end - edge), "ms"});
    }
    return {};
  }

  /// Whether another clip, or the picture's cut, is at this edge of the clip.
  static bool continued(const session::Document& document, const session::DialogueClip& clip, bool start) {
    const SamplePosition edge = start ? clip.film.in : clip.film.out;
    for (const auto& [id, other] : document.dialogue.clips)
      if (&other != &clip && other.film.range().begin <= edge && edge <= other.film.range().end) return true;
    for (const auto& [id, event] : document.picture.events)
      if (event.film.in == edge || event.film.out == edge) return true;
    for (const auto& [id, placed] : document.dialogue.placements)
      if (placed.film.in == edge || placed.film.out == edge) return true;
    return false;
  }
};

}  // namespace

const Phase& dialogue_phase() {
  static const DialoguePhase phase;
  return phase;
}

}  // namespace twopop::phases
