#include "processor_properties.h"

#include <atomic>
#include <cstdlib>
#include <new>

// A sanitizer's own operators tell news from mallocs and must stay.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TWOPOP_COUNTS_ALLOCATIONS 0
#else
#define TWOPOP_COUNTS_ALLOCATIONS 1
#endif

namespace {
std::atomic<std::int64_t> allocation_count{0};

#if TWOPOP_COUNTS_ALLOCATIONS
// Not inlined: the compiler would see malloc behind new and free behind delete, and take them for a mismatch.
[[gnu::noinline]] void* counted(std::size_t size, std::size_t alignment) {
  ++allocation_count;
  void* memory = alignment > alignof(std::max_align_t) ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment) : std::malloc(size ? size : 1);
  if (!memory) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void released(void* memory) { std::free(memory); }
#endif
}  // namespace

#if TWOPOP_COUNTS_ALLOCATIONS
void* operator new(std::size_t size) { return counted(size, 1); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) { return counted(size, static_cast<std::size_t>(alignment)); }
void operator delete(void* memory) noexcept { released(memory); }
void operator delete(void* memory, std::size_t) noexcept { released(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { released(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { released(memory); }
#endif

namespace twopop::test {

std::int64_t allocations() { return allocation_count; }

TEST(ProcessorProperties, the_counter_of_allocations_counts) {
  if (!TWOPOP_COUNTS_ALLOCATIONS) GTEST_SKIP() << "a sanitizer has its own operator new";
  const std::int64_t before = allocations();
  const auto memory = std::make_unique<std::vector<int>>(1000);
  EXPECT_GE(allocations(), before + 2);
}

}  // namespace twopop::test
