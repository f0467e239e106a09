// Aligned memory for the program, out of malloc itself. glibc before 2.38 does not reuse what aligned blocks leave when they are freed
// (glibc bug 14581): building a film of two hours, 40 MB grew out of 1 MB in use.
#include <cstdint>
#include <cstdlib>
#include <new>

// The sanitizers look after the bounds of what they hand out themselves.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

void* aligned(std::size_t size, std::size_t alignment) noexcept {
  if (size > SIZE_MAX - alignment - sizeof(void*)) return nullptr;
  void* const whole = std::malloc(size + alignment + sizeof(void*));
  if (!whole) return nullptr;
  const auto first = reinterpret_cast<std::uintptr_t>(whole) + sizeof(void*);
  auto** const begin = reinterpret_cast<void**>((first + alignment - 1) / alignment * alignment);
  begin[-1] = whole;
  return begin;
}

void release(void* memory) noexcept {
  if (memory) std::free(static_cast<void**>(memory)[-1]);
}

void* aligned_or_throw(std::size_t size, std::size_t alignment) {
  void* const memory = aligned(size, alignment);
  if (!memory) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size, std::align_val_t alignment) { return aligned_or_throw(size, static_cast<std::size_t>(alignment)); }
void* operator new[](std::size_t size, std::align_val_t alignment) { return aligned_or_throw(size, static_cast<std::size_t>(alignment)); }
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept { return aligned(size, static_cast<std::size_t>(alignment)); }
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept { return aligned(size, static_cast<std::size_t>(alignment)); }
void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept { release(memory); }
void operator delete[](void* memory, std::align_val_t, const std::nothrow_t&) noexcept { release(memory); }

#endif
