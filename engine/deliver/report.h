#pragma once

#include "deliver/master.h"
#include "media/peaks.h"
#include "phases/film.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace twopop::deliver {

/// The outline of a stem (or the mix), in equal parts of the film's length.
struct ReportWave {
  std::string name;                 ///< "Mix", "Dialogue" ...
  std::string colour;               ///< "mix", "dialogue", "adr", "effects", "foley", "music": a colour of the page
  std::vector<media::Peak> outline;
};

/// A small picture of the film: the bytes of a JPEG.
struct ReportFrame {
  double time_s = 0;
  std::string jpeg;
};

/// A recording and where it lies, or that it was refused.
struct ReportSync {
  std::string recording, device;
  bool placed = false;
  std::optional<SampleRange> film;
  double source_at_in_s = 0;        ///< second of the file heard at the start of `film`
  double drift_ppm = 0, drift_interval_ppm = 0;
  double confidence = 0;            ///< 0 .. 1
  std::string method, runner_up, reason;
  bool by_person = false;
};

/// A sheet shown as it is: ADR cues, Foley cues, music cues, licences.
struct ReportTable {
  std::string title, note, empty;   ///< `empty` is said where there are no rows
  std::vector<std::string> columns;
  std::vector<bool> numbers;        ///< set right, figures under figures; may be shorter than columns
  std::vector<std::vector<std::string>> rows;
};

struct ReportFile {
  std::string name, path, note;
  std::uint64_t bytes = 0;
};

/// Everything the page shows. Texts may be hostile: they are escaped on the page.
struct ReportData {
  std::string title, made_at, engine;
  TimecodeRate timecode{};
  std::int64_t start_frame = 0;
  SampleRate rate{};
  SampleCount length{};
  std::string layout;               ///< "stereo"
  Specification spec;
  std::vector<Check> checks;
  FilmFigures figures;
  Decibels master_gain{};
  Lu missed{};
  LimiterWork limiter;
  struct Coded {
    std::string codec;
    DbTp peak{};
    Lufs loudness{};
    Decibels headroom{};
    int rounds = 0;
    bool under_ceiling = true;
  };
  std::optional<Coded> coded;
  std::vector<ReportFrame> frames;
  std::vector<ReportWave> waves;
  std::vector<float> momentary, short_term, integrated;  ///< LUFS, each `series_step_s`
  double series_step_s = 0.1;
  std::vector<SampleRange> speech;
  std::vector<phases::PhaseStatus> board;
  std::vector<phases::Finding> findings;                  ///< worst first; `item` as people call it
  std::vector<phases::Treatment> treatments;
  std::vector<ReportSync> sync;
  std::vector<ReportTable> tables;
  std::vector<ReportFile> files;
};

/// One page of HTML with everything in it: no script, nothing loaded from elsewhere, light or dark as the reader's screen is.
std::string report_html(const ReportData& data);

}  // namespace twopop::deliver
