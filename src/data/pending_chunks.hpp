// Chunks that are made but whose shards are not on the disk yet.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <mutex>

namespace stationhit::data {

// Works on them in threads of its own: they wait for the disk, while those that make chunks go on.
// Thread-safe.
class PendingChunks {
 public:
  // At most `limit` are pending.
  explicit PendingChunks(std::size_t limit) : limit_(limit) {}
  // Waits for all of them; what they throw is lost.
  ~PendingChunks() = default;
  PendingChunks(const PendingChunks&) = delete;
  PendingChunks& operator=(const PendingChunks&) = delete;

  // Begins `work`. If there are as many as the limit allows, waits for the one that began first and
  // rethrows what it threw.
  void add(std::function<void()> work);
  // Waits for all of them and rethrows what the first that failed threw.
  void finish();

 private:
  std::size_t limit_;
  std::mutex mutex_;
  std::deque<std::future<void>> pending_;
};

}  // namespace stationhit::data
