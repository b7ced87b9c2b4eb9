// The events of a batch are independent terms of one sum, so each is a forward and a backward pass
// of its own on any thread. Floating-point sums depend on their order; the terms are therefore
// added in the order of the events, and those that are ready too early wait. On a GPU the events of
// a batch are one graph, because one alone does not fill it.
#include "batch_gradients.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include <torch/torch.h>

#include <stationhit/core/threads.hpp>
#include <stationhit/models/aten_forms.hpp>
#include <stationhit/training/shuffle.hpp>

#include "autocast.hpp"
#include "event_tensors.hpp"
#include "join_samples.hpp"
#include "leave_out_stations.hpp"
#include "loss.hpp"
#include "stopwatch.hpp"
#include "thin_background.hpp"
#include "torch_threads.hpp"

namespace stationhit::training {
namespace {

using torch::Tensor;

// Adds loss and gradients of events in the order of the events, whatever the order in which they
// come.
class OrderedSum {
 public:
  explicit OrderedSum(const std::vector<Tensor>& parameters) {
    for (const auto& parameter : parameters)
      sum_.gradients.push_back(torch::zeros(parameter.sizes(), torch::kDouble));
  }

  void add(std::size_t index, EventGradients part) {
    const std::scoped_lock lock(mutex_);
    waiting_.emplace(index, std::move(part));
    // The map is sorted by event, so its first entry is the only candidate for the next term.
    for (auto next = waiting_.begin(); next != waiting_.end() && next->first == added_;
         next = waiting_.erase(next), ++added_)
      add(next->second);
  }

  [[nodiscard]] GradientSum result() && { return std::move(sum_); }

 private:
  void add(const EventGradients& part) {
    const auto nodes = static_cast<double>(part.nodes);
    sum_.loss += part.loss * nodes;
    sum_.times += part.times;
    for (std::size_t i = 0; i < part.gradients.size(); ++i) {
      if (part.gradients[i].defined())
        sum_.gradients[i].add_(part.gradients[i].to(torch::kCPU), nodes);
    }
  }

  GradientSum sum_;
  std::mutex mutex_;
  std::map<std::size_t, EventGradients> waiting_;
  std::size_t added_ = 0;
};

// The logits in the type of the weights.
Tensor run_network(models::Network& network, const models::GraphTensors& graph,
                   const StepSettings& settings) {
  if (settings.precision == Precision::float32) return network.forward(graph);
  const Autocast autocast(graph.features.device());
  return network.forward(graph).to(torch::kFloat);
}

// No parameter's own gradient is touched: the threads share the network.
// stopwatch: runs since the work on the event began. events: of the nodes, where there are several.
EventGradients gradients_of(models::Network& network, const std::vector<Tensor>& parameters,
                            const Sample& sample, const StepSettings& settings,
                            std::uint64_t event_seed, Stopwatch stopwatch,
                            const Tensor& events = {}) {
  if (sample.labels.empty()) return {};
  // Set in every worker thread, see torch_threads.hpp.
  torch::set_num_threads(1);
  std::optional<models::AtenForms> torch_only;
  if (settings.joined_events > 0) torch_only.emplace();
  const torch::Device device = device_of(network);
  auto graph = graph_tensors(sample.features, sample.neighbors, sample.offsets,
                             static_cast<std::int64_t>(network.feature_names().size()),
                             settings.neighbor_columns);
  graph.first_logits = optional_tensor(sample.first_logits);
  graph.events = events;
  graph = to_device(std::move(graph), device);
  // Its own generator per event: the default one is shared by all threads.
  graph.dropout = make_generator(device, event_seed);
  const Tensor labels = label_tensor(sample.labels).to(device);
  Tensor weights = optional_tensor(sample.weights);
  if (weights.defined()) weights = weights.to(device);
  EventGradients result{sample.labels.size(), 0, {}};
  result.times.tensors = stopwatch.lap();
  const Tensor mean = node_loss(settings.loss, run_network(network, graph, settings), labels,
                                settings.pos_weight, weights);
  result.loss = mean.item<double>();
  result.times.forward = stopwatch.lap();
  // grad() returns the gradients instead of adding them to the parameters, which all threads share.
  result.gradients = torch::autograd::grad({mean}, parameters, {}, std::nullopt,
                                           /*create_graph=*/false, /*allow_unused=*/true);
  result.times.backward = stopwatch.lap();
  return result;
}

// What is left of an event where stations are missing and background is thinned; nothing: all of
// it.
std::optional<Sample> reduce(const models::Network& network, const Sample& sample,
                             const StepSettings& settings, std::uint64_t event_seed) {
  std::optional<Sample> reduced;
  if (settings.missing_stations > 0)
    reduced = leave_out_stations(sample, find_station_columns(network.feature_names()).value(),
                                 settings.missing_stations, event_seed);
  if (settings.background_share < 1)
    reduced = thin_background(reduced ? *reduced : sample, settings.background_share, event_seed);
  return reduced;
}

// number: of the event in its epoch.
EventGradients reduced_gradients(models::Network& network, const std::vector<Tensor>& parameters,
                                 const Sample& sample, const StepSettings& settings,
                                 std::uint64_t number) {
  const Stopwatch stopwatch;
  const std::uint64_t event_seed = mixed_seed(settings.seed, number);
  const std::optional<Sample> reduced = reduce(network, sample, settings, event_seed);
  return gradients_of(network, parameters, reduced ? *reduced : sample, settings, event_seed,
                      stopwatch);
}

// The same for several events as one graph.
EventGradients joined_gradients(models::Network& network, const std::vector<Tensor>& parameters,
                                std::span<const std::shared_ptr<const Sample>> samples,
                                const StepSettings& settings, std::uint64_t first_event) {
  const Stopwatch stopwatch;
  std::vector<std::optional<Sample>> reduced(samples.size());
  std::vector<const Sample*> parts(samples.size());
  core::parallel_for(samples.size(), settings.threads, [&](std::size_t i) {
    reduced[i] = reduce(network, *samples[i], settings,
                        mixed_seed(settings.seed, first_event + i * settings.event_step));
    parts[i] = reduced[i] ? &*reduced[i] : samples[i].get();
  });
  const JoinedSamples joined = join_samples(parts);
  return gradients_of(network, parameters, joined.sample, settings,
                      mixed_seed(settings.seed, first_event), stopwatch,
                      torch::tensor(joined.events, torch::kLong));
}

}  // namespace

EventGradients event_gradients(models::Network& network, const Sample& sample,
                               const StepSettings& settings, std::uint64_t number) {
  const OneTorchThread one_thread;
  return reduced_gradients(network, network.trained_parameters().values(), sample, settings,
                           number);
}

GradientSum sum_gradients(models::Network& network,
                          std::span<const std::shared_ptr<const Sample>> samples,
                          const StepSettings& settings, std::uint64_t first_event) {
  const OneTorchThread one_thread;
  const auto parameters = network.trained_parameters().values();
  OrderedSum sum(parameters);
  if (settings.joined_events > 0) {
    for (std::size_t i = 0; i * settings.joined_events < samples.size(); ++i) {
      const std::size_t first = i * settings.joined_events;
      const auto part =
          samples.subspan(first, std::min(settings.joined_events, samples.size() - first));
      sum.add(i, joined_gradients(network, parameters, part, settings,
                                  first_event + first * settings.event_step));
    }
  } else {
    core::parallel_for(samples.size(), settings.threads, [&](std::size_t i) {
      sum.add(i, reduced_gradients(network, parameters, *samples[i], settings,
                                   first_event + i * settings.event_step));
    });
  }
  GradientSum result = std::move(sum).result();
  for (const auto& sample : samples) result.nodes += sample->labels.size();
  return result;
}

BatchGradients mean_gradients(const GradientSum& sum) {
  const auto nodes = static_cast<double>(std::max<std::uint64_t>(sum.nodes, 1));
  BatchGradients mean{sum.loss / nodes, {}};
  for (const Tensor& gradient : sum.gradients)
    mean.gradients.push_back((gradient / nodes).to(torch::kFloat));
  return mean;
}

BatchGradients batch_gradients(models::Network& network,
                               std::span<const std::shared_ptr<const Sample>> samples,
                               const StepSettings& settings, std::uint64_t first_event) {
  return mean_gradients(sum_gradients(network, samples, settings, first_event));
}

}  // namespace stationhit::training
