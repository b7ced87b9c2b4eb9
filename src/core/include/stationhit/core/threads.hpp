// Work on several threads with results in order.
#pragma once

#include <cstddef>
#include <functional>

namespace stationhit::core {

// Calls work(i) for i in [0, n) on at most `threads` threads (>= 1). The first exception stops the
// rest and is rethrown here.
void parallel_for(std::size_t n, unsigned threads, const std::function<void(std::size_t)>& work);

// 0 means all cores of the machine.
[[nodiscard]] unsigned resolve_threads(unsigned requested);

}  // namespace stationhit::core
