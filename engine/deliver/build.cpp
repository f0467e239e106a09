#include "deliver/build.h"

#include "deliver/outputs.h"
#include "deliver/report_data.h"
#include "deliver/sheet_files.h"
#include "signal/working_set.h"

namespace twopop::deliver {
namespace {

using phases::Finding;
using phases::Severity;

void add_unmet_checks(BuildOutcome& build) {
  for (const Check& c : build.checks)
    if (!c.pass)
      build.findings.push_back({Severity::Error, "deliver", "spec-not-met", std::nullopt, "/delivery", fmt::format("{} is {:.2f} {}; {} asks for {}", c.name, c.figure, c.unit, build.spec.name, c.limit),
                                "see the findings of the mix, or choose another specification", c.figure, c.unit});
  if (build.missed.value != 0)
    build.findings.push_back({Severity::Warning, "mix", "target-missed", std::nullopt, "/mix/master", fmt::format("the target was missed by {:+.2f} LU: more gain would make the limiter squash peaks under the ceiling", -build.missed.value),
                              "tame the loudest peaks at their clips, or accept a quieter film", build.missed.value, "LU"});
}

}  // namespace

DbTp limiter_ceiling(const Specification& spec) { return spec.ceiling - Decibels{0.1}; }

Result<BuildOutcome> build_film(const session::Document& document, const BuildPlace& place) {
  BuildOutcome build;
  TWOPOP_TRY(build.spec, specification_of(document));
  const phases::FilmPlace film{place.bundle, place.work, limiter_ceiling(build.spec)};
  const auto stage = [&](const std::string& name) {
    if (place.stage) place.stage(name);
  };

  TWOPOP_TRY(phases::SpotOutcome spotted, phases::spot_film(document, film, {}, [&](std::string_view phase) { stage(fmt::format("spotting {}", phase)); }));
  build.document = std::move(spotted.document);
  build.accepted = std::move(spotted.accepted);
  TWOPOP_CHECK(place.commit(build.document, "proposals of analysis, accepted by the build"));

  place.work.rest();
  stage("rendering the stems");
  TWOPOP_TRY(build.whole, phases::compile_film(build.document, film));
  if (build.document.extent().empty())
    return Error{Code::InvalidArgument, "the film has no length: it has neither a picture nor a recording that could be placed", "add a picture or recordings, then build again"};
  std::vector<signal::Signal> buses;
  for (const auto& [stem, bus] : build.whole.mix.buses) buses.push_back(bus);
  if (place.warn)
    if (const auto fits = cache::check_budget(place.work.store().usage(), signal::working_set_bytes(place.work, buses, build.document.extent())); !fits) place.warn(fits.error());
  TWOPOP_CHECK(place.work.make(buses, build.document.extent()));

  stage("measuring the mix");
  const std::vector<SampleRange> speech = speech_of(build.whole);
  const auto measure_at = [&](Decibels gain) -> Result<MasterMeasure> {
    build.document.mix.master.gain = gain;
    build.whole.mix = phases::build_mix(build.document, build.whole.mix_input(), film.ceiling);
    TWOPOP_TRY(build.measure, measure_mix(place.work, build.document, build.whole.mix, speech));
    return build.measure.master;
  };
  session::Master& master = build.document.mix.master;
  if (master.decided.by == session::By::Person) {
    TWOPOP_TRY([[maybe_unused]] const auto measured, measure_at(master.gain));
  } else {
    TWOPOP_TRY(const MasterSolution solution, solve_master(build.spec, master.gain, measure_at));
    TWOPOP_TRY([[maybe_unused]] const auto measured, measure_at(solution.gain));
    build.missed = solution.missed;
    if (solution.changed) {
      master.decided.reason = fmt::format("{:+.2f} dB brings the mix to {:.2f} LUFS for {}", solution.gain.value, judged_loudness(build.spec, solution.measure.figures).value, build.spec.name);
      TWOPOP_CHECK(place.commit(build.document, "master gain: " + master.decided.reason));
    }
  }
  build.checks = check(build.spec, build.measure.master.figures);

  stage("reviewing");
  TWOPOP_TRY(build.findings, phases::review_film(build.document, film, build.whole));
  // What spotting has just found and the document keeps, review says too.
  for (const phases::Finding& f : spotted.findings)
    if (std::none_of(build.findings.begin(), build.findings.end(), [&](const phases::Finding& said) { return said.code == f.code && said.item == f.item && said.where == f.where; }))
      build.findings.push_back(f);
  add_unmet_checks(build);
  build.measure.loudness = {};  // 3 MB an hour, which coding and the film's tables need more: the cache has it
  place.work.rest();
  TWOPOP_CHECK(write_sound_and_film(place, build));
  TWOPOP_TRY(build.measure.loudness, measure_signal(place.work, build.whole.mix.mix, build.document.extent(), build.document.rate));
  build.findings = phases::in_order(std::move(build.findings));
  TWOPOP_TRY(build.board, phases::status_of(build.document, film, build.whole, build.findings));
  stage("writing sheets and report");
  TWOPOP_CHECK(write_sheets(place, build));
  TWOPOP_CHECK(write_report(place, build));
  return build;
}

}  // namespace twopop::deliver
