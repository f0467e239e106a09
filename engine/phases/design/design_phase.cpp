#include "phases/design/design.h"

namespace twopop::phases {
namespace {

class DesignPhase final : public Phase {
 public:
  const char* name() const override { return "design"; }
  Result<Proposal> spot(const Context& context) const override { return design::spot(context); }
  Result<Compiled> compile(const Context& context) const override { return design::compile(context); }
  Result<std::vector<Finding>> review(const Context& context, const Compiled& compiled) const override { return design::review(context, compiled); }
};

}  // namespace

const Phase& design_phase() {
  static const DesignPhase phase;
  return phase;
}

}  // namespace twopop::phases
