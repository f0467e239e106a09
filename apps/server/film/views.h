#pragma once

#include "film/compiled_film.h"

/// What pages draw, made from what the film knows. Functions of values; nothing is kept.
namespace twopop::server {

/// A loudness history with at most `points` values: of each step the greatest momentary and short-term, the last integrated.
LoudnessCurve loudness_curve(const FilmCompiler::Loudness& loudness, int points);

/// Where each recording lies. Facts of sync are shown where they are known; none is measured for it.
SyncView sync_view(const FilmCore& core, const session::Head& head);

struct SpectrogramSize {
  int width = 800, height = 256;
};
/// A picture of a sound's spectrum over time: PNG, time to the right, frequency upwards from 40 Hz on a log scale to half the rate or
/// 20 kHz, from black (-90 dBFS and below) over blue, red and yellow to white (0 dBFS of a sine). Channels are summed in power.
/// `sound` may be longer than the memory of one picture wants: it is asked for in portions by `read`, in order.
Result<std::string> spectrogram(SampleCount length, SampleRate rate, SpectrogramSize size, const std::function<Result<AudioBuffer<float>>(SampleRange)>& read);

}  // namespace twopop::server
