#include "phases/phase.h"

/// Phases that have no room of their own: they keep their place in the order of operations and hand on nothing. Whoever writes a
/// phase takes its line out.
namespace twopop::phases {
namespace {

class Unwritten final : public Phase {
 public:
  explicit Unwritten(const char* name) : name_(name) {}
  const char* name() const override { return name_; }
  Result<Proposal> spot(const Context& context) const override {
    Proposal proposal;
    proposal.document = context.document;
    return proposal;
  }
  Result<Compiled> compile(const Context&) const override { return Compiled{}; }
  Result<std::vector<Finding>> review(const Context&, const Compiled&) const override {
    return std::vector<Finding>{{Severity::Error, name_, "phase-unwritten", std::nullopt, std::string("/") + name_, "this phase cannot be worked on in this version", "use a newer version", 0, ""}};
  }

 private:
  const char* name_;
};

template <int>
const Phase& unwritten(const char* name) {
  static const Unwritten phase(name);
  return phase;
}

}  // namespace

const Phase& adr_phase() { return unwritten<1>("adr"); }

}  // namespace twopop::phases
