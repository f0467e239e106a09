// Music and effects without a word: how much of the clean dialogue is in me.wav, word by word.
//
//   me_bench TWOPOP [--with ambience,foley,music] [--keep DIR] [--most-db -60]
//   me_bench --built DIR            a film that was built before, such as one that was kept
//
// Builds a copy of the film kit's raw folder (with folders of the corpus added by name), then projects me.wav and the dialogue
// stem on the clean dialogue in every word of the truth, each at the delay of at most 1 ms (what sync is allowed) at which it
// is greatest. Printed is the projection of me.wav against that of the stem; a word must lie at least 60 dB below. Beside it:
// what me.wav has by chance in common with the clean words of other moments (a leak stands out of that, a bed does not), the
// quietest half second of me.wav, and the same figures with the dialogue stem mixed into me.wav at -50 dB, which must be
// found. Ends with 1 where anything of this does not hold.

#include "core/audio.h"
#include "corpus.h"
#include "media/media.h"
#include "process.h"
#include "small_film.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <cstring>
#include <fstream>
#include <numeric>

namespace {

using namespace twopop;
namespace fs = std::filesystem;

struct Word {
  std::string text;
  SampleRange range;
};

struct Film {
  AudioBuffer<float> me, dialogue, clean;
  std::vector<Word> words;
};

double decibels(double amplitude) { return 20 * std::log10(std::max(std::fabs(amplitude), 1e-12)); }

/// <sound, clean> / <clean, clean> over `count` samples, the clean dialogue in every channel alike, as the stem has it.
double projection(const AudioBuffer<float>& sound, std::int64_t at, const AudioBuffer<float>& clean, std::int64_t clean_at, std::int64_t count) {
  double with = 0, own = 0;
  for (std::int64_t i = 0; i < count; ++i) own += double{clean.channel(0)[clean_at + i]} * clean.channel(0)[clean_at + i];
  for (int c = 0; c < sound.channels(); ++c)
    for (std::int64_t i = 0; i < count; ++i) with += double{sound.channel(c)[at + i]} * clean.channel(0)[clean_at + i];
  return own > 0 ? std::fabs(with) / (own * sound.channels()) : 0;
}

/// The greatest over delays of up to a millisecond.
double within_a_millisecond(const AudioBuffer<float>& sound, const AudioBuffer<float>& clean, SampleRange word) {
  double most = 0;
  for (std::int64_t delay = -48; delay <= 48; ++delay)
    if (word.begin.value + delay >= 0 && word.end.value + delay <= sound.frames()) most = std::max(most, projection(sound, word.begin.value + delay, clean, word.begin.value, word.length().value));
  return most;
}

struct Figures {
  double worst_db = -240, median_db = -240;
  std::string worst_word;
  int over = 0;
};

Figures figures(const Film& film, const AudioBuffer<float>& me, double most_db, bool print) {
  std::vector<double> all;
  Figures out;
  for (const Word& word : film.words) {
    const double stem = within_a_millisecond(film.dialogue, film.clean, word.range);
    const double db = decibels(within_a_millisecond(me, film.clean, word.range) / stem);
    if (print) std::printf("  %8.3f s  %-8s %6.1f ms   stem %+6.1f dB   me %7.1f dB%s\n", static_cast<double>(word.range.begin.value) / 48000, word.text.c_str(),
                           static_cast<double>(word.range.length().value) / 48, decibels(stem), db, db > most_db ? "   OVER" : "");
    all.push_back(db);
    if (db > out.worst_db) out.worst_db = db, out.worst_word = word.text;
    out.over += db > most_db;
  }
  std::sort(all.begin(), all.end());
  if (!all.empty()) out.median_db = all[all.size() / 2];
  return out;
}

/// What me.wav has in common with its own words and with those of other moments, at no delay: medians over the words, dB.
std::pair<double, double> own_and_by_chance(const Film& film) {
  std::vector<double> own, others;
  for (const Word& word : film.words) {
    const double stem = within_a_millisecond(film.dialogue, film.clean, word.range);
    for (const Word& other : film.words) {
      const std::int64_t count = std::min(word.range.length().value, other.range.length().value);
      (&word == &other ? own : others).push_back(decibels(projection(film.me, word.range.begin.value, film.clean, other.range.begin.value, count) / stem));
    }
  }
  for (auto* list : {&own, &others}) std::sort(list->begin(), list->end());
  return own.empty() || others.empty() ? std::pair{0.0, 0.0} : std::pair{own[own.size() / 2], others[others.size() / 2]};
}

/// RMS of the quietest half second, dBFS, and the longest run of samples that are zero in every channel.
std::pair<double, std::int64_t> quietest(const AudioBuffer<float>& sound) {
  constexpr std::int64_t kHalf = 24000;
  double least = 1e9;
  std::int64_t zeros = 0, run = 0;
  for (std::int64_t at = 0; at + kHalf <= sound.frames(); at += kHalf / 4) {
    double sum = 0;
    for (int c = 0; c < sound.channels(); ++c)
      for (std::int64_t i = at; i < at + kHalf; ++i) sum += double{sound.channel(c)[i]} * sound.channel(c)[i];
    least = std::min(least, sum / static_cast<double>(kHalf * sound.channels()));
  }
  for (std::int64_t i = 0; i < sound.frames(); ++i) {
    bool zero = true;
    for (int c = 0; c < sound.channels(); ++c) zero = zero && sound.channel(c)[i] == 0;
    run = zero ? run + 1 : 0;
    zeros = std::max(zeros, run);
  }
  return {10 * std::log10(least + 1e-24), zeros};
}

Film load(const fs::path& out) {
  Film film;
  film.me = test::must(media::read_all(out / "stems/me.wav"));
  film.dialogue = test::must(media::read_all(out / "stems/dialogue.wav"));
  const fs::path truth = test::shared_folder() / "corpus/film.truth";
  film.clean = test::must(media::read_all(truth / "dialogue_ref_in_cut.flac"));
  std::ifstream in(truth / "truth.json");
  const nlohmann::json t = nlohmann::json::parse(in);
  const std::int64_t end = std::min({film.me.frames(), film.dialogue.frames(), film.clean.frames()});
  for (const auto& shot : t["cut"]["shots"]) {
    if (!shot.contains("words_in_cut")) continue;
    for (const auto& word : shot["words_in_cut"]) {
      const auto at = [&](int k) { return std::min(end, static_cast<std::int64_t>(std::llround(word[static_cast<std::size_t>(k)].get<double>() * 48000))); };
      film.words.push_back({word[0].get<std::string>(), {{at(1)}, {at(2)}}});
    }
  }
  return film;
}

int measure(const fs::path& film_folder, const std::string& with, double most_db) {
  const Film film = load(film_folder / "out");
  std::printf("film kit%s%s: projection of me.wav on the clean dialogue, against the dialogue stem's\n", with.empty() ? "" : " with ", with.c_str());
  const Figures plain = figures(film, film.me, most_db, true);
  AudioBuffer<float> leak(film.me.channels(), std::min(film.me.frames(), film.dialogue.frames()));
  for (int c = 0; c < leak.channels(); ++c)
    for (std::int64_t i = 0; i < leak.frames(); ++i) leak.view().at(c, i) = film.me.channel(c)[i] + static_cast<float>(std::pow(10, -50.0 / 20)) * film.dialogue.channel(c)[i];
  const Figures leaking = figures(film, leak, most_db, false);
  const auto [own, chance] = own_and_by_chance(film);
  const auto [least, zeros] = quietest(film.me);
  std::printf("worst %.1f dB (\"%s\"), median %.1f dB, %d of %zu words over %.0f dB\n", plain.worst_db, plain.worst_word.c_str(), plain.median_db, plain.over, film.words.size(), most_db);
  std::printf("at no delay: median %.1f dB with its own words, %.1f dB with words of other moments\n", own, chance);
  std::printf("quietest half second of me.wav %.1f dBFS, longest run of zeros %lld samples\n", least, static_cast<long long>(zeros));
  std::printf("check of the bench: with the dialogue stem in me.wav at -50 dB the median is %.1f dB, %d words over\n", leaking.median_db, leaking.over);
  const bool found = leaking.over == static_cast<int>(film.words.size()) && std::fabs(leaking.median_db + 50) < 3;
  const bool holds = plain.over == 0 && least > -90 && zeros < 480 && found && !film.words.empty();
  std::printf("%s\n", holds ? "holds" : "DOES NOT HOLD");
  return holds ? 0 : 1;
}

int run(int argc, char** argv) {
  std::string with;
  fs::path keep;
  double most_db = -60;
  for (int i = 2; i + 1 < argc; i += 2) {
    if (!std::strcmp(argv[i], "--with")) with = argv[i + 1];
    if (!std::strcmp(argv[i], "--keep")) keep = argv[i + 1];
    if (!std::strcmp(argv[i], "--most-db")) most_db = std::atof(argv[i + 1]);
  }
  if (!std::strcmp(argv[1], "--built")) return argc > 2 ? measure(fs::path(argv[2]), "", most_db) : 2;
  const test::ScratchFolder scratch("me-bench");
  const fs::path corpus = test::shared_folder() / "corpus", raw = scratch.path / "raw";
  const fs::path film_folder = keep.empty() ? scratch.path / "film.twopop" : keep;
  fs::copy(corpus / "film", raw, fs::copy_options::recursive);
  for (std::size_t at = 0; at < with.size();) {
    const std::size_t comma = std::min(with.find(',', at), with.size());
    const std::string name = with.substr(at, comma - at);
    fs::copy(corpus / name, raw / name, fs::copy_options::recursive);
    at = comma + 1;
  }
  for (const std::vector<std::string>& command : {std::vector<std::string>{argv[1], "new", film_folder.string(), "--from", raw.string()}, {argv[1], "build", film_folder.string(), "-j", "2"}}) {
    const bench::Cost cost = bench::run_process(command, (scratch.path / "log").string());
    if (cost.failed) {
      std::ifstream log(scratch.path / "log");
      std::printf("%s failed:\n%s\n", command[1].c_str(), std::string(std::istreambuf_iterator<char>(log), {}).c_str());
      return 1;
    }
  }
  return measure(film_folder, with, most_db);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || twopop::test::shared_folder().empty()) {
    std::fprintf(stderr, "usage: me_bench TWOPOP [--with ambience,foley,music] [--keep DIR] [--most-db -60]\n(needs the recordings in ../shared or TWOPOP_SHARED)\n");
    return 2;
  }
  return run(argc, argv);
}
