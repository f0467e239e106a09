#include "phases/mix/curves.h"

#include "phases/mix/detail/voices.h"

namespace twopop::phases {

Result<std::vector<double>> eq_curve(const std::map<session::Id, session::EqBand>& bands, std::span<const double> frequencies_hz, SampleRate rate) {
  dsp::Equaliser equaliser(detail::settings_of(bands));
  TWOPOP_CHECK(equaliser.prepare({rate, 1, 1}));
  std::vector<double> levels;
  for (const double frequency : frequencies_hz) levels.push_back(equaliser.response_at(frequency).value);
  return levels;
}

std::vector<double> compressor_curve(const session::CompressorSettings& settings, std::span<const double> levels_dbfs) {
  std::vector<double> out;
  for (const double level : levels_dbfs) out.push_back(dsp::static_curve(detail::settings_of(settings), DbFs{level}).value);
  return out;
}

std::vector<double> expander_curve(const session::ExpanderSettings& settings, std::span<const double> levels_dbfs) {
  std::vector<double> out;
  for (const double level : levels_dbfs) out.push_back(level + dsp::closed_gain(detail::settings_of(settings), DbFs{level}).value);
  return out;
}

}  // namespace twopop::phases
