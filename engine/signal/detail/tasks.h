#pragma once

#include "cache/task.h"
#include "signal/detail/describe.h"

#include <functional>
#include <map>
#include <memory_resource>
#include <mutex>

namespace twopop::signal::detail {

/// Derives tasks from signals. Equal graphs give the same task, however often they were compiled. Thread-safe.
class Planner {
 public:
  /// Chunk `index` of a node kept by chunks, or the one piece of a node made whole (index 0).
  cache::TaskRef task(const Signal& node, std::int64_t index);
  std::vector<cache::TaskRef> tasks(const std::vector<Dependency>& dependencies);
  /// Lets go of the places of tasks that nobody holds any more.
  void forget_unheld();

 private:
  std::mutex mutex_;
  std::pmr::unsynchronized_pool_resource pool_;
  static constexpr std::size_t kKnownAtLeast = 1 << 14;
  std::pmr::map<std::pair<Hash, std::int64_t>, std::weak_ptr<const cache::Task>> known_{&pool_};
  std::size_t let_go_at_ = kKnownAtLeast;
};

/// A measurement that hears nothing but what it opens itself.
cache::TaskRef make_fact(std::string identity, Hash recipe, std::function<Result<cache::Bytes>()> measure);

/// A measurement of a stretch of stored sound: `range` is what is measured, `heard` what it hears (pre-roll before it).
struct RangeFact {
  std::string identity;
  Hash recipe;
  Signal node;
  SampleRange range{}, heard{};
  std::function<Result<cache::Bytes>(SampleRange, AudioView<const float>)> measure;
};
cache::TaskRef make_range_fact(Planner& planner, RangeFact fact);

}  // namespace twopop::signal::detail
