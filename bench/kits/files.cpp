#include "kits/draw.h"

#include "core/random.h"
#include "dsp/stretch.h"
#include "process.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace twopop::kits {
namespace {

namespace fs = std::filesystem;

void run(const std::vector<std::string>& command) {
  if (!bench::run_process(command).failed) return;
  std::string line;
  for (const std::string& word : command) line += word + " ";
  throw std::runtime_error("failed: " + line);
}

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().sentence());
  return *std::move(result);
}

void write_wav(const fs::path& path, const std::vector<Sound>& channels, const media::WavWriter::Settings& settings) {
  const auto writer = must(media::WavWriter::create(path, settings));
  AudioBuffer<float> all(static_cast<int>(channels.size()), static_cast<std::int64_t>(channels[0].size()));
  for (int c = 0; c < all.channels(); ++c) std::copy(channels[static_cast<std::size_t>(c)].begin(), channels[static_cast<std::size_t>(c)].end(), all.channel(c));
  if (!writer->write(all.view()) || !writer->finish()) throw std::runtime_error("cannot write " + path.string());
}
void write_wav(const fs::path& path, const Sound& mono) { write_wav(path, {mono}, {.rate = k48, .channels = 1, .format = media::SampleFormat::Float32, .channel_mask = 0, .bext = {}, .ixml = {}}); }

/// A recorder's and a microphone's own noise, dBFS RMS.
void add_hiss(Sound& sound, double dbfs, std::uint64_t seed, std::uint64_t stream) {
  const float gain = static_cast<float>(std::pow(10, dbfs / 20) * std::sqrt(3));
  for (std::size_t i = 0; i < sound.size(); ++i) sound[i] += gain * uniform11(philox(seed, stream, i)[0]);
}
/// Field noise of any length of which no two moments are the same, as on a set: pass after pass of a recording, each at a speed of its
/// own and every other one backwards, faded into each other over half a second.
Sound unending(const Sound& recording, std::size_t length, std::uint64_t seed, std::uint64_t stream) {
  RandomStream random(seed, stream);
  Sound out(length, 0.0f);
  const std::size_t fade = std::min<std::size_t>(24000, recording.size() / 4);
  std::size_t at = 0;
  for (int pass = 0; at < length; ++pass) {
    Sound turned = recording;
    if (pass % 2 == 1) std::reverse(turned.begin(), turned.end());
    const double speed = random.uniform(0.85, 1.18);
    Sound moved = resampled(turned, k48, k48, (speed - 1) * 1e6, 0, static_cast<std::int64_t>(static_cast<double>(turned.size()) / speed));
    if (pass == 0) moved.erase(moved.begin(), moved.begin() + random.below(static_cast<std::uint32_t>(moved.size() / 2)));
    for (std::size_t i = 0; i < moved.size() && at + i < length; ++i) {
      const double into = pass > 0 && i < fade ? static_cast<double>(i) / static_cast<double>(fade) : 1.0;
      const double from = i + fade > moved.size() ? static_cast<double>(moved.size() - i) / static_cast<double>(fade) : 1.0;
      out[at + i] += moved[i] * static_cast<float>(std::sqrt(into * from));
    }
    at += moved.size() - fade;
  }
  return out;
}
/// The very same recording over and over, as under library sound.
Sound looped(const Sound& recording, std::size_t length, std::size_t start) {
  Sound out(length);
  for (std::size_t i = 0; i < length; ++i) out[i] = recording[(start + i) % recording.size()];
  return out;
}
/// What all who stand on the set hear, on set time.
void add_bed(Sound& sound, const Sound& bed, double rms) {
  const float gain = static_cast<float>(rms / std::sqrt(mean_power(bed)));
  for (std::size_t i = 0; i < sound.size(); ++i) sound[i] += gain * bed[i];
}
Sound low_passed(const Sound& in, double hz) {
  const float a = static_cast<float>(1 - std::exp(-2 * M_PI * hz / 48000));
  Sound out = in;
  for (int pass = 0; pass < 2; ++pass) {
    float y = 0;
    for (float& x : out) x = y += a * (x - y);
  }
  return out;
}

class Writer {
 public:
  Writer(const Kit& kit, const Stock& stock, const fs::path& corpus, const fs::path& raw)
      : kit_(kit), stock_(stock), corpus_(corpus), raw_(raw), random_(kit.options.seed, 0x77726974), seed_(kit.options.seed) {}

  void write() {
    fs::create_directories(raw_ / "sound");
    act();
    film_setups();
    roll_recorders();
    if (kit_.options.shape == Shape::Film) {
      cut();
      if (kit_.edit_list) list();
    }
    if (!kit_.adr.empty()) loop_group();
    others();
    if (kit_.extras) {
      fs::create_directories(raw_ / "ambience");
      fs::create_directories(raw_ / "music");
      fs::copy(corpus_ / "ambience/usc_hum.mp3", raw_ / "ambience/usc_hum.mp3");
      fs::copy(corpus_ / "music/Kevin_MacLeod_-_Vibe_Ace.hq.ogg", raw_ / "music/vibe ace.ogg");
    }
    fs::remove_all(scratch());
  }

 private:
  fs::path scratch() const { return raw_.parent_path() / "scratch"; }
  std::string fps() const { return fmt::format("{}/{}", kit_.frames.frames.numerator, kit_.frames.frames.denominator); }
  Timecode label(std::int64_t frame) const { return {must(parse_timecode(kit_.frames.drop == DropFrame::Yes ? "01:00:00;00" : "01:00:00:00", kit_.frames)).frame + frame}; }
  std::string timecode(std::int64_t frame) const { return to_string(label(frame), kit_.frames); }

  /// All that is said on set, each performance at its level.
  void act() {
    scene_.assign(static_cast<std::size_t>(kit_.set_length_s * 48000), 0.0f);
    for (const Said& said : kit_.said) {
      const Sound& sound = kit_.performances[said.performance].sound;
      const auto at = static_cast<std::size_t>(std::llround(said.at_s * 48000));
      for (std::size_t i = 0; i < sound.size() && at + i < scene_.size(); ++i) scene_[at + i] += sound[i];
    }
    noise_ = random_.below(static_cast<std::uint32_t>(stock_.noises.size()));
    noise_at_ = random_.below(static_cast<std::uint32_t>(stock_.noises[noise_].size()));
    noise_bed_ = bed(stock_.noises[noise_], scene_.size(), 600, noise_at_);
    tone_bed_ = bed(stock_.tone, scene_.size(), 601, 0);
    other_tone_bed_ = bed(stock_.tone, scene_.size(), 602, 48000);
  }
  Sound bed(const Sound& recording, std::size_t length, std::uint64_t stream, std::size_t start) const {
    return kit_.options.looped ? looped(recording, length, start) : unending(recording, length, seed_, stream);
  }

  void film_setups() {
    const std::size_t first_room = random_.below(static_cast<std::uint32_t>(stock_.rooms.size()));
    std::vector<Sound> heard;  // the set by each camera's place
    for (std::size_t camera = 0; camera < 2; ++camera) heard.push_back(in_room(scene_, stock_.rooms[(first_room + camera) % stock_.rooms.size()]));
    fs::create_directories(scratch());
    const bool whole = kit_.options.shape == Shape::Film;
    if (whole) fs::create_directories(raw_ / "rushes");
    for (const CameraFile& f : kit_.cameras) {
      Sound& scratch_sound = scratch_.emplace_back(f.kind == SetupKind::Mute ? Sound(scene_.size(), 0.0f) : heard[static_cast<std::size_t>(f.camera)]);
      if (f.kind != SetupKind::Mute) {
        const double level = std::sqrt(active_power(scratch_sound)) * std::pow(10, -f.snr_db / 20);
        add_bed(scratch_sound, noise_bed_, level);
        add_hiss(scratch_sound, -72, seed_, 11 + static_cast<std::uint64_t>(f.camera));
        // Cameras set their own level.
        float peak = 1e-6f;
        for (const float x : scratch_sound) peak = std::max(peak, std::abs(x));
        for (float& x : scratch_sound) x *= 0.4f / peak;
      }
      const auto begin = scratch_sound.begin() + std::llround(f.start_s * 48000);
      const Sound own(begin, begin + std::min<std::ptrdiff_t>(std::llround(f.length_s * 48000), scratch_sound.end() - begin));
      if (!whole) {
        write_wav(scratch() / "camera.wav", own);
        run({"ffmpeg", "-v", "error", "-y", "-i", scratch() / "camera.wav", "-c:a", "aac", "-b:a", "128k", raw_ / "sound" / "camera.m4a"});
        continue;
      }
      write_wav(scratch() / "rush.wav", own);
      std::vector<std::string> command = picture(f, 0, f.frames);
      if (f.kind != SetupKind::Mute) command.insert(command.end(), {"-i", scratch() / "rush.wav", "-map", "0:v", "-map", "1:a", "-c:a", "aac", "-b:a", "128k"});
      else command.push_back("-an");  // the picture file may have sound of its own
      encode(command, f.frames);
      command.insert(command.end(), {"-timecode", timecode(f.start_frame), raw_ / "rushes" / f.name});
      run(command);
    }
  }

  std::vector<std::string> picture(const CameraFile& f, std::int64_t from, std::int64_t) const {
    return {"ffmpeg", "-v", "error", "-y", "-stream_loop", "-1", "-ss", fmt::format("{:.4f}", f.picture_in_s + static_cast<double>(from) * kit_.frame_s()), "-i", f.picture};
  }
  void encode(std::vector<std::string>& command, std::int64_t frames) const {
    command.insert(command.end(), {"-vf", "fps=" + fps() + ",scale=192:108:force_original_aspect_ratio=increase,crop=192:108,setsar=1,format=yuv420p", "-frames:v", std::to_string(frames), "-c:v", "libx264",
                                   "-preset", "ultrafast", "-crf", "28", "-g", "24", "-video_track_timescale", std::to_string(kit_.frames.frames.numerator)});
  }

  void roll_recorders() {
    for (std::size_t n = 0; n < kit_.recorders.size(); ++n) {
      const RecorderFile& f = kit_.recorders[n];
      std::vector<Sound> channels;
      for (std::size_t m = 0; m < f.microphones.size(); ++m) {
        const Sound set = hear(f.microphones[m], n * 8 + m);
        const double ratio = 1 / (1 + f.ppm * 1e-6);
        channels.push_back(resampled(set, k48, f.rate, (ratio - 1) * 1e6, f.start_s * 48000, std::llround(f.length_s * (1 + f.ppm * 1e-6) * f.rate.hz)));
      }
      media::WavWriter::Settings settings;
      settings.rate = f.rate, settings.channels = static_cast<int>(channels.size()), settings.format = f.format;
      static constexpr const char* kNames[]{"Boom", "Lav 1", "Lav 2", "Spare"};
      if (f.clock != Clock::Absent) {
        media::BextFields bext;
        bext.originator = f.device;
        // A right clock counts real seconds; in the trap it multiplies labels as if frames were not slowed by 1000/1001.
        const double frames = static_cast<double>(label(0).frame) + f.start_s / kit_.frame_s();
        const double day_s = f.clock == Clock::Trap ? frames / kit_.frames.frames.nominal() : frames * kit_.frame_s();
        bext.time_reference = std::llround((day_s + f.clock_error_s) * f.rate.hz);
        bext.description = fmt::format("sSPEED={}\r\nsTAKE={}\r\n", to_string(kit_.frames), n + 1);
        settings.bext = bext;
      }
      std::string tracks;
      for (std::size_t m = 0; m < channels.size(); ++m)
        tracks += fmt::format("<TRACK><CHANNEL_INDEX>{0}</CHANNEL_INDEX><INTERLEAVE_INDEX>{0}</INTERLEAVE_INDEX><NAME>{1}</NAME></TRACK>", m + 1, kNames[static_cast<int>(f.microphones[m])]);
      if (f.clock != Clock::Absent)
        settings.ixml = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?><BWFXML><IXML_VERSION>1.5</IXML_VERSION><TRACK_LIST><TRACK_COUNT>{}</TRACK_COUNT>{}</TRACK_LIST></BWFXML>", channels.size(), tracks);
      write_wav(raw_ / "sound" / f.name, channels, settings);
    }
  }

  /// The whole set by one microphone, on the set's clock.
  Sound hear(Microphone microphone, std::size_t stream) {
    Sound set = scene_;
    const double speech = std::sqrt(active_power(scene_));
    switch (microphone) {
      case Microphone::Boom:
        add_bed(set, noise_bed_, speech * std::pow(10, -30 / 20.0));
        add_bed(set, tone_bed_, std::pow(10, -66 / 20.0));
        break;
      case Microphone::Lav: {
        set = low_passed(set, 8000);
        const Sound chest = low_passed(set, 300);
        for (std::size_t i = 0; i < set.size(); ++i) set[i] = 1.2f * (set[i] + 0.5f * chest[i]);
        for (int k = 0; k < 3; ++k) {
          const auto at = static_cast<std::size_t>(random_.uniform(0, static_cast<double>(set.size())));
          const float gain = static_cast<float>(random_.uniform(0.05, 0.15) / std::sqrt(mean_power(stock_.rub)) * 0.3);
          for (std::size_t i = 0; i < stock_.rub.size() && at + i < set.size(); ++i) set[at + i] += gain * stock_.rub[i];
        }
        break;
      }
      case Microphone::OtherLav:
        set = low_passed(set, 3000);
        for (float& x : set) x *= 0.2f;
        add_bed(set, other_tone_bed_, std::pow(10, -62 / 20.0));
        break;
      case Microphone::Spare: std::fill(set.begin(), set.end(), 0.0f); break;
    }
    add_hiss(set, microphone == Microphone::Spare ? -84 : -76, seed_, 100 + stream);
    return set;
  }

  void cut() {
    fs::create_directories(raw_ / "picture");
    Sound guide(static_cast<std::size_t>(std::llround(kit_.length_s * 48000)), 0.0f);
    std::ofstream parts(scratch() / "parts.txt");
    int number = 0;
    for (const Shot& shot : kit_.shots) {
      const CameraFile& f = kit_.cameras[static_cast<std::size_t>(shot.file)];
      const auto to = std::llround(kit_.shot_in_s(shot) * 48000), from = std::llround(kit_.set_second(shot, kit_.shot_in_s(shot)) * 48000);
      const auto end = std::min<std::int64_t>(std::llround(kit_.shot_out_s(shot) * 48000), static_cast<std::int64_t>(guide.size()));
      const Sound& sound = scratch_[static_cast<std::size_t>(shot.file)];
      for (std::int64_t i = to; i < end && from + i - to < static_cast<std::int64_t>(sound.size()); ++i) guide[static_cast<std::size_t>(i)] = sound[static_cast<std::size_t>(from + i - to)];
      const fs::path part = scratch() / fmt::format("part{:02}.mp4", number++);
      std::vector<std::string> command = picture(f, shot.source_frame, shot.frames);
      command.push_back("-an");
      encode(command, shot.frames);
      command.push_back(part);
      run(command);
      parts << "file '" << part.string() << "'\n";
    }
    parts.close();
    write_wav(scratch() / "guide.wav", guide);
    run({"ffmpeg", "-v", "error", "-y", "-f", "concat", "-safe", "0", "-i", scratch() / "parts.txt", "-i", scratch() / "guide.wav", "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac",
         "-b:a", "128k", "-timecode", timecode(0), raw_ / "picture" / "locked cut.mp4"});
  }

  void list() const {
    std::ofstream out(raw_ / "picture" / "cut.edl");
    out << "TITLE: KIT " << seed_ << "\nFCM: " << (kit_.frames.drop == DropFrame::Yes ? "DROP FRAME" : "NON-DROP FRAME") << "\n\n";
    int number = 0;
    for (const Shot& shot : kit_.shots) {
      const CameraFile& f = kit_.cameras[static_cast<std::size_t>(shot.file)];
      const std::string stem = fs::path(f.name).stem();
      const bool odd = stem.find(' ') != std::string::npos;
      std::string reel = stem;
      std::erase(reel, '_');
      const auto source = f.start_frame + shot.source_frame;
      out << fmt::format("{:03}  {:<8} AA/V  C        {} {} {} {}\n* FROM CLIP NAME: {}\n\n", ++number, odd ? "AX" : reel, timecode(source), timecode(source + shot.frames), timecode(shot.record_frame),
                         timecode(shot.record_frame + shot.frames), odd ? f.name : stem);
    }
  }

  void loop_group() {
    fs::create_directories(raw_ / "adr");
    for (const AdrFile& f : kit_.adr) {
      Sound sound = f.sound;
      if (f.warped) {
        AudioBuffer<float> clip(1, static_cast<std::int64_t>(sound.size()));
        std::copy(sound.begin(), sound.end(), clip.channel(0));
        // Slower, then faster, as somebody says it again: pieces of 0.3 to 0.8 s at 0.85 to 1.18 of the pace.
        dsp::WarpMap map{{0, 0}};
        while (map.back().source < clip.frames()) {
          const std::int64_t length = std::min<std::int64_t>(clip.frames() - map.back().source, std::llround(random_.uniform(0.3, 0.8) * 48000));
          map.push_back({map.back().source + length, map.back().target + std::llround(static_cast<double>(length) * random_.uniform(0.85, 1.18))});
        }
        const AudioBuffer<float> moved = must(dsp::stretch(clip.view(), k48, map, {{map.back().target}}));
        sound.assign(moved.channel(0), moved.channel(0) + moved.frames());
      }
      Sound take(static_cast<std::size_t>(random_.uniform(0.3, 1.2) * 48000), 0.0f);
      take.insert(take.end(), sound.begin(), sound.end());
      take.resize(take.size() + static_cast<std::size_t>(random_.uniform(0.3, 0.8) * 48000));
      const float gain = static_cast<float>(std::pow(10, random_.uniform(-6, 6) / 20));
      for (float& x : take) x = std::clamp(x * gain, -0.99f, 0.99f);
      add_hiss(take, -74, seed_, 300);
      write_wav(scratch() / "take.wav", take);
      run({"ffmpeg", "-v", "error", "-y", "-i", scratch() / "take.wav", "-sample_fmt", "s32", raw_ / "adr" / f.name});
    }
  }

  /// Another day on the same set: the same noise (looped: the same loop), other words.
  Sound another_day(std::size_t which) {
    Sound sound(static_cast<std::size_t>(random_.uniform(1, 2) * 48000), 0.0f);
    std::size_t lines = 0;
    for (std::size_t i = 0; i < stock_.sentences.size() && lines < 3; ++i) {
      const Sentence& s = stock_.sentences[(i * 7 + which * 3 + seed_) % stock_.sentences.size()];
      bool used = false;
      for (const Performance& p : kit_.performances) used = used || p.words == s.words;
      if (used) continue;
      sound.insert(sound.end(), s.takes[0].begin(), s.takes[0].end());
      sound.resize(sound.size() + 24000 + random_.below(40000));
      ++lines;
    }
    // Every other one: the film's own words, said another time (a wild line).
    if (which % 2 == 1)
      for (const Performance& p : kit_.performances)
        for (const Sentence& s : stock_.sentences)
          if (s.words == p.words && s.takes.size() > 2) {
            sound.insert(sound.end(), s.takes[2].begin(), s.takes[2].end());
            for (const Performance& q : kit_.performances)
              if (q.sound == s.takes[2]) sound.resize(sound.size() - s.takes[2].size());
            sound.resize(sound.size() + 24000);
          }
    add_bed(sound, bed(stock_.noises[noise_], sound.size(), 610 + which, noise_at_ + 48000 * (which + 1)), std::sqrt(active_power(sound)) * 0.05);
    add_hiss(sound, -76, seed_, 400 + which);
    return sound;
  }

  void others() {
    for (std::size_t i = 0; i < kit_.strangers.size(); ++i)
      write_wav(raw_ / "sound" / kit_.strangers[i].name, {another_day(i)}, {.rate = k48, .channels = 1, .format = media::SampleFormat::Pcm24, .channel_mask = 0, .bext = {}, .ixml = {}});
    for (const BadFile& bad : kit_.bad) {
      const fs::path path = raw_ / "sound" / bad.name;
      if (bad.kind == "silent") {
        write_wav(path, {Sound(48000 * 6, 0.0f)}, {.rate = k48, .channels = 1, .format = media::SampleFormat::Pcm16, .channel_mask = 0, .bext = {}, .ixml = {}});
      } else if (bad.kind == "cut off") {
        write_wav(path, {another_day(4)}, {.rate = k48, .channels = 1, .format = media::SampleFormat::Pcm24, .channel_mask = 0, .bext = {}, .ixml = {}});
        fs::resize_file(path, fs::file_size(path) * 2 / 5 + 1);
      } else {
        std::ofstream out(path, std::ios::binary);
        if (bad.kind == "garbage")
          for (std::uint64_t i = 0; i < 5000; ++i) {
            const auto word = philox(seed_, 500, i);
            out.write(reinterpret_cast<const char*>(word.data()), sizeof word);
          }
      }
    }
  }

  const Kit& kit_;
  const Stock& stock_;
  fs::path corpus_, raw_;
  RandomStream random_;
  std::uint64_t seed_;
  Sound scene_, noise_bed_, tone_bed_, other_tone_bed_;
  std::vector<Sound> scratch_;  // of each camera file, over the whole set time
  std::size_t noise_ = 0, noise_at_ = 0;
};

}  // namespace

void write_kit(const Kit& kit, const Stock& stock, const fs::path& corpus, const fs::path& raw) { Writer(kit, stock, corpus, raw).write(); }

std::vector<Stretch> Kit::speech_on_set(double begin_s, double end_s) const {
  std::vector<Stretch> out;
  for (const Said& s : said)
    for (const Stretch& a : performances[s.performance].active) {
      const Stretch on{std::max(begin_s, s.at_s + a.begin_s), std::min(end_s, s.at_s + a.end_s)};
      if (on.end_s > on.begin_s) out.push_back(on);
    }
  return united(std::move(out));
}

std::vector<Stretch> Kit::speech_in_film() const {
  std::vector<Stretch> out;
  for (const Shot& shot : shots) {
    const double begin = set_second(shot, shot_in_s(shot)), end = set_second(shot, shot_out_s(shot));
    for (const Stretch& s : speech_on_set(begin, end)) out.push_back({s.begin_s - begin + shot_in_s(shot), s.end_s - begin + shot_in_s(shot)});
  }
  return united(std::move(out));
}

Sound Kit::clean_film() const {
  Sound film(static_cast<std::size_t>(std::llround(length_s * 48000)), 0.0f);
  for (const Shot& shot : shots) {
    const double begin = set_second(shot, shot_in_s(shot)), end = set_second(shot, shot_out_s(shot));
    for (const Said& s : said) {
      const Sound& sound = performances[s.performance].sound;
      for (std::size_t i = 0; i < sound.size(); ++i) {
        const double on_set = s.at_s + static_cast<double>(i) / 48000;
        if (on_set < begin || on_set >= end) continue;
        const auto at = static_cast<std::size_t>(std::llround((on_set - begin + shot_in_s(shot)) * 48000));
        if (at < film.size()) film[at] += sound[i];
      }
    }
  }
  return film;
}

Kit make_kit(const fs::path& corpus, const fs::path& folder, const KitOptions& options) {
  const Stock& stock = stock_of(corpus, options.split);
  Kit kit = draw_kit(stock, options);
  fs::remove_all(folder);
  fs::create_directories(folder);
  write_kit(kit, stock, corpus, folder / "raw");
  return kit;
}

}  // namespace twopop::kits
