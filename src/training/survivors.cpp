// Each event is reduced by the thread that makes its inputs.
#include "survivors.hpp"

#include <span>
#include <utility>

#include <torch/torch.h>

#include "event_tensors.hpp"

namespace stationhit::training {
namespace {

template <class T>
std::vector<T> values_of(const torch::Tensor& tensor) {
  const torch::Tensor dense = tensor.contiguous();
  return {dense.const_data_ptr<T>(), dense.const_data_ptr<T>() + dense.numel()};
}

// rows: ascending
graph::NodeTable select_nodes(const graph::NodeTable& all, std::span<const std::int64_t> rows) {
  graph::NodeTable kept;
  kept.offsets.push_back(0);
  std::size_t group = 0;
  for (const std::int64_t row : rows) {
    const auto node = static_cast<std::uint32_t>(row);
    if (!kept.hit.empty() && node >= all.offsets[group + 1])
      kept.offsets.push_back(static_cast<std::uint32_t>(kept.hit.size()));
    while (node >= all.offsets[group + 1]) ++group;
    kept.hit.push_back(all.hit[node]);
  }
  if (!kept.hit.empty()) kept.offsets.push_back(static_cast<std::uint32_t>(kept.hit.size()));
  return kept;
}

features::LabeledEvent reduce(models::Network& network, features::LabeledEvent&& event) {
  torch::set_num_threads(1);
  const torch::NoGradGuard no_grad;
  features::EventInputs& inputs = event.inputs;
  const auto kept = network.survivors(
      graph_tensors(inputs.features.values, inputs.neighbors.index, inputs.nodes.offsets,
                    static_cast<std::int64_t>(network.feature_names().size()), inputs.neighbors.k));
  const auto rows = values_of<std::int64_t>(kept->rows);
  inputs.features.values = values_of<float>(kept->graph.features);
  inputs.neighbors.index = values_of<std::int32_t>(kept->graph.neighbors);
  inputs.nodes = select_nodes(inputs.nodes, rows);
  event.first_logits = values_of<float>(kept->graph.first_logits);
  std::vector<std::uint8_t> labels;
  for (const std::int64_t row : rows) labels.push_back(event.labels[static_cast<std::size_t>(row)]);
  event.labels = std::move(labels);
  return std::move(event);
}

class SurvivorStream final : public features::LabeledEventStream {
 public:
  SurvivorStream(std::unique_ptr<features::LabeledEventStream> all,
                 std::shared_ptr<models::Network> network)
      : all_(std::move(all)), network_(std::move(network)) {}

  std::optional<Job> next() override {
    auto job = all_->next();
    if (!job) return std::nullopt;
    return [network = network_, make = std::move(*job)] { return reduce(*network, make()); };
  }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return all_->size(); }

 private:
  std::unique_ptr<features::LabeledEventStream> all_;
  std::shared_ptr<models::Network> network_;
};

}  // namespace

TrainingData keep_survivors(const TrainingData& data, std::shared_ptr<models::Network> network) {
  TrainingData kept = data;
  kept.train = [all = data.train, network = std::move(network)](std::uint64_t epoch) {
    return std::make_unique<SurvivorStream>(all(epoch), network);
  };
  return kept;
}

std::shared_ptr<models::Network> copy_network(
    const models::Network& network,
    const std::optional<features::NormalizationConstants>& normalization) {
  const torch::NoGradGuard no_grad;
  auto copy = models::build_network(network.config(), network.feature_names(), normalization);
  copy->to(device_of(network));
  const auto copy_values = [](const auto& from, const auto& to) {
    for (const auto& item : to) item.value().copy_(from[item.key()]);
  };
  copy_values(network.named_parameters(), copy->named_parameters());
  copy_values(network.named_buffers(), copy->named_buffers());
  copy->eval();
  return copy;
}

double background_share_of(const TrainingRun& run) {
  return architecture::has_first_stage(run.model) ? 1.0 : run.training.background_share;
}

}  // namespace stationhit::training
