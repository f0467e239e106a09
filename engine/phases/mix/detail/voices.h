#pragma once

#include "dsp/compressor.h"
#include "dsp/equaliser.h"
#include "dsp/expander.h"
#include "session/document.h"
#include "signal/signals.h"

/// Settings of the session as processing signals. Settings that do nothing add no node.
namespace twopop::phases::detail {

/// The bands that are on, in their order.
dsp::EqSettings settings_of(const std::map<session::Id, session::EqBand>& bands);
dsp::CompressorSettings settings_of(const session::CompressorSettings& settings);
dsp::ExpanderSettings settings_of(const session::ExpanderSettings& settings);

signal::Signal equalised(signal::Signal sound, const std::map<session::Id, session::EqBand>& bands, SampleRate rate);
signal::Signal compressed(signal::Signal sound, const session::CompressorSettings& settings, SampleRate rate);
signal::Signal automated(signal::Signal sound, const std::map<session::Id, session::AutomationPoint>& points);

/// One-channel gain over time of a bus compressor that hears `sum`; make-up included.
signal::Signal compressor_gain(signal::Signal sum, const session::CompressorSettings& settings, SampleRate rate);

}  // namespace twopop::phases::detail
