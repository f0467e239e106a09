#pragma once

#include "kits/sound.h"

#include "core/timecode.h"
#include "media/media.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

/// Raw films drawn by seed, of real recordings, with exact truth: what a shoot hands to post-production.
///
/// Everything lies on one clock, the set's ("set time", seconds). A recorder's file that starts at T0 with a clock that is
/// ppm off has the event of set time T at second (T - T0) x (1 + ppm x 1e-6). Cameras run on the set's clock.
namespace twopop::kits {

/// Speakers, sentences, rooms and noises are apart in the two: what was looked at while developing says nothing of the other.
enum class Split { Development, HeldOut };

enum class Shape {
  Film,      ///< picture, rushes, recorders, ADR
  LongTake,  ///< no picture: one camera's sound and recorders over a minute and more
};

struct KitOptions {
  std::uint64_t seed = 1;
  Split split = Split::Development;
  Shape shape = Shape::Film;
  bool small = false;  ///< few shots, no extra material: for tests
  /// One loop of noise under all takes, the same bit for bit: no set has it, but library sound may.
  bool looped = false;
};

/// A sentence as it was said once.
struct Performance {
  std::string words;  ///< which sentence; performances of one name say the same
  Sound sound;        ///< clean, active level -26 dBFS
  std::vector<Stretch> active;
};

/// A performance at its place on set.
struct Said {
  std::size_t performance = 0;
  double at_s = 0;  ///< set time of the sound's first sample
};

enum class SetupKind {
  Speech,
  Quiet,  ///< sound runs, nobody speaks
  Mute,   ///< the camera takes no sound
};

struct CameraFile {
  std::string name;  ///< of the file, in rushes/
  int setup = 0, camera = 0;
  std::int64_t start_frame = 0, frames = 0;  ///< on set time
  double start_s = 0, length_s = 0;
  SetupKind kind = SetupKind::Speech;
  double snr_db = 0;
  std::filesystem::path picture;
  double picture_in_s = 0;
};

enum class Microphone { Boom, Lav, OtherLav, Spare };
enum class Clock { Right, Wrong, Trap, Absent };

struct RecorderFile {
  std::string name;  ///< in sound/
  std::string device;
  double start_s = 0, length_s = 0, ppm = 0;
  SampleRate rate{48000};
  media::SampleFormat format = media::SampleFormat::Pcm24;
  std::vector<Microphone> microphones;
  Clock clock = Clock::Right;
  double clock_error_s = 0;
  double second_of(double set_s) const { return (set_s - start_s) * (1 + ppm * 1e-6); }
};

struct Shot {
  int file = 0;  ///< of Kit::cameras
  std::int64_t record_frame = 0, frames = 0, source_frame = 0;
};

struct AdrFile {
  std::string name, words;
  bool belongs = false;  ///< its words are in the cut
  bool warped = false;   ///< to be made of the cut's own performance by known stretching; else another real take
  Sound sound;           ///< as it was performed
};

struct Stranger {
  std::string name;  ///< in sound/, not recorded in this film
};

struct BadFile {
  std::string name;  ///< in sound/
  std::string kind;  ///< "empty", "garbage", "silent", "cut off"
};

struct Kit {
  KitOptions options;
  std::string what;  ///< in a line
  TimecodeRate frames{};
  std::vector<Performance> performances;
  std::vector<Said> said;
  double set_length_s = 0;
  std::vector<CameraFile> cameras;
  std::vector<RecorderFile> recorders;
  std::vector<Shot> shots;
  std::vector<AdrFile> adr;
  std::vector<Stranger> strangers;
  std::vector<BadFile> bad;
  bool edit_list = true, guide = true, extras = false;
  double length_s = 0;  ///< of the film

  double frame_s() const { return 1 / frames.frames.hz(); }
  double shot_in_s(const Shot& s) const { return static_cast<double>(s.record_frame) * frame_s(); }
  double shot_out_s(const Shot& s) const { return static_cast<double>(s.record_frame + s.frames) * frame_s(); }
  /// Set time shown at a second of the film, within a shot.
  double set_second(const Shot& s, double film_s) const {
    return cameras[static_cast<std::size_t>(s.file)].start_s + static_cast<double>(s.source_frame) * frame_s() + film_s - shot_in_s(s);
  }
  /// Where somebody speaks in the film, by the clean performances.
  std::vector<Stretch> speech_in_film() const;
  /// The same within set time.
  std::vector<Stretch> speech_on_set(double begin_s, double end_s) const;
  /// The clean performances laid into the cut, at 48 kHz.
  Sound clean_film() const;
};

/// Draws a film and puts its files into a folder, `raw/` as it is handed over. Nothing of the truth lies in there.
Kit make_kit(const std::filesystem::path& corpus, const std::filesystem::path& folder, const KitOptions& options);

}  // namespace twopop::kits
