// Threads that work at the same time, for tests of what they may share.
#pragma once

#include <cstddef>
#include <thread>
#include <vector>

namespace stationhit::test {

// Calls work(0), ..., work(n_threads - 1), each in a thread of its own, and waits for all of them.
template <class Work>
void run_side_by_side(std::size_t n_threads, const Work& work) {
  std::vector<std::jthread> threads;
  threads.reserve(n_threads);
  for (std::size_t thread = 0; thread < n_threads; ++thread)
    threads.emplace_back([&work, thread] { work(thread); });
}

}  // namespace stationhit::test
