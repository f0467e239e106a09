#include "analysis/sync_foreground.h"

#include "analysis/detail/block_spectra.h"

#include <algorithm>
#include <cmath>

namespace twopop::analysis {
namespace {

using namespace detail;

constexpr double kBlock_s = 0.1, kHop_s = 0.05;
constexpr double kTop_hz = 8000;
constexpr double kOverBackground_db = 6, kUnderLoudest_db = 15, kRange_db = 15;
constexpr double kAround_s = 20;                  // of the recordings beside the stretch: what is loud in them, and what is not
constexpr double kMost_s = 60, kPieces = 6;
constexpr std::size_t kLeastBlocks = 8;
constexpr std::size_t kStep = 2;                  // blocks between two levels whose difference is a change
constexpr float kSilence = 1e-12f;

/// A run of blocks; those within [first, last) belong to the stretch, the others lie about it.
struct Piece {
  std::vector<double> at_s;
  std::size_t first = 0, last = 0;
};

std::vector<Piece> pieces_of(double begin_s, double end_s) {
  std::vector<Piece> pieces;
  const auto add = [&](double from, double to, double around) {
    Piece piece;
    for (double at = from - around + kBlock_s / 2; at <= to + around - kBlock_s / 2; at += kHop_s) {
      if (at < from + kBlock_s / 2 - 1e-9) piece.first = piece.at_s.size() + 1;
      piece.at_s.push_back(at);
      if (at <= to - kBlock_s / 2 + 1e-9) piece.last = piece.at_s.size();
    }
    pieces.push_back(std::move(piece));
  };
  if (end_s - begin_s <= kMost_s) {
    add(begin_s, end_s, kAround_s);
    return pieces;
  }
  const double length = kMost_s / kPieces;
  for (int i = 0; i < static_cast<int>(kPieces); ++i) {
    const double from = begin_s + (end_s - begin_s - length) * i / (kPieces - 1);
    add(from, from + length, 0);
  }
  return pieces;
}

/// One recording along the stretch.
struct Side {
  std::vector<Spectra> spectra;                  // piece by piece
  std::vector<std::vector<float>> powers;        // of all blocks, band by band
  std::vector<bool> outside;                     // blocks before its start or after its end
  std::vector<float> least;                      // power from which a cell of a band is loud

  /// By how much the cells of a block are loud; 0 for those that are not.
  std::vector<float> over_db(std::size_t block) const {
    std::vector<float> over;
    for (std::size_t b = 0; b < least.size(); ++b) {
      const float p = powers[block][b];
      over.push_back(p <= least[b] ? 0.0f : std::min(static_cast<float>(kRange_db), 10 * std::log10(p / least[b])));
    }
    return over;
  }
};

float at_share(std::vector<float>& values, double share) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// Sets what is loud. False if there is too little to tell by.
bool weigh(Side& side, const std::vector<int>& edges) {
  const std::size_t bands = edges.size() - 1;
  // Levels of first differences, so that rumble does not hide what is said.
  std::vector<float> levels;
  std::vector<std::size_t> inside;
  for (std::size_t i = 0; i < side.powers.size(); ++i) {
    if (side.outside[i]) continue;
    float level = 0;
    for (std::size_t b = 0; b < bands; ++b) {
      const auto width = static_cast<float>(edges[b + 1] - edges[b]), middle = static_cast<float>(edges[b + 1] + edges[b]) / 2;
      level += side.powers[i][b] * width * middle * middle;
    }
    levels.push_back(level);
    inside.push_back(i);
  }
  if (inside.size() < kLeastBlocks) return false;
  std::vector<float> sorted = levels;
  const float quiet = at_share(sorted, 0.25);
  side.least.assign(bands, 0.0f);
  const auto over = static_cast<float>(std::pow(10, kOverBackground_db / 10)), under = static_cast<float>(std::pow(10, -kUnderLoudest_db / 10));
  std::vector<float> background, all;
  for (std::size_t b = 0; b < bands; ++b) {
    background.clear();
    all.clear();
    for (std::size_t i = 0; i < inside.size(); ++i) {
      all.push_back(side.powers[inside[i]][b]);
      if (levels[i] <= quiet) background.push_back(all.back());
    }
    side.least[b] = std::max({over * at_share(background, 0.9), under * at_share(all, 0.95), kSilence});
  }
  return true;
}

Result<Side> side_of(SampleSource& source, BlockSpectra& spectra, const std::vector<Piece>& pieces, const ClockLine* line, int keep, const std::vector<int>& edges) {
  Side side;
  const double length_s = static_cast<double>(source.length().value) / source.rate().hz;
  for (const Piece& piece : pieces) {
    std::vector<double> at = piece.at_s;
    if (line)
      for (double& s : at) s = line->file_at(s);
    Spectra blocks;
    TWOPOP_CHECK(spectra.transform(at, keep, blocks));
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      std::vector<float> powers;
      for (std::size_t b = 0; b + 1 < edges.size(); ++b) {
        float sum = 0;
        for (int k = edges[b]; k < edges[b + 1]; ++k) sum += std::norm(blocks[i][static_cast<std::size_t>(k)]);
        powers.push_back(sum / static_cast<float>(edges[b + 1] - edges[b]));
      }
      side.powers.push_back(std::move(powers));
      side.outside.push_back(at[i] < kBlock_s / 2 || at[i] > length_s - kBlock_s / 2);
    }
    side.spectra.push_back(std::move(blocks));
  }
  return side;
}

float mean_of(const std::vector<float>& values) {
  float sum = 0;
  for (const float v : values) sum += v;
  return sum / static_cast<float>(values.size());
}

/// Sums of a correlation of which each band has its own mean.
class Correlation {
 public:
  void add(const std::vector<float>& x, const std::vector<float>& y) {
    if (x.empty()) return;
    const double n = static_cast<double>(x.size());
    double mean_x = 0, mean_y = 0;
    for (std::size_t i = 0; i < x.size(); ++i) mean_x += static_cast<double>(x[i]) / n, mean_y += static_cast<double>(y[i]) / n;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double p = static_cast<double>(x[i]) - mean_x, q = static_cast<double>(y[i]) - mean_y;
      xy_ += p * q, xx_ += p * p, yy_ += q * q;
    }
  }
  double value() const { return xx_ > 0 && yy_ > 0 ? xy_ / std::sqrt(xx_ * yy_) : 0; }

 private:
  double xy_ = 0, xx_ = 0, yy_ = 0;
};

}  // namespace

double ForegroundMatch::worth() const {
  if (!heard()) return 0;
  const double fewer = std::min(reference_cells, file_cells), more = std::max(reference_cells, file_cells);
  const double waveforms = common_cells >= kLeastCells ? std::clamp(0.3 * phase, 0.0, 0.1) : 0.0;
  return (likeness - 2 * chance) / std::sqrt(fewer / more) + waveforms;
}

Result<ForegroundMatch> foreground_match(SampleSource& reference, SampleSource& file, const ClockLine& line, double begin_s, double end_s, bool inverted) {
  ForegroundMatch found;
  if (end_s - begin_s < 2 * kBlock_s) return found;
  BlockSpectra of_reference(reference, kBlock_s), of_file(file, kBlock_s);
  const int keep = std::min({of_reference.bins(), of_file.bins(), static_cast<int>(kTop_hz * kBlock_s) + 1});
  const std::vector<int> edges = band_edges(keep, kBlock_s);
  const std::vector<Piece> pieces = pieces_of(begin_s, end_s);
  TWOPOP_TRY(Side x, side_of(reference, of_reference, pieces, nullptr, keep, edges));
  TWOPOP_TRY(Side y, side_of(file, of_file, pieces, &line, keep, edges));
  if (!weigh(x, edges) || !weigh(y, edges)) return found;

  Correlation shapes, changes;
  double phase = 0, weight = 0;
  const std::size_t bands = edges.size() - 1;
  std::vector<std::vector<float>> shape_x(bands), shape_y(bands), change_x(bands), change_y(bands);
  std::size_t start = 0;
  for (std::size_t p = 0; p < pieces.size(); ++p) {
    for (std::size_t i = pieces[p].first; i < pieces[p].last; ++i) {
      const std::size_t at = start + i;
      if (x.outside[at] || y.outside[at]) continue;
      const std::vector<float> in_x = x.over_db(at), in_y = y.over_db(at);
      const float mean_x = mean_of(in_x), mean_y = mean_of(in_y);
      for (std::size_t b = 0; b < bands; ++b) {
        shape_x[b].push_back(in_x[b] - mean_x), shape_y[b].push_back(in_y[b] - mean_y);
        found.reference_cells += in_x[b] > 0;
        found.file_cells += in_y[b] > 0;
        if (in_x[b] <= 0 || in_y[b] <= 0) continue;
        ++found.common_cells;
        float cross = 0;
        for (int k = edges[b]; k < edges[b + 1]; ++k) {
          const Bin u = x.spectra[p][i][static_cast<std::size_t>(k)], v = y.spectra[p][i][static_cast<std::size_t>(k)];
          cross += u.real() * v.real() + u.imag() * v.imag();
        }
        phase += static_cast<double>(cross / std::sqrt(x.powers[at][b] * y.powers[at][b]));
        weight += edges[b + 1] - edges[b];
      }
      if (i < pieces[p].first + kStep || x.outside[at - kStep] || y.outside[at - kStep]) continue;
      const std::vector<float> before_x = x.over_db(at - kStep), before_y = y.over_db(at - kStep);
      for (std::size_t b = 0; b < bands; ++b) change_x[b].push_back(in_x[b] - before_x[b]), change_y[b].push_back(in_y[b] - before_y[b]);
    }
    start += pieces[p].at_s.size();
  }
  for (std::size_t b = 0; b < bands; ++b) {
    shapes.add(shape_x[b], shape_y[b]);
    changes.add(change_x[b], change_y[b]);
  }
  // Neighbours in time overlap and share syllables, neighbours in pitch share a voice: about one cell in twelve stands for itself.
  found.chance = std::sqrt(12.0 / static_cast<double>(std::max<std::size_t>(12, shape_x[0].size() * bands)));
  found.likeness = (shapes.value() + changes.value()) / 2;
  found.phase = weight > 0 ? (inverted ? -phase : phase) / weight : 0;
  return found;
}

}  // namespace twopop::analysis
