// What Debian's compiler-rt for WebAssembly asks for: its 128-bit division was compiled with a stack protector.
#include <cstdint>

extern "C" {
extern std::uintptr_t __stack_chk_guard;
std::uintptr_t __stack_chk_guard = 0x7e0f00d;
[[noreturn]] void __stack_chk_fail() { __builtin_trap(); }
}
