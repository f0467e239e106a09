#include "commands.h"

#include "analysis/sync.h"

#include <cmath>
#include <thread>

namespace twopop::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> files;
  std::optional<double> expected_s;
  double within_s = 2;
  double max_drift_ppm = 300;
};

struct Row {
  std::string file;
  std::optional<analysis::SyncResult> result;
  Error error{};
};

/// JSON has no infinity; digits beyond what can be measured are left out.
Json number(double value, double scale) { return std::isfinite(value) ? Json(std::round(value * scale) / scale) : Json(); }

Json json_of(const Row& row) {
  Json json{{"file", row.file}};
  if (!row.result) {
    json["placed"] = false;
    json["error"] = {{"code", name_of(row.error.code)}, {"message", row.error.message}, {"remedy", row.error.remedy}};
    return json;
  }
  const analysis::SyncResult& r = *row.result;
  json["placed"] = r.placed;
  json["offset_s"] = number(r.offset_s, 1e9);
  json["offset_interval_s"] = number(r.offset_interval_s, 1e9);
  json["drift_ppm"] = number(r.drift_ppm, 1e6);
  json["drift_interval_ppm"] = number(r.drift_interval_ppm, 1e6);
  json["confidence"] = number(r.confidence, 1e6);
  json["score"] = number(r.score, 1e3);
  json["runner_up"] = r.runner_up ? Json{{"offset_s", number(r.runner_up->offset_s, 1e6)}, {"score", number(r.runner_up->score, 1e3)}} : Json();
  json["residual_rms_ms"] = number(r.residual_rms_ms, 1e6);
  json["overlap_begin_s"] = number(r.overlap_begin_s, 1e6);
  json["overlap_end_s"] = number(r.overlap_end_s, 1e6);
  json["inverted"] = r.inverted;
  json["steps"] = Json::array();
  for (const analysis::SyncStep& step : r.steps) json["steps"].push_back({{"at_s", number(step.at_s, 1e6)}, {"step_s", number(step.step_s, 1e9)}});
  json["reason"] = r.reason;
  return json;
}

void print_rows(const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> lines;
  for (const Row& row : rows) {
    if (!row.result) {
      lines.push_back({row.file, "error", "", "", "", "", row.error.sentence()});
      continue;
    }
    const analysis::SyncResult& r = *row.result;
    const std::string steps = r.steps.empty() ? "" : fmt::format("; {} steps of lost or doubled samples", r.steps.size());
    if (!r.placed) {
      lines.push_back({row.file, "no", "", "", fmt::format("{:.3f}", r.confidence), r.runner_up ? fmt::format("{:.3f} s", r.runner_up->offset_s) : "-", r.reason});
      continue;
    }
    lines.push_back({row.file, "yes", fmt::format("{:.6f}", r.offset_s), fmt::format("{:.3f} ± {:.3f}", r.drift_ppm, r.drift_interval_ppm), fmt::format("{:.3f}", r.confidence),
                     r.runner_up ? fmt::format("{:.3f} s, {:.1f} against {:.1f}", r.runner_up->offset_s, r.runner_up->score, r.score) : "-", r.reason + steps});
  }
  std::fputs(table({"file", "placed", "offset s", "drift ppm", "confidence", "runner-up", "why"}, lines, {false, false, true, true, true}).c_str(), stdout);
}

Result<void> sync(const Options& options, Globals& globals) {
  if (options.files.size() < 2) return Error{Code::InvalidArgument, "there is nothing to compare", "give the reference first, then one file or more"};
  analysis::SyncOptions how;
  how.max_drift_ppm = options.max_drift_ppm;
  how.expected_offset_s = options.expected_s;
  how.expected_within_s = options.within_s;
  how.threads = globals.threads > 0 ? globals.threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  ProgressLine progress(globals.json);
  std::vector<Row> rows;
  for (std::size_t i = 1; i < options.files.size(); ++i) {
    progress.stage("listening to " + options.files[i]);
    Row row{options.files[i], std::nullopt, {}};
    if (auto result = analysis::sync_files(options.files[0], options.files[i], how)) row.result = *std::move(result);
    else row.error = result.error();
    rows.push_back(std::move(row));
  }
  progress.clear();
  if (globals.json) {
    Json json{{"reference", options.files[0]}, {"files", Json::array()}};
    for (const Row& row : rows) json["files"].push_back(json_of(row));
    print_json(json);
    globals.reported = true;
  } else {
    print_rows(rows);
  }
  for (const Row& row : rows)
    if (!row.result) return row.error;
  return {};
}

}  // namespace

void add_sync_command(Cli& cli) {
  auto options = std::make_shared<Options>();
  CLI::App* command = cli.command("sync", "Where recordings lie against a reference: offset, drift, confidence, lost samples", "twopop sync camera.mp4 recorder_1.wav recorder_2.wav");
  command->add_option("files", options->files, "The reference, then the files to place")->required();
  command->add_option("--expect", options->expected_s, "Offset in seconds that is believed: only near it is searched");
  command->add_option("--within", options->within_s, "How far from --expect is searched, seconds")->check(CLI::PositiveNumber);
  command->add_option("--max-drift", options->max_drift_ppm, "Greatest drift that is looked for, ppm")->check(CLI::Range(0.0, 5000.0));
  cli.runs(command, [&cli, options] { return sync(*options, cli.globals); });
}

}  // namespace twopop::cli
