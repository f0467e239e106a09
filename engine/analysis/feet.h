#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace twopop::analysis {

/// A foot that comes to rest on the floor, seen in the picture.
struct FootContact {
  double time_s = 0;        ///< half-way between the last frame in which it moved and the first in which it rests
  double within_s = 0;      ///< half the time between those two frames: the picture says no more than this
  double x = 0, y = 0;      ///< of the picture's width and height, from the top left
  double confidence = 0;    ///< 0 .. 1
  std::string reason;       ///< the figures behind it, for people
};

/// What of a picture could be looked at.
struct FeetSeen {
  std::vector<FootContact> contacts;  ///< by time
  double looked_at_s = 0;             ///< of shots with a camera at rest in which something moved
  double camera_moves_s = 0;          ///< of shots that were passed over, because the camera moved or all of the picture did
};

/// Spots footsteps in a stream of small grey pictures (about 320 x 180, all the same size), pushed frame by frame.
///
/// Of each shot with a camera at rest the empty set is worked out (the value that each point holds longest; shots of one
/// set-up help each other). What stands out of it is a figure; where the lowest fifth of an upright, travelling figure covers
/// new ground and then holds still for a sixth of a second, a foot was put down (the impact of Davis and Agrawala, "Visual
/// Rhythm and Beat", CVPR 2018 workshops, asked of the feet alone). A film shot at a lower rate than it is shown at is looked
/// at by the frames that differ.
///
/// Not found by design: feet out of frame or behind something, figures under a third of the picture's height, anything
/// while the camera moves. Memory: at most `kMostFrames` frames.
class FootSpotter {
 public:
  static constexpr int kMostFrames = 600;

  /// `cuts_s`: first moments of new shots, sorted.
  FootSpotter(int width, int height, std::vector<double> cuts_s);
  ~FootSpotter();
  FootSpotter(FootSpotter&&) noexcept;
  FootSpotter& operator=(FootSpotter&&) noexcept;

  /// The next frame, row by row, width * height bytes, on screen from `time_s` on.
  void add(std::span<const std::uint8_t> grey, double time_s);
  /// After it the spotter is used up.
  FeetSeen finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace twopop::analysis
