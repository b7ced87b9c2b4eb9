// A step whose loss or gradients are not finite: whether it is one, and what made it one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <stationhit/models/network.hpp>
#include <stationhit/training/ranks.hpp>

#include "batch_gradients.hpp"
#include "sample.hpp"

namespace stationhit::training {

[[nodiscard]] bool is_finite(const BatchGradients& mean);

// The step that failed, as a rank has it.
struct FailedStep {
  std::span<const std::shared_ptr<const Sample>> samples;  // of this rank
  std::uint64_t first_event = 0;                           // number of the first of them
  double loss = 0;                                         // of all ranks
  std::int32_t epoch = 0;
  std::uint64_t events_before = 0;  // of the epoch, of all ranks
};

// Computes the events of the step once more, one after the other, until a number is not finite.
// Throws NonFiniteStep that names epoch and event, the feature, the weights, the layer or the
// gradient that is the first such number, and what to change. Every rank calls it with its own
// events, and all throw the same.
[[noreturn]] void refuse_step(models::Network& network, const FailedStep& step,
                              const StepSettings& settings, const Ranks& ranks);

}  // namespace stationhit::training
