// Counts what a thread allocates by operator new.
#pragma once

#include <cstddef>
#include <functional>

namespace stationhit::test {

// Calls of operator new by this thread during `work`.
[[nodiscard]] std::size_t count_allocations(const std::function<void()>& work);

}  // namespace stationhit::test
