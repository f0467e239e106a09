#include "dsp/compressor.h"
#include "dsp/equaliser.h"
#include "dsp/pan.h"
#include "phases/mix/detail/voices.h"
#include "phases/mix/mix.h"

namespace twopop::phases {

Layout layout_of(const session::Document& document) {
  switch (document.layout) {
    case session::LayoutName::Mono: return Layout::Mono;
    case session::LayoutName::Stereo: return Layout::Stereo;
    case session::LayoutName::Surround51: return Layout::Surround51;
    case session::LayoutName::Surround71: return Layout::Surround71;
  }
  return Layout::Stereo;
}

namespace {

/// Layout of a track by its number of channels: the layouts have different ones.
Layout layout_with(int channels) {
  for (const Layout layout : {Layout::Mono, Layout::Stereo, Layout::Surround51, Layout::Surround71})
    if (channel_count(layout) == channels) return layout;
  return Layout::Mono;
}

}  // namespace

signal::Signal strip_signal(const session::Document& document, const Track& track, const std::vector<const Cover*>& covers) {
  signal::Signal sound = signal::labelled(track.sound, "track " + track.id);
  std::vector<signal::CoveredRange> ranges;
  for (const Cover* cover : covers)
    if (cover->stem == track.stem && (cover->track.empty() || cover->track == track.id)) ranges.push_back(cover->range);
  sound = signal::covered(std::move(sound), std::move(ranges));

  const auto found = document.mix.strips.find(track.id);
  const session::Strip strip = found == document.mix.strips.end() ? session::Strip{} : found->second;
  if (strip.muted) return signal::silence(channel_count(layout_of(document)));
  const SampleRange heard = sound->extent();
  sound = detail::equalised(std::move(sound), strip.eq, document.rate);
  sound = detail::compressed(std::move(sound), strip.compressor, document.rate);
  // A filter rings on past its sound; nobody hears more than this of it.
  sound = signal::cut(std::move(sound), {heard.begin, heard.end + samples(1.0, document.rate)});

  const Layout from = layout_with(sound->channels()), to = layout_of(document);
  const double left_right = std::clamp(track.pan + strip.pan, -1.0, 1.0);
  if (from != to || left_right != 0) {
    dsp::PanSettings place;
    place.left_right = left_right;
    const bool down = channel_count(from) > channel_count(to);
    const dsp::GainMatrix matrix = down ? dsp::downmix(from, to) : dsp::pan(from, to, place);
    sound = signal::mixed_to(std::move(sound), matrix.outputs, matrix.gains);
  }
  sound = signal::amplified(std::move(sound), strip.gain);
  return detail::automated(std::move(sound), strip.gain_automation);
}

}  // namespace twopop::phases
