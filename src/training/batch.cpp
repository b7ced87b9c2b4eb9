#include "batch.hpp"

#include <algorithm>

#include <torch/torch.h>

namespace stationhit::training {

Batch make_batch(std::span<const std::shared_ptr<const Sample>> samples, std::int64_t n_features, std::int64_t k) {
  std::int64_t nodes = 0;
  for (const auto& sample : samples) nodes += static_cast<std::int64_t>(sample->labels.size());
  Batch batch{{torch::empty({nodes, n_features}), torch::empty({nodes, k}, torch::kInt)}, torch::empty({nodes}), samples.size()};
  float* features = batch.graph.features.data_ptr<float>();
  std::int32_t* neighbours = batch.graph.neighbours.data_ptr<std::int32_t>();
  float* labels = batch.labels.data_ptr<float>();
  std::int32_t first = 0;
  for (const auto& sample : samples) {
    features = std::ranges::copy(sample->features, features).out;
    neighbours = std::ranges::transform(sample->neighbours, neighbours, [first](std::int32_t j) { return j < 0 ? j : j + first; }).out;
    labels = std::ranges::copy(sample->labels, labels).out;
    first += static_cast<std::int32_t>(sample->labels.size());
  }
  return batch;
}

}  // namespace stationhit::training
