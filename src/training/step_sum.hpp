// What the ranks contribute to an optimizer step, put together.
#pragma once

#include <cstdint>

#include <stationhit/training/ranks.hpp>

#include "batch_gradients.hpp"

namespace stationhit::training {

struct Step {
  GradientSum sum;
  std::uint64_t events = 0;
  bool stop = false;  // somebody asks to stop
};

// The step of all ranks together. Every rank calls it with its own part, which may have no events,
// and gets the same bits.
[[nodiscard]] Step sum_over_ranks(const Ranks& ranks, Step own);

}  // namespace stationhit::training
