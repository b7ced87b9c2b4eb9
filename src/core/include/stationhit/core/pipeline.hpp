// A stream of values that is read in order, processed by several threads, and returned in order.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace stationhit::core {

template <class T>
class Pipeline {
 public:
  using Job = std::function<T()>;  // makes one value

  // take() returns the jobs in order and is empty at the end; only one thread at a time calls it.
  // The jobs run in parallel on `threads` (>= 1) threads, and at most `capacity` (>= 1) values are
  // being processed or waiting. next() rethrows an exception of take() or of a job in place of its
  // value.
  Pipeline(unsigned threads, std::size_t capacity, std::function<std::optional<Job>()> take)
      : capacity_(capacity), take_(std::move(take)) {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  ~Pipeline() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  // The next value in order; empty at the end.
  [[nodiscard]] std::optional<T> next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !queue_.empty() || ended_; });
    if (queue_.empty()) return std::nullopt;
    std::future<T> value = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    changed_.notify_all();
    return value.get();
  }

  // Time spent in take() so far.
  [[nodiscard]] double seconds_taking() const {
    return std::chrono::duration<double>(std::chrono::nanoseconds(taking_)).count();
  }

 private:
  void work() {
    while (auto task = next_task()) (*task)();
  }

  // Puts the future of the next job into the queue and returns the job; empty if there is none.
  std::optional<std::packaged_task<T()>> next_task() {
    const std::lock_guard in_order(take_mutex_);
    if (!wait_for_room()) return std::nullopt;
    std::optional<Job> job = timed_take();
    const std::lock_guard lock(mutex_);
    if (!job) ended_ = true;
    std::optional<std::packaged_task<T()>> task;
    if (job) queue_.push_back(task.emplace(std::move(*job)).get_future());
    changed_.notify_all();
    return task;
  }

  // False at the end.
  bool wait_for_room() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return queue_.size() < capacity_ || ended_; });
    return !ended_;
  }

  std::optional<Job> timed_take() {
    if (failed_) return std::nullopt;
    const auto start = std::chrono::steady_clock::now();
    std::optional<Job> job;
    try {
      job = take_();
    } catch (...) {
      failed_ = true;
      job = [error = std::current_exception()]() -> T { std::rethrow_exception(error); };
    }
    taking_ += std::chrono::nanoseconds(std::chrono::steady_clock::now() - start).count();
    return job;
  }

  std::size_t capacity_;
  std::function<std::optional<Job>()> take_;
  std::mutex take_mutex_, mutex_;
  std::condition_variable changed_;
  std::deque<std::future<T>> queue_;
  bool ended_ = false, failed_ = false;  // failed_ belongs to take_mutex_
  std::atomic<std::int64_t> taking_{0};  // ns
  std::vector<std::thread> threads_;
};

}  // namespace stationhit::core
