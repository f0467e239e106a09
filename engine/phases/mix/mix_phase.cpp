#include "analysis/loudness.h"
#include "phases/mix/detail/track_measure.h"
#include "phases/mix/mix.h"
#include "phases/phase.h"
#include "phases/ranges.h"

namespace twopop::phases {

Balance balance_of(Role role) {
  switch (role) {
    case Role::Speech: return {{0}, "speech is the anchor"};
    case Role::RoomTone: return {{0}, "room tone goes with the speech it was recorded with"};
    case Role::ProductionEffect: return {{0}, "production effects keep their place beside the speech"};
    case Role::Ambience: return {{-18}, "at least 15 LU under speech (Torcoli 2019), and 3 LU of room for the foreground"};
    case Role::Effect: return {{-8}, "a foreground effect stands out without reaching the voice"};
    case Role::Footsteps: return {{-14}, "steps are felt under the voice, not noticed"};
    case Role::Moves: return {{-22}, "cloth only binds the picture together"};
    case Role::Specifics: return {{-11}, "props are heard when they are seen"};
    case Role::Score: return {{-5}, "where nobody speaks music may lead, close under the level of speech"};
    case Role::DiegeticMusic: return {{-12}, "music in the scene lies behind the people in it"};
  }
  return {};
}

namespace {

using detail::TrackMeasure;

/// Speech leaves the strips at this loudness; the one master gain brings the whole to its target.
constexpr Lufs kAnchor{-23.0};
constexpr double kMostGain = 30;

double tenths(double x) { return std::round(x * 10) / 10; }

/// What the proposals ask of a track. The measure itself, which grows with the film, is let go track by track.
struct Measured {
  const Track* track = nullptr;
  Lufs loudness{analysis::kNoLoudness};   ///< where it is heard
  Lufs in_the_open{analysis::kNoLoudness}, under_speech{analysis::kNoLoudness};  ///< of music
  std::vector<double> lines;              ///< LUFS of each line of 0.6 s or more, of speech
  std::array<double, detail::kBands> bands{};  ///< mean power where it is heard
};

Result<Measured> measured(const Context& context, const Track& track, const std::vector<SampleRange>& speech) {
  TWOPOP_TRY(const TrackMeasure measure, detail::measure_track(context, track));
  Measured m;
  m.track = &track;
  const std::vector<SampleRange> heard = unite(track.heard);
  m.loudness = analysis::dialogue_loudness(measure.loudness, heard);
  m.bands = detail::mean_bands(measure, track.heard);
  if (track.role == Role::Speech)
    for (const SampleRange& range : track.heard) {
      const Lufs l = analysis::dialogue_loudness(measure.loudness, std::span(&range, 1));
      if (std::isfinite(l.value) && seconds(range.length(), context.document.rate) >= 0.6) m.lines.push_back(l.value);
    }
  if (track.role == Role::Score || track.role == Role::DiegeticMusic) {
    m.in_the_open = analysis::dialogue_loudness(measure.loudness, subtract(heard, speech));
    m.under_speech = analysis::dialogue_loudness(measure.loudness, intersect(heard, speech));
  }
  return m;
}

/// High-pass and a cut of boxiness, each only if the spectrum of the voice asks for it.
void propose_eq(const Measured& m, session::Strip& strip) {
  const auto& bands = m.bands;
  const double voice = bands[2] + bands[3];
  if (voice <= 0) return;
  const double rumble_db = 10 * std::log10(bands[0] / voice + 1e-12);
  if (rumble_db > -18) {
    session::EqBand band;
    band.kind = session::BandKind::HighPass;
    band.frequency_hz = 80;
    band.reason = fmt::format("below 80 Hz lies {:.1f} dB of the voice's own power; more than -18 dB is rumble", rumble_db);
    strip.eq["rumble"] = band;
  }
  // Speech falls by about 3 dB from the band 200 .. 400 Hz to the band 400 .. 2000 Hz (Byrne et al. 1994, long-term
  // average speech spectrum); a close boom or a small room piles up below.
  const double box_db = 10 * std::log10(bands[2] / std::max(bands[3], 1e-20));
  if (box_db > 6) {
    session::EqBand band;
    band.order = 1;
    band.kind = session::BandKind::Bell;
    band.frequency_hz = 300;
    band.q = 0.9;
    band.gain = {-std::min(4.0, tenths((box_db - 3) / 2))};
    band.reason = fmt::format("200 to 400 Hz is {:.1f} dB over 400 to 2000 Hz, where speech has about 3 dB", box_db);
    strip.eq["box"] = band;
  }
}

/// Compression only where lines differ by more than a listener follows without reaching for the remote.
void propose_compressor(const Measured& m, session::Strip& strip) {
  std::vector<double> lines = m.lines;
  if (lines.size() < 3) return;
  std::sort(lines.begin(), lines.end());
  const double spread = lines[lines.size() * 9 / 10] - lines[lines.size() / 10];
  if (spread <= 8) return;
  strip.compressor.on = true;
  strip.compressor.ratio = spread > 14 ? 3.0 : 2.0;
  strip.compressor.threshold = {tenths(std::clamp(lines[lines.size() / 2] + 3, -60.0, -6.0))};
  strip.compressor.attack_ms = 8;
  strip.compressor.release_ms = 120;
  strip.compressor.reason = fmt::format("lines lie {:.1f} LU apart (10th to 90th percentile of {}); more than 8 is hard to follow", spread, lines.size());
}

class MixPhase final : public Phase {
 public:
  const char* name() const override { return "mix"; }

  Result<Proposal> spot(const Context& context) const override {
    Proposal proposal;
    proposal.document = context.document;
    std::vector<Measured> tracks;
    std::vector<SampleRange> speech;
    // Room tone and production effects move with the speech of their stem, so that a cut from one to the other is no step.
    double with_speech = 0;
    std::int64_t weight = 0;
    const auto speech_moves = [&](const Track& track, double gain) {
      if (track.role != Role::Speech || track.stem != Stem::Dialogue) return;
      const std::int64_t n = total(track.heard).value;
      with_speech += gain * static_cast<double>(n);
      weight += n;
    };
    for (const auto& [phase, compiled] : context.earlier) speech.insert(speech.end(), compiled->speech.begin(), compiled->speech.end());
    speech = unite(std::move(speech));
    for (const Phase* phase : order_of_operations()) {
      const auto found = context.earlier.find(phase->name());
      if (found == context.earlier.end()) continue;
      for (const Track& track : found->second->tracks) {
        // A first balance is proposed once: were a strip set anew whenever its sound changes, it would take back what
        // somebody did to a clip's gain, and one line would make the whole film stale.
        const auto strip = context.document.mix.strips.find(track.id);
        if (strip != context.document.mix.strips.end()) {
          speech_moves(track, strip->second.gain.value);
          continue;
        }
        TWOPOP_TRY(Measured m, measured(context, track, speech));
        tracks.push_back(std::move(m));
      }
    }

    for (const Measured& m : tracks)
      if (std::isfinite(m.loudness.value)) speech_moves(*m.track, (kAnchor - m.loudness).value);
    if (weight) with_speech /= static_cast<double>(weight);

    TWOPOP_TRY(const std::optional<double> tone_db, tone_level(context, with_speech));
    for (const Measured& m : tracks) {
      session::Strip strip;
      if (m.track->role == Role::RoomTone && m.track->stem == Stem::Effects && tone_db)
        propose_tone_gain(m, *tone_db, strip);
      else
        propose_gain(context, m, with_speech, strip);
      if (m.track->role == Role::Speech) {
        propose_eq(m, strip);
        propose_compressor(m, strip);
      }
      proposal.document.mix.strips[m.track->id] = strip;
      proposal.items.push_back({"/mix/strips/" + m.track->id, strip.decided.reason, strip.decided.confidence});
    }
    // Strips of tracks that are no more, unless a person set them.
    std::set<session::Id> known;
    for (const auto& [phase, compiled] : context.earlier)
      for (const Track& track : compiled->tracks) known.insert(track.id);
    std::erase_if(proposal.document.mix.strips, [&](const auto& s) { return s.second.decided.by == session::By::Auto && !known.contains(s.first); });
    return proposal;
  }

  Result<Compiled> compile(const Context&) const override { return Compiled{}; }

  Result<std::vector<Finding>> review(const Context& context, const Compiled&) const override {
    std::vector<Finding> findings;
    for (const auto& [id, strip] : context.document.mix.strips) {
      if (strip.decided.by == session::By::Auto && std::fabs(strip.gain.value) >= kMostGain)
        findings.push_back({Severity::Warning, "mix", "gain-at-limit", std::nullopt, "/mix/strips/" + id,
                            fmt::format("track {} asks for {:+.1f} dB or more to reach its place", id, strip.gain.value),
                            "check the recording's level, or set its gain by hand", strip.gain.value, "dB"});
      if (strip.muted)
        findings.push_back({Severity::Note, "mix", "strip-muted", std::nullopt, "/mix/strips/" + id, fmt::format("track {} is muted in the mix", id), "unmute it if that was not meant", 0, ""});
    }
    return findings;
  }

 private:
  /// Power of a sound where it is heard, dB; nothing where it is silent. Ungated: rooms lie under the gate of BS.1770.
  static std::optional<double> level_db(const std::array<double, detail::kBands>& bands) {
    double power = 0;
    for (const double band : bands) power += band;
    if (power <= 1e-15) return std::nullopt;
    return 10 * std::log10(power);
  }

  /// How loud the room is between the words, after its strip.
  static Result<std::optional<double>> tone_level(const Context& context, double with_speech) {
    const auto dialogue = context.earlier.find("dialogue");
    if (dialogue == context.earlier.end()) return std::optional<double>{};
    for (const Track& track : dialogue->second->tracks) {
      if (track.role != Role::RoomTone) continue;
      TWOPOP_TRY(const TrackMeasure measure, detail::measure_track(context, track));
      const auto strip = context.document.mix.strips.find(track.id);
      const double gain = strip == context.document.mix.strips.end() ? with_speech : strip->second.gain.value;
      if (const auto level = level_db(detail::mean_bands(measure, track.heard))) return std::optional<double>{*level + gain};
    }
    return std::optional<double>{};
  }

  /// A bed of room tone among the effects: the room goes on as loud as it is between the words.
  static void propose_tone_gain(const Measured& m, double tone_db, session::Strip& strip) {
    const auto own = level_db(m.bands);
    if (!own) {
      strip.decided.reason = "nothing in it is loud enough to measure: left as it is";
      strip.decided.confidence = 0.6;
      return;
    }
    strip.gain = {tenths(std::clamp(tone_db - *own, -60.0, 24.0))};
    strip.decided.reason = fmt::format("{:+.1f} dB: {:.1f} dB over the room between the words, and room tone lies as low as the room did", strip.gain.value, *own - tone_db);
  }

  static void propose_gain(const Context& context, const Measured& m, double with_speech, session::Strip& strip) {
    const Balance balance = balance_of(m.track->role);
    const bool follows = (m.track->role == Role::RoomTone || m.track->role == Role::ProductionEffect) && m.track->stem == Stem::Dialogue;
    if (follows) {
      strip.gain = {tenths(std::clamp(with_speech, -kMostGain, kMostGain))};
      strip.decided.reason = fmt::format("{:+.1f} dB as its speech: {}", strip.gain.value, balance.reason);
      return;
    }
    if (!std::isfinite(m.loudness.value)) {
      strip.decided.reason = "nothing in it is loud enough to measure: left as it is";
      strip.decided.confidence = 0.6;
      return;
    }
    const Lufs place = kAnchor + balance.against_dialogue;
    double gain = (place - m.loudness).value;
    std::string reason = fmt::format("{:.1f} LUFS where it is heard, wanted at {:.1f} ({})", m.loudness.value, place.value, balance.reason);
    if (m.track->role == Role::Score || m.track->role == Role::DiegeticMusic) {
      Lu distance{10};
      for (const auto& [id, cue] : context.document.music.cues) distance.value = std::max(distance.value, cue.speech_distance.value);
      const Lufs loud_open = m.in_the_open, loud_under = m.under_speech;
      gain = kMostGain;
      if (std::isfinite(loud_open.value)) gain = std::min(gain, (place - loud_open).value);
      if (std::isfinite(loud_under.value)) gain = std::min(gain, (kAnchor - distance - loud_under).value);
      reason = fmt::format("{:.1f} LUFS in the open, wanted at {:.1f}; {:.1f} LUFS under speech, wanted {:.0f} LU below it", loud_open.value, place.value,
                           loud_under.value, distance.value);
    }
    strip.gain = {tenths(std::clamp(gain, -kMostGain, 24.0))};
    strip.decided.reason = fmt::format("{:+.1f} dB: {}", strip.gain.value, reason);
  }
};

}  // namespace

const Phase& mix_phase() {
  static const MixPhase phase;
  return phase;
}

}  // namespace twopop::phases
