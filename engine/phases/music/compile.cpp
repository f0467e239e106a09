#include "dsp/convolver.h"
#include "dsp/futz.h"
#include "phases/detail/effect_steps.h"
#include "phases/detail/sources.h"
#include "phases/music/ducking.h"
#include "phases/music/music.h"
#include "phases/music/piece.h"
#include "phases/ranges.h"
#include "session/json.h"

#include <cmath>

namespace twopop::phases::music {
namespace {

/// Levels of music in the open against speech, as the mix sets them (phases/mix): the ducking counts on them.
constexpr Lu kScoreBalance{-5}, kDiegeticBalance{-12};

struct Made {
  signal::Signal sound;  ///< film time, the film's layout, before ducking
  std::string what;      ///< what was done to it
};

/// Heard through a small loudspeaker, a wall or in a room: the whole cue at once.
Result<signal::Signal> in_the_scene(const Context& context, const session::Id& id, const session::MusicCue& cue, signal::Signal sound) {
  const SampleRate rate = context.document.rate;
  const SampleRange extent = sound->extent();
  signal::WholeClip whole;
  whole.kind = "diegetic";
  whole.label = "music cue " + id;
  whole.channels = sound->channels();
  whole.extent = {{0}, {extent.length().value}};
  whole.input_ranges = {extent};
  whole.settings = Hasher().add(cue.futz).add(rate.hz).finish();
  whole.text = fmt::format("heard through {}", cue.futz.empty() ? "a room" : cue.futz);
  if (cue.futz.empty() || cue.futz == "room") {
    whole.work = [rate](std::span<const AudioView<const float>> in) -> Result<AudioBuffer<float>> {
      const AudioBuffer<float> room = dsp::small_room_response(rate, 0.5, 0.4, 1);
      TWOPOP_TRY(const AudioBuffer<float> wet, dsp::convolve(in[0], room.view()));
      AudioBuffer<float> out(in[0].channels(), in[0].frames());
      for (int c = 0; c < out.channels(); ++c)
        for (std::int64_t i = 0; i < out.frames(); ++i) out.channel(c)[i] = 0.6f * in[0].at(c, i) + 0.8f * wet.channel(c)[i];
      return out;
    };
  } else {
    dsp::FutzSettings settings;
    TWOPOP_TRY(settings.preset, detail::futz_preset(cue.futz));
    whole.work = [rate, settings](std::span<const AudioView<const float>> in) { return dsp::futz(in[0], rate, settings); };
  }
  return signal::whole_clip({std::move(sound)}, std::move(whole));
}

Result<Made> make(const Context& context, const session::Id& id, const session::MusicCue& cue) {
  const SampleRate rate = context.document.rate;
  const SampleCount length = cue.film.range().length();
  if (length.value < 1) return Error{Code::InvalidArgument, fmt::format("music cue {} has no length", cue.number), "set its in and out"};
  TWOPOP_TRY(const detail::Source piece, piece_of(context, cue.media));
  const SampleCount from = samples(cue.source_in_s, rate);
  if (from >= piece.length)
    return Error{Code::InvalidArgument, fmt::format("music cue {} starts {:.1f} s into a piece of {:.1f} s", cue.number, cue.source_in_s, seconds(piece.length, rate)), "start earlier"};
  Made made;
  signal::Signal source = from.value == 0 ? piece.sound : signal::shifted(signal::cut(piece.sound, {SamplePosition{from.value}, SamplePosition{piece.length.value}}), -from);
  if (cue.fit) {
    TWOPOP_TRY(const analysis::RetargetPlan plan, fit_of(context, cue));
    made.sound = signal::spliced(source, plan.list, {{0}, {std::min(length.value, dsp::length_of(plan.list).value)}});
    if (plan.fade_in.value > 0 || plan.fade_out.value > 0)
      made.sound = signal::faded(made.sound, {plan.fade_in, signal::Curve::Linear}, {plan.fade_out, signal::Curve::SCurve});
    made.what = plan.splices.empty() ? std::string("heard from its start")
                                     : fmt::format("fitted to {:.3f} s with {} splices on its beats ({:.1f} BPM), worst likeness {:.2f}", seconds(length, rate), plan.splices.size(), plan.tempo_bpm, plan.worst_score);
  } else {
    made.sound = signal::cut(source, {{0}, {std::min(length.value, (piece.length - from).value)}});
    made.what = "trimmed";
  }
  if (cue.diegetic) {
    TWOPOP_TRY(made.sound, in_the_scene(context, id, cue, made.sound));
    made.what += fmt::format(", heard through {}", cue.futz.empty() ? "a room" : cue.futz);
  }
  made.sound = signal::amplified(signal::faded(made.sound, detail::fade_of(cue.fade_in), detail::fade_of(cue.fade_out)), cue.gain);
  made.sound = signal::shifted(detail::as_layout(std::move(made.sound), detail::film_layout(context.document), 0), cue.film.in - SamplePosition{0});
  return made;
}

}  // namespace

Result<Compiled> compile(const Context& context) {
  Compiled compiled;
  const SampleRange film = context.document.extent();
  std::optional<std::vector<Phrase>> phrases;
  for (const auto& [id, cue] : context.document.music.cues) {
    const std::string item = "/music/cues/" + id;
    const SampleRange heard = intersection(cue.film.range(), film);
    if (heard.empty()) continue;
    auto made = make(context, id, cue);
    if (!made) {
      if (made.error().code == Code::Cancelled) return made.error();
      compiled.findings.push_back({Severity::Error, "music", std::string(twopop::name_of(made.error().code)), heard, item, made.error().message,
                                   made.error().remedy.empty() ? "choose another piece" : made.error().remedy, 0, ""});
      continue;
    }
    Track track;
    track.id = "music-" + id;
    track.name = context.document.media.at(cue.media).name;
    track.stem = Stem::Music;
    track.role = cue.diegetic ? Role::DiegeticMusic : Role::Score;
    track.heard = {heard};
    if (cue.duck) {
      if (!phrases) {
        TWOPOP_TRY(phrases, phrases_of(context));
      }
      TWOPOP_TRY(const Duck ducked, duck(context, made->sound, heard, id, *phrases, cue.speech_distance, cue.diegetic ? kDiegeticBalance : kScoreBalance));
      if (!ducked.gain.empty()) {
        made->sound = signal::automated(made->sound, ducked.gain);
        made->what += fmt::format("; down by up to {:.1f} dB in {} phrases to lie {:.0f} LU under speech", -ducked.deepest.value, ducked.phrases, cue.speech_distance.value);
      }
    }
    track.sound = signal::labelled(made->sound, "music cue " + id);
    compiled.tracks.push_back(std::move(track));
    compiled.treatments.push_back({item, context.document.media.at(cue.media).name, heard, made->what, cue.decided.reason});
  }
  return compiled;
}

Result<std::vector<Finding>> review(const Context& context, const Compiled& compiled) {
  std::vector<Finding> findings;
  const session::Document& document = context.document;
  std::map<session::Id, SampleRange> used;
  for (const auto& [id, cue] : document.music.cues) {
    const std::string item = "/music/cues/" + id;
    if (!document.media.contains(cue.media))
      findings.push_back({Severity::Error, "music", "music-missing", cue.film.range(), item, fmt::format("music cue {} has no piece", cue.number), "choose one", 0, ""});
    else
      used[cue.media] = cue.film.range();
    if (cue.film.out > document.extent().end)
      findings.push_back({Severity::Warning, "music", "cue-beyond-film", cue.film.range(), item, fmt::format("music cue {} runs {:.2f} s past the end of the film", cue.number, seconds(cue.film.out - document.extent().end, document.rate)),
                          "shorten it", seconds(cue.film.out - document.extent().end, document.rate), "s"});
  }
  for (const auto& [id, where] : used) {
    const session::Media& media = document.media.at(id);
    std::string missing;
    for (const auto& [text, name] : {std::pair{media.licence.title, "title"}, std::pair{media.licence.author, "composer"}, std::pair{media.licence.licence, "licence"}})
      if (text.empty()) missing += (missing.empty() ? "" : ", ") + std::string(name);
    if (!missing.empty())
      findings.push_back({Severity::Warning, "music", "licence-missing", where, "/media/" + id, fmt::format("{}: no {} is noted", media.name, missing),
                          "note them before the film is shown: the cue sheet goes out with them", 0, ""});
  }
  SampleCount sum{};
  for (const auto& [id, cue] : document.music.cues) sum = sum + cue.film.range().length();
  if (sum > document.picture.length)
    findings.push_back({Severity::Warning, "music", "cues-overlap", std::nullopt, "/music/cues",
                        fmt::format("the cues last {:.1f} s in sum, the film {:.1f} s: a cue sheet is sent back for that", seconds(sum, document.rate), seconds(document.picture.length, document.rate)),
                        "shorten cues where they overlap", seconds(sum - document.picture.length, document.rate), "s"});
  double worst = 1;
  std::string where;
  for (const auto& [id, cue] : document.music.cues) {
    if (!cue.fit || !document.media.contains(cue.media) || cue.film.range().empty()) continue;
    const auto plan = fit_of(context, cue);
    if (plan && plan->worst_score < worst) worst = plan->worst_score, where = id;
  }
  if (worst < 0.25)
    findings.push_back({Severity::Warning, "music", "splice-heard", document.music.cues.at(where).film.range(), "/music/cues/" + where,
                        fmt::format("the piece does not resemble itself where it had to be joined (likeness {:.2f})", worst), "listen to it; choose another length or piece", worst, "likeness"});
  (void)compiled;
  return findings;
}

}  // namespace twopop::phases::music
