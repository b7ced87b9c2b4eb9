// Brings the ranks of a training together. Free of Torch.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include <stationhit/training/rank_plan.hpp>
#include <stationhit/training/ranks.hpp>

namespace stationhit::training {

// For a program that starts the other ranks itself; both may be empty.
struct MeetingHooks {
  // Called once, with the port of the meeting point, as soon as others can come there.
  std::function<void(std::uint16_t port)> listening;
  // Called about every second while ranks are missing. What it throws ends the waiting.
  std::function<void()> waiting;
};

// Waits until all ranks of the plan are there; plan.size must be at least 2. A rank that does not
// answer for `timeout` (also while they come together) is lost. Throws ConfigError (port in use,
// ranks that contradict each other or cannot reach each other, a build without Gloo) and RankLost.
// The process ignores SIGPIPE from then on.
[[nodiscard]] Ranks connect_ranks(const RankPlan& plan, std::chrono::seconds timeout,
                                  const MeetingHooks& hooks = {});

}  // namespace stationhit::training
