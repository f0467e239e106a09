#include "commands.h"

#include "analysis/defects.h"
#include "analysis/loudness.h"
#include "analysis/speech.h"
#include "media/media.h"

#include <cmath>
#include <thread>

namespace twopop::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> files;
  bool loudness_only = false;
};

struct Row {
  std::string file;
  Error error{};
  bool measured = false;
  media::AudioStream sound;
  analysis::LoudnessFigures loudness;
  std::optional<analysis::SpeechMeasure> speech;
  std::optional<analysis::SoundFacts> facts;
};

constexpr std::size_t kDefectsListed = 200;

Json number(double value, double scale = 1000) { return std::isfinite(value) ? Json(std::round(value * scale) / scale) : Json(); }

/// Speech and defects in one pass over the file.
Result<void> listen(const std::string& file, Row& row) {
  TWOPOP_TRY(const auto reader, media::Reader::open(file));
  analysis::SpeechDetector speech(reader->rate());
  analysis::DefectScanner defects(reader->rate(), reader->channels());
  constexpr std::int64_t kBlock = 1 << 16;
  AudioBuffer<float> buffer(reader->channels(), kBlock);
  for (std::int64_t at = 0;;) {
    TWOPOP_TRY(const std::int64_t got, reader->read({at}, buffer.view()));
    if (got <= 0) break;
    speech.push(buffer.view().sub(0, got));
    defects.push(buffer.view().sub(0, got));
    at += got;
    if (got < kBlock) break;
  }
  row.speech = speech.finish();
  row.facts = defects.finish();
  return {};
}

Result<void> measure_file(const std::string& file, const Options& options, int threads, Row& row) {
  TWOPOP_TRY(const media::MediaInfo info, media::probe(file));
  if (info.audio.empty()) return Error{Code::Unsupported, fmt::format("{}: there is no sound in it", file), "name a file with sound"};
  row.sound = info.audio[0];
  analysis::LoudnessOptions how;
  how.threads = threads;
  TWOPOP_TRY(const analysis::LoudnessBlocks blocks, analysis::measure_loudness(std::filesystem::path(file), 0, how));
  row.loudness = analysis::loudness_figures(blocks);
  if (!options.loudness_only) TWOPOP_CHECK(listen(file, row));
  row.measured = true;
  return {};
}

Json json_of(const Row& row) {
  Json json{{"file", row.file}};
  if (!row.measured) {
    json["error"] = {{"code", name_of(row.error.code)}, {"message", row.error.message}, {"remedy", row.error.remedy}};
    return json;
  }
  const analysis::LoudnessFigures& l = row.loudness;
  json["rate_hz"] = row.sound.rate.hz;
  json["channels"] = row.sound.channels;
  json["duration_s"] = number(seconds(row.sound.length, row.sound.rate), 1e6);
  json["integrated_lufs"] = number(l.integrated.value);
  json["loudness_range_lu"] = number(l.range.value);
  json["true_peak_dbtp"] = number(l.true_peak.value);
  json["sample_peak_dbfs"] = number(l.sample_peak.value);
  json["max_momentary_lufs"] = number(l.max_momentary.value);
  json["max_short_term_lufs"] = number(l.max_short_term.value);
  if (row.speech) {
    json["speech_share"] = number(row.speech->active_share, 1e4);
    json["speech_level_dbfs"] = number(row.speech->speech_level.value);
    json["noise_level_dbfs"] = number(row.speech->noise_level.value);
    json["snr_db"] = number(row.speech->snr.value);
  }
  if (row.facts) {
    json["defects_found"] = row.facts->defects.size();
    json["defects"] = Json::array();
    for (const analysis::Defect& d : row.facts->defects) {
      if (json["defects"].size() == kDefectsListed) break;
      Json defect{{"kind", analysis::name_of(d.kind)}, {"in_s", number(seconds(d.range.begin, row.facts->rate), 1e6)}, {"out_s", number(seconds(d.range.end, row.facts->rate), 1e6)}};
      if (d.channel >= 0) defect["channel"] = d.channel + 1;
      defect["figure"] = {{"value", number(d.figure)}, {"unit", analysis::unit_of(d.kind)}};
      defect["count"] = d.count;
      defect["sentence"] = analysis::sentence_of(d);
      json["defects"].push_back(std::move(defect));
    }
  }
  return json;
}

std::string figure(double value, int digits) { return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : "-"; }

std::string defects_text(const analysis::SoundFacts& facts) {
  std::map<std::string, int> kinds;
  for (const analysis::Defect& d : facts.defects) ++kinds[analysis::name_of(d.kind)];
  std::string text;
  for (const auto& [kind, count] : kinds) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, kind);
  return text.empty() ? "none" : text;
}

void print_rows(const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> lines;
  for (const Row& row : rows) {
    if (!row.measured) {
      lines.push_back({row.file, "error", "", "", "", "", "", row.error.sentence()});
      continue;
    }
    const analysis::LoudnessFigures& l = row.loudness;
    lines.push_back({row.file, figure(l.integrated.value, 2), figure(l.range.value, 2), figure(l.true_peak.value, 2), figure(l.max_momentary.value, 2), figure(l.max_short_term.value, 2),
                     row.speech ? fmt::format("{:.0f} %", row.speech->active_share * 100) : "", row.facts ? defects_text(*row.facts) : ""});
  }
  std::fputs(table({"file", "LUFS", "range LU", "dBTP", "max M", "max S", "speech", "defects"}, lines, {false, true, true, true, true, true, true}).c_str(), stdout);
}

Result<void> measure(const Options& options, Globals& globals) {
  const int threads = globals.threads > 0 ? globals.threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  ProgressLine progress(globals.json);
  std::vector<Row> rows;
  for (const std::string& file : options.files) {
    progress.stage("measuring " + file);
    Row row;
    row.file = file;
    if (auto measured = measure_file(file, options, threads, row); !measured) row.error = measured.error();
    rows.push_back(std::move(row));
  }
  progress.clear();
  if (globals.json) {
    Json json{{"files", Json::array()}};
    for (const Row& row : rows) json["files"].push_back(json_of(row));
    print_json(json);
    globals.reported = true;
  } else {
    print_rows(rows);
  }
  for (const Row& row : rows)
    if (!row.measured) return row.error;
  return {};
}

}  // namespace

void add_measure_command(Cli& cli) {
  auto options = std::make_shared<Options>();
  CLI::App* command = cli.command("measure", "Loudness, true peak, range, speech share and defects of any file", "twopop measure mix.wav --json");
  command->add_option("files", options->files, "Sound files, or films with sound")->required();
  command->add_flag("--loudness", options->loudness_only, "Only loudness, range and peaks: much faster");
  cli.runs(command, [&cli, options] { return measure(*options, cli.globals); });
}

}  // namespace twopop::cli
