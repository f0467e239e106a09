#include "processor_properties.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {
std::atomic<std::int64_t> allocation_count{0};

void* counted(std::size_t size, std::size_t alignment) {
  ++allocation_count;
  void* memory = alignment > alignof(std::max_align_t) ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment) : std::malloc(size ? size : 1);
  if (!memory) throw std::bad_alloc();
  return memory;
}
}  // namespace

void* operator new(std::size_t size) { return counted(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) { return counted(size, static_cast<std::size_t>(alignment)); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace twopop::test {

std::int64_t allocations() { return allocation_count; }

TEST(ProcessorProperties, the_counter_of_allocations_counts) {
  const std::int64_t before = allocations();
  const auto memory = std::make_unique<std::vector<int>>(1000);
  EXPECT_GE(allocations(), before + 2);
}

}  // namespace twopop::test
