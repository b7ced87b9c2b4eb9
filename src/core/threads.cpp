// Workers take the next index from an atomic counter, so uneven work balances itself; the calling
// thread works too. After a failure the counter jumps to the end, and the first exception is thrown
// to the caller once all threads have joined.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <sched.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/threads.hpp>

#include "cpu_quota.hpp"

namespace stationhit::core {
namespace {

// The standard library counts the cores of the machine, also those that taskset or a batch system
// keeps from this process.
unsigned count_cores_of_affinity() {
  cpu_set_t allowed;
  const bool known = sched_getaffinity(0, sizeof allowed, &allowed) == 0;
  return known ? static_cast<unsigned>(CPU_COUNT(&allowed)) : std::thread::hardware_concurrency();
}

unsigned count_usable_cores() {
  const unsigned cores = std::clamp(count_cores_of_affinity(), 1U, max_threads);
  const auto quota = cpu_quota();
  // A part of a core is still worth a thread.
  return quota
             ? static_cast<unsigned>(std::clamp(std::ceil(*quota), 1.0, static_cast<double>(cores)))
             : cores;
}

}  // namespace

void check_threads(unsigned threads) {
  if (threads <= max_threads) return;
  throw UsageError(std::to_string(threads) + " threads: expected at most " +
                   std::to_string(max_threads) + "; 0 takes all cores");
}

void parallel_for(std::size_t n, unsigned threads, const std::function<void(std::size_t)>& work) {
  check_threads(threads);
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto loop = [&] {
    for (std::size_t i = next++; i < n; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::scoped_lock lock(failure_mutex);
        if (!failure) failure = std::current_exception();
        next = n;
        return;
      }
    }
  };
  // With one thread or one piece of work no thread is started at all, so a debugger sees plain
  // calls.
  const std::size_t helpers =
      std::min<std::size_t>(threads > 0 ? threads - 1 : 0, n > 0 ? n - 1 : 0);
  {
    // The destructor of the pool joins; only then may `failure` be read without the lock.
    std::vector<std::jthread> pool;
    pool.reserve(helpers);
    for (std::size_t t = 0; t < helpers; ++t) pool.emplace_back(loop);
    loop();
  }
  if (failure) std::rethrow_exception(failure);
}

unsigned resolve_threads(unsigned requested) {
  check_threads(requested);
  return requested > 0 ? requested : count_usable_cores();
}

}  // namespace stationhit::core
