// How well speech is told from everything else: frames of 10 ms (AUC, at the threshold in use), false alarms on sound without
// speech, against a plain level detector in the same run. `speech_bench fit` fits the weights of analysis/speech.cpp anew.
// What is fitted and what is measured are apart: speakers, noises, rooms, music and steps.
// Usage: speech_bench [fit]

#include "analysis/detail/speech_features.h"
#include "analysis/speech.h"
#include "core/random.h"
#include "corpus.h"
#include "kits/sound.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>

using namespace twopop;
using kits::Sound;
using kits::Stretch;
namespace fs = std::filesystem;

namespace {

/// Files or folders of one side.
struct Side {
  std::vector<const char*> speech, noises, without;  ///< `without`: alone, nobody speaks in it
  std::vector<const char*> rooms;
};

const Side kFit{
    {"speech/ljspeech_en", "speech/fillets_cs", "speech/mfa/acoustic_corpus.flac", "speech/mfa/cold_corpus.flac", "speech/librivox_long/aeneas_es.mp3", "multi/timbl_2.mp3"},
    {"ambience/usc_hum.mp3", "ambience/blanket_birds.ogg", "noise/speechbrain_noise2.flac", "video/mdn_crystal.mp4", "video/mdn_pig.mp4"},
    {"ambience/usc_hum.mp3", "ambience/blanket_birds.ogg", "noise", "video/mdn_crystal.mp4", "music/Hungarian_Dance_number_5_-_Allegro_in_F_sharp_minor__string_orchestra_.hq.ogg",
     "music/wesnoth_elvish-theme.ogg", "foley/doors", "foley/footsteps/castle_footsteps_grass.flac", "foley/footsteps/kenney_walking.ogg", "foley/cloth"},
    {"speechbrain_rir1.flac", "genesis6_studio_live_room_bformat.flac"}};

const Side kMeasured{
    {"speech/kathleen_en", "speech/asterisk_en", "speech/librispeech_en", "multi/kerstin_raw_vs_edit", "speech/vctk_p286_011.flac", "video/grid"},
    {"ambience/blanket_city.ogg", "ambience/blanket_coffee-shop.ogg", "ambience/blanket_rain.ogg", "ambience/usc_water.mp3", "film/sound/roomtone.flac"},
    {"ambience/blanket_city.ogg", "ambience/blanket_coffee-shop.ogg", "ambience/blanket_rain.ogg", "ambience/usc_water.mp3", "film/sound/roomtone.flac", "music/Kevin_MacLeod_-_Vibe_Ace.hq.ogg",
     "music/singularity_A_New_Journey.ogg", "music/wesnoth_traveling_minstrels.ogg", "music/Karissa_Hobbs_-_Lets_Go_Fishin.hq.ogg", "foley/footsteps/usc_red_library_walking_outside_on_gravel.mp3", "foley/scratch/DoorCreak.flac",
     "foley/scratch/Footsteps-1.flac", "foley/scratch/PartyNoise.flac"},
    {"speechbrain_rir4.flac", "arthur_sykes_auditorium_bformat.flac"}};

constexpr double kMost_s = 60;  // of one recording

std::vector<Sound> load_all(const fs::path& corpus, const char* name) {
  std::vector<fs::path> files;
  if (fs::is_directory(corpus / name)) {
    for (const auto& entry : fs::directory_iterator(corpus / name))
      if (const auto ending = entry.path().extension(); ending != ".txt" && ending != ".webm" && ending != ".TextGrid") files.push_back(entry.path());
  } else {
    files.push_back(corpus / name);
  }
  std::sort(files.begin(), files.end());
  std::vector<Sound> out;
  for (const fs::path& file : files) {
    Sound sound = kits::load(file);
    if (sound.size() < 4800) continue;
    sound.resize(std::min(sound.size(), static_cast<std::size_t>(kMost_s * 48000)));
    out.push_back(std::move(sound));
  }
  return out;
}

/// A scene with its truth, frame by frame.
struct Scene {
  std::string noise;
  double snr_db = 0;
  Sound sound;
  std::vector<int> truth;  // 1 speech, 0 none, -1 within 50 ms of an edge: not counted
};

std::vector<int> truth_of(const std::vector<Stretch>& speech, std::size_t samples) {
  std::vector<int> truth(samples / 480 + 1, 0);
  for (const Stretch& s : speech) {
    const auto frame = [&](double t) { return std::clamp<std::int64_t>(std::llround(t * 100), 0, static_cast<std::int64_t>(truth.size()) - 1); };
    for (auto i = frame(s.begin_s - 0.05); i <= frame(s.end_s + 0.05); ++i)
      if (truth[static_cast<std::size_t>(i)] == 0) truth[static_cast<std::size_t>(i)] = -1;
    for (auto i = frame(s.begin_s + 0.05); i <= frame(s.end_s - 0.05); ++i) truth[static_cast<std::size_t>(i)] = 1;
  }
  return truth;
}

/// Speech of one speaker with pauses over a field noise, half of it in a room.
std::vector<Scene> scenes_of(const fs::path& corpus, const Side& side, int count, std::uint64_t seed) {
  std::vector<std::vector<Sound>> speakers;
  for (const char* name : side.speech) speakers.push_back(load_all(corpus, name));
  std::vector<Sound> noises;
  for (const char* name : side.noises) noises.push_back(load_all(corpus, name)[0]);
  std::vector<kits::Room> rooms;
  for (const char* name : side.rooms) rooms.push_back(kits::load_room(corpus / "rir" / name));
  RandomStream random(seed, 0x73706565);
  constexpr std::array kSnr{0.0, 5.0, 10.0, 15.0, 25.0};
  std::vector<Scene> out;
  for (int i = 0; i < count; ++i) {
    Sound clean;
    const auto& lines = speakers[static_cast<std::size_t>(i) % speakers.size()];
    while (clean.size() < 25u * 48000) {
      clean.resize(clean.size() + static_cast<std::size_t>(random.uniform(0.4, 3) * 48000));
      const Sound& line = lines[random.below(static_cast<std::uint32_t>(lines.size()))];
      // A stretch of up to 8 s of long readings.
      const std::size_t most = 8 * 48000, from = line.size() > most ? random.below(static_cast<std::uint32_t>(line.size() - most)) : 0;
      const float gain = static_cast<float>(0.05 / std::sqrt(kits::active_power(line)));
      for (std::size_t k = from; k < std::min(line.size(), from + most); ++k) clean.push_back(gain * line[k]);
    }
    clean.resize(clean.size() + 48000);
    Scene s;
    const std::vector<Stretch> speech = kits::active_stretches(clean, 0.1);
    s.truth = truth_of(speech, clean.size());
    s.sound = random.below(2) ? kits::in_room(clean, rooms[random.below(static_cast<std::uint32_t>(rooms.size()))]) : clean;
    const std::size_t n = random.below(static_cast<std::uint32_t>(noises.size()));
    s.noise = fs::path(side.noises[n]).stem().string();
    s.snr_db = kSnr[static_cast<std::size_t>(i) / speakers.size() % kSnr.size()];
    const double level = std::sqrt(kits::active_power(s.sound)) * std::pow(10, -s.snr_db / 20);
    const float gain = static_cast<float>(level / std::sqrt(kits::mean_power(noises[n]))), whole = static_cast<float>(std::pow(10, random.uniform(-24, 6) / 20));
    const std::size_t start = random.below(static_cast<std::uint32_t>(noises[n].size()));
    for (std::size_t k = 0; k < s.sound.size(); ++k) s.sound[k] = whole * (s.sound[k] + gain * noises[n][(start + k) % noises[n].size()]);
    out.push_back(std::move(s));
  }
  return out;
}

AudioView<const float> view_of(const Sound& sound) { return {sound.data(), static_cast<std::int64_t>(sound.size())}; }

/// Area under the curve of hits against false alarms: the chance that a frame of speech scores above one without.
double area(std::vector<std::pair<float, int>> scored) {
  std::sort(scored.begin(), scored.end());
  double below = 0, pairs = 0, positives = 0, negatives = 0;
  for (std::size_t i = 0; i < scored.size();) {
    std::size_t j = i;
    double p = 0, n = 0;
    for (; j < scored.size() && scored[j].first == scored[i].first; ++j) (scored[j].second ? p : n) += 1;
    pairs += p * (below + n / 2);
    below += n, positives += p, negatives += n;
    i = j;
  }
  return pairs / std::max(1.0, positives * negatives);
}

/// Level over the clip's own tenth percentile: what a gate goes by.
std::vector<float> level_scores(const Sound& sound) {
  std::vector<float> level;
  for (std::size_t i = 0; i * 480 < sound.size(); ++i) {
    double power = 1e-12;
    const std::size_t begin = i * 480 < 480 ? 0 : i * 480 - 480, end = std::min(sound.size(), i * 480 + 480);
    for (std::size_t k = begin; k < end; ++k) power += static_cast<double>(sound[k]) * sound[k] / 960;
    level.push_back(static_cast<float>(10 * std::log10(power)));
  }
  return level;
}

int measure(const fs::path& corpus) {
  const std::vector<Scene> scenes = scenes_of(corpus, kMeasured, 120, 2);
  struct Row {
    std::vector<std::pair<float, int>> ours, level;
    double hits = 0, speech = 0, alarms = 0, rest = 0;
  };
  std::map<double, Row> rows;
  double sound_s = 0;
  double took = 0;
  for (const Scene& s : scenes) {
    const auto begin = std::chrono::steady_clock::now();
    const analysis::SpeechMeasure m = analysis::measure_speech(view_of(s.sound), kits::k48);
    took += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    sound_s += static_cast<double>(s.sound.size()) / 48000;
    std::vector<char> inside(s.truth.size(), 0);
    for (const SampleRange& r : m.speech)
      for (std::int64_t i = (r.begin.value + 240) / 480; i < std::min<std::int64_t>(r.end.value / 480, static_cast<std::int64_t>(inside.size())); ++i) inside[static_cast<std::size_t>(i)] = 1;
    const std::vector<float> level = level_scores(s.sound);
    for (Row* row : {&rows[s.snr_db], &rows[99]})
      for (std::size_t i = 0; i < std::min({s.truth.size(), m.probability.size(), level.size()}); ++i) {
        if (s.truth[i] < 0) continue;
        row->ours.emplace_back(m.probability[i], s.truth[i]);
        row->level.emplace_back(level[i], s.truth[i]);
        (s.truth[i] ? row->speech : row->rest) += 1;
        if (inside[i]) (s.truth[i] ? row->hits : row->alarms) += 1;
      }
  }
  std::printf("speech in field noise, half of it in a room (%zu scenes; frames of 10 ms; level: of each frame, all scenes at one threshold)\n", scenes.size());
  std::printf("      SNR   AUC ours   level   found   false alarms (frames taken for speech, in and between sentences)\n");
  for (const auto& [snr, row] : rows)
    std::printf("  %7s   %8.3f   %5.3f   %4.1f %%   %4.1f %%\n", snr > 90 ? "all" : fmt::format("{:.0f} dB", snr).c_str(), area(row.ours), area(row.level), 100 * row.hits / row.speech, 100 * row.alarms / row.rest);
  std::printf("%.0f x real time, one thread\n\nwithout speech: seconds a minute taken for speech\n", sound_s / took);
  for (const char* name : kMeasured.without) {
    double taken = 0, length = 0;
    for (const Sound& sound : load_all(corpus, name)) {
      const analysis::SpeechMeasure m = analysis::measure_speech(view_of(sound), kits::k48);
      for (const SampleRange& r : m.speech) taken += seconds(r.length(), m.rate);
      length += seconds(m.length, m.rate);
    }
    std::printf("  %5.1f  %s\n", taken / length * 60, name);
  }
  return 0;
}

/// Logistic regression by Newton's method; all classes of material count alike.
int fit(const fs::path& corpus) {
  using analysis::detail::kSpeechFeatures;
  constexpr int kSize = kSpeechFeatures + 1;
  struct Example {
    std::array<double, kSize> x;
    double y, weight;
  };
  std::vector<Example> all;
  const auto take = [&](const Sound& sound, const std::vector<int>* truth, double weight) {
    analysis::detail::SpeechFrames frames(kits::k48);
    frames.push(view_of(sound));
    const analysis::detail::SpeechFrameList list = frames.finish();
    const auto features = analysis::detail::speech_features(list, analysis::detail::mute_frames(list), 0, list.size());
    for (std::size_t i = 0; i < features.size(); i += 3) {
      const int is = truth ? (i < truth->size() ? (*truth)[i] : -1) : 0;
      if (is < 0) continue;
      Example e;
      for (int k = 0; k < kSpeechFeatures; ++k) e.x[static_cast<std::size_t>(k)] = features[i][static_cast<std::size_t>(k)];
      e.x[kSpeechFeatures] = 1;
      e.y = is, e.weight = weight;
      all.push_back(e);
    }
  };
  for (const Scene& s : scenes_of(corpus, kFit, 150, 1)) take(s.sound, &s.truth, 1);
  const double spoken = static_cast<double>(all.size());
  for (const char* name : kFit.without) {
    const std::vector<Sound> sounds = load_all(corpus, name);
    const std::size_t before = all.size();
    for (Sound sound : sounds) {
      // Short sounds stand in a pause, as they do in a take.
      sound.insert(sound.begin(), 48000, 0.0f);
      sound.resize(sound.size() + 48000);
      for (std::size_t i = 0; i < sound.size(); ++i) sound[i] += 1e-4f * uniform11(philox(7, 1, i)[0]);
      take(sound, nullptr, 1);
    }
    // Each kind weighs as much as a twentieth of the scenes.
    const double weight = spoken / 20 / std::max(1.0, static_cast<double>(all.size() - before));
    for (std::size_t i = before; i < all.size(); ++i) all[i].weight = weight;
  }
  std::array<double, kSize> w{};
  for (int round = 0; round < 25; ++round) {
    std::array<double, kSize> gradient{};
    std::array<std::array<double, kSize>, kSize> curve{};
    for (const Example& e : all) {
      double z = 0;
      for (std::size_t k = 0; k < kSize; ++k) z += w[k] * e.x[k];
      const double p = 1 / (1 + std::exp(-z)), c = e.weight * p * (1 - p) + 1e-12;
      for (std::size_t k = 0; k < kSize; ++k) {
        gradient[k] += e.weight * (e.y - p) * e.x[k];
        for (std::size_t j = 0; j < kSize; ++j) curve[k][j] += c * e.x[k] * e.x[j];
      }
    }
    const double ridge = 1e-4 * static_cast<double>(all.size());
    for (std::size_t k = 0; k < kSpeechFeatures; ++k) gradient[k] -= ridge * w[k] * 0.1, curve[k][k] += ridge * 0.1;
    // Gauss elimination of curve x = gradient.
    for (std::size_t i = 0; i < kSize; ++i) {
      for (std::size_t j = i + 1; j < kSize; ++j) {
        const double f = curve[j][i] / curve[i][i];
        for (std::size_t k = i; k < kSize; ++k) curve[j][k] -= f * curve[i][k];
        gradient[j] -= f * gradient[i];
      }
    }
    for (std::size_t i = kSize; i-- > 0;) {
      for (std::size_t k = i + 1; k < kSize; ++k) gradient[i] -= curve[i][k] * gradient[k];
      gradient[i] /= curve[i][i];
    }
    double most = 0;
    for (std::size_t k = 0; k < kSize; ++k) w[k] += gradient[k], most = std::max(most, std::abs(gradient[k]));
    if (most < 1e-6) break;
  }
  std::vector<std::pair<float, int>> scored;
  for (const Example& e : all) {
    double z = 0;
    for (std::size_t k = 0; k < kSize; ++k) z += w[k] * e.x[k];
    scored.emplace_back(static_cast<float>(z), static_cast<int>(e.y));
  }
  std::printf("%zu frames, AUC of single frames %.4f\nkWeights{", all.size(), area(std::move(scored)));
  for (std::size_t k = 0; k < kSpeechFeatures; ++k) std::printf("%s%.3ff", k ? ", " : "", w[k]);
  std::printf("};\nkBias = %.3ff;\n", w[kSpeechFeatures]);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const fs::path shared = test::shared_folder();
  if (shared.empty()) return std::puts("needs the recordings in ../shared (or TWOPOP_SHARED)"), 0;
  return argc > 1 && std::string(argv[1]) == "fit" ? fit(shared / "corpus") : measure(shared / "corpus");
}
