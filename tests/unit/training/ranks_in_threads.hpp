// Two ranks in one process, each a thread, connected by Gloo.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <future>
#include <thread>
#include <vector>

#include <stationhit/training/connect_ranks.hpp>

namespace stationhit::test {

// Calls work(rank) in `size` threads that are ranks of one training, and returns when all have
// ended. The exception of the first rank that has one is thrown again.
inline void run_ranks(std::uint32_t size, const std::function<void(const training::Ranks&)>& work,
                      std::chrono::seconds timeout = std::chrono::seconds(60)) {
  std::promise<std::uint16_t> listening;
  const std::shared_future<std::uint16_t> port = listening.get_future().share();
  std::vector<std::exception_ptr> errors(size);
  std::vector<std::thread> threads;
  for (std::uint32_t rank = 0; rank < size; ++rank) {
    threads.emplace_back([&, rank] {
      try {
        training::RankPlan plan{
            .rank = rank, .size = size, .port = rank == 0 ? std::uint16_t{0} : port.get()};
        training::MeetingHooks hooks;
        if (rank == 0) hooks.listening = [&](std::uint16_t chosen) { listening.set_value(chosen); };
        work(training::connect_ranks(plan, timeout, hooks));
      } catch (...) {
        errors[rank] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& error : errors)
    if (error) std::rethrow_exception(error);
}

}  // namespace stationhit::test
