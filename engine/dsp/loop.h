#pragma once

#include "dsp/splices.h"

namespace twopop::dsp {

/// A recording turned into an endless ambience: a cyclic splice list whose turn is long (minutes) and in which
/// no stretch comes back before the others had theirs. Made by analysis/loop_plan.h.
struct LoopPlan {
  SpliceList list;
  bool operator==(const LoopPlan&) const = default;
  static constexpr auto fields() {
    return std::make_tuple(field("list", &LoopPlan::list, "Stretches of the recording; cyclic"));
  }
};

/// The loop over [begin, begin + out.frames()), begin >= 0: as long as one likes, any range at any time.
inline Result<void> render_loop(const LoopPlan& plan, SamplePosition begin, const SourceReader& source, AudioView<float> out) {
  return render_splices(plan.list, begin, source, out);
}

}  // namespace twopop::dsp
