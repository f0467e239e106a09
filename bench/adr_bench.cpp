// How well takes are aligned to the lines they replace (analysis/align.h): distance of word starts after warping from where the
// line has them, and how far the scores of the same sentence lie from those of others. The word times of the
// truth come from a forced aligner and are themselves off by about 40 ms.
#include "analysis/align.h"
#include "corpus.h"
#include "media/media.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <ctime>
#include <fstream>

using namespace twopop;

namespace {

constexpr SampleRate kRate{48000};

AudioBuffer<float> read(const std::string& path) {
  auto sound = media::read_all(test::shared_folder() / "corpus" / path);
  return sound ? *std::move(sound) : AudioBuffer<float>(1, 0);
}

double percentile(std::vector<double> v, double share) {
  if (v.empty()) return 0;
  std::sort(v.begin(), v.end());
  return v[static_cast<std::size_t>(share * static_cast<double>(v.size() - 1))];
}

}  // namespace

int main() {
  if (test::shared_folder().empty()) return std::puts("needs the shared recordings"), 0;
  std::ifstream in(test::shared_folder() / "corpus/film.truth/truth.json");
  const auto truth = nlohmann::json::parse(in);
  const AudioBuffer<float> guide = read("film/adr/guide_track.flac");
  std::vector<double> errors, straight, same, other, slopes;
  const std::clock_t start = std::clock();
  double aligned_s = 0;
  int refused = 0;
  for (const auto& line : truth["adr"]["lines"]) {
    const double from = line["guide_speech_bounds_in_guide_file"][0].get<double>() - 0.2, to = line["guide_speech_bounds_in_guide_file"][1].get<double>() + 0.2;
    const auto line_sound = guide.view().sub(samples(from, kRate).value, samples(to - from, kRate).value);
    for (const auto& take_line : truth["adr"]["lines"]) {
      for (const auto& take : take_line["adr_takes"]) {
        const AudioBuffer<float> sound = read("film/" + take["file"].get<std::string>());
        const analysis::Alignment a = analysis::align_take(line_sound, sound.view(), kRate);
        aligned_s += to - from;
        if (&take_line != &line) {
          other.push_back(a.score);
          continue;
        }
        same.push_back(a.score);
        refused += !a.same_words;
        slopes.push_back(a.most_stretch), slopes.push_back(a.least_stretch);
        const auto &want = line["guide_words_pocketsphinx"], &have = take["words_pocketsphinx"];
        if (want.size() != have.size()) continue;
        const double shift = want[0][1].get<double>() - have[0][1].get<double>();
        for (std::size_t w = 0; w < want.size(); ++w) {
          const double place = dsp::warp_forward(a.map, have[w][1].get<double>() * kRate.hz) / kRate.hz + from;
          errors.push_back(1000 * std::fabs(place - want[w][1].get<double>()));
          straight.push_back(1000 * std::fabs(have[w][1].get<double>() + shift - want[w][1].get<double>()));
        }
      }
    }
  }
  const double cpu = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  std::printf("film/adr: %zu words, after alignment median %.0f ms, 95 %% %.0f ms; laid at the first word, median %.0f ms, 95 %% %.0f ms\n", errors.size(),
              percentile(errors, 0.5), percentile(errors, 0.95), percentile(straight, 0.5), percentile(straight, 0.95));
  std::printf("  slope in speech %.2f .. %.2f; %.1f x real time (line seconds a CPU second, features of both included)\n", percentile(slopes, 0), percentile(slopes, 1), aligned_s / cpu);
  const auto spread = [](const char* name, const std::vector<double>& v) {
    std::printf("  score, %s: %zu pairs, least %.3f, 5 %% %.3f, median %.3f, 95 %% %.3f, most %.3f\n", name, v.size(), percentile(v, 0), percentile(v, 0.05), percentile(v, 0.5), percentile(v, 0.95), percentile(v, 1));
  };
  spread("same sentence", same);
  spread("other sentence", other);
  std::printf("  refused of the same sentence: %d\n", refused);

  // Takes warped by a known map, laid in the noise of a city at 8 dB: the error of the alignment alone.
  std::vector<double> known;
  const AudioBuffer<float> city = read("ambience/blanket_city.ogg");
  int seed = 0;
  for (const auto& line : truth["adr"]["lines"]) {
    const AudioBuffer<float> take = read("film/" + line["adr_takes"][0]["file"].get<std::string>());
    dsp::WarpMap map{{0, 0}};
    for (std::int64_t at = 0; at + 24000 < take.frames(); at += 14400) {
      const double slope = 1.0 + 0.16 * std::sin(++seed * 1.7);
      map.push_back({at + 14400, map.back().target + static_cast<std::int64_t>(14400 * slope)});
    }
    auto warped = dsp::stretch(take.view().select(0, 1), kRate, map, {});
    if (!warped) continue;
    double p = 0, q = 0;
    for (std::int64_t i = 0; i < warped->frames(); ++i) p += std::pow(warped->channel(0)[i], 2), q += std::pow(city.channel(0)[i + seed * 5000], 2);
    const float gain = static_cast<float>(std::sqrt(p / q * std::pow(10.0, -0.8)));
    for (std::int64_t i = 0; i < warped->frames(); ++i) warped->channel(0)[i] += gain * city.channel(0)[i + seed * 5000];
    const analysis::Alignment a = analysis::align_take(warped->view(), take.view(), kRate);
    const auto& words = line["adr_takes"][0]["words_pocketsphinx"];
    for (const auto& w : words)
      for (const int edge : {1, 2}) {
        const double at = std::max(0.05, w[static_cast<std::size_t>(edge)].get<double>()) * kRate.hz;
        known.push_back(std::fabs(dsp::warp_forward(a.map, at) - dsp::warp_forward(map, at)) / 48);
      }
  }
  std::printf("known warp, city noise at 8 dB: %zu word edges, median %.1f ms, 95 %% %.1f ms\n", known.size(), percentile(known, 0.5), percentile(known, 0.95));

  // Takes against takes, clean: the limit is not set by one room.
  same.clear(), other.clear();
  const std::vector<std::string> lines{"a0202", "a0238", "a0289", "a0310", "a0509", "b0307", "b0398", "b0465"};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const AudioBuffer<float> first = read("speech/kathleen_en/arctic_" + lines[i] + "_take1.flac");
    for (std::size_t j = 0; j < lines.size(); ++j)
      for (const char* take : {"_take2.flac", "_take3.flac"}) {
        const auto a = analysis::align_take(first.view(), read("speech/kathleen_en/arctic_" + lines[j] + take).view(), kRate);
        (i == j ? same : other).push_back(a.score);
      }
  }
  std::puts("speech/kathleen_en, take against take");
  spread("same sentence", same);
  spread("other sentence", other);
  return 0;
}
