#pragma once

#include "core/result.h"
#include "core/timecode.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace twopop::interchange {

enum class EdlTransition { Cut, Dissolve, Wipe, Key };

/// What an edit concerns. Audio tracks count from 1.
struct EdlTracks {
  bool video = false;
  std::vector<int> audio;
};

/// One edit: a stretch of a reel that lies at a stretch of the cut.
struct EdlEdit {
  int line = 0;          ///< of the file, from 1
  std::string event;     ///< as written; the two halves of a transition share it
  std::string reel;      ///< "BL" is black or silence
  EdlTracks tracks;
  EdlTransition transition = EdlTransition::Cut;
  int wipe = 0;          ///< SMPTE wipe code
  std::int64_t transition_frames = 0;  ///< 0 for cuts; the transition starts at record_in
  TimecodeRate rate{};   ///< counting of all four labels (FCM of its section)
  Timecode source_in, source_out, record_in, record_out;
  /// Frames of source a second of the cut (M2): negative plays backwards, 0 is a freeze. Empty: as recorded.
  std::optional<double> speed_fps;
  std::string clip_name;     ///< FROM CLIP NAME; of the half of a transition that comes in: TO CLIP NAME
  std::string source_file;   ///< SOURCE FILE, FROM FILE or FROM CLIP
  std::vector<std::string> comments;  ///< all others, without their asterisk

  std::int64_t record_frames() const { return record_out.frame - record_in.frame; }
  std::int64_t source_frames() const { return source_out.frame - source_in.frame; }
  bool black() const { return reel == "BL"; }
  /// Source frames for each frame of the cut: 1 without M2.
  double speed() const { return speed_fps ? *speed_fps / rate.frames.nominal() : 1.0; }
};

struct EdlMarker {
  int line = 0;
  Timecode at;
  TimecodeRate rate{};
  std::string colour, text;
};

struct Edl {
  std::string title;
  std::vector<EdlEdit> edits;      ///< in file order
  std::vector<EdlMarker> markers;  ///< LOC comments
  std::vector<std::string> warnings;  ///< with line numbers
};

/// Reads a CMX3600 edit list, also the looser ones that editing programs write: long reel names, six-digit events,
/// mixed line ends, FCM in each section. `frames` is the rate of the cut: lists do not state it.
/// A line that cannot be read costs that line and is a warning. Fails with Damaged where no edit can be read.
Result<Edl> read_edl(std::string_view text, FrameRate frames);

/// The lowest of 24, 25, 30, 50 and 60 frames a second that has all the labels of a list: what a list gives away about its rate.
int least_nominal_rate(std::string_view text);

}  // namespace twopop::interchange
