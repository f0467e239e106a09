#pragma once

#include "signal/node.h"

namespace twopop::signal {

/// Where a fused graph finds the stored stretches that it reads.
class StoredSound {
 public:
  virtual ~StoredSound() = default;
  /// Copies `range` of a stored node; silence outside its extent. `out` is zero on entry.
  virtual Result<void> read(const Node& node, SampleRange range, AudioView<float> out) const = 0;
  /// Whether the range is known to be nothing but silence.
  virtual bool silent(const Node& node, SampleRange range) const = 0;
};

}  // namespace twopop::signal
