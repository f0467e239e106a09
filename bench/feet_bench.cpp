// Feet in the picture: what is spotted of the footsteps of the film kit, of drawn walkers, and of pictures without any.
//
//   feet_bench            recall, precision and error against the truth; then pictures in which nothing may be proposed
//   feet_bench PICTURE... what is spotted in each

#include "analysis/feet.h"
#include "analysis/picture_cuts.h"
#include "corpus.h"
#include "made_walk.h"
#include "media/picture.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <optional>

namespace {

using namespace twopop;
using namespace twopop::analysis;
namespace fs = std::filesystem;

constexpr double kAccept = 0.5;  // what a build accepts (phases/phase.h)

std::vector<double> cuts_of(const fs::path& path) {
  std::vector<double> cuts;
  const auto times = media::frame_times(path);
  const auto reader = media::FrameReader::open(path);
  if (!times || !reader) return cuts;
  std::optional<CutDetector> detector;
  while (true) {
    const auto frame = (*reader)->next();
    if (!frame || !*frame) break;
    if (!detector) detector.emplace((*frame)->width, (*frame)->height);
    detector->add((*frame)->pixels);
  }
  if (detector)
    for (const PictureCut& cut : detector->finish())
      if (cut.confidence >= 0.4 && cut.frame < times->count()) cuts.push_back(times->seconds_of(cut.frame));
  return cuts;
}

FeetSeen feet_of(const fs::path& path) {
  const auto reader = media::FrameReader::open(path, 320, 180);
  if (!reader) return {};
  FootSpotter spotter(320, 180, cuts_of(path));
  while (true) {
    const auto frame = (*reader)->next();
    if (!frame || !*frame) break;
    spotter.add((*frame)->pixels, (*frame)->time_s);
  }
  return spotter.finish();
}

std::vector<double> sure(const FeetSeen& seen) {
  std::vector<double> at;
  for (const FootContact& c : seen.contacts)
    if (c.confidence >= kAccept) at.push_back(c.time_s);
  return at;
}

void print_hits(const std::string& name, const test::Hits& hits) {
  double sum = 0, worst = 0;
  std::vector<double> sizes;
  for (const double e : hits.errors_s) sum += e, worst = std::max(worst, std::fabs(e)), sizes.push_back(std::fabs(e));
  std::sort(sizes.begin(), sizes.end());
  const int real = hits.found + hits.missed, said = hits.found + hits.false_ones;
  std::printf("%-44s found %2d of %2d (%3.0f %%), false %2d of %2d", name.c_str(), hits.found, real, real ? 100.0 * hits.found / real : 0.0, hits.false_ones, said);
  if (!sizes.empty()) std::printf(", off by %+.0f ms on average, median %.0f, worst %.0f", 1000 * sum / static_cast<double>(sizes.size()), 1000 * sizes[sizes.size() / 2], 1000 * worst);
  std::printf("\n");
}

void print_contacts(const FeetSeen& seen, const std::vector<double>& real) {
  for (const FootContact& c : seen.contacts) {
    double nearest = 1e9;
    for (const double t : real)
      if (std::fabs(c.time_s - t) < std::fabs(nearest)) nearest = c.time_s - t;
    std::printf("    %7.3f s +- %3.0f ms at %.2f %.2f  confidence %.2f %s (%s)", c.time_s, 1000 * c.within_s, c.x, c.y, c.confidence, c.confidence >= kAccept ? "+" : "-", c.reason.c_str());
    if (std::fabs(nearest) < 0.5) std::printf("   truth %+.0f ms", 1000 * nearest);
    std::printf("\n");
  }
}

void film_kit(const fs::path& corpus) {
  std::ifstream in(corpus / "film.truth/truth.json");
  const nlohmann::json truth = nlohmann::json::parse(in);
  const double tolerance = truth["footsteps"]["tolerance_s"].get<double>();
  for (const auto& [file, key] : {std::pair<const char*, const char*>{"film/picture/locked_cut.mp4", "cut_s"}, {"film/rushes/A001_MOS_walks.mp4", "source_s"}}) {
    std::vector<double> real;
    for (const auto& step : truth["footsteps"]["steps"]) real.push_back(step[key].get<double>());
    const FeetSeen seen = feet_of(corpus / file);
    print_hits(file, test::match_times(sure(seen), real, tolerance));
    print_contacts(seen, real);
  }
}

void drawn_walkers() {
  for (const auto& [shot_at, shown_at] : {std::pair{10.0, 25.0}, {24.0, 24.0}, {25.0, 25.0}, {30.0, 30.0}, {50.0, 50.0}}) {
    test::Hits all;
    for (int seed = 1; seed <= 6; ++seed) {
      test::MadeWalk walk;
      walk.seed = static_cast<std::uint64_t>(seed);
      walk.frames_per_s = shot_at, walk.shown_per_s = shown_at;
      walk.figure = 90 + 9 * seed;
      walk.step_s = 0.42 + 0.05 * seed;
      walk.steps = 3 + seed % 4;
      walk.shoe = static_cast<std::uint8_t>(seed % 3 == 0 ? 220 : 25);
      FootSpotter spotter(walk.width, walk.height, {});
      for (int n = 0; n < walk.length_s() * shown_at; ++n) spotter.add(walk.frame_at(n / shown_at), n / shown_at);
      const test::Hits hits = test::match_times(sure(spotter.finish()), walk.contacts(), 0.12);
      all.found += hits.found, all.missed += hits.missed, all.false_ones += hits.false_ones;
      all.errors_s.insert(all.errors_s.end(), hits.errors_s.begin(), hits.errors_s.end());
    }
    print_hits(fmt::format("drawn walkers, shot at {:.0f}, shown at {:.0f}", shot_at, shown_at), all);
  }
}

void without_steps(const fs::path& corpus) {
  std::vector<fs::path> files;
  for (const char* folder : {"video", "video/grid", "film/rushes"})
    for (const auto& entry : fs::directory_iterator(corpus / folder))
      if (entry.is_regular_file() && entry.path().filename().string().find("walks") == std::string::npos) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    const FeetSeen seen = feet_of(file);
    std::printf("%-32s proposed %zu, unsure %zu; looked at %.1f s, passed over %.1f s\n", file.filename().c_str(), sure(seen).size(), seen.contacts.size() - sure(seen).size(), seen.looked_at_s, seen.camera_moves_s);
    print_contacts(seen, {});
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  if (argc > 1) {
    for (int i = 1; i < argc; ++i) print_contacts(feet_of(argv[i]), {});
    return 0;
  }
  drawn_walkers();
  const fs::path shared = twopop::test::shared_folder();
  if (shared.empty()) return 0;
  film_kit(shared / "corpus");
  without_steps(shared / "corpus");
}
