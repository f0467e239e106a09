#include "phases/mix/detail/voices.h"
#include "phases/mix/mix.h"

namespace twopop::phases {
namespace {

using signal::Signal;

/// Tracks of one stem through strips and the stem's bus.
Signal bus_of(const session::Document& document, const std::string& bus_name, const std::vector<Signal>& strips, SampleRange film, int channels) {
  const auto found = document.mix.buses.find(bus_name);
  const session::Bus bus = found == document.mix.buses.end() ? session::Bus{} : found->second;
  Signal sound = bus.muted ? signal::silence(channels) : signal::sum(strips, channels);
  sound = detail::equalised(std::move(sound), bus.eq, document.rate);
  sound = detail::compressed(std::move(sound), bus.compressor, document.rate);
  sound = signal::amplified(std::move(sound), bus.gain);
  sound = detail::automated(std::move(sound), bus.gain_automation);
  return signal::stored(signal::cut(std::move(sound), film), bus_name + " bus");
}

/// The bed of room tone that M&E stands on, where and as loud as the dialogue's own tone is in the mix. No cover opens it, since
/// it holds no word that could be replaced; and it stays where somebody mutes that tone: M&E is never silent.
Signal tone_of(const session::Document& document, const MixInput& input) {
  Track bed;
  bed.sound = input.room_tone;
  for (const Track& track : input.tracks)
    if (track.role == Role::RoomTone) bed.id = track.id, bed.pan = track.pan;
  const auto strip = document.mix.strips.find(bed.id);
  if (strip != document.mix.strips.end() && strip->second.muted) bed.id.clear();
  return strip_signal(document, bed, {});
}

}  // namespace

MixGraph build_mix(const session::Document& document, const MixInput& input, DbTp ceiling) {
  const Layout layout = layout_of(document);
  const int channels = channel_count(layout);
  const SampleRange film = document.extent();
  const bool lift_effects = document.delivery.production_effects_stem;

  std::vector<const Cover*> covers;
  for (const Cover& cover : input.covers) covers.push_back(&cover);

  MixGraph graph;
  std::map<Stem, std::vector<Signal>> strips;
  std::vector<Signal> effects_on_set;
  for (const Track& track : input.tracks) {
    Signal strip = strip_signal(document, track, covers);
    graph.strips[track.id] = strip;
    const bool on_set = track.stem == Stem::Dialogue && track.role == Role::ProductionEffect;
    if (on_set) effects_on_set.push_back(strip);
    if (!on_set || !lift_effects) strips[track.stem].push_back(std::move(strip));
  }

  std::vector<Signal> all, without_words;
  for (const Stem stem : kStems) {
    graph.buses[stem] = bus_of(document, name_of(stem), strips[stem], film, channels);
    all.push_back(graph.buses[stem]);
    if (stem != Stem::Dialogue && stem != Stem::Adr) without_words.push_back(graph.buses[stem]);
  }
  Signal lifted;
  if (lift_effects) {
    lifted = bus_of(document, "pfx", effects_on_set, film, channels);
    all.push_back(lifted);
  }
  if (!effects_on_set.empty()) without_words.push_back(lifted ? lifted : bus_of(document, "pfx", effects_on_set, film, channels));
  if (input.room_tone) without_words.push_back(signal::cut(tone_of(document, input), film));

  const Decibels master = document.mix.master.gain;
  const auto mastered = [&](const Signal& sound) { return signal::amplified(sound, master); };
  const Signal sum = mastered(signal::sum(all, channels));
  Signal gain = limiter_gain(sum, ceiling, document.rate);
  if (document.mix.master.compressor.on) {
    const Signal pressed = signal::stored(signal::cut(detail::compressor_gain(sum, document.mix.master.compressor, document.rate), film), "bus compressor gain");
    gain = signal::multiplied(pressed, limiter_gain(signal::multiplied(sum, pressed), ceiling, document.rate));
  }
  graph.gain = signal::stored(signal::cut(std::move(gain), film), "master gain");
  for (const Stem stem : kStems) graph.stems[stem] = signal::multiplied(mastered(graph.buses[stem]), graph.gain);
  if (lifted) graph.production_effects = signal::multiplied(mastered(lifted), graph.gain);
  graph.mix = signal::stored(signal::multiplied(sum, graph.gain), "mix");

  const Signal without = mastered(signal::sum(std::move(without_words), channels));
  const Signal own_gain = signal::stored(signal::cut(limiter_gain(without, ceiling, document.rate), film), "me gain");
  graph.music_and_effects = signal::cut(signal::multiplied(without, own_gain), film);
  return graph;
}

}  // namespace twopop::phases
