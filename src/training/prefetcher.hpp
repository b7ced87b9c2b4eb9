// A producer thread with a bounded queue.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

namespace stationhit::training {

template <class T>
class Prefetcher {
 public:
  // make() runs in the producer thread until it gives nothing; an exception of it comes out of next().
  Prefetcher(std::size_t capacity, std::function<std::optional<T>()> make)
      : capacity_(capacity), make_(std::move(make)), producer_([this] { produce(); }) {}
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;
  ~Prefetcher() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    producer_.join();
  }

  // The next value in order, nothing at the end.
  [[nodiscard]] std::optional<T> next() {
    const auto start = std::chrono::steady_clock::now();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !queue_.empty() || finished_; });
    waited_ += std::chrono::steady_clock::now() - start;
    if (queue_.empty()) {
      if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
      return std::nullopt;
    }
    std::optional<T> value(std::move(queue_.front()));
    queue_.pop_front();
    lock.unlock();
    changed_.notify_all();
    return value;
  }

  // Time that next() spent waiting so far.
  [[nodiscard]] double seconds_waited() const { return std::chrono::duration<double>(waited_).count(); }

 private:
  void produce() {
    try {
      while (auto value = make_()) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return queue_.size() < capacity_ || stopped_; });
        if (stopped_) return;
        queue_.push_back(std::move(*value));
        lock.unlock();
        changed_.notify_all();
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      error_ = std::current_exception();
    }
    {
      const std::lock_guard lock(mutex_);
      finished_ = true;
    }
    changed_.notify_all();
  }

  std::size_t capacity_;
  std::function<std::optional<T>()> make_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<T> queue_;
  std::exception_ptr error_;
  bool stopped_ = false, finished_ = false;
  std::chrono::steady_clock::duration waited_{};
  std::thread producer_;  // last: starts when everything else is there
};

}  // namespace stationhit::training
