#include "phases/music/piece.h"

#include "core/bytes.h"
#include "dsp/resampler.h"
#include "dsp/score.h"

#include <cmath>

namespace twopop::phases::music {
namespace {

/// Longer pieces are fitted from their first minutes: nothing further on would be reached, and memory is bounded.
constexpr double kMostPiece_s = 240;
constexpr double kGoodJoin = 0.4;  ///< likeness under which a fade at the end is better than a join

bool is_score(const session::Media& media) {
  const std::string extension = std::filesystem::path(media.path).extension().string();
  return media.kind == session::MediaKind::Score || extension == ".mid" || extension == ".midi" || extension == ".kar";
}

struct Score {
  std::filesystem::path midi, font;
  Hash content;
  SampleRate rate{};      ///< at which FluidSynth plays
  SampleCount length{};   ///< on the session's clock
};

Result<Score> score_of(const Context& context, const session::Id& id) {
  const auto found = context.document.media.find(id);
  if (found == context.document.media.end()) return Error{Code::NotFound, fmt::format("/media/{}: there is no such media", id), {}};
  Score score;
  score.midi = media_path(context, found->second);
  TWOPOP_TRY(const Hash midi, parse_hash(found->second.fingerprint));
  Hash font_hash;
  const session::Id font = context.document.music.sound_font;
  if (!font.empty()) {
    const auto font_media = context.document.media.find(font);
    if (font_media == context.document.media.end()) return Error{Code::NotFound, fmt::format("/music/sound_font: there is no media {}", font), "choose another sound font"};
    score.font = media_path(context, font_media->second);
    TWOPOP_TRY(font_hash, parse_hash(font_media->second.fingerprint));
  } else {
    for (const session::Id& any : detail::media_of_kind(context.document, session::MediaKind::SoundFont)) {
      score.font = media_path(context, context.document.media.at(any));
      TWOPOP_TRY(font_hash, parse_hash(context.document.media.at(any).fingerprint));
      break;
    }
    if (score.font.empty()) {
      score.font = dsp::installed_sound_font();
      if (score.font.empty())
        return Error{Code::NotFound, fmt::format("{}: there is no sound font to play the score with", found->second.name), "add one as sound-font, or install timgm6mb-soundfont"};
      font_hash = hash_of(score.font.string());
    }
  }
  TWOPOP_TRY(const dsp::MidiFacts facts, dsp::read_midi(score.midi));
  score.rate = SampleRate{std::min(context.document.rate.hz, 96000)};
  score.length = samples(std::min(kMostPiece_s, facts.duration_s() + dsp::ScoreSettings{}.tail_s), context.document.rate);
  score.content = Hasher().add(midi).add(font_hash).add(score.rate.hz).add(context.document.rate.hz).finish();
  return score;
}

Result<AudioBuffer<float>> play(const Score& score, SampleRate session) {
  dsp::ScoreSettings settings;
  settings.rate = score.rate;
  settings.longest_s = kMostPiece_s;
  TWOPOP_TRY(AudioBuffer<float> played, dsp::render_score(score.midi, score.font, settings));
  AudioBuffer<float> out(2, score.length.value);
  const dsp::RateMap map = dsp::RateMap::from(score.rate, session);
  if (map.is_shift()) {
    for (int c = 0; c < 2; ++c) std::copy_n(played.channel(c), std::min(played.frames(), out.frames()), out.channel(c));
    return out;
  }
  TWOPOP_TRY(const dsp::Resampler resampler, dsp::Resampler::create(map));
  resampler.render(SamplePosition{0}, played.view(), SamplePosition{0}, out.view());
  return out;
}

/// What is kept of a plan.
struct PlanHead {
  std::int64_t length, fade_in, fade_out, absorbed;
  double tempo_bpm, worst_score;
};

cache::Bytes to_bytes(const analysis::RetargetPlan& plan) {
  ByteWriter writer;
  writer.put(PlanHead{plan.length.value, plan.fade_in.value, plan.fade_out.value, plan.absorbed.value, plan.tempo_bpm, plan.worst_score});
  writer.put(plan.list.pieces).put(plan.splices);
  return writer.take();
}

Result<analysis::RetargetPlan> from_bytes(const cache::Blob& blob) {
  ByteReader reader(*blob);
  analysis::RetargetPlan plan;
  const auto head = reader.get<PlanHead>();
  plan.length = SampleCount{head.length};
  plan.fade_in = SampleCount{head.fade_in};
  plan.fade_out = SampleCount{head.fade_out};
  plan.absorbed = SampleCount{head.absorbed};
  plan.tempo_bpm = head.tempo_bpm;
  plan.worst_score = head.worst_score;
  plan.list.pieces = reader.vector<dsp::SplicePiece>();
  plan.splices = reader.vector<analysis::RetargetSplice>();
  if (!reader.ok()) return Error{Code::Damaged, "a fitted piece of music cannot be read back", "remove the film's cache folder"};
  return plan;
}

}  // namespace

Result<detail::Source> piece_of(const Context& context, const session::Id& id) {
  const auto found = context.document.media.find(id);
  if (found == context.document.media.end()) return Error{Code::NotFound, fmt::format("/media/{}: there is no such media", id), "choose another piece"};
  if (!is_score(found->second)) return detail::source_of(context, id);
  TWOPOP_TRY(const Score score, score_of(context, id));
  detail::Source source;
  source.length = score.length;
  source.channels = 2;
  signal::WholeClip clip;
  clip.kind = "score";
  clip.label = "score " + found->second.name;
  clip.channels = 2;
  clip.extent = {{0}, {score.length.value}};
  clip.settings = score.content;
  clip.text = fmt::format("played by FluidSynth with {}", score.font.filename().string());
  clip.work = [score, rate = context.document.rate](std::span<const AudioView<const float>>) { return play(score, rate); };
  source.sound = signal::whole_clip({}, std::move(clip));
  return source;
}

Result<double> duration_s(const Context& context, const session::Id& id) {
  const auto found = context.document.media.find(id);
  if (found == context.document.media.end()) return Error{Code::NotFound, fmt::format("/media/{}: there is no such media", id), "choose another piece"};
  if (!is_score(found->second)) {
    TWOPOP_TRY(const signal::MediaDescription media, describe_media(context, id));
    return seconds(media.length, media.rate);
  }
  TWOPOP_TRY(const dsp::MidiFacts facts, dsp::read_midi(media_path(context, found->second)));
  return facts.duration_s() + dsp::ScoreSettings{}.tail_s;
}

namespace {

Result<analysis::RetargetPlan> plan_of(const Context& context, const session::Id& id, SampleCount source_in, const analysis::RetargetSettings& settings) {
  const session::Media& media = context.document.media.at(id);
  const SampleRate rate = context.document.rate;
  Hasher hasher;
  hasher.add(rate.hz).add(source_in.value).add(settings.length.value).add(settings.keep_start).add(settings.keep_end).add(settings.shortest_run_s).add(settings.crossfade_s).add(settings.end_fade_s);
  std::function<Result<AudioBuffer<float>>()> hear;
  if (is_score(media)) {
    TWOPOP_TRY(const Score score, score_of(context, id));
    hasher.add(score.content);
    hear = [score, rate] { return play(score, rate); };
  } else {
    TWOPOP_TRY(const signal::MediaDescription description, describe_media(context, id));
    hasher.add(description.fingerprint);
    hear = [description, rate] { return detail::hear(description, rate, kMostPiece_s); };
  }
  const auto plan = [&]() -> Result<cache::Bytes> {
    TWOPOP_TRY(const AudioBuffer<float> sound, hear());
    const std::int64_t from = std::min(source_in.value, sound.frames());
    TWOPOP_TRY(const analysis::RetargetPlan fitted, analysis::plan_retarget(sound.view().sub(from, sound.frames() - from), rate, settings));
    return to_bytes(fitted);
  };
  TWOPOP_TRY(const cache::Blob blob, context.work.fact(fmt::format("fit of {} to {:.3f} s", media.name, seconds(settings.length, rate)), "music fit", 1, hasher.finish(), plan));
  return from_bytes(blob);
}

}  // namespace

Result<analysis::RetargetPlan> fit_of(const Context& context, const session::MusicCue& cue) {
  const SampleRate rate = context.document.rate;
  if (!context.document.media.contains(cue.media)) return Error{Code::NotFound, fmt::format("music cue {}: there is no media {}", cue.number, cue.media), "choose a piece"};
  const SampleCount from = samples(cue.source_in_s, rate);
  analysis::RetargetSettings settings;
  settings.length = cue.film.range().length();
  settings.end_fade_s = std::max(0.5, seconds(cue.fade_out.length, rate));
  TWOPOP_TRY(const double piece_s, duration_s(context, cue.media));
  settings.keep_end = cue.film.out == context.document.extent().end && piece_s <= kMostPiece_s;
  TWOPOP_TRY(analysis::RetargetPlan plan, plan_of(context, cue.media, from, settings));
  if (!settings.keep_end || plan.worst_score >= kGoodJoin) return plan;
  settings.keep_end = false;
  settings.end_fade_s = std::max(2.0, settings.end_fade_s);
  TWOPOP_TRY(analysis::RetargetPlan faded, plan_of(context, cue.media, from, settings));
  return faded.worst_score > plan.worst_score ? std::move(faded) : std::move(plan);
}

}  // namespace twopop::phases::music
