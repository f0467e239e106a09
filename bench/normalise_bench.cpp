// Brings a 30-minute stereo WAV to -23 LUFS as 24-bit WAV, as whole processes: ours (measure, one gain, write), ffmpeg's
// two-pass linear loudnorm, and ffmpeg's ebur128 followed by volume. Prints how far each lies from the target.
// Usage: normalise_bench [FOLDER [MINUTES [RUNS]]]; the files are made there (default: $TMPDIR) and removed.

#include "corpus.h"
#include "deliver/normalise.h"
#include "process.h"
#include "programme.h"

#include <cmath>
#include <fstream>
#include <sstream>

namespace {

using namespace twopop;

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream all;
  all << file.rdbuf();
  return all.str();
}

/// The number behind the last occurrence of a label.
double number_after(const std::string& text, const std::string& label) {
  const std::size_t at = text.rfind(label);
  if (at == std::string::npos) return NAN;
  const std::size_t digit = text.find_first_of("-0123456789", at + label.size());
  return digit == std::string::npos ? NAN : std::strtod(text.c_str() + digit, nullptr);
}

bench::Cost both(const bench::Cost& a, const bench::Cost& b) { return {a.wall_s + b.wall_s, a.cpu_s + b.cpu_s, a.failed || b.failed}; }

void print_result(const std::filesystem::path& wav) {
  const auto blocks = analysis::measure_loudness(wav);
  if (!blocks) return;
  std::printf("    %.3f LUFS, %.2f dBTP\n", analysis::integrated_loudness(*blocks).value, blocks->true_peak().value);
  std::filesystem::remove(wav);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 3 && arguments[0] == "--ours") return deliver::normalise(arguments[1], arguments[2]) ? 0 : 1;
  const std::filesystem::path folder = arguments.empty() ? std::filesystem::temp_directory_path() : std::filesystem::path(arguments[0]);
  const double minutes = arguments.size() > 1 ? std::atof(arguments[1].c_str()) : 30.0;
  const int runs = arguments.size() > 2 ? std::atoi(arguments[2].c_str()) : 3;
  const std::filesystem::path shared = test::shared_folder();
  if (shared.empty()) {
    std::printf("needs the recordings in ../shared (or TWOPOP_SHARED)\n");
    return 77;
  }
  const std::string wav = folder / "normalise_bench.wav", out = folder / "normalise_bench.out.wav", log = folder / "normalise_bench.txt";
  if (const auto made = bench::write_programme(wav, shared / "corpus", minutes, 0.25f); !made) {
    std::printf("%s\n", made.error().sentence().c_str());
    return 1;
  }
  std::printf("%g minutes of speech, music and ambience to -23 LUFS, 48 kHz, stereo, 24 bits\n", minutes);
  const bench::Cost ours = bench::median_cost(std::max(runs, 5), [&] { return bench::run_process({bench::own_path(), "--ours", wav, out}); });
  bench::print_cost("ours", ours, ours);
  print_result(out);

  const auto ffmpeg = [&](const std::vector<std::string>& rest) {
    std::vector<std::string> command{"ffmpeg", "-nostdin", "-nostats", "-hide_banner", "-y", "-i", wav};
    command.insert(command.end(), rest.begin(), rest.end());
    return bench::run_process(command, log);
  };
  const bench::Cost volume = bench::median_cost(runs, [&] {
    const bench::Cost measure = ffmpeg({"-af", "ebur128=peak=true", "-f", "null", "-"});
    const double gain = -23.0 - number_after(text_of(log), "I: ");
    return both(measure, ffmpeg({"-af", fmt::format("volume={:.4f}dB", gain), "-c:a", "pcm_s24le", out}));
  });
  bench::print_cost("ffmpeg ebur128=peak=true, volume", volume, ours);
  print_result(out);
  const bench::Cost loudnorm = bench::median_cost(runs, [&] {
    const bench::Cost measure = ffmpeg({"-af", "loudnorm=I=-23:TP=-1:LRA=50:print_format=json", "-f", "null", "-"});
    const std::string json = text_of(log);
    const auto value = [&](const char* key) { return number_after(json, fmt::format("\"{}\"", key)); };
    const std::string second = fmt::format("loudnorm=I=-23:TP=-1:LRA=50:linear=true:measured_I={}:measured_TP={}:measured_LRA={}:measured_thresh={}:offset={}",
                                           value("input_i"), value("input_tp"), value("input_lra"), value("input_thresh"), value("target_offset"));
    return both(measure, ffmpeg({"-af", second, "-ar", "48000", "-c:a", "pcm_s24le", out}));
  });
  bench::print_cost("ffmpeg loudnorm, two passes, linear", loudnorm, ours);
  print_result(out);
  std::filesystem::remove(wav);
  std::filesystem::remove(log);
  return 0;
}
