#include "phases/adr/adr.h"

namespace twopop::phases {
namespace {

class AdrPhase final : public Phase {
 public:
  const char* name() const override { return "adr"; }
  Result<Proposal> spot(const Context& context) const override { return spot_adr(context); }
  Result<Compiled> compile(const Context& context) const override { return compile_adr(context); }

  Result<std::vector<Finding>> review(const Context& context, const Compiled&) const override {
    const session::Adr& adr = context.document.adr;
    std::vector<Finding> findings;
    for (const auto& [id, cue] : adr.cues) {
      if (cue.status == session::CueStatus::Omitted || cue.status == session::CueStatus::Done) continue;
      if (cue.chosen_take.empty()) {
        findings.push_back({Severity::Warning, "adr", "cue-open", cue.film.range(), "/adr/cues/" + id, fmt::format("cue {} waits for a take: {}", cue.number, cue.figure.empty() ? cue.decided.reason : cue.figure),
                            "record it and add the take (`twopop add FILE --as take --cue " + cue.number + "`), or omit the cue", 0, ""});
        continue;
      }
      const auto take = adr.takes.find(cue.chosen_take);
      if (take == adr.takes.end())
        findings.push_back({Severity::Error, "adr", "take-missing", cue.film.range(), "/adr/cues/" + id, fmt::format("cue {} has the take '{}', which is not there", cue.number, cue.chosen_take), "choose another take", 0, ""});
      else if (take->second.worst_ms > 80)
        findings.push_back({Severity::Warning, "adr", "take-out-of-sync", cue.film.range(), "/adr/takes/" + cue.chosen_take,
                            fmt::format("the take of cue {} stays up to {:.0f} ms from the line", cue.number, take->second.worst_ms), "nudge it, or choose or record another take", take->second.worst_ms, "ms"});
    }
    for (const auto& [id, take] : adr.takes) {
      if (!take.refused) continue;
      const auto media = context.document.media.find(take.media);
      findings.push_back({Severity::Warning, "adr", "take-refused", std::nullopt, "/media/" + take.media,
                          fmt::format("{}: {}", media == context.document.media.end() ? take.media : media->second.name, take.decided.reason),
                          "record the line again, or name the cue it is for (`twopop add --as take --cue N`)", take.fit, "score"});
    }
    return findings;
  }
};

}  // namespace

const Phase& adr_phase() {
  static const AdrPhase phase;
  return phase;
}

}  // namespace twopop::phases
