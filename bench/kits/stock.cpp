#include "kits/draw.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace twopop::kits {
namespace {

namespace fs = std::filesystem;

Sound at_level(Sound sound) {
  const float gain = static_cast<float>(0.05 / std::sqrt(active_power(sound)));
  for (float& x : sound) x *= gain;
  return sound;
}

/// Edges faded over 10 ms, so that no cut of ours can be heard.
Sound faded(Sound sound) {
  const std::size_t n = std::min<std::size_t>(480, sound.size() / 4);
  for (std::size_t i = 0; i < n; ++i) {
    const float g = static_cast<float>(i) / static_cast<float>(n);
    sound[i] *= g;
    sound[sound.size() - 1 - i] *= g;
  }
  return sound;
}

std::vector<fs::path> files_in(const fs::path& folder, const std::string& ending) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().string().ends_with(ending)) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

class Stocker {
 public:
  explicit Stocker(const fs::path& corpus) : corpus_(corpus) {}

  void sentence(const std::string& speaker, const std::string& words, const fs::path& file) {
    Sound sound = load(file);
    if (sound.size() < 48000 / 2) return;
    const auto known = std::find_if(stock.sentences.begin(), stock.sentences.end(), [&](const Sentence& s) { return s.words == words; });
    Sentence& s = known != stock.sentences.end() ? *known : stock.sentences.emplace_back(Sentence{words, speaker, {}});
    s.takes.push_back(faded(at_level(std::move(sound))));
  }
  /// One sentence a file; "NAME_takeN" are takes of NAME.
  void folder(const std::string& speaker, const std::string& path, const std::string& ending) {
    for (const fs::path& file : files_in(corpus_ / path, ending)) {
      std::string words = file.stem().string();
      if (const auto take = words.find("_take"); take != std::string::npos) words.resize(take);
      if (words != "guide_track") sentence(speaker, words, file);
    }
  }
  /// A long reading, cut at its pauses.
  void pieces(const std::string& speaker, const std::string& path, std::size_t most) {
    const Sound whole = load(corpus_ / path);
    std::size_t count = 0;
    for (const Stretch& s : active_stretches(whole, 0.25)) {
      if (s.length_s() < 1.2 || s.length_s() > 6 || count == most) continue;
      const auto at = [&](double t) { return whole.begin() + std::clamp<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(t * 48000), 0, static_cast<std::ptrdiff_t>(whole.size())); };
      stock.sentences.push_back({path + "-" + std::to_string(count++), speaker, {faded(at_level(Sound(at(s.begin_s - 0.1), at(s.end_s + 0.1))))}});
    }
  }
  /// Only rooms whose largest arrival stands alone: where others are as high, milliseconds off, no one can say where a sound was.
  void room(const std::string& name) {
    stock.rooms.push_back(load_room(corpus_ / "rir" / name));
    stock.room_names.push_back(name);
    TWOPOP_ASSERT(stock.rooms.back().doubt_ms < 0.3);
  }
  void noise(const std::string& name) {
    stock.noises.push_back(load(corpus_ / name));
    stock.noise_names.push_back(fs::path(name).filename().string());
  }

  Stock stock;

 private:
  fs::path corpus_;
};

}  // namespace

const Stock& stock_of(const fs::path& corpus, Split split) {
  static std::map<Split, Stock> known;
  if (const auto it = known.find(split); it != known.end()) return it->second;
  Stocker s(corpus);
  if (split == Split::Development) {
    s.folder("kathleen", "speech/kathleen_en", ".flac");
    s.folder("ljspeech", "speech/ljspeech_en", ".flac");
    for (const char* words : {"brbk7n", "lbax4n", "bbaf2n"}) s.sentence("grid", words, corpus / "video/grid" / (std::string(words) + ".mpg"));
    s.folder("fillets", "speech/fillets_cs", ".ogg");
    s.pieces("mfa", "speech/mfa/acoustic_corpus.flac", 5);
    s.room("arthur_sykes_auditorium_bformat.flac");
    s.room("speechbrain_rir1.flac");
    for (const char* name : {"ambience/blanket_city.ogg", "ambience/blanket_rain.ogg", "ambience/usc_hum.mp3", "noise/speechbrain_noise2.flac"}) s.noise(name);
    s.stock.pictures = {corpus / "video/grid/brbk7n.mpg", corpus / "video/run.mp4", corpus / "video/sintel_trailer-720p.mp4", corpus / "film/rushes/A001_MOS_walks.mp4"};
  } else {
    s.folder("kathleen", "film/adr", ".flac");
    s.folder("asterisk", "speech/asterisk_en", ".g722");
    for (const char* words : {"lbbc2a", "sbia1a"}) s.sentence("grid", words, corpus / "video/grid" / (std::string(words) + ".mpg"));
    for (const fs::path& file : files_in(corpus / "multi/kerstin_raw_vs_edit", "_edit.flac")) s.sentence("kerstin", file.stem().string(), file);
    s.sentence("vctk", "p286_011", corpus / "speech/vctk_p286_011.flac");
    s.pieces("librivox_es", "speech/librivox_long/aeneas_es.mp3", 8);
    s.pieces("librispeech", "speech/librispeech_en/198-209-0000.hq.ogg", 4);
    s.pieces("librispeech2", "speech/librispeech_en/3436-172162-0000.hq.ogg", 4);
    s.room("speechbrain_rir4.flac");
    s.room("openair_basement.flac");
    for (const char* name : {"ambience/blanket_coffee-shop.ogg", "ambience/usc_water.mp3", "ambience/blanket_birds.ogg", "video/mdn_crystal.mp4"}) s.noise(name);
    s.stock.pictures = {corpus / "video/grid/lbbc2a.mpg", corpus / "video/mdn_pig.mp4", corpus / "video/wannaworktogether.mp4", corpus / "video/coin_motion.mov"};
  }
  s.stock.rub = load(corpus / "noise/mic_rub_iphone.flac");
  s.stock.tone = load(corpus / "film/sound/roomtone.flac");
  return known.emplace(split, std::move(s.stock)).first->second;
}

}  // namespace twopop::kits
