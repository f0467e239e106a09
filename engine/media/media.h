#pragma once

#include "core/audio.h"
#include "core/hash.h"
#include "core/result.h"
#include "core/time.h"
#include "core/timecode.h"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace twopop::media {

/// One recorded track of a file, as the recorder named it (iXML TRACK_LIST or bext).
struct TrackName {
  int channel = 0;  ///< from 0, in the file's own order
  std::string name;
  std::string function;
};

/// What recorders write beside the sound: iXML, bext (EBU Tech 3285), container tags. Empty where the file is silent.
struct Metadata {
  std::string project, scene, take, roll, notes, originator, device, date, time, description;
  std::string file_uid, family_uid;
  std::optional<bool> circled;
  std::vector<TrackName> tracks;
  /// First sample since midnight, counted at `time_reference_rate` (bext TimeReference or iXML).
  std::optional<std::int64_t> time_reference;
  /// Counting rate of time_reference: the file's rate, or iXML's TIMESTAMP_SAMPLE_RATE.
  std::optional<SampleRate> time_reference_rate;
  /// Rate and counting of the recorder's timecode, where stated (iXML SPEED, tmcd track).
  std::optional<TimecodeRate> timecode_rate;
  /// Start label in the recorder's own timecode, with the 1000/1001 trap resolved: for 23.976, 29.97 and 59.94
  /// a time reference counts real seconds while the label counts nominal ones.
  std::optional<Timecode> timecode;
  /// Everything else that was readable, by name.
  std::map<std::string, std::string> other;
};

struct AudioStream {
  int index = 0;  ///< among the audio streams of the file
  std::string codec;
  SampleRate rate{};
  int channels = 0;
  int bits = 0;             ///< 16, 24, 32, or 0 for lossy codecs
  bool is_float = false;
  bool direct = false;      ///< PCM in RIFF/RF64/BW64: any range can be read without decoding
  std::uint32_t channel_mask = 0;
  SampleCount length{};     ///< exact for direct files, as stated by the container otherwise
  double start_s = 0;       ///< when its first sample is heard, on the file's clock, edit lists and priming applied
};

struct VideoStream {
  std::string codec;
  int width = 0, height = 0;
  FrameRate frames{};            ///< nominal; the mean rate as a ratio where variable
  bool variable_rate = false;    ///< frames are placed by time stamps, not by counting
  std::int64_t frame_count = 0;
  double start_s = 0;
  double duration_s = 0;
};

struct MediaInfo {
  std::filesystem::path path;
  std::string container;
  std::uint64_t bytes = 0;
  double duration_s = 0;
  std::vector<AudioStream> audio;
  std::optional<VideoStream> video;
  Metadata metadata;
  /// Things that are wrong with the file but do not stop us, as sentences ("data chunk is 12 bytes short").
  std::vector<std::string> warnings;
};

/// Looks into a file. Fails with NotFound, Unreadable, Damaged (no stream can be read) or Unsupported.
Result<MediaInfo> probe(const std::filesystem::path& path);

/// Hash of the whole content: what a file is known by when it has moved.
Result<Hash> fingerprint(const std::filesystem::path& path);

/// Reads one audio stream as planar float, full scale 1. Position 0 is the stream's first sample after priming.
///
/// Direct PCM is read in place. Anything else is decoded linearly: reading forwards is fast, going back
/// starts over, so that a sample never depends on who asked before.
/// Not thread-safe: one reader a thread.
class Reader {
 public:
  static Result<std::unique_ptr<Reader>> open(const std::filesystem::path& path, int audio_stream = 0);
  virtual ~Reader() = default;

  virtual SampleRate rate() const = 0;
  virtual int channels() const = 0;
  /// Exact for direct PCM; for others what the container says until the end was reached once.
  virtual SampleCount length() const = 0;
  virtual bool direct() const = 0;
  /// Fills `out` (all channels) with samples from `begin`; silence before 0 and beyond the end.
  /// Returns how many of the frames were really there. A damaged packet in a coded stream gives
  /// silence of its length, and a sentence in warnings().
  virtual Result<std::int64_t> read(SamplePosition begin, AudioView<float> out) = 0;
  virtual const std::vector<std::string>& warnings() const = 0;
};

/// The whole stream in memory: for short files (steps, impulse responses) and tests. Fails with
/// OutOfSpace beyond `most_frames`.
Result<AudioBuffer<float>> read_all(const std::filesystem::path& path, int audio_stream = 0,
                                    std::int64_t most_frames = std::int64_t{1} << 28);

enum class SampleFormat { Pcm16, Pcm24, Pcm32, Float32 };

/// Fields of a bext chunk that we write (EBU Tech 3285 v2).
struct BextFields {
  std::string description, originator = "Twopop", originator_reference, date, time, coding_history;
  std::int64_t time_reference = 0;  ///< samples since midnight
  std::optional<double> integrated_lufs, loudness_range_lu, true_peak_dbtp, max_momentary_lufs, max_short_term_lufs;
};

/// Writes WAV, turning into RF64 past 4 GiB. Appears under its name only when finished without error.
class WavWriter {
 public:
  struct Settings {
    SampleRate rate{};
    int channels = 2;
    SampleFormat format = SampleFormat::Pcm24;
    std::uint32_t channel_mask = 0;  ///< 0: plain format chunk for 1 and 2 channels, standard masks for 6 and 8
    std::optional<BextFields> bext;
    std::string ixml;
  };
  static Result<std::unique_ptr<WavWriter>> create(const std::filesystem::path& path, const Settings& settings);
  virtual ~WavWriter() = default;
  /// Rounds to nearest; samples beyond full scale are clamped.
  virtual Result<void> write(AudioView<const float> block) = 0;
  /// Replaces the bext fields written at create (loudness is known only at the end).
  virtual void set_bext(const BextFields& bext) = 0;
  virtual Result<void> finish() = 0;
};

}  // namespace twopop::media
