#include "phases/music/music.h"

namespace twopop::phases {
namespace {

class MusicPhase final : public Phase {
 public:
  const char* name() const override { return "music"; }
  Result<Proposal> spot(const Context& context) const override { return music::spot(context); }
  Result<Compiled> compile(const Context& context) const override { return music::compile(context); }
  Result<std::vector<Finding>> review(const Context& context, const Compiled& compiled) const override { return music::review(context, compiled); }
};

}  // namespace

const Phase& music_phase() {
  static const MusicPhase phase;
  return phase;
}

}  // namespace twopop::phases
