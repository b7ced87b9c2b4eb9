// Features and neighbors become tensors without a copy; offsets and labels are few and are
// converted. A view must not outlive the event.
#include "event_tensors.hpp"

#include <vector>

#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

namespace stationhit::training {
namespace {

// Torch takes no pointer to const.
template <class T>
torch::Tensor view(std::span<const T> values, torch::IntArrayRef shape, torch::ScalarType type) {
  return torch::from_blob(const_cast<T*>(values.data()), shape, type);
}

}  // namespace

models::GraphTensors graph_tensors(std::span<const float> features,
                                   std::span<const std::int32_t> neighbors,
                                   std::span<const std::uint32_t> offsets, std::int64_t n_features,
                                   std::int64_t k) {
  const auto nodes = static_cast<std::int64_t>(features.size()) / n_features;
  return {view(features, {nodes, n_features}, torch::kFloat),
          k > 0 ? view(neighbors, {nodes, k}, torch::kInt) : torch::Tensor(),
          torch::tensor(std::vector<std::int64_t>(offsets.begin(), offsets.end()))};
}

models::GraphTensors to_device(models::GraphTensors graph, const torch::Device& device) {
  for (torch::Tensor* tensor :
       {&graph.features, &graph.neighbors, &graph.events, &graph.first_logits}) {
    if (tensor->defined()) *tensor = tensor->to(device);
  }
  return graph;
}

torch::Device device_of(const models::Network& network) {
  return network.parameters().front().device();
}

at::Generator make_generator(const torch::Device& device, std::uint64_t seed) {
  if (device.is_cpu()) return at::make_generator<at::CPUGeneratorImpl>(seed);
  at::Generator generator = at::globalContext().defaultGenerator(device).clone();
  generator.set_current_seed(seed);
  return generator;
}

torch::Tensor label_tensor(std::span<const std::uint8_t> labels) {
  return view(labels, {static_cast<std::int64_t>(labels.size())}, torch::kByte).to(torch::kFloat);
}

torch::Tensor optional_tensor(std::span<const float> values) {
  return values.empty() ? torch::Tensor()
                        : view(values, {static_cast<std::int64_t>(values.size())}, torch::kFloat);
}

}  // namespace stationhit::training
