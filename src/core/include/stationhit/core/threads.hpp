// Work on several threads with results in order.
#pragma once

#include <cstddef>
#include <functional>

namespace stationhit::core {

// More are refused everywhere: no machine has use for them, and each takes memory.
inline constexpr unsigned max_threads = 1024;

// Throws UsageError naming the number unless it is at most max_threads.
void check_threads(unsigned threads);

// Calls work(i) for i in [0, n) on at most `threads` threads (0 counts as 1). The first exception
// stops the rest and is rethrown here. Throws UsageError above max_threads.
void parallel_for(std::size_t n, unsigned threads, const std::function<void(std::size_t)>& work);

// 0 means all cores that this process may use: those of its CPU affinity, but not more than the
// quota of its control group (containers, batch systems) pays for. Throws UsageError above
// max_threads.
[[nodiscard]] unsigned resolve_threads(unsigned requested);

}  // namespace stationhit::core
