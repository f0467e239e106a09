#include "deliver/outputs.h"

#include "cache/run_scope.h"
#include "core/bytes.h"
#include "deliver/stamps.h"
#include "deliver/wav_file.h"
#include "media/mux.h"
#include "signal/known_fact.h"

#include <chrono>
#include <cmath>
#include <ctime>

namespace twopop::deliver {
namespace {

media::SampleFormat format_of(int bits) {
  return bits == 16 ? media::SampleFormat::Pcm16 : bits == 32 ? media::SampleFormat::Float32 : media::SampleFormat::Pcm24;
}

/// Samples since midnight of the film's first frame: timecode counts frames, bext counts real time.
std::int64_t time_reference(const session::Document& document) {
  return sample_of_frame(document.start_frame, document.frames, document.rate, Rounding::Nearest).value;
}

media::BextFields bext_of(const session::Document& document, const std::string& what, SampleCount leader) {
  media::BextFields bext;
  bext.description = fmt::format("{} - {}", document.name, what);
  const std::time_t now = std::time(nullptr);
  char text[32];
  std::tm tm{};
  gmtime_r(&now, &tm);
  std::strftime(text, sizeof text, "%Y-%m-%d", &tm);
  bext.date = text;
  std::strftime(text, sizeof text, "%H:%M:%S", &tm);
  bext.time = text;
  bext.time_reference = std::max<std::int64_t>(0, time_reference(document) - leader.value);
  bext.coding_history = fmt::format("A=PCM,F={},W={},T=Twopop\r\n", document.rate.hz, document.delivery.bits);
  return bext;
}

/// One long piece of work that consists of many small runs: while it lives, its share done is told in place of theirs.
class LongWork {
 public:
  explicit LongWork(const BuildPlace& place) : place_(place) {}

  void operator()(double share) const {
    if (!place_.progress) return;
    const double elapsed_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
    place_.progress({std::lround(100 * share), 100, elapsed_s, share > 0 ? elapsed_s * (1 - share) / share : 0, ""});
  }

 private:
  const BuildPlace& place_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  const cache::RunScope* outer_ = cache::RunScope::current();
  cache::RunScope quiet_{[outer = outer_] { return outer && outer->stopped(); }, [](const cache::Progress&) {}, outer_ ? outer_->decided() : cache::RunScope::Decided{}};
};

class Writer {
 public:
  Writer(const BuildPlace& place, BuildOutcome& build) : place_(place), build_(build), out_(place.bundle / "out") {}
  ~Writer() { remove_scratch(); }

  Result<void> wav(const std::string& name, const std::filesystem::path& file, const signal::Signal& sound, const analysis::LoudnessFigures* figures) {
    const session::Document& document = build_.document;
    WavDeliverable wav;
    wav.path = out_ / file;
    wav.sound = sound;
    wav.film = document.extent();
    wav.rate = document.rate;
    wav.frames = document.frames;
    wav.format = format_of(document.delivery.bits);
    wav.leader = document.delivery.two_pop ? samples(2.0, document.rate) : SampleCount{};
    wav.bext = bext_of(document, name, wav.leader);
    if (figures) {
      wav.bext.integrated_lufs = figures->integrated.value;
      wav.bext.loudness_range_lu = figures->range.value;
      wav.bext.true_peak_dbtp = figures->true_peak.value;
      wav.bext.max_momentary_lufs = figures->max_momentary.value;
      wav.bext.max_short_term_lufs = figures->max_short_term.value;
    }
    TWOPOP_TRY(const Hash content, place_.work.content(sound, wav.film));
    const Hash stamp = Hasher().add("wav 1").add(content).add(document.delivery.bits).add(wav.leader.value).add(document.name).add(wav.bext.time_reference).finish();
    return put(name, wav.path, stamp, [&] { return write_wav(place_.work, wav); });
  }

  Result<void> film() {
    const session::Document& document = build_.document;
    const auto picture = document.media.find(document.picture.media);
    if (picture == document.media.end()) return {};
    const phases::Context context{document, place_.bundle, place_.work, {}};
    const std::filesystem::path path = phases::media_path(context, picture->second);
    if (!std::filesystem::exists(path)) {
      build_.findings.push_back({phases::Severity::Error, "deliver", "picture-missing", std::nullopt, "/picture/media", fmt::format("the picture is not at {}: the film itself was not written", path.string()),
                                 "put it back, or run `twopop relink`", 0, ""});
      return {};
    }
    const media::SoundCodec codec = document.delivery.codec == session::SoundCodec::Aac    ? media::SoundCodec::Aac
                                    : document.delivery.codec == session::SoundCodec::Flac ? media::SoundCodec::Flac
                                                                                           : media::SoundCodec::Pcm24;
    TWOPOP_TRY(std::string extension, media::film_extension(path, codec));
    media::FilmSettings settings;
    settings.sound.codec = codec;
    // Matroska states no priming for AAC: lossless sound keeps its place to the sample.
    if (extension == ".mkv" && codec == media::SoundCodec::Aac) settings.sound.codec = media::SoundCodec::Flac;
    settings.start_timecode = to_string(Timecode{document.start_frame}, document.timecode_rate());
    settings.title = document.delivery.title.empty() ? document.name : document.delivery.title;
    const std::filesystem::path film = out_ / ("film" + extension);
    TWOPOP_TRY(const Hash content, place_.work.content(build_.whole.mix.mix, document.extent()));
    const Hash stamp = Hasher().add("film 1").add(content).add(picture->second.fingerprint).add(settings.sound.codec).add(settings.start_timecode).add(settings.title)
                           .add(build_.spec.ceiling.value).finish();
    TWOPOP_CHECK(code_sound(settings.sound, stamp));
    if (settings.sound.codec == media::SoundCodec::Aac && std::filesystem::exists(scratch_)) settings.coded = scratch_;
    place_.work.rest();  // what coding has freed, before the tables of the film grow
    return put("film", film, stamp, [&]() -> Result<void> {
      remove_other_films(film);
      const LongWork work(place_);
      return media::write_film(film, path, source_of(place_.work, build_.coded->sound, document.extent(), document.rate), settings, [&](double share) {
        work(share);
        return true;
      });
    });
  }

 private:
  Result<void> put(const std::string& name, const std::filesystem::path& path, const Hash& stamp, const std::function<Result<void>()>& write) {
    if (place_.stage) place_.stage("writing " + name);
    TWOPOP_TRY(const bool written, write_if_stale(place_.work.store(), path, stamp, write));
    build_.outputs.push_back({name, path, written});
    return {};
  }

  /// Headroom of the coder, found once for a mix and remembered. What was coded to find it lies at `scratch_` until the end.
  Result<void> code_sound(const media::SoundCoding& coding, const Hash& stamp) {
    if (place_.stage) place_.stage("coding the film's sound and decoding it again");
    const session::Document& document = build_.document;
    remove_scratch();  // of a build that was killed
    signal::Fact fact{"headroom of the film's sound", "coded sound", 1, stamp, {}};
    cache::Bytes found;
    if (!signal::known_fact(place_.work, fact.recipe, fact.version, fact.settings)) {
      // Here and not within the fact: what is coded is rendered meanwhile, on all threads.
      const LongWork work(place_);
      TWOPOP_TRY(const CodedSound made, fit_under_ceiling(place_.work, build_.whole.mix.mix, document.extent(), document.rate, coding, build_.spec.ceiling, scratch_, std::cref(work)));
      ByteWriter writer;
      writer.put(made.headroom.value).put(made.decoded_peak.value).put(made.decoded_loudness.value).put(made.rounds).put(static_cast<int>(made.under_ceiling));
      found = writer.take();
    }
    fact.measure = [&]() -> Result<cache::Bytes> { return found; };
    TWOPOP_TRY(const cache::Blob blob, place_.work.fact(fact));
    ByteReader reader(*blob);
    CodedSound known;
    known.headroom = {reader.get<double>()};
    known.decoded_peak = {reader.get<double>()};
    known.decoded_loudness = {reader.get<double>()};
    known.rounds = reader.get<int>();
    known.under_ceiling = reader.get<int>() != 0;
    known.sound = with_headroom(build_.whole.mix.mix, document.extent(), document.rate, build_.spec.ceiling, known.headroom);
    build_.coded = known;
    if (!known.under_ceiling)
      build_.findings.push_back({phases::Severity::Error, "deliver", "coded-over-ceiling", std::nullopt, "/delivery", fmt::format("decoded again, the film's sound reaches {:.2f} dBTP; the ceiling is {:.1f}, and four rounds of headroom did not mend it", known.decoded_peak.value, build_.spec.ceiling.value),
                                 "deliver FLAC or PCM sound, or lower the target", known.decoded_peak.value, "dBTP"});
    return {};
  }

  void remove_scratch() const {
    std::error_code ignored;
    for (const char* ending : {"", ".part"}) std::filesystem::remove(scratch_.string() + ending, ignored);
  }

  /// A film of another container that an earlier build left.
  void remove_other_films(const std::filesystem::path& keep) const {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(out_, ignored))
      if (entry.path().stem() == "film" && entry.path() != keep) std::filesystem::remove(entry.path(), ignored);
  }

  const BuildPlace& place_;
  BuildOutcome& build_;
  std::filesystem::path out_, scratch_ = out_ / ".coded-sound";
};

}  // namespace

Result<void> write_sound_and_film(const BuildPlace& place, BuildOutcome& build) {
  std::error_code failed;
  std::filesystem::create_directories(place.bundle / "out" / "stems", failed);
  if (failed) return Error{Code::IoFailed, fmt::format("{}: {}", (place.bundle / "out" / "stems").string(), failed.message()), "check the disk and the folder's permissions"};
  Writer writer(place, build);
  const phases::MixGraph& mix = build.whole.mix;
  TWOPOP_CHECK(writer.wav("mix", "mix.wav", mix.mix, &build.measure.master.figures.programme));
  for (const phases::Stem stem : phases::kStems)
    TWOPOP_CHECK(writer.wav(std::string("stem ") + phases::name_of(stem), std::filesystem::path("stems") / (std::string(phases::name_of(stem)) + ".wav"), mix.stems.at(stem), nullptr));
  if (mix.production_effects) TWOPOP_CHECK(writer.wav("stem pfx", "stems/pfx.wav", *mix.production_effects, nullptr));
  TWOPOP_CHECK(writer.wav("M&E", "stems/me.wav", mix.music_and_effects, nullptr));
  place.work.rest();  // the coder and the tables of a long film have memory of their own
  return writer.film();
}

}  // namespace twopop::deliver
