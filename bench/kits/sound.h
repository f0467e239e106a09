#pragma once

#include "core/time.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

/// What benches make material of: mono sound in memory at 48 kHz, rooms, clocks that drift.
namespace twopop::kits {

using Sound = std::vector<float>;
inline constexpr SampleRate k48{48000};

/// Output sample n is input sample offset_samples + n x (from / to) x (1 + drift_ppm x 1e-6); silence beyond the ends.
Sound resampled(const Sound& in, SampleRate from, SampleRate to, double drift_ppm, double offset_samples, std::int64_t length);

/// One channel of a file, or the mean of all, at 48 kHz; empty if it cannot be read.
Sound load(const std::filesystem::path& path, int channel = -1);

/// Mean square where somebody speaks: frames of 50 ms within 25 dB of the loudest.
double active_power(const Sound& sound);
double mean_power(const Sound& sound);

Sound convolved(const Sound& in, const Sound& response);

/// A measured room. Time 0 is the direct sound: the largest peak between 150 Hz and 8 kHz, where voices are. The response is
/// kept whole: an edge cut into it would be an arrival of its own at frequencies that it lacks.
struct Room {
  Sound response;
  std::size_t direct = 0;
  double doubt_ms = 0;  ///< how far from it another arrival lies that is as high within 2 dB
};
Room load_room(const std::filesystem::path& path);

/// `in` as a microphone in the room hears it, the direct sound where it was.
Sound in_room(const Sound& in, const Room& room);

struct Stretch {
  double begin_s = 0, end_s = 0;
  double length_s() const { return end_s - begin_s; }
};

/// Where clean sound is within 30 dB of its active level; pauses up to `bridge_s` are counted in.
std::vector<Stretch> active_stretches(const Sound& clean, double bridge_s = 0.2);

double total_s(const std::vector<Stretch>& stretches);
/// Sorted, overlaps joined, each widened by `wider_s` at both ends.
std::vector<Stretch> united(std::vector<Stretch> stretches, double wider_s = 0);
double shared_s(const std::vector<Stretch>& a, const std::vector<Stretch>& b);

}  // namespace twopop::kits
