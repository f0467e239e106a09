#include "cache/executor.h"

#include "cache/detail/scheduler.h"

namespace twopop::cache {

const char* name_of(Reason reason) {
  switch (reason) {
    case Reason::UpToDate: return "up_to_date";
    case Reason::NeverMade: return "never_made";
    case Reason::SettingsChanged: return "settings_changed";
    case Reason::InputChanged: return "input_changed";
    case Reason::BytesMissing: return "bytes_missing";
    case Reason::Recomputed: return "recomputed";
  }
  return "up_to_date";
}

struct Executor::Impl : detail::Scheduler {
  using Scheduler::Scheduler;
};

Executor::Executor(Store& store, ExecutorOptions options) : impl_(std::make_unique<Impl>(store, options)) {}
Executor::~Executor() = default;

Result<std::vector<Hash>> Executor::run(const std::vector<TaskRef>& wanted, const Part& part) { return impl_->run(wanted, part); }

Result<Blob> Executor::bytes(const TaskRef& task) {
  Blob bytes;
  TWOPOP_CHECK(impl_->stream(1, [&](std::size_t) { return task; }, detail::Run::Urgency::Bytes, [&](std::size_t, const Blob& blob) {
    bytes = blob;
    return Result<void>{};
  }));
  return bytes;
}

Result<void> Executor::stream(const std::vector<TaskRef>& wanted,
                              const std::function<Result<void>(std::size_t, const Blob&)>& consume) {
  return stream(wanted.size(), [&](std::size_t i) { return wanted[i]; }, consume);
}

Result<void> Executor::stream(std::size_t count, const std::function<TaskRef(std::size_t)>& task,
                              const std::function<Result<void>(std::size_t, const Blob&)>& consume) {
  return impl_->stream(count, task, detail::Run::Urgency::Stream, consume);
}

void Executor::rest() { impl_->rest(); }

std::optional<Error> Executor::not_kept() const { return impl_->not_kept(); }
std::map<TaskKind, Tally> Executor::tallies() const { return impl_->ledger().tallies(); }
void Executor::each_explanation(const std::function<void(const Explanation&)>& tell) const { impl_->ledger().each_explanation(tell); }
std::vector<Explanation> Executor::explanations() const {
  std::vector<Explanation> all;
  each_explanation([&](const Explanation& e) { all.push_back(e); });
  return all;
}

}  // namespace twopop::cache
