// Finds events that the inputs of a preparation hold twice: they would end up in training and test.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/event.hpp>

#include "prepare_plan.hpp"

namespace stationhit::data {

// A hash of run number, event number and all columns of the hits. Numbers alone say nothing: files
// of a simulation begin anew with event 0. 0 for events without hits, of which many may be equal.
[[nodiscard]] std::uint64_t identify_event(const core::Event& event);

// An event is in the input twice.
class RepeatedEvent : public core::DataError {
 public:
  RepeatedEvent(const std::array<std::size_t, 2>& files, const std::string& message)
      : core::DataError(message), files_(files) {}
  [[nodiscard]] const std::array<std::size_t, 2>& files() const { return files_; }  // in the plan

 private:
  std::array<std::size_t, 2> files_;
};

// The events of all chunks of a plan, at most 32 bytes for each. Thread-safe.
class EventRegister {
 public:
  EventRegister(const PreparePlan& plan, DuplicateInputs duplicates);

  // Enters the events of a chunk by identify_event, in their order. With DuplicateInputs::refuse
  // throws RepeatedEvent naming both files and entries if one of them is there already.
  void add(std::size_t chunk, std::vector<std::uint64_t> events);

  // By chunk, the positions of the events to leave out so that every event is there once: the one
  // in the file that comes_first() is kept, and in a file the first one. For when all are entered.
  [[nodiscard]] std::vector<std::vector<std::uint32_t>> find_repeated();

 private:
  [[nodiscard]] bool insert(std::uint64_t event);
  [[noreturn]] void refuse(std::size_t chunk, std::size_t position) const;
  [[nodiscard]] std::string place(std::size_t chunk, std::size_t position) const;

  const PreparePlan& plan_;
  DuplicateInputs duplicates_;
  std::mutex mutex_;
  std::vector<std::uint64_t> table_;                // open addressing, 0 is free
  std::vector<std::vector<std::uint64_t>> events_;  // by chunk
};

}  // namespace stationhit::data
