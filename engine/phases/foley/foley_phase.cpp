#include "phases/foley/foley.h"

namespace twopop::phases {
namespace {

class FoleyPhase final : public Phase {
 public:
  const char* name() const override { return "foley"; }
  Result<Proposal> spot(const Context& context) const override { return foley::spot(context); }
  Result<Compiled> compile(const Context& context) const override { return foley::compile(context); }
  Result<std::vector<Finding>> review(const Context& context, const Compiled& compiled) const override { return foley::review(context, compiled); }
};

}  // namespace

const Phase& foley_phase() {
  static const FoleyPhase phase;
  return phase;
}

}  // namespace twopop::phases
