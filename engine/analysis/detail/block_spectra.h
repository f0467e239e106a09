#pragma once

#include "analysis/sync_fft.h"
#include "analysis/sync_source.h"

#include <complex>
#include <vector>

/// Short spectra of a source at exact places, and what in them stands out of the background: what fine sync is made of.
namespace twopop::analysis::detail {

using Bin = std::complex<float>;
using Spectra = std::vector<std::vector<Bin>>;

inline constexpr double kLongBlock_s = 0.4;
inline constexpr double kLow_hz = 120;  ///< what lies under it is not looked at

/// Cuts sound into windowed blocks and transforms them, each shifted to where it was asked for to a fraction of a sample.
class BlockSpectra {
 public:
  BlockSpectra(SampleSource& source, double block_s);
  double rate() const { return rate_; }
  int bins() const { return fft_.size() / 2 + 1; }

  /// Spectra of blocks centred at `centres_s` (seconds of this source, rising), `keep` bins each.
  Result<void> transform(const std::vector<double>& centres_s, int keep, Spectra& out);

 private:
  static int even(double size);
  std::int64_t begin_of(double centre_s) const;

  SampleSource& source_;
  double rate_;
  RealFft fft_;
  std::vector<float> window_;
  std::vector<float> buffer_;
};

/// Bands of at least 50 Hz and about a sixth of an octave, in bins.
std::vector<int> band_edges(int keep, double block_s);

/// The steady background of each band: the low tenth of its blocks.
struct Background {
  std::vector<float> floors;
  float over = 2.5f;  ///< how far above it a cell must rise to count; 0 where there is nothing but a steady sound
};
Background background_of(const Spectra& blocks, const std::vector<int>& edges);
/// Background of a source around a stretch (seconds of the source), from blocks up to `around_s` away.
Result<Background> background_around(SampleSource& source, BlockSpectra& spectra, double begin_s, double end_s, double around_s, int keep, const std::vector<int>& edges);

/// Flattens blocks band by band and leaves out what does not rise above the background, as in SyncTrack.
/// Returns the power left in each block.
std::vector<double> leave_foreground(Spectra& blocks, const std::vector<int>& edges, const Background& background);

/// Running mean over 2 x half + 1 bins.
void smooth(const std::vector<float>& in, int half, std::vector<float>& out);

}  // namespace twopop::analysis::detail
