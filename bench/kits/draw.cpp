#include "kits/draw.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace twopop::kits {
namespace {

/// Part of a setup that the cut uses, in set time.
struct Segment {
  int setup;
  Stretch on_set;
};

struct Setup {
  SetupKind kind = SetupKind::Speech;
  double start_s = 0, length_s = 0;
  std::vector<std::size_t> said;  // of Kit::said
  bool in_cut = true, recorded = true;
};

class Drawer {
 public:
  Drawer(const Stock& stock, const KitOptions& options) : stock_(stock), options_(options), random_(options.seed, options.split == Split::Development ? 0x6b697464 : 0x6b697468) {}

  Kit draw() {
    kit_.options = options_;
    static constexpr const char* kFrames[]{"25", "23.976", "24", "29.97", "30", "29.97df"};
    kit_.frames = *parse_timecode_rate(kFrames[options_.seed % 6]);
    for (std::size_t i = 0; i < stock_.sentences.size(); ++i) unused_.push_back(i);
    odd_names_ = chance(0.5);
    kit_.edit_list = options_.seed % 2 == 0;
    kit_.extras = !options_.small && options_.seed % 3 == 0;
    options_.shape == Shape::LongTake ? draw_interview() : draw_setups();
    draw_cameras();
    draw_recorders();
    if (options_.shape == Shape::Film) {
      draw_cut();
      draw_adr();
    } else {
      kit_.shots = {{0, 0, kit_.cameras[0].frames, 0}};
      kit_.length_s = kit_.cameras[0].length_s;
      kit_.guide = kit_.edit_list = false;
    }
    draw_others();
    kit_.what = describe();
    return std::move(kit_);
  }

 private:
  bool chance(double p) { return random_.uniform(0, 1) < p; }
  double between(double a, double b) { return random_.uniform(a, b); }
  int number(int from, int to) { return from + static_cast<int>(random_.below(static_cast<std::uint32_t>(to - from + 1))); }
  template <class T>
  const T& one_of(const std::vector<T>& list) { return list[random_.below(static_cast<std::uint32_t>(list.size()))]; }
  double on_frame(double s) const { return std::round(s / kit_.frame_s()) * kit_.frame_s(); }

  std::size_t perform(std::size_t sentence, std::size_t take) {
    const Sentence& s = stock_.sentences[sentence];
    kit_.performances.push_back({s.words, s.takes[take], active_stretches(s.takes[take])});
    return kit_.performances.size() - 1;
  }
  std::size_t draw_sentence() {
    const std::size_t at = random_.below(static_cast<std::uint32_t>(unused_.size())), sentence = unused_[at];
    unused_.erase(unused_.begin() + static_cast<std::ptrdiff_t>(at));
    return sentence;
  }

  void draw_setups() {
    const int count = options_.small ? 3 : number(4, 7);
    double at = between(1, 4);
    for (int i = 0; i < count; ++i) add_speech(at, number(1, 2), std::nullopt);
    // The same words once more, another take: in the cut or left out of it.
    if (const auto again = repeatable(); again && chance(0.6)) {
      add_speech(at, 1, again);
      setups_.back().in_cut = chance(0.4);
    }
    if (!options_.small && chance(0.6)) add_silent(at, SetupKind::Quiet);
    if (options_.small || chance(0.7)) add_silent(at, SetupKind::Mute);
    if (setups_.size() > 3 && chance(0.4)) setups_[static_cast<std::size_t>(number(0, count - 1))].recorded = false;
    kit_.set_length_s = at + 3;
  }
  /// One long conversation.
  void draw_interview() {
    double at = between(1, 4);
    Setup s;
    s.start_s = on_frame(at);
    double inside = s.start_s + 1;
    const double length = between(75, 110);
    while (inside - s.start_s < length && !unused_.empty()) say(s, draw_sentence(), 0, inside, between(0.3, 2));
    s.length_s = on_frame(inside + 1 - s.start_s);
    setups_.push_back(s);
    kit_.set_length_s = s.start_s + s.length_s + 4;
  }

  void say(Setup& s, std::size_t sentence, std::size_t take, double& inside, double pause_s) {
    s.said.push_back(kit_.said.size());
    sentence_of_.push_back(sentence);
    take_of_.push_back(take);
    kit_.said.push_back({perform(sentence, take), inside});
    inside += static_cast<double>(kit_.performances.back().sound.size()) / 48000 + pause_s;
  }
  void add_speech(double& at, int lines, std::optional<std::size_t> again) {
    Setup s;
    s.start_s = on_frame(at);
    double inside = s.start_s + between(0.8, 2.0);
    for (int i = 0; i < lines; ++i) {
      const std::size_t sentence = again ? *again : draw_sentence();
      const std::size_t takes = stock_.sentences[sentence].takes.size();
      say(s, sentence, again ? (first_take_of(sentence) + 1) % takes : random_.below(static_cast<std::uint32_t>(takes)), inside, between(0.3, 1.0));
    }
    s.length_s = on_frame(inside + between(0.4, 1.2) - s.start_s);
    setups_.push_back(s);
    at = s.start_s + s.length_s + between(2, 6);
  }
  void add_silent(double& at, SetupKind kind) {
    Setup s;
    s.kind = kind;
    s.start_s = on_frame(at);
    s.length_s = on_frame(between(3, 5));
    s.recorded = kind == SetupKind::Quiet;
    setups_.push_back(s);
    at = s.start_s + s.length_s + between(2, 4);
  }
  std::size_t first_take_of(std::size_t sentence) const {
    for (std::size_t i = 0; i < sentence_of_.size(); ++i)
      if (sentence_of_[i] == sentence) return take_of_[i];
    return 0;
  }
  std::optional<std::size_t> repeatable() const {
    for (const std::size_t sentence : sentence_of_)
      if (stock_.sentences[sentence].takes.size() > 1) return sentence;
    return std::nullopt;
  }

  void draw_cameras() {
    snr_db_ = std::array{14.0, 5.0, 20.0, 9.0, 0.0, 12.0, 7.0, 17.0}[(options_.seed / 2) % 8];
    int clip = 0;
    for (std::size_t i = 0; i < setups_.size(); ++i) {
      const Setup& s = setups_[i];
      const bool two = options_.shape == Shape::Film && s.kind == SetupKind::Speech && !options_.small && chance(0.35);
      for (int camera = 0; camera < (two ? 2 : 1); ++camera) {
        CameraFile f;
        f.setup = static_cast<int>(i), f.camera = camera;
        const double late = camera == 0 ? 0 : on_frame(between(0.1, 0.7));
        f.start_s = s.start_s + late;
        f.start_frame = std::llround(f.start_s / kit_.frame_s());
        f.start_s = static_cast<double>(f.start_frame) * kit_.frame_s();
        f.frames = std::llround((s.length_s - late) / kit_.frame_s());
        f.length_s = static_cast<double>(f.frames) * kit_.frame_s();
        f.kind = s.kind;
        f.snr_db = snr_db_ + (camera ? between(-2, 2) : 0);
        f.picture = one_of(stock_.pictures);
        f.picture_in_s = between(0, 1.5);
        f.name = odd_names_ ? fmt::format("Kamera {} Übergang {:02}.mp4", camera ? "B" : "A", ++clip) : fmt::format("{}001_C{:03}.mp4", camera ? 'B' : 'A', ++clip);
        kit_.cameras.push_back(f);
      }
    }
  }

  void draw_recorders() {
    RecorderFile device;
    device.device = "Mixer 888";
    device.ppm = std::round(between(-100, 100) * 10) / 10;
    device.rate = std::array{SampleRate{48000}, SampleRate{48000}, SampleRate{44100}, SampleRate{96000}}[options_.seed % 4];
    device.format = std::array{media::SampleFormat::Pcm24, media::SampleFormat::Pcm16, media::SampleFormat::Float32}[options_.seed % 3];
    device.clock = std::array{Clock::Wrong, Clock::Right, Clock::Absent, Clock::Trap}[(options_.seed / 2) % 4];
    device.clock_error_s = device.clock == Clock::Wrong ? between(-3, 3) : 0;
    const int channels = number(1, 4);
    static constexpr Microphone kOrder[]{Microphone::Boom, Microphone::Lav, Microphone::OtherLav, Microphone::Spare};
    device.microphones.assign(kOrder, kOrder + channels);
    int roll = 0;
    const auto add = [&](RecorderFile f, double from, double to) {
      f.start_s = std::max(0.05, from - between(0.5, 3)) + between(0, 1e-3);
      f.length_s = to + between(0.5, 2) - f.start_s;
      f.name = odd_names_ ? fmt::format("Ton Größe {:02}.wav", ++roll) : fmt::format("REC_{:04}.wav", ++roll);
      kit_.recorders.push_back(std::move(f));
    };
    if (options_.shape == Shape::LongTake) {
      const Setup& s = setups_[0];
      add(device, s.start_s, s.start_s + s.length_s);
    } else {
      const bool one_a_setup = chance(0.35);
      for (std::size_t i = 0; i < setups_.size();) {
        std::size_t j = i + 1;
        if (!setups_[i].recorded) {
          i = j;
          continue;
        }
        while (j < setups_.size() && setups_[j].recorded && !one_a_setup && !chance(0.2)) ++j;
        add(device, setups_[i].start_s, setups_[j - 1].start_s + setups_[j - 1].length_s);
        i = j;
      }
    }
    // A pocket recorder on somebody's belt: no clock, another drift, stopped and started again in long takes.
    if (!options_.small && (options_.shape == Shape::LongTake || chance(0.3))) {
      RecorderFile pocket;
      pocket.device = "Pocket 2";
      pocket.ppm = std::round(between(-100, 100) * 10) / 10;
      pocket.clock = Clock::Absent;
      pocket.microphones = {Microphone::Lav};
      const double begin = setups_.front().start_s, end = setups_.back().start_s + setups_.back().length_s;
      if (options_.shape == Shape::LongTake) {
        const double stop = begin + (end - begin) * between(0.4, 0.6);
        add(pocket, begin + 5, stop);
        add(pocket, stop + 6, end);
      } else if (std::all_of(setups_.begin(), setups_.end(), [](const Setup& s) { return s.recorded || s.kind == SetupKind::Mute; })) {
        add(pocket, begin, end);
      }
    }
  }

  void draw_cut() {
    std::vector<Segment> segments;
    for (std::size_t i = 0; i < setups_.size(); ++i) {
      const Setup& s = setups_[i];
      if (!s.in_cut) continue;
      if (s.kind != SetupKind::Speech) {
        const double begin = s.start_s + between(0.2, 0.6);
        segments.push_back({static_cast<int>(i), {begin, begin + between(1.6, 2.4)}});
        continue;
      }
      const auto line = [&](std::size_t k) {
        const Said& said = kit_.said[s.said[k]];
        const auto& active = kit_.performances[said.performance].active;
        return Stretch{said.at_s + active.front().begin_s, said.at_s + active.back().end_s};
      };
      const Stretch whole{line(0).begin_s - between(0.2, 0.6), line(s.said.size() - 1).end_s + between(0.2, 0.5)};
      if (s.said.size() > 1 && chance(0.5)) {
        const double middle = (line(0).end_s + line(1).begin_s) / 2;
        segments.push_back({static_cast<int>(i), {whole.begin_s, middle}});
        segments.push_back({static_cast<int>(i), {middle, whole.end_s}});
      } else {
        segments.push_back({static_cast<int>(i), whole});
      }
    }
    if (chance(0.6))
      for (std::size_t i = segments.size(); i-- > 1;) std::swap(segments[i], segments[random_.below(static_cast<std::uint32_t>(i + 1))]);
    std::int64_t at = 0;
    for (const Segment& segment : segments) {
      std::vector<int> choice;
      for (std::size_t c = 0; c < kit_.cameras.size(); ++c) {
        const CameraFile& f = kit_.cameras[c];
        if (f.setup == segment.setup && f.start_s <= segment.on_set.begin_s && f.start_s + f.length_s >= segment.on_set.end_s) choice.push_back(static_cast<int>(c));
      }
      if (choice.empty()) continue;
      const int file = one_of(choice);
      const CameraFile& f = kit_.cameras[static_cast<std::size_t>(file)];
      Shot shot;
      shot.file = file;
      shot.record_frame = at;
      shot.source_frame = std::llround((segment.on_set.begin_s - f.start_s) / kit_.frame_s());
      shot.frames = std::min<std::int64_t>(f.frames - shot.source_frame, std::llround(segment.on_set.length_s() / kit_.frame_s()));
      if (shot.frames < 8) continue;
      kit_.shots.push_back(shot);
      at += shot.frames;
    }
    kit_.length_s = static_cast<double>(at) * kit_.frame_s();
  }

  void draw_adr() {
    if (!options_.small && chance(0.2)) return;
    std::set<std::string> in_cut, on_set;
    std::vector<std::size_t> cut_lines;
    for (std::size_t k = 0; k < kit_.said.size(); ++k) {
      const Performance& p = kit_.performances[kit_.said[k].performance];
      on_set.insert(p.words);
      const Stretch on{kit_.said[k].at_s + p.active.front().begin_s, kit_.said[k].at_s + p.active.back().end_s};
      for (const Shot& shot : kit_.shots) {
        const double begin = kit_.set_second(shot, kit_.shot_in_s(shot)), end = kit_.set_second(shot, kit_.shot_out_s(shot));
        if (begin <= on.begin_s && on.end_s <= end && in_cut.insert(p.words).second) cut_lines.push_back(k);
      }
    }
    int file = 0, real = 0, made = 0;
    const auto add = [&](std::size_t sentence, const Sound& sound, bool belongs, bool warped) {
      AdrFile f;
      f.words = stock_.sentences[sentence].words;
      f.name = odd_names_ ? fmt::format("Nachsynchron Stück {}.flac", ++file) : fmt::format("loop_{}.flac", static_cast<char>('a' + file++));
      f.belongs = belongs, f.warped = warped;
      f.sound = sound;
      kit_.adr.push_back(std::move(f));
    };
    for (const std::size_t k : cut_lines) {
      const Sentence& s = stock_.sentences[sentence_of_[k]];
      if (s.takes.size() > 1 && real < 3) {
        const std::size_t other = (take_of_[k] + 1 + random_.below(static_cast<std::uint32_t>(s.takes.size() - 1))) % s.takes.size();
        add(sentence_of_[k], s.takes[other], true, false), ++real;
      } else if (made < 1) {
        add(sentence_of_[k], s.takes[take_of_[k]], true, true), ++made;
      }
    }
    // Sentences that nobody says in this film: near ones first (the same grammar, the same voice).
    std::set<std::string> speakers;
    for (const std::size_t k : cut_lines) speakers.insert(stock_.sentences[sentence_of_[k]].speaker);
    std::vector<std::size_t> others = unused_;
    std::stable_sort(others.begin(), others.end(), [&](std::size_t a, std::size_t b) {
      const auto near = [&](std::size_t i) { return stock_.sentences[i].speaker == "grid" ? 0 : speakers.contains(stock_.sentences[i].speaker) ? 1 : 2; };
      return near(a) < near(b);
    });
    for (std::size_t i = 0; i < std::min<std::size_t>(others.size(), options_.small ? 1 : 3); ++i) {
      const Sentence& s = stock_.sentences[others[i]];
      add(others[i], s.takes[random_.below(static_cast<std::uint32_t>(s.takes.size()))], false, false);
    }
  }

  void draw_others() {
    const auto named = [&](const std::string& plain, const std::string& odd) { return odd_names_ ? odd : plain; };
    const int strangers = options_.small ? 1 : number(1, 2);
    for (int i = 0; i < strangers; ++i) kit_.strangers.push_back({named(fmt::format("other_day_{}.wav", i + 1), fmt::format("anderer Drehtag {}.wav", i + 1))});
    static constexpr const char* kKinds[]{"empty", "garbage", "silent", "cut off"};
    for (int k = 0; k < 4; ++k)
      if (k == static_cast<int>(options_.seed % 4) || (!options_.small && chance(0.25)))
        kit_.bad.push_back({named(fmt::format("T{:02}.wav", 90 + k), fmt::format("Ton läuft {}.wav", 90 + k)), kKinds[k]});
  }

  std::string describe() const {
    const RecorderFile& r = kit_.recorders.empty() ? RecorderFile{} : kit_.recorders.front();
    static constexpr const char* kClocks[]{"right", "wrong", "1000/1001 trap", "absent"};
    return fmt::format("{} fps, {:.1f} s, {} shots, {} rushes, {} recordings ({} Hz, {} channels, {:+.1f} ppm, timecode {}), scratch {:.0f} dB, {}{}",
                       to_string(kit_.frames), kit_.length_s, kit_.shots.size(), kit_.cameras.size(), kit_.recorders.size(), r.rate.hz, r.microphones.size(), r.ppm,
                       kClocks[static_cast<int>(r.clock)], snr_db_, options_.shape == Shape::LongTake ? "no picture" : kit_.edit_list ? "edit list" : "no edit list", kit_.extras ? ", ambience and music" : "");
  }

  const Stock& stock_;
  KitOptions options_;
  RandomStream random_;
  Kit kit_;
  std::vector<Setup> setups_;
  std::vector<std::size_t> unused_, sentence_of_, take_of_;
  double snr_db_ = 10;
  bool odd_names_ = false;
};

}  // namespace

Kit draw_kit(const Stock& stock, const KitOptions& options) { return Drawer(stock, options).draw(); }

}  // namespace twopop::kits
