#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace twopop::analysis {

enum class CutKind { Hard, Gradual };

/// A change of shot.
struct PictureCut {
  std::int64_t frame = 0;       ///< first frame of the new shot; of a gradual change its middle
  std::int64_t length = 1;      ///< frames that the change takes: 1 for a hard cut
  double confidence = 0;        ///< 0 .. 1
  CutKind kind = CutKind::Hard;
};

/// Finds cuts in a stream of small grey pictures (about 160 x 90; all the same size), pushed frame by frame.
///
/// A frame is the first of a shot where it differs from its forerunner far more than neighbours do around it, after the best
/// global shift was taken out, so that pans, shakes and flashes are none. Memory: some dozen frames.
class CutDetector {
 public:
  CutDetector(int width, int height);
  ~CutDetector();
  CutDetector(CutDetector&&) noexcept;
  CutDetector& operator=(CutDetector&&) noexcept;

  /// The next frame, row by row, width * height bytes.
  void add(std::span<const std::uint8_t> grey);
  /// All cuts, sorted by frame. After it the detector is used up.
  std::vector<PictureCut> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twopop::analysis
