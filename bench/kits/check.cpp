#include "kits/check.h"

#include "process.h"
#include "session/store.h"

#include <ebur128.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

namespace twopop::kits {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr double kMost_ms = 1.0;           // of sync, over the whole stretch
constexpr double kElsewhere_ms = 60;       // further off is another place, not an error
constexpr double kShort_s = 0.25;          // of a placement within a shot: less is an edge
constexpr double kLong_s = 60;

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

json run_twopop(const fs::path& twopop, const fs::path& folder, std::vector<std::string> arguments, double* took_s = nullptr) {
  arguments.insert(arguments.begin(), twopop.string());
  arguments.emplace_back("--json");
  const fs::path out = folder / "out.json";
  const bench::Cost cost = bench::run_process(arguments, out, folder / "out.errors");
  if (took_s) *took_s = cost.wall_s;
  const std::string text = text_of(out);
  if (cost.failed) throw std::runtime_error(fmt::format("twopop {} failed: {} {}", arguments[1], text.substr(0, 400), text_of(folder / "out.errors").substr(0, 400)));
  return json::parse(text);
}

struct TruePeak {
  double dbtp = -200, lufs = -200;
};
TruePeak measured(const AudioBuffer<float>& sound, SampleRate rate) {
  ebur128_state* state = ebur128_init(static_cast<unsigned>(sound.channels()), static_cast<unsigned long>(rate.hz), EBUR128_MODE_I | EBUR128_MODE_TRUE_PEAK);
  std::vector<float> frames(static_cast<std::size_t>(sound.frames() * sound.channels()));
  for (int c = 0; c < sound.channels(); ++c)
    for (std::int64_t i = 0; i < sound.frames(); ++i) frames[static_cast<std::size_t>(i * sound.channels() + c)] = sound.channel(c)[i];
  ebur128_add_frames_float(state, frames.data(), static_cast<std::size_t>(sound.frames()));
  TruePeak out;
  ebur128_loudness_global(state, &out.lufs);
  double most = 0;
  for (int c = 0; c < sound.channels(); ++c) {
    double peak = 0;
    ebur128_true_peak(state, static_cast<unsigned>(c), &peak);
    most = std::max(most, peak);
  }
  out.dbtp = 20 * std::log10(std::max(most, 1e-10));
  ebur128_destroy(&state);
  return out;
}

/// A file of the kit on the set's clock.
struct Truth {
  double start_s = 0, length_s = 0, ppm = 0;
  bool recorder = false;
};

class Checker {
 public:
  Checker(const Kit& kit, const fs::path& folder, const fs::path& twopop, int threads) : kit_(kit), folder_(folder), twopop_(twopop), threads_(std::to_string(threads)) {
    for (const CameraFile& f : kit.cameras)
      if (f.kind != SetupKind::Mute) truth_[kit.options.shape == Shape::Film ? f.name : "camera.m4a"] = {f.start_s, f.length_s, 0, false};
    for (const RecorderFile& f : kit.recorders) truth_[f.name] = {f.start_s, f.length_s, f.ppm, true};
  }

  Figures check() {
    const fs::path film = folder_ / "film.twopop";
    fs::remove_all(film);
    run_twopop(twopop_, folder_, {"new", film, "--from", folder_ / "raw"});
    const json built = run_twopop(twopop_, folder_, {"build", film, "-j", threads_}, &f_.build_s);
    const json again = run_twopop(twopop_, folder_, {"build", film, "-j", threads_});
    f_.rendered_again = again.at("chunks").at("rendered").get<std::int64_t>() + again.at("facts").at("rendered").get<std::int64_t>();
    trouble_if(f_.rendered_again > 0, fmt::format("the second build rendered {}", f_.rendered_again));
    const auto store = session::Store::open(film, session::Access::Read);
    if (!store) throw std::runtime_error(store.error().sentence());
    document_ = *store->head().document;
    placements();
    dialogue();
    adr(film / "out");
    delivery(film / "out", built);
    findings(built);
    return f_;
  }

 private:
  void trouble_if(bool wrong, std::string what) {
    if (wrong) f_.troubles.push_back(std::move(what));
  }
  double film_s(SamplePosition at) const { return seconds(at, document_.rate); }

  void placements() {
    std::set<std::string> strangers;
    for (const Stranger& s : kit_.strangers) strangers.insert(s.name);
    for (const BadFile& b : kit_.bad) strangers.insert(b.name);
    std::map<std::pair<std::string, std::size_t>, double> lies;  // seconds of a file under a shot, where it belongs
    for (const auto& [id, p] : document_.dialogue.placements) {
      const auto media = document_.media.find(p.media);
      if (media == document_.media.end() || p.media == document_.picture.media) continue;
      const std::string& name = media->second.name;
      const double in = film_s(p.film.in), out = film_s(p.film.out);
      if (strangers.contains(name)) {
        ++f_.misplaced;
        trouble_if(true, fmt::format("{} was not recorded in this film, yet placed at {:.2f} s ({})", name, in, p.decided.reason));
        continue;
      }
      const auto truth = truth_.find(name);
      if (truth == truth_.end()) continue;
      const Truth& t = truth->second;
      double inside = 0;
      for (std::size_t i = 0; i < kit_.shots.size(); ++i) {
        const Shot& shot = kit_.shots[i];
        const double begin = std::max(in, kit_.shot_in_s(shot)), end = std::min(out, kit_.shot_out_s(shot));
        if (end - begin < kShort_s) continue;
        const auto error_ms = [&](double at) {
          const double heard = p.source_at_in_s + (at - in) * (1 + p.drift_ppm * 1e-6), said = (kit_.set_second(shot, at) - t.start_s) * (1 + t.ppm * 1e-6);
          return (heard - said) * 1e3;
        };
        const double worst = std::max(std::abs(error_ms(begin)), std::abs(error_ms(end)));
        if (worst > kElsewhere_ms) {
          ++f_.misplaced;
          trouble_if(true, fmt::format("{} lies under shot {} ({:.2f} to {:.2f} s) {:+.3f} s off ({})", name, i + 1, begin, end, error_ms(begin) / 1e3, p.decided.reason));
          continue;
        }
        inside += end - begin;
        lies[{name, i}] += end - begin;
        (t.recorder ? f_.worst_recorder_ms : f_.worst_camera_ms) = std::max(t.recorder ? f_.worst_recorder_ms : f_.worst_camera_ms, worst);
        trouble_if(worst > kMost_ms, fmt::format("{} under shot {}: {:+.3f} to {:+.3f} ms off ({})", name, i + 1, error_ms(begin), error_ms(end), p.decided.reason));
      }
      if (inside > 0) f_.worst_overhang_s = std::max(f_.worst_overhang_s, out - in - inside);
      if (!t.recorder || p.method == "edl") continue;
      const double off = p.drift_ppm - t.ppm;
      f_.worst_drift_ppm = std::max(f_.worst_drift_ppm, std::abs(off));
      if (out - in >= kLong_s) {
        ++f_.drifts_long;
        f_.worst_long_drift_ppm = std::max(f_.worst_long_drift_ppm, std::abs(off));
        trouble_if(std::abs(off) > 2, fmt::format("{}: drift {:+.2f} ppm, in truth {:+.1f}", name, p.drift_ppm, t.ppm));
      }
      if (p.drift_interval_ppm <= 0) {
        trouble_if(true, fmt::format("{} at {:.2f} s: its drift has no interval", name, in));
        continue;
      }
      ++f_.drifts;
      const bool covered = std::abs(off) <= p.drift_interval_ppm;
      f_.drifts_covered += covered;
      trouble_if(!covered && std::abs(off) > 2, fmt::format("{} at {:.2f} s: drift {:+.1f} +- {:.1f} ppm, in truth {:+.1f}", name, in, p.drift_ppm, p.drift_interval_ppm, t.ppm));
    }
    for (std::size_t i = 0; i < kit_.shots.size(); ++i) {
      const Shot& shot = kit_.shots[i];
      const double in = kit_.shot_in_s(shot), out = kit_.shot_out_s(shot), begin = kit_.set_second(shot, in), end = kit_.set_second(shot, out);
      if (total_s(kit_.speech_on_set(begin, end)) < 0.8) continue;
      for (const auto& [name, t] : truth_) {
        const bool shown = kit_.options.shape == Shape::Film && kit_.cameras[static_cast<std::size_t>(shot.file)].name == name;
        if (!t.recorder && !shown && kit_.options.shape == Shape::Film) continue;  // the other camera need not be found
        const double both = std::min(end, t.start_s + t.length_s) - std::max(begin, t.start_s);
        if (both < 0.8 || both < 0.5 * (end - begin)) continue;
        ++f_.wanted;
        const auto found = lies.find({name, i});
        if (found != lies.end() && found->second > 0.5 * both) continue;
        ++f_.refused;
        trouble_if(true, fmt::format("{} is missing under shot {} ({:.2f} to {:.2f} s){}", name, i + 1, in, out, why_refused(name)));
      }
    }
  }

  std::string why_refused(const std::string& name) const {
    for (const auto& [id, r] : document_.dialogue.refusals)
      if (const auto media = document_.media.find(r.media); media != document_.media.end() && media->second.name == name) return ": " + r.reason + "; " + r.runner_up;
    return "";
  }

  void dialogue() {
    const std::vector<Stretch> speech = kit_.speech_in_film(), near = united(speech, 0.3), nearer = united(speech, 0.5);
    std::vector<Stretch> clips;
    for (const auto& [id, clip] : document_.dialogue.clips) {
      if (clip.muted || clip.role != session::ClipRole::Speech) continue;
      const Stretch s{film_s(clip.film.in), film_s(clip.film.out)};
      clips.push_back(s);
      if (shared_s({s}, near) >= 0.2 * s.length_s()) continue;
      ++f_.false_clips;
      trouble_if(true, fmt::format("nobody speaks in the clip from {:.2f} to {:.2f} s ({})", s.begin_s, s.end_s, clip.decided.reason));
    }
    clips = united(clips);
    f_.speech_s = total_s(speech);
    f_.covered = f_.speech_s > 0 ? shared_s(clips, speech) / f_.speech_s : 1;
    f_.false_s = total_s(clips) - shared_s(clips, nearer);
    if (f_.covered < 0.97) {
      std::string missing;
      for (const Stretch& s : speech)
        if (const double lost = s.length_s() - shared_s({s}, clips); lost > 0.15) missing += fmt::format(" {:.2f}-{:.2f} ({:.2f} s lost)", s.begin_s, s.end_s, lost);
      trouble_if(true, fmt::format("only {:.1f} % of what is said lies under dialogue clips: {}", 100 * f_.covered, missing));
    }
  }

  void adr(const fs::path& out) {
    std::vector<Stretch> replaced;
    for (const AdrFile& f : kit_.adr) {
      ++f_.takes;
      const session::AdrTake* take = nullptr;
      for (const auto& [id, t] : document_.adr.takes)
        if (const auto media = document_.media.find(t.media); media != document_.media.end() && media->second.name == f.name) take = &t;
      if (!take) {
        trouble_if(true, fmt::format("ADR take {} is not in the session", f.name));
        continue;
      }
      const auto cue = document_.adr.cues.find(take->cue);
      const bool accepted = !take->refused && cue != document_.adr.cues.end();
      bool right = false;
      if (accepted) {
        const Stretch at{film_s(cue->second.film.in), film_s(cue->second.film.out)};
        for (const Shot& shot : kit_.shots) {
          const double begin = kit_.set_second(shot, kit_.shot_in_s(shot)), end = kit_.set_second(shot, kit_.shot_out_s(shot));
          for (const Said& s : kit_.said) {
            if (kit_.performances[s.performance].words != f.words) continue;
            for (const Stretch& a : kit_.performances[s.performance].active) {
              const Stretch on{std::max(begin, s.at_s + a.begin_s), std::min(end, s.at_s + a.end_s)};
              if (on.end_s <= on.begin_s) continue;
              const Stretch in_film{on.begin_s - begin + kit_.shot_in_s(shot), on.end_s - begin + kit_.shot_in_s(shot)};
              if (shared_s({at}, {in_film}) > 0.5 * in_film.length_s()) right = true, replaced.push_back(in_film);
            }
          }
        }
      }
      if (accepted && !right) {
        ++f_.wrongly_accepted;
        trouble_if(true, fmt::format("ADR take {} ({}) was taken for a line at {:.2f} s: {}", f.name, f.words, film_s(cue->second.film.in), take->decided.reason));
      }
      if (!accepted && f.belongs) {
        ++f_.wrongly_refused;
        trouble_if(true, fmt::format("ADR take {} ({}, {}) was refused: {}", f.name, f.words, f.warped ? "stretched" : "another performance", take->decided.reason));
      }
    }
    if (replaced.empty()) return;
    std::vector<double> lags = envelope_lags_ms(load(out / "stems/adr.wav"), kit_.clean_film(), united(replaced));
    if (lags.empty()) return;
    std::sort(lags.begin(), lags.end());
    f_.adr_median_ms = lags[lags.size() / 2];
    f_.adr_worst_ms = lags[lags.size() * 9 / 10];
  }

  void delivery(const fs::path& out, const json& built) {
    const auto number = [](const json& j, const char* key) { return j.contains(key) && j.at(key).is_number() ? j.at(key).get<double>() : -99.0; };
    const double target = number(built.at("specification"), "target_lufs"), ceiling = number(built.at("specification"), "ceiling_dbtp");
    const auto mix = media::read_all(out / "mix.wav");
    if (!mix) {
      trouble_if(true, "there is no mix: " + mix.error().sentence());
      return;
    }
    const TruePeak whole = measured(*mix, document_.rate);
    const double missed = number(built.at("master"), "missed_lu");
    f_.loudness_error_lu = std::abs(whole.lufs - target);
    f_.ceiling_excess_db = whole.dbtp - ceiling;
    trouble_if(f_.loudness_error_lu > 0.1, fmt::format("the mix has {:.2f} LUFS in place of {:.1f} (it says that it missed by {:.2f})", whole.lufs, target, missed));
    trouble_if(f_.ceiling_excess_db > 0.05, fmt::format("the mix peaks at {:.2f} dBTP, ceiling {:.1f}", whole.dbtp, ceiling));
    for (const char* name : {"film.mp4", "film.mov", "film.mkv"})
      if (fs::exists(out / name)) {
        if (const auto coded = media::read_all(out / name)) {
          f_.decoded_excess_db = measured(*coded, document_.rate).dbtp - ceiling;
          trouble_if(f_.decoded_excess_db > 0.05, fmt::format("the film decoded again is {:.2f} dB over its ceiling", f_.decoded_excess_db));
        }
      }
    trouble_if(kit_.options.shape == Shape::Film && f_.decoded_excess_db < -90, "there is no coded film to be decoded");
    std::vector<double> sum;
    for (const char* stem : {"dialogue", "adr", "effects", "foley", "music"}) {
      const auto sound = media::read_all(out / "stems" / (std::string(stem) + ".wav"));
      if (!sound || sound->frames() != mix->frames() || sound->channels() != mix->channels()) {
        trouble_if(true, fmt::format("stem {} is missing or of another length", stem));
        return;
      }
      sum.resize(static_cast<std::size_t>(mix->frames() * mix->channels()));
      for (int c = 0; c < mix->channels(); ++c)
        for (std::int64_t i = 0; i < mix->frames(); ++i) sum[static_cast<std::size_t>(i * mix->channels() + c)] += sound->channel(c)[i];
    }
    double most = 0;
    for (int c = 0; c < mix->channels(); ++c)
      for (std::int64_t i = 0; i < mix->frames(); ++i) most = std::max(most, std::abs(sum[static_cast<std::size_t>(i * mix->channels() + c)] - mix->channel(c)[i]));
    f_.stems_error_dbfs = 20 * std::log10(std::max(most, 1e-10));
    trouble_if(f_.stems_error_dbfs > -100, fmt::format("the stems' sum is {:.1f} dBFS off the mix", f_.stems_error_dbfs));
  }

  void findings(const json& built) {
    for (const BadFile& bad : kit_.bad) {
      ++f_.bad_files;
      session::Id id;
      for (const auto& [key, media] : document_.media)
        if (media.name == bad.name) id = key;
      bool told = false;
      for (const json& finding : built.at("findings")) {
        const std::string text = finding.dump();
        told = told || text.find(bad.name) != std::string::npos || (!id.empty() && text.find("/media/" + id) != std::string::npos);
      }
      if (told) continue;
      ++f_.bad_without_finding;
      trouble_if(true, fmt::format("{} ({}) has no finding", bad.name, bad.kind));
    }
  }

  const Kit& kit_;
  fs::path folder_, twopop_;
  std::string threads_;
  std::map<std::string, Truth> truth_;
  session::Document document_;
  Figures f_;
};

/// Level of four bands every 5 ms, dB.
std::vector<std::array<float, 4>> band_levels(const Sound& sound) {
  static constexpr double kEdges[]{200, 600, 1400, 3200, 7000};
  std::vector<std::array<float, 4>> out(sound.size() / 240);
  for (std::size_t b = 0; b < 4; ++b) {
    const double w = 2 * M_PI * std::sqrt(kEdges[b] * kEdges[b + 1]) / 48000, alpha = std::sin(w) / (2 * std::sqrt(kEdges[b] * kEdges[b + 1]) / (kEdges[b + 1] - kEdges[b]));
    double z1 = 0, z2 = 0, power = 0;
    std::size_t frame = 0;
    for (std::size_t i = 0; i < sound.size() && frame < out.size(); ++i) {
      const double a0 = 1 + alpha, x = sound[i], y = alpha / a0 * x + z1;
      z1 = z2 + 2 * std::cos(w) / a0 * y;
      z2 = -alpha / a0 * x - (1 - alpha) / a0 * y;
      power += y * y;
      if (i % 240 == 239) out[frame++][b] = static_cast<float>(10 * std::log10(power / 240 + 1e-7)), power = 0;
    }
  }
  return out;
}

}  // namespace

std::vector<double> envelope_lags_ms(const Sound& heard, const Sound& clean, const std::vector<Stretch>& where) {
  const auto x = band_levels(heard), y = band_levels(clean);
  constexpr int kWindow = 100, kReach = 50;  // 0.5 s, a quarter of a second each way
  std::vector<double> lags;
  for (const Stretch& s : where) {
    for (int at = static_cast<int>(s.begin_s * 200); at + kWindow <= static_cast<int>(s.end_s * 200); at += kWindow / 2) {
      double best = 0.6, lag = -1;  // less alike than this says nothing
      for (int move = -kReach; move <= kReach; ++move) {
        if (at + move < 0 || at + move + kWindow > static_cast<int>(x.size()) || at + kWindow > static_cast<int>(y.size())) continue;
        double both = 0, one = 1e-9, two = 1e-9;
        for (std::size_t b = 0; b < 4; ++b) {
          double mean_x = 0, mean_y = 0;
          for (int i = 0; i < kWindow; ++i) mean_x += x[static_cast<std::size_t>(at + move + i)][b] / kWindow, mean_y += y[static_cast<std::size_t>(at + i)][b] / kWindow;
          for (int i = 0; i < kWindow; ++i) {
            const double p = x[static_cast<std::size_t>(at + move + i)][b] - mean_x, q = y[static_cast<std::size_t>(at + i)][b] - mean_y;
            both += p * q, one += p * p, two += q * q;
          }
        }
        if (const double alike = both / std::sqrt(one * two); alike > best) best = alike, lag = std::abs(move) * 5.0;
      }
      if (lag >= 0) lags.push_back(lag);
    }
  }
  return lags;
}

Figures check_kit(const Kit& kit, const fs::path& folder, const fs::path& twopop, int threads) {
  try {
    return Checker(kit, folder, twopop, threads).check();
  } catch (const std::exception& failure) {
    Figures f;
    f.troubles.emplace_back(failure.what());
    return f;
  }
}

std::string figures_head() {
  return "recorder  camera  over-  drift ppm   inside   placed  wrong  speech  false  false   ADR: takes  wrong  wrong  half   90 %     LU   ceiling  decoded  stems  2nd   bad files  build\n"
         "      ms      ms  hang s    at most intervals         places  covered  clips      s              in    out    ms     ms   off       dB       dB   dBFS  build untold       s\n";
}

std::string figures_line(const Figures& f) {
  return fmt::format("{:8.3f} {:7.3f} {:6.2f} {:10.1f} {:4}/{:<4} {:4}/{:<4} {:4}   {:6.1f}% {:5} {:6.2f} {:11} {:6} {:6} {:6.0f} {:6.0f} {:6.2f} {:8.2f} {:8.2f} {:6.0f} {:5} {:3}/{:<3} {:7.1f}", f.worst_recorder_ms,
                     f.worst_camera_ms, f.worst_overhang_s, f.worst_drift_ppm, f.drifts_covered, f.drifts, f.wanted - f.refused, f.wanted, f.misplaced, 100 * f.covered, f.false_clips, f.false_s, f.takes,
                     f.wrongly_accepted, f.wrongly_refused, f.adr_median_ms, f.adr_worst_ms, f.loudness_error_lu, f.ceiling_excess_db, f.decoded_excess_db, f.stems_error_dbfs, f.rendered_again,
                     f.bad_without_finding, f.bad_files, f.build_s);
}

}  // namespace twopop::kits
