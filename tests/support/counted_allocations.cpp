// Replaces operator new of the whole test program; apart, so that no compiler pairs it with a
// delete that it sees.
#include "counted_allocations.hpp"

#include <cstdlib>
#include <new>

namespace {

thread_local bool counts = false;
thread_local std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t size) {
  if (counts) ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

namespace stationhit::test {

std::size_t count_allocations(const std::function<void()>& work) {
  allocations = 0;
  counts = true;
  work();
  counts = false;
  return allocations;
}

}  // namespace stationhit::test
