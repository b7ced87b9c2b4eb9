// Loss and gradients of one optimizer step: event by event, on several threads, or of all events as
// one graph.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include <torch/types.h>

#include <stationhit/models/network.hpp>
#include <stationhit/training/training_config.hpp>

#include "sample.hpp"

namespace stationhit::training {

struct BatchGradients {
  double loss = 0;                       // mean over the nodes of the batch
  std::vector<torch::Tensor> gradients;  // of this loss, in the order of trained_parameters()
};

// The settings that all steps of an epoch share.
struct StepSettings {
  LossConfig loss;
  double pos_weight = 1;
  // Columns of the neighbor tables, 0 = fully connected groups.
  std::int64_t neighbor_columns = 16;
  double background_share = 1;   // of the groups without signal, see thin_background()
  std::uint64_t seed = 0;        // of the epoch: dropout, choice of the groups
  unsigned threads = 1;          // at most one per event is used
  std::uint64_t event_step = 1;  // from the number of a sample in its epoch to that of the next
  double missing_stations = 0;   // see leave_out_stations(); needs its features
  // So many events are one graph, with the functions of Torch: what a GPU wants. 0: event by event.
  std::size_t joined_events = 0;
  Precision precision = Precision::float32;
};

// What the passes of events took, in s of their threads.
struct PassTimes {
  double tensors = 0;  // inputs of the network, thinning of the background
  double forward = 0;  // with the loss
  double backward = 0;

  [[nodiscard]] double total() const { return tensors + forward + backward; }

  PassTimes& operator+=(const PassTimes& other) {
    tensors += other.tensors;
    forward += other.forward;
    backward += other.backward;
    return *this;
  }
};

// What one event adds.
struct EventGradients {
  std::size_t nodes = 0;  // that it has in this epoch
  double loss = 0;        // mean over these nodes
  // Of this mean, in the order of trained_parameters(); undefined where it does not depend on a
  // parameter. Empty for an event without nodes.
  std::vector<torch::Tensor> gradients;
  PassTimes times = {};
};

// number: of the event in its epoch. Runs in this thread.
[[nodiscard]] EventGradients event_gradients(models::Network& network, const Sample& sample,
                                             const StepSettings& settings, std::uint64_t number);

// Sums over the nodes of events. In float64, so that they hardly depend on who adds which events:
// the mean of all ranks, rounded to float32, is that of one rank with all events.
struct GradientSum {
  double loss = 0;
  std::uint64_t nodes = 0;
  std::vector<torch::Tensor> gradients;  // float64, in the order of trained_parameters()
  PassTimes times = {};
};

// first_event: number of the first sample in its epoch. Every event has random generators of its
// own, made from seed and number, and the parts are summed in the order of the events, so that the
// result does not depend on the number of threads; joined events have those of the first of them.
// Events without nodes count for nothing.
[[nodiscard]] GradientSum sum_gradients(models::Network& network,
                                        std::span<const std::shared_ptr<const Sample>> samples,
                                        const StepSettings& settings, std::uint64_t first_event);

// Zeros for no nodes.
[[nodiscard]] BatchGradients mean_gradients(const GradientSum& sum);

// The mean of sum_gradients().
[[nodiscard]] BatchGradients batch_gradients(models::Network& network,
                                             std::span<const std::shared_ptr<const Sample>> samples,
                                             const StepSettings& settings,
                                             std::uint64_t first_event);

}  // namespace stationhit::training
