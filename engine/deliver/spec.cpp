#include "deliver/spec.h"

namespace twopop::deliver {
namespace {

std::vector<Specification> make() {
  std::vector<Specification> all;
  const auto add = [&](std::string id, std::string name, std::string source, Standing standing, double target, double tolerance, double ceiling) -> Specification& {
    Specification s;
    s.id = std::move(id);
    s.name = std::move(name);
    s.source = std::move(source);
    s.standing = standing;
    s.target = {target};
    s.tolerance = {tolerance};
    s.ceiling = {ceiling};
    return all.emplace_back(std::move(s));
  };
  add("ebu-r128", "EBU R 128", "EBU R 128 v4.0 (2020): -23 LUFS, quality control within 0.2 LU, at most -1 dBTP", Standing::Seen, -23, 0.2, -1);
  add("ebu-r128-s1", "EBU R 128 s1 (short-form)", "EBU R 128 s1 (2014): as R 128, short-term at most -18 LUFS", Standing::Seen, -23, 0.5, -1).max_short_term = Lufs{-18};
  add("atsc-a85", "ATSC A/85", "ATSC A/85:2013: -24 LKFS within 2 dB; the peak of -2 dBTP is quoted by others", Standing::Quoted, -24, 2, -2);
  Specification& netflix = add("netflix", "Netflix", "Netflix sound mix specification as quoted in 2018: dialogue at -27 LKFS within 2 LU, at most -2 dBTP; under 15 % dialogue, -24 LKFS for the programme (quoted by others)",
                               Standing::Quoted, -27, 2, -2);
  netflix.dialogue_gated = true;
  netflix.little_dialogue = Lufs{-24};
  netflix.greatest_range = Lu{18};
  Specification& dpp = add("dpp", "BBC / DPP", "DPP technical delivery standard, on EBU R 128: -23 LUFS, at most -3 dBTP; tolerance of 1 LU and range of 18 LU are general knowledge: check", Standing::General, -23, 1, -3);
  dpp.greatest_range = Lu{18};
  add("youtube", "YouTube", "de facto, not published: about -14 LUFS, at most -1 dBTP; louder films are turned down", Standing::Quoted, -14, 1, -1);
  add("spotify", "Spotify", "Spotify's loudness normalisation as quoted by others: -14 LUFS, at most -1 dBTP", Standing::Quoted, -14, 1, -1);
  add("apple-podcasts", "Apple Podcasts", "Apple's audio requirements as quoted by others: -16 LKFS within 1 dB, at most -1 dBTP", Standing::Quoted, -16, 1, -1);
  return all;
}

}  // namespace

const std::vector<Specification>& specifications() {
  static const std::vector<Specification> all = make();
  return all;
}

Result<Specification> specification_of(const session::Document& document) {
  std::string known;
  for (const Specification& preset : specifications()) {
    known += (known.empty() ? "" : ", ") + preset.id;
    if (preset.id != document.delivery.preset) continue;
    Specification spec = preset;
    if (document.delivery.target) spec.target = *document.delivery.target, spec.little_dialogue.reset();
    if (document.delivery.ceiling) spec.ceiling = *document.delivery.ceiling;
    return spec;
  }
  return Error{Code::NotFound, fmt::format("/delivery/preset: there is no specification '{}'", document.delivery.preset), "use one of " + known};
}

namespace {
bool by_dialogue(const Specification& spec, const FilmFigures& figures) {
  return spec.dialogue_gated && figures.dialogue_share >= spec.least_dialogue && std::isfinite(figures.dialogue.value);
}
}  // namespace

Lufs judged_loudness(const Specification& spec, const FilmFigures& figures) {
  return by_dialogue(spec, figures) ? figures.dialogue : figures.programme.integrated;
}

Lufs judged_target(const Specification& spec, const FilmFigures& figures) {
  return spec.dialogue_gated && !by_dialogue(spec, figures) && spec.little_dialogue ? *spec.little_dialogue : spec.target;
}

std::vector<Check> check(const Specification& spec, const FilmFigures& figures) {
  std::vector<Check> checks;
  const Lufs loudness = judged_loudness(spec, figures), target = judged_target(spec, figures);
  // A tenth of the last digit shown: figures are compared as they are read.
  constexpr double kRounding = 0.005;
  const bool dialogue = by_dialogue(spec, figures);
  checks.push_back({dialogue ? Judged::Dialogue : Judged::Programme, dialogue ? "Dialogue loudness" : "Programme loudness", fmt::format("{:.1f} ± {:.1f} LUFS", target.value, spec.tolerance.value), loudness.value, "LUFS",
                    std::fabs((loudness - target).value) <= spec.tolerance.value + kRounding});
  checks.push_back({Judged::TruePeak, "True peak", fmt::format("at most {:.1f} dBTP", spec.ceiling.value), figures.programme.true_peak.value, "dBTP", figures.programme.true_peak.value <= spec.ceiling.value + kRounding});
  if (spec.max_short_term)
    checks.push_back({Judged::MaxShortTerm, "Greatest short-term loudness", fmt::format("at most {:.1f} LUFS", spec.max_short_term->value), figures.programme.max_short_term.value, "LUFS",
                      figures.programme.max_short_term.value <= spec.max_short_term->value + kRounding});
  if (spec.max_momentary)
    checks.push_back({Judged::MaxMomentary, "Greatest momentary loudness", fmt::format("at most {:.1f} LUFS", spec.max_momentary->value), figures.programme.max_momentary.value, "LUFS",
                      figures.programme.max_momentary.value <= spec.max_momentary->value + kRounding});
  if (spec.greatest_range)
    checks.push_back({Judged::Range, "Loudness range", fmt::format("at most {:.0f} LU", spec.greatest_range->value), figures.programme.range.value, "LU", figures.programme.range.value <= spec.greatest_range->value + kRounding});
  return checks;
}

}  // namespace twopop::deliver
