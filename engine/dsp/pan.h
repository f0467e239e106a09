#pragma once

#include "core/audio.h"
#include "core/fields.h"
#include "core/units.h"

#include <span>
#include <tuple>
#include <vector>

namespace twopop::dsp {

/// Where a sound stands. In stereo only left_right counts.
struct PanSettings {
  double left_right = 0;   ///< -1 left, 0 middle, 1 right
  double front_back = 0;   ///< 0 front, 1 back; surround layouts only
  double divergence = 0;   ///< 0: the middle comes from the centre speaker; 1: from left and right; surround layouts only
  Decibels lfe{-100.0};    ///< send to the LFE channel; -100 and below: none
  bool operator==(const PanSettings&) const = default;
  static constexpr auto fields() {
    return std::make_tuple(field("left_right", &PanSettings::left_right, "-1 left, 0 middle, 1 right", {-1, 1}),
                           field("front_back", &PanSettings::front_back, "0 front, 1 back", {0, 1}),
                           field("divergence", &PanSettings::divergence, "0: middle from the centre speaker, 1: from left and right", {0, 1}),
                           field("lfe_db", &PanSettings::lfe, "Send to the LFE channel; -100 for none", {-100, 10}));
  }
};

/// Gains of out[o] = sum over i of gains[o * inputs + i] * in[i], row by row.
struct GainMatrix {
  int outputs = 0, inputs = 0;
  std::vector<float> gains;
  float at(int output, int input) const { return gains[static_cast<std::size_t>(output * inputs + input)]; }
};

/// Places a sound in a layout.
///
/// Mono into stereo and surround: constant power between neighbouring speakers (sine and cosine), so -3 dB a side in the
/// middle. Stereo into stereo is a balance: the far side falls by the same law, 0 dB at the middle; into surround it is two
/// mono sounds at left and right, narrowed towards left_right. Layouts of the same kind pass unchanged at position 0. Into mono: downmix().
GainMatrix pan(Layout from, Layout to, const PanSettings& settings);

/// Between layouts at their own places: down by ITU-R BS.775-3 annex 4 (centre and surrounds at -3 dB, LFE left out; 7.1 to
/// 5.1: both surrounds of a side at -3 dB), stereo to mono as (L + R) at -3 dB each; up: mono to the centre, or to left
/// and right at -3 dB in stereo; others to the speakers of the same name.
GainMatrix downmix(Layout from, Layout to);

/// [block] out = matrix * in, or out += matrix * in. Added in the order of the inputs. No overlap of in and out.
void apply(const GainMatrix& matrix, AudioView<const float> in, AudioView<float> out) noexcept;
void add(const GainMatrix& matrix, AudioView<const float> in, AudioView<float> out) noexcept;

}  // namespace twopop::dsp
