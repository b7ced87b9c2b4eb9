// The channel from a long task to its caller: messages, progress, and the request to stop.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include <stationhit/core/logger.hpp>

namespace stationhit::core {

// The progress of one piece of work. The piece ends when the object is destroyed.
class Progress {
 public:
  virtual ~Progress() = default;
  // `done` of the total are done; `note` stands behind it ("loss 0.12"). Called by one thread at a
  // time, as often as once per event: implementations must be cheap.
  virtual void update(std::uint64_t done, const std::string& note = "") = 0;
};

// While it exists, a request to stop may end the program at once.
class EndingAllowed {
 public:
  virtual ~EndingAllowed() = default;
};

// The base class itself is silent, shows no progress and never asks to stop.
class Observer {
 public:
  virtual ~Observer() = default;

  [[nodiscard]] virtual const Logger& log() const;

  // Announces a piece of work of `total` steps (0 = unknown). Never null.
  [[nodiscard]] virtual std::unique_ptr<Progress> start_progress(const std::string& label,
                                                                 std::uint64_t total) const;

  // Becomes true when the work should finish its step, save what it has and return. Any thread may
  // read it; it must live as long as the work.
  [[nodiscard]] virtual const std::atomic<bool>& stop_flag() const;
  [[nodiscard]] bool stop_requested() const { return stop_flag().load(); }

  // For work that takes long, cannot ask whether to stop and leaves nothing that must be removed
  // again: while the object that is returned exists, a request to stop may end the program at once,
  // with `line`, a literal, as its last line. Ask whether to stop after getting it: the request may
  // have come before. Never null. One at a time.
  [[nodiscard]] virtual std::unique_ptr<EndingAllowed> allow_ending(const char* line) const;
};

}  // namespace stationhit::core
