#include <cstdio>

int main() {
  std::puts("twopop");
  return 0;
}
