#pragma once

#include "session/document.h"

#include <span>

/// What an equaliser, a compressor and an expander do, for pictures of them: by the coefficients that they work with.
namespace twopop::phases {

/// Level in dB of the bands that are on, at each frequency. Fails as the equaliser does.
Result<std::vector<double>> eq_curve(const std::map<session::Id, session::EqBand>& bands, std::span<const double> frequencies_hz, SampleRate rate);
/// Level out for each level in, dBFS, make-up included.
std::vector<double> compressor_curve(const session::CompressorSettings& settings, std::span<const double> levels_dbfs);
/// The same of an expander that is closed.
std::vector<double> expander_curve(const session::ExpanderSettings& settings, std::span<const double> levels_dbfs);

}  // namespace twopop::phases
