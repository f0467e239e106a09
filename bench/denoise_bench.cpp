// What dsp/denoise.h does to noisy speech, beside ffmpeg's afftdn and sox's noisered, in scores and in speed.
// Material: the noisy/clean pairs of the corpus, and clean takes mixed with ambiences at 0 to 15 dB.
#include "corpus.h"
#include "dsp/denoise.h"
#include "media/media.h"
#include "support/speech_scores.h"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <functional>
#include <map>

using namespace twopop;
using bench::Samples;

namespace {

constexpr int kRate = 48000;
constexpr std::size_t kWhole = ~std::size_t(0);  ///< of a case that only measures speed

Samples read(const std::filesystem::path& file) {
  auto sound = media::read_all(file);
  const auto info = media::probe(file);
  if (!sound || !info) return {};
  Samples x(sound->channel(0), sound->channel(0) + sound->frames());
  return info->audio[0].rate.hz == kRate ? x : bench::to_rate(x, info->audio[0].rate.hz, kRate);
}

void write(const std::filesystem::path& file, const Samples& x) {
  auto writer = media::WavWriter::create(file, {SampleRate{kRate}, 1, media::SampleFormat::Float32, 0, {}, {}});
  if (writer && (*writer)->write(AudioView<const float>(x.data(), std::int64_t(x.size()))) && (*writer)->finish()) return;
  std::fprintf(stderr, "cannot write %s\n", file.c_str());
  std::exit(1);
}

/// Takes the delay off that a peer adds: the lag up to 100 ms at which it is most like its input.
Samples without_delay(const Samples& x, const Samples& input) {
  const auto n = std::int64_t(input.size());
  std::int64_t best = 0;
  double most = -1;
  for (std::int64_t lag = 0; lag < kRate / 10; ++lag) {
    double sum = 0;
    for (std::int64_t i = 0; i + lag < std::min<std::int64_t>(n, std::int64_t(x.size())); i += 7) sum += double(input[std::size_t(i)]) * x[std::size_t(i + lag)];
    if (sum > most) most = sum, best = lag;
  }
  Samples out(input.size(), 0.0f);
  for (std::int64_t i = 0; i < n && i + best < std::int64_t(x.size()); ++i) out[std::size_t(i)] = x[std::size_t(i + best)];
  return out;
}

double power(const Samples& x) {
  double sum = 0;
  for (float v : x) sum += double(v) * v;
  return sum / double(x.size());
}

struct Case {
  std::string group;
  Samples clean, noisy;
  std::size_t lead = 0;  ///< samples of noise alone at the start
};

std::vector<Case> cases() {
  const auto corpus = test::shared_folder() / "corpus";
  std::vector<Case> out;
  for (const char* name : {"p232_003", "p232_005", "p232_011", "p232_015", "p232_019", "p232_022", "p287_003", "p287_004", "p287_005", "p287_006"}) {
    Case c{"pairs", read(corpus / fmt::format("pairs/voicebank_demand/{}_clean.flac", name)), read(corpus / fmt::format("pairs/voicebank_demand/{}_noisy.flac", name)), 0};
    const std::size_t n = std::min(c.clean.size(), c.noisy.size());
    c.clean.resize(n), c.noisy.resize(n);
    out.push_back(std::move(c));
  }
  const char* voices[] = {"speech/kathleen_en/arctic_a0202_take1.flac", "speech/vctk_p286_011.flac", "speech/librispeech_en/3436-172162-0000.hq.ogg"};
  const char* noises[] = {"ambience/blanket_city.ogg", "ambience/blanket_coffee-shop.ogg", "film/sound/roomtone.flac"};
  for (const char* noise_name : noises) {
    const Samples noise = read(corpus / noise_name);
    std::size_t at = 0;
    for (const char* voice_name : voices) {
      Samples clean(kRate, 0.0f);
      Samples voice = read(corpus / voice_name);
      clean.insert(clean.end(), voice.begin(), voice.end());
      const double level = power(voice);
      for (int snr : {0, 5, 10, 15, 25}) {
        Case c{fmt::format("made {:2} dB", snr), clean, clean, kRate};
        const double gain = std::sqrt(level / power(noise) * std::pow(10.0, -snr / 10.0));
        for (float& x : c.noisy) x += static_cast<float>(gain) * noise[at++ % noise.size()];
        out.push_back(std::move(c));
      }
    }
  }
  return out;
}

double cpu_now() { return double(std::clock()) / CLOCKS_PER_SEC; }

struct Scores {
  double sdr = 0, segmental = 0, stoi = 0, estoi = 0, count = 0;
};

}  // namespace

int main() {
  if (test::shared_folder().empty()) return std::puts("needs the shared recordings"), 0;
  const auto folder = std::filesystem::temp_directory_path() / "twopop_denoise_bench";
  std::filesystem::create_directories(folder);
  const auto in = folder / "in.wav", out = folder / "out.wav", lead = folder / "lead.wav", prof = folder / "profile";
  using Method = std::function<Samples(const Case&)>;
  const auto ours = [](dsp::DenoiseSettings s, bool learn) {
    return [=](const Case& c) {
      const AudioView<const float> clip(c.noisy.data(), std::int64_t(c.noisy.size()));
      dsp::NoiseProfile profile;
      if (learn && c.lead != kWhole && c.lead > 0) profile = dsp::learn_noise(clip.sub(0, std::int64_t(c.lead)), {kRate});
      auto result = dsp::denoise(clip, {kRate}, s, profile);
      return Samples(result->channel(0), result->channel(0) + result->frames());
    };
  };
  const auto command = [&](std::string text) {
    return [&, text](const Case& c) {
      write(in, c.noisy);
      if (c.lead != kWhole && c.lead > 0) write(lead, Samples(c.noisy.begin(), c.noisy.begin() + std::ptrdiff_t(c.lead)));
      else write(lead, Samples(c.noisy.begin(), c.noisy.begin() + kRate / 10));
      if (std::system(text.c_str()) != 0) return Samples();
      return c.lead == kWhole ? c.noisy : without_delay(read(out), c.noisy);
    };
  };
  const std::string i = in.string(), o = out.string();
  const std::vector<std::pair<std::string, Method>> methods{
      {"noisy", [](const Case& c) { return c.noisy; }},
      {"ours 12 dB", ours({}, false)},
      {"ours 12 dB, learned", ours({}, true)},
      {"ours 18 dB", ours({Decibels{18}, true, true}, false)},
      {"ffmpeg afftdn", command("ffmpeg -nostdin -v error -y -i " + i + " -af afftdn -c:a pcm_f32le " + o)},
      {"ffmpeg afftdn nr=20:nf=-25", command("ffmpeg -nostdin -v error -y -i " + i + " -af afftdn=nr=20:nf=-25 -c:a pcm_f32le " + o)},
      {"sox noisered 0.21", command("sox -V1 " + lead.string() + " -n noiseprof " + prof.string() + " && sox -V1 " + i + " -e floating-point -b 32 " + o + " noisered " + prof.string() + " 0.21 2>/dev/null")},
  };
  const std::vector<Case> all = cases();
  std::map<std::string, std::map<std::string, Scores>> table;
  for (const Case& c : all) {
    for (const auto& [name, method] : methods) {
      const Samples x = method(c);
      if (x.size() != c.clean.size()) continue;
      const auto [stoi, estoi] = bench::intelligibility(c.clean, x, kRate);
      for (const std::string& group : {c.group, std::string("all")}) {
        Scores& s = table[group][name];
        s.sdr += bench::si_sdr(c.clean, x), s.segmental += bench::segmental_snr(c.clean, x, kRate), s.stoi += stoi, s.estoi += estoi, ++s.count;
      }
    }
  }
  for (const auto& [group, rows] : table) {
    std::printf("\n%-28s  SI-SDR dB  seg. SNR dB   STOI   ESTOI   n\n", group.c_str());
    for (const auto& [name, method] : methods) {
      const auto row = rows.find(name);
      if (row == rows.end()) continue;
      const Scores& s = row->second;
      std::printf("  %-26s  %8.2f  %10.2f  %6.3f  %6.3f  %3.0f\n", name.c_str(), s.sdr / s.count, s.segmental / s.count, s.stoi / s.count, s.estoi / s.count, s.count);
    }
  }

  // Speed over two minutes of one channel, CPU seconds of a single thread; the peers' whole processes with their files.
  Case minute = all.back();
  while (minute.noisy.size() < 60u * kRate) minute.noisy.insert(minute.noisy.end(), all.back().noisy.begin(), all.back().noisy.end());
  minute.noisy.resize(60u * kRate);
  minute.lead = kWhole;
  std::printf("\nspeed, 60 s mono, x real time (ours CPU, peers wall of their process)\n");
  for (const auto& [name, method] : methods) {
    if (name == "noisy") continue;
    double best = 1e9;
    for (int run = 0; run < 3; ++run) {
      const double cpu = cpu_now();
      const auto wall = std::chrono::steady_clock::now();
      method(minute);
      const bool child = name.rfind("ours", 0) != 0;
      best = std::min(best, child ? std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count() : cpu_now() - cpu);
    }
    std::printf("  %-26s %7.0f\n", name.c_str(), 60 / best);
  }
  std::filesystem::remove_all(folder);
}
