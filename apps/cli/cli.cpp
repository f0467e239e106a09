#include "cli.h"

#include <cstdio>
#include <unistd.h>

namespace twopop::cli {

CLI::App* Cli::command(const std::string& name, const std::string& what, const std::string& example) {
  CLI::App* sub = app.add_subcommand(name, what);
  sub->footer("Example:\n  " + example);
  sub->add_flag("--json", globals.json, "Print JSON (shapes in docs/cli.md)");
  sub->add_option("-j,--threads", globals.threads, "Threads to work with; 0: as many as the machine has")->check(CLI::Range(0, 1024));
  sub->add_option("--cache-gb", globals.cache_gb, "Most that the film's cache may take on the disk, in GB; 0: the smaller of a quarter of the free disk and 100")->check(CLI::Range(0.0, 1e6));
  return sub;
}

void Cli::runs(CLI::App* command, std::function<Result<void>()> run) {
  command->callback([this, run = std::move(run)] { chosen = run; });
}

void print_json(const nlohmann::ordered_json& json) {
  std::puts(json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

namespace {
/// Columns that a text takes on a terminal, counting UTF-8 sequences once.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}
}  // namespace

std::string table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows, const std::vector<bool>& right) {
  std::vector<std::size_t> widths;
  for (const std::string& h : header) widths.push_back(width(h));
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  std::string out;
  const auto line = [&](const std::vector<std::string>& row) {
    std::string text;
    for (std::size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      const std::string gap(widths[i] - width(row[i]), ' ');
      text += i < right.size() && right[i] ? gap + row[i] : row[i] + gap;
      text += "  ";
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + '\n';
  };
  line(header);
  for (const auto& row : rows) line(row);
  return out;
}

ProgressLine::ProgressLine(bool json) : terminal_(isatty(STDERR_FILENO) != 0), silent_(json && !terminal_) {}
ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::stage(const std::string& name) {
  std::scoped_lock lock(mutex_);
  stage_ = name;
  last_ = {};
  began_ = std::chrono::steady_clock::now();
  facts_ = 0;
  if (silent_) return;
  if (terminal_) {
    std::fprintf(stderr, "\r\033[K%s", name.c_str());
    shown_ = true;
  } else {
    std::fprintf(stderr, "%s\n", name.c_str());
  }
}

void ProgressLine::update(const cache::Progress& progress) {
  std::scoped_lock lock(mutex_);
  if (silent_ || progress.total <= 0) return;
  // Spotting asks for one fact after the other: how many it will come to, nobody knows beforehand.
  const bool single = progress.total == 1;
  if (single && progress.done == 1) ++facts_;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < (terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(5000))) return;
  if (!terminal_ && last_ == std::chrono::steady_clock::time_point{}) {
    last_ = now;  // short work needs no line of its own
    return;
  }
  last_ = now;
  const std::string text =
      single ? fmt::format("{}: {} facts in {:.0f} s  {}", stage_, facts_, std::chrono::duration<double>(now - began_).count(), progress.doing)
             : fmt::format("{}: {}, {:.0f} s left  {}", stage_, progress.doing.empty() ? fmt::format("{} %", 100 * progress.done / progress.total) : fmt::format("{} of {}", progress.done, progress.total),
                           progress.left_s, progress.doing);
  std::fprintf(stderr, terminal_ ? "\r\033[K%.150s" : "%s\n", text.c_str());
  shown_ = true;
}

void ProgressLine::clear() {
  std::scoped_lock lock(mutex_);
  if (terminal_ && shown_) std::fprintf(stderr, "\r\033[K");
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace twopop::cli
