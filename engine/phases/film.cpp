#include "phases/film.h"

#include "phases/detail/items.h"

namespace twopop::phases {
namespace {

const char* part_of(const std::string& item) {
  for (const Phase* phase : order_of_operations())
    if (item.starts_with(std::string("/") + phase->name() + "/")) return phase->name();
  return "";
}

Finding failure(const char* phase, std::string_view doing, const Error& error) {
  return {Severity::Error, phase, std::string(name_of(error.code)), std::nullopt, std::string("/") + phase,
          fmt::format("{} failed: {}", doing, error.message), error.remedy.empty() ? "mend that and build again" : error.remedy, 0, ""};
}

}  // namespace

std::map<std::string, const Compiled*> Whole::by_name() const {
  std::map<std::string, const Compiled*> pointers;
  for (const auto& [name, phase] : compiled) pointers[name] = &phase;
  return pointers;
}

MixInput Whole::mix_input() const {
  MixInput input;
  for (const Phase* phase : order_of_operations()) {
    const auto found = compiled.find(phase->name());
    if (found != compiled.end()) input.tracks.insert(input.tracks.end(), found->second.tracks.begin(), found->second.tracks.end());
  }
  for (const auto& [name, phase] : compiled) input.covers.insert(input.covers.end(), phase.covers.begin(), phase.covers.end());
  if (const auto dialogue = compiled.find("dialogue"); dialogue != compiled.end()) input.room_tone = dialogue->second.room_tone;
  return input;
}

Result<Whole> compile_film(const session::Document& document, const FilmPlace& place) {
  Whole whole;
  for (const Phase* phase : order_of_operations()) {
    const Context context{document, place.folder, place.work, whole.by_name()};
    Result<Compiled> compiled = phase->compile(context);
    if (!compiled) {
      if (compiled.error().code == Code::Cancelled) return compiled.error();
      whole.findings.push_back(failure(phase->name(), "compiling it", compiled.error()));
      whole.compiled[phase->name()] = {};
      continue;
    }
    whole.findings.insert(whole.findings.end(), compiled->findings.begin(), compiled->findings.end());
    whole.compiled[phase->name()] = *std::move(compiled);
  }
  whole.mix = build_mix(document, whole.mix_input(), place.ceiling);
  return whole;
}

Result<SpotOutcome> spot_film(const session::Document& document, const FilmPlace& place, std::string_view only, const PhaseNotice& notice) {
  SpotOutcome outcome;
  outcome.document = document;
  std::map<std::string, Compiled> compiled;
  for (const Phase* phase : order_of_operations()) {
    if (notice) notice(phase->name());
    place.work.rest();  // the next phase hears other files: tables of long ones are not kept
    std::map<std::string, const Compiled*> earlier;
    for (const auto& [name, done] : compiled) earlier[name] = &done;
    if (only.empty() || only == phase->name()) {
      const Context context{outcome.document, place.folder, place.work, earlier};
      Result<Proposal> proposal = phase->spot(context);
      if (!proposal) {
        if (proposal.error().code == Code::Cancelled) return proposal.error();
        outcome.findings.push_back(failure(phase->name(), "spotting it", proposal.error()));
      } else {
        for (const Proposed& item : proposal->items) {
          if (item.confidence >= kAcceptConfidence) {
            outcome.accepted.push_back(item);
            continue;
          }
          detail::restore_item(proposal->document, outcome.document, item.path);
          outcome.findings.push_back({Severity::Warning, phase->name(), "unsure-proposal", std::nullopt, item.path,
                                      fmt::format("proposed with a confidence of only {:.2f}: {}", item.confidence, item.reason),
                                      "look at it, and decide it by hand", item.confidence, "probability"});
        }
        outcome.findings.insert(outcome.findings.end(), proposal->findings.begin(), proposal->findings.end());
        outcome.document = std::move(proposal->document);
      }
    }
    place.work.rest();  // nor what spotting heard
    const Context context{outcome.document, place.folder, place.work, earlier};
    Result<Compiled> done = phase->compile(context);
    if (!done && done.error().code == Code::Cancelled) return done.error();
    compiled[phase->name()] = done ? *std::move(done) : Compiled{};
  }
  return outcome;
}

std::vector<Finding> in_order(std::vector<Finding> findings) {
  std::vector<Finding> once;
  std::set<std::string> seen;
  for (Finding& finding : findings)
    if (seen.insert(fmt::format("{}|{}|{}|{}", finding.code, finding.item, finding.where ? finding.where->begin.value : -1, finding.message)).second) once.push_back(std::move(finding));
  std::stable_sort(once.begin(), once.end(), [](const Finding& a, const Finding& b) {
    if (a.severity != b.severity) return a.severity > b.severity;
    const SamplePosition last{std::int64_t{1} << 60};
    return (a.where ? a.where->begin : last) < (b.where ? b.where->begin : last);
  });
  return once;
}

Result<std::vector<Finding>> review_film(const session::Document& document, const FilmPlace& place, const Whole& whole) {
  std::vector<Finding> findings = whole.findings;
  std::map<std::string, const Compiled*> earlier;
  for (const Phase* phase : order_of_operations()) {
    const Compiled& compiled = whole.compiled.at(phase->name());
    const Context context{document, place.folder, place.work, earlier};
    Result<std::vector<Finding>> found = phase->review(context, compiled);
    if (!found) {
      if (found.error().code == Code::Cancelled) return found.error();
      findings.push_back(failure(phase->name(), "reviewing it", found.error()));
    } else {
      findings.insert(findings.end(), found->begin(), found->end());
    }
    earlier[phase->name()] = &compiled;
  }
  for (const auto& [id, media] : document.media)
    if (!media.problem.empty())
      findings.push_back({Severity::Error, "media", "media-unusable", std::nullopt, "/media/" + id, fmt::format("{}: {}", media.name, media.problem), "replace the file and add it again", 0, ""});
  for (const auto& [path, warnings] : place.work.media()->warnings())
    for (const std::string& warning : warnings)
      findings.push_back({Severity::Warning, "media", "media-damaged", std::nullopt, path, fmt::format("{}: {}", std::filesystem::path(path).filename().string(), warning), "listen to the place, and find a better copy of the file", 0, ""});
  return in_order(std::move(findings));
}

const char* name_of(Staleness staleness) {
  switch (staleness) {
    case Staleness::NotApproved: return "not-approved";
    case Staleness::UpToDate: return "up-to-date";
    case Staleness::DecisionChanged: return "decision-changed";
    case Staleness::EngineChanged: return "engine-changed";
  }
  return "";
}

Result<signal::Signal> sound_of(const Whole& whole, const std::string& phase) {
  if (phase == "mix") return whole.mix.mix;
  if (phase == "design") return whole.mix.buses.at(Stem::Effects);
  for (const Stem stem : kStems)
    if (phase == name_of(stem)) return whole.mix.buses.at(stem);
  return Error{Code::NotFound, fmt::format("there is no phase '{}'", phase), "the phases are dialogue, adr, design, foley, music and mix"};
}

Result<session::Approval> approval_of(const session::Document& document, const FilmPlace& place, const Whole& whole, const std::string& phase) {
  TWOPOP_TRY(const signal::Signal sound, sound_of(whole, phase));
  TWOPOP_TRY(const std::vector<Hash> chunks, place.work.contents(sound, document.extent()));
  session::Approval approval;
  approval.engine = kEngineVersion;
  for (const Hash& chunk : chunks) approval.chunks.push_back(to_string(chunk));
  return approval;
}

Result<std::vector<PhaseStatus>> status_of(const session::Document& document, const FilmPlace& place, const Whole& whole, const std::vector<Finding>& findings) {
  std::vector<PhaseStatus> rows;
  for (const Phase* phase : order_of_operations()) {
    PhaseStatus row;
    row.phase = phase->name();
    const detail::ItemCount count = detail::count_items(document, row.phase);
    row.items = count.items;
    row.by_person = count.by_person;
    row.open = count.open;
    for (const Finding& finding : findings) row.findings += finding.phase == row.phase || part_of(finding.item) == row.phase;
    const auto approved = document.approvals.find(row.phase);
    if (approved != document.approvals.end()) {
      row.approved_by = approved->second.who;
      row.approved_at = approved->second.when;
      TWOPOP_TRY(const session::Approval now, approval_of(document, place, whole, row.phase));
      const std::size_t chunks = std::max(now.chunks.size(), approved->second.chunks.size());
      for (std::size_t i = 0; i < chunks; ++i) {
        if (i < now.chunks.size() && i < approved->second.chunks.size() && now.chunks[i] == approved->second.chunks[i]) continue;
        const SampleRange range{{static_cast<std::int64_t>(i) * signal::kChunk.value}, {static_cast<std::int64_t>(i + 1) * signal::kChunk.value}};
        if (!row.stale.empty() && row.stale.back().end == range.begin)
          row.stale.back().end = range.end;
        else
          row.stale.push_back(range);
      }
      if (!row.stale.empty()) row.stale.back().end = std::min(row.stale.back().end, std::max(document.extent().end, row.stale.back().begin));
      row.staleness = row.stale.empty() ? Staleness::UpToDate : approved->second.engine == now.engine ? Staleness::DecisionChanged : Staleness::EngineChanged;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace twopop::phases
