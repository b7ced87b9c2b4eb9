// Ranks whose folders are not the same ones, or whose machines differ, would train different
// networks without an error.
#include "common_start.hpp"

#include <array>
#include <span>

#include <torch/types.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/hashing.hpp>

namespace stationhit::training {
namespace {

void add_tensor(core::Hasher& hasher, const std::string& name, const torch::Tensor& tensor) {
  const torch::Tensor dense = tensor.detach().cpu().contiguous();
  hasher.add(name);
  hasher.add(std::span(static_cast<const std::byte*>(dense.const_data_ptr()), dense.nbytes()));
}

// What is compared, and what its difference means.
struct Comparison {
  const char* what;
  const char* advice;
};
constexpr std::array comparisons{
    Comparison{"training events", "train_path must lead all ranks to the same events"},
    Comparison{"validation events", "val_path must lead all ranks to the same events"},
    Comparison{"completed epochs", "experiment_dir must be a folder that all ranks see"},
    Comparison{"weights", "all ranks must run the same build on machines of one kind"}};

std::array<std::string, comparisons.size()> describe_start(const TrainingRun& run,
                                                           const models::Network& network,
                                                           const TrainingState& state) {
  return {run.training_events, run.validation_events, std::to_string(state.epoch),
          digest_weights(network)};
}

}  // namespace

std::string digest_weights(const models::Network& network) {
  core::Hasher hasher;
  for (const auto& item : network.named_parameters()) add_tensor(hasher, item.key(), item.value());
  for (const auto& item : network.named_buffers()) add_tensor(hasher, item.key(), item.value());
  return hasher.hex();
}

void require_same_start(const TrainingRun& run, const models::Network& network,
                        const TrainingState& state) {
  if (run.ranks.size() == 1) return;
  const auto own = describe_start(run, network, state);
  for (std::size_t i = 0; i < comparisons.size(); ++i) {
    const auto all = run.ranks.exchange(own[i]);
    for (std::size_t rank = 1; rank < all.size(); ++rank) {
      if (all[rank] == all.front()) continue;
      throw core::DataError("rank " + std::to_string(rank) + " has other " + comparisons[i].what +
                            " (" + all[rank] + ") than rank 0 (" + all.front() + "); " +
                            comparisons[i].advice);
    }
  }
}

}  // namespace stationhit::training
