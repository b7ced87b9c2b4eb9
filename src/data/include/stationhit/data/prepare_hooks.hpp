// Callbacks through which prepare reports its progress and is interrupted.
#pragma once

#include <cstdint>
#include <functional>

#include <stationhit/core/logger.hpp>

namespace stationhit::data {

struct PrepareHooks {
  core::Logger log;
  // Input events; may be empty; called under a lock.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
  std::function<bool()> stop_requested;  // may be empty; true: stop soon, a later call goes on
};

}  // namespace stationhit::data
