#include "pending_chunks.hpp"

#include <utility>

namespace stationhit::data {

void PendingChunks::add(std::function<void()> work) {
  std::future<void> oldest;
  {
    const std::scoped_lock lock(mutex_);
    if (pending_.size() >= limit_) {
      oldest = std::move(pending_.front());
      pending_.pop_front();
    }
    pending_.push_back(std::async(std::launch::async, std::move(work)));
  }
  if (oldest.valid()) oldest.get();
}

void PendingChunks::finish() {
  const std::scoped_lock lock(mutex_);
  while (!pending_.empty()) {
    std::future<void> oldest = std::move(pending_.front());
    pending_.pop_front();
    oldest.get();
  }
}

}  // namespace stationhit::data
