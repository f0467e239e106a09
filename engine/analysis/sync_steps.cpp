#include "analysis/sync_steps.h"

#include <algorithm>
#include <cmath>

namespace twopop::analysis {
namespace {

constexpr double kReach_s = 0.6;       // the largest loss looked for at one place
constexpr double kLeast_s = 0.0004;    // smaller ones drown in what a room does to delays
constexpr double kStands_out = 6.5;

struct Piece {
  std::size_t from = 0, to = 0;  // points
  double level_s = 0;
};

double median(std::vector<double> v) {
  const auto middle = v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2);
  std::nth_element(v.begin(), middle, v.end());
  return *middle;
}

/// Levels and where they change, by dynamic programming: bounded distance to the median of each piece plus a price a piece.
std::vector<Piece> pieces_of(const std::vector<double>& values) {
  constexpr double kUnit_s = 1.5e-4, kPrice = 7;
  const std::size_t n = values.size();
  std::vector<double> best(n + 1, 1e300);
  std::vector<std::size_t> back(n + 1, 0);
  std::vector<double> level(n + 1, 0);
  best[0] = 0;
  for (std::size_t j = 1; j <= n; ++j)
    for (std::size_t i = 0; i < j; ++i) {
      if (best[i] >= best[j]) continue;
      const double middle = median({values.begin() + static_cast<std::ptrdiff_t>(i), values.begin() + static_cast<std::ptrdiff_t>(j)});
      double cost = best[i] + kPrice;
      for (std::size_t k = i; k < j; ++k) cost += std::min(std::abs(values[k] - middle) / kUnit_s, 4.0);
      if (cost < best[j]) best[j] = cost, back[j] = i, level[j] = middle;
    }
  std::vector<Piece> pieces;
  for (std::size_t j = n; j > 0; j = back[j]) pieces.push_back({back[j], j, level[j]});
  std::reverse(pieces.begin(), pieces.end());
  return pieces;
}

}  // namespace

Result<bool> find_steps(SampleSource& reference, SampleSource& file, const SyncTrack& reference_track, const SyncTrack& file_track,
                        FineResult& fine, const SyncOptions& options, std::vector<SyncStep>& steps) {
  steps.clear();
  const double span = fine.end_s - fine.begin_s;
  if (span < 12 || fine.windows == 0) return false;
  const double window_s = span > 120 ? 4.0 : 2.0;
  std::vector<TrackedPoint> points = follow(reference_track, file_track, fine.line, window_s, 120, kReach_s, 0);
  std::erase_if(points, [](const TrackedPoint& p) { return p.height < kStands_out; });
  if (points.size() < 6) return false;

  double slope = fine.line.slope;
  const auto values_at = [&](double with) {
    std::vector<double> values;
    for (const TrackedPoint& p : points) values.push_back(p.file_s - p.reference_s * (1 + with));
    return values;
  };
  // The drift seen across steps is wrong: the common slope of the pieces, then the pieces again.
  std::vector<Piece> pieces;
  for (int round = 0; round < 4; ++round) {
    std::vector<double> slopes;
    for (std::size_t i = 0; i + 1 < points.size(); ++i) {
      const std::size_t j = std::min(i + 4, points.size() - 1);
      slopes.push_back((points[j].file_s - points[i].file_s) / (points[j].reference_s - points[i].reference_s) - 1);
    }
    if (round == 0) slope = std::clamp(median(slopes), -options.max_drift_ppm * 1e-6, options.max_drift_ppm * 1e-6);
    pieces = pieces_of(values_at(slope));
    double tt = 1e-9, td = 0;
    for (const Piece& piece : pieces) {
      if (piece.to - piece.from < 3) continue;
      double mt = 0, md = 0, count = 0;
      const auto near = [&](std::size_t i) { return std::abs(points[i].file_s - points[i].reference_s * (1 + slope) - piece.level_s) < 6e-4; };
      for (std::size_t i = piece.from; i < piece.to; ++i)
        if (near(i)) mt += points[i].reference_s, md += points[i].file_s - points[i].reference_s, ++count;
      if (count < 3) continue;
      mt /= count, md /= count;
      for (std::size_t i = piece.from; i < piece.to; ++i)
        if (near(i)) tt += (points[i].reference_s - mt) * (points[i].reference_s - mt), td += (points[i].reference_s - mt) * (points[i].file_s - points[i].reference_s - md);
    }
    if (tt > 1) slope = td / tt;
  }
  std::erase_if(pieces, [](const Piece& p) { return p.to - p.from < 2; });
  // Pieces of one level with a disturbance between them are one piece.
  for (std::size_t i = 0; i + 1 < pieces.size();) {
    if (std::abs(pieces[i + 1].level_s - pieces[i].level_s) < kLeast_s) {
      pieces[i].to = pieces[i + 1].to;
      pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    } else {
      ++i;
    }
  }
  if (pieces.size() < 2) return false;

  // Where each change lies: the split that matches best, each side along its own line.
  const auto line_of = [&](const Piece& piece) { return ClockLine{-piece.level_s / (1 + slope), slope}; };
  std::vector<double> cuts;
  for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
    const double begin = points[pieces[i].to - 1].reference_s - window_s / 2, end = points[pieces[i + 1].from].reference_s + window_s / 2;
    TWOPOP_TRY(const std::vector<float> before, match_along(reference, file, line_of(pieces[i]), begin, end, 0.01, fine.inverted));
    TWOPOP_TRY(const std::vector<float> after, match_along(reference, file, line_of(pieces[i + 1]), begin, end, 0.01, fine.inverted));
    double sum = 0, best = 0;
    std::size_t at = 0;
    for (std::size_t k = 0; k < before.size(); ++k) {
      sum += before[k] - after[k];
      if (sum > best) best = sum, at = k + 1;
    }
    cuts.push_back(begin + static_cast<double>(at) * 0.01);
  }

  // Each piece on its own at full rate; the drift from the longest, the others hold it.
  std::vector<double> edges{fine.begin_s};
  edges.insert(edges.end(), cuts.begin(), cuts.end());
  edges.push_back(fine.end_s);
  std::size_t longest = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i)
    if (edges[i + 1] - edges[i] > edges[longest + 1] - edges[longest]) longest = i;
  FineOptions fine_options;
  fine_options.threads = options.threads;
  fine_options.reach_s = 0.004;
  const double whole_begin = fine.begin_s, whole_end = fine.end_s;
  constexpr double kAway_s = 0.06;  // windows keep clear of the step itself
  TWOPOP_TRY(FineResult main, refine(reference, file, line_of(pieces[longest]), edges[longest] + kAway_s, edges[longest + 1] - kAway_s, fine_options));
  if (main.windows == 0) return false;
  std::vector<ClockLine> lines(pieces.size(), main.line);
  fine_options.keep_drift = true;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i == longest) continue;
    ClockLine line = line_of(pieces[i]);
    const double middle = (edges[i] + edges[i + 1]) / 2, at = line.file_at(middle);
    line.slope = main.line.slope;
    line.offset_s = middle - at / (1 + line.slope);
    TWOPOP_TRY(const FineResult part, refine(reference, file, line, edges[i] + kAway_s, edges[i + 1] - kAway_s, fine_options));
    if (part.windows > 0) line.offset_s = part.line.offset_s;
    lines[i] = line;
  }
  // Strong reflections, or noise, can lead the search at 4 kHz aside for a while. At full rate a piece must match better where it was
  // found than where the longest one's line leads, and that better than the one line without any step.
  const auto matched = [&](std::size_t i, const ClockLine& line, double most_s) -> Result<double> {
    const double middle = (edges[i] + edges[i + 1]) / 2, reach = std::min(edges[i + 1] - edges[i] - 2 * kAway_s, most_s) / 2;
    TWOPOP_TRY(const std::vector<float> match, match_along(reference, file, line, middle - reach, middle + reach, 0.05, main.inverted));
    double sum = 0;
    for (const float v : match) sum += v;
    return sum / static_cast<double>(match.size());
  };
  TWOPOP_TRY(const double with_steps, matched(longest, main.line, 60));
  TWOPOP_TRY(const double without, matched(longest, fine.line, 60));
  if (without > 1.2 * with_steps) return false;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i == longest) continue;
    TWOPOP_TRY(const double own, matched(i, lines[i], 12));
    TWOPOP_TRY(const double same, matched(i, main.line, 12));
    if (own < 1.5 * same || own < 0.02) lines[i] = main.line;
  }
  for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
    const double step = (lines[i].offset_s - lines[i + 1].offset_s) * (1 + main.line.slope);
    if (std::abs(step) >= kLeast_s / 2) steps.push_back({cuts[i], step});
  }
  if (steps.empty()) return false;
  fine = std::move(main);
  fine.line = lines[0];
  fine.begin_s = whole_begin;
  fine.end_s = whole_end;
  return true;
}

}  // namespace twopop::analysis
