// Workers take the next index from an atomic counter, so uneven work balances itself; the calling
// thread works too. After a failure the counter jumps to the end, and the first exception is thrown
// to the caller once all threads have joined.
#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <stationhit/core/threads.hpp>

namespace stationhit::core {

void parallel_for(std::size_t n, unsigned threads, const std::function<void(std::size_t)>& work) {
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
  return requested > 0 ? requested : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace stationhit::core
