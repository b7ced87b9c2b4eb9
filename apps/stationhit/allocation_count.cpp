// Replaces operator new of the whole program by one that counts: a number of the thread goes up by
// one, which costs about as much as the call. The other forms of new and delete lead to these in
// the standard library.
#include "allocation_count.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

thread_local std::uint64_t allocations = 0;

// As the standard asks: the handler may free memory, and is asked again until there is none.
template <class Allocate>
void* allocate_counted(const Allocate& allocate) {
  ++allocations;
  while (true) {
    if (void* memory = allocate()) return memory;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

}  // namespace

// NOLINTBEGIN(*-no-malloc,*-owning-memory)
void* operator new(std::size_t size) {
  return allocate_counted([&] { return std::malloc(std::max<std::size_t>(size, 1)); });
}

void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto step = static_cast<std::size_t>(alignment);
  const std::size_t bytes = (std::max<std::size_t>(size, 1) + step - 1) / step * step;
  return allocate_counted([&] { return std::aligned_alloc(step, bytes); });
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t /*alignment*/) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept {
  std::free(memory);
}
// NOLINTEND(*-no-malloc,*-owning-memory)

namespace stationhit::app {

std::function<std::uint64_t()> allocation_count() {
  return [] { return allocations; };
}

}  // namespace stationhit::app
