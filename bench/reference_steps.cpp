// Our side of bench/peers/compare_training.py: runs a step of a reference network on the reference
// event for every line read.
//   reference_steps ARCHITECTURE FOLDER
// writes FOLDER/network.safetensors (a checkpoint with the initial weights) and
// FOLDER/event.safetensors (features [N, F], neighbors [N, k], offsets [G + 1], labels [N],
// pos_weight [1], learning_rate [1]), prints "ready", then answers each line of the standard input
// with two numbers:
//   forward   milliseconds of a forward pass, its loss
//   step      milliseconds of a training step as in `stationhit train` (forward, backward, AdamW),
//   and
//             the loss before it
//   memory    peak resident memory since "ready" above what was resident then, and what was
//   resident
//             then, in MiB
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <numeric>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <stationhit/data/safetensors.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/training/trainer.hpp>

#include "../src/training/batch_gradients.hpp"
#include "../src/training/checkpoint_io.hpp"
#include "../src/training/event_tensors.hpp"
#include "../src/training/loss.hpp"
#include "../src/training/optimizer.hpp"
#include "../src/training/torch_threads.hpp"

namespace {

using namespace stationhit;

constexpr std::size_t n_nodes = 6900, n_buckets = 220, k = 16, n_features = 8;
constexpr float pos_weight = 170;
constexpr unsigned seed = 1;
// If two neighbors are almost equal, rounding decides which is the largest, and the first steps of
// AdamW amplify tiny gradients. At a learning rate of 1e-3, a change of the weights by 1e-7 then
// changes the losses of five steps by 1e-4.
constexpr double learning_rate = 1e-4;

architecture::ModelConfig reference_model(const std::string& architecture) {
  architecture::ModelConfig config;  // width 64, base 3, scales -6 .. 6, one linear layer per
                                     // message, max, 4 heads, feed_forward 128
  config.architecture = architecture;
  config.blocks = architecture == "edgeconv" ? 3 : 2;
  return config;
}

std::vector<std::uint32_t> draw_offsets(std::mt19937_64& engine) {
  std::vector<std::uint32_t> offsets(n_buckets + 1, 0);
  for (std::size_t i = 0; i < n_nodes; ++i) ++offsets[1 + engine() % n_buckets];
  std::partial_sum(offsets.begin(), offsets.end(), offsets.begin());
  return offsets;
}

float squared_distance(const training::Sample& sample, std::size_t i, std::size_t j) {
  float sum = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const float difference =
        sample.features[i * n_features + axis] - sample.features[j * n_features + axis];
    sum += difference * difference;
  }
  return sum;
}

// The k nearest other nodes of the bucket [first, last) in the first three features.
void fill_neighbors(training::Sample& sample, std::uint32_t first, std::uint32_t last) {
  for (std::uint32_t node = first; node < last; ++node) {
    std::vector<std::uint32_t> others(last - first);
    std::iota(others.begin(), others.end(), first);
    std::erase(others, node);
    std::ranges::sort(others, {},
                      [&](std::uint32_t other) { return squared_distance(sample, node, other); });
    others.resize(std::min(others.size(), k));
    std::ranges::copy(others, sample.neighbors.begin() + static_cast<std::ptrdiff_t>(node * k));
  }
}

training::Sample reference_event() {
  std::mt19937_64 engine(seed);
  std::normal_distribution<float> normal;
  std::bernoulli_distribution is_signal(0.006);
  training::Sample sample;
  sample.offsets = draw_offsets(engine);
  for (std::size_t i = 0; i < n_nodes * n_features; ++i) sample.features.push_back(normal(engine));
  for (std::size_t i = 0; i < n_nodes; ++i) sample.labels.push_back(is_signal(engine) ? 1 : 0);
  sample.neighbors.assign(n_nodes * k, -1);
  for (std::size_t bucket = 0; bucket < n_buckets; ++bucket)
    fill_neighbors(sample, sample.offsets[bucket], sample.offsets[bucket + 1]);
  return sample;
}

void write_event(const std::filesystem::path& path, const training::Sample& sample) {
  const auto view = []<class T>(const std::vector<T>& values, std::vector<std::int64_t> shape) {
    return data::view_tensor(std::span<const T>(values), std::move(shape));
  };
  data::write_safetensors(
      path, std::vector<data::NamedTensor>{
                {"features", view(sample.features, {n_nodes, n_features})},
                {"neighbours", view(sample.neighbors, {n_nodes, k})},
                {"offsets", view(sample.offsets, {n_buckets + 1})},
                {"labels", view(sample.labels, {n_nodes})},
                {"pos_weight", data::view_tensor(std::span(&pos_weight, 1), {1})},
                {"learning_rate", data::view_tensor(std::span(&learning_rate, 1), {1})}});
}

// "VmRSS" (now) or "VmHWM" (peak) in MiB.
double resident_memory(const std::string& quantity) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(quantity + ":")) return std::stod(line.substr(quantity.size() + 1)) / 1024;
  }
  throw std::runtime_error("/proc/self/status has no " + quantity +
                           "; peak memory is measured on Linux only");
}

struct Answer {
  double value = 0, second = 0;
};

class ReferenceSteps {
 public:
  ReferenceSteps(const std::string& architecture, const std::filesystem::path& folder) {
    torch::manual_seed(seed);
    std::vector<std::string> names;
    for (std::size_t f = 0; f < n_features; ++f) names.push_back("feature" + std::to_string(f));
    network_ = models::build_network(reference_model(architecture), names, std::nullopt);
    optimizer_ = training::make_optimizer({.learning_rate = learning_rate}, *network_);
    samples_.push_back(std::make_shared<const training::Sample>(reference_event()));
    training::CheckpointMetadata metadata;
    metadata.model = network_->config();
    metadata.feature_names = names;
    training::write_checkpoint(folder / "network.safetensors", *network_, {}, metadata);
    write_event(folder / "event.safetensors", *samples_[0]);
  }

  // Asks the kernel to forget the peak so far.
  void start_memory() {
    std::ofstream("/proc/self/clear_refs") << 5;
    at_start_ = resident_memory("VmRSS");
  }

  Answer answer(const std::string& request) {
    if (request == "forward") return forward();
    if (request == "step") return step();
    if (request == "memory") return {resident_memory("VmHWM") - at_start_, at_start_};
    throw std::invalid_argument("request " + request +
                                " is not known; give forward, step or memory");
  }

 private:
  using Clock = std::chrono::steady_clock;
  static double milliseconds_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  }

  Answer forward() {
    const torch::NoGradGuard no_grad;
    const training::Sample& sample = *samples_[0];
    const auto start = Clock::now();
    const auto logits = network_->forward(
        training::graph_tensors(sample.features, sample.neighbors, sample.offsets, n_features, k));
    const double milliseconds = milliseconds_since(start);
    return {milliseconds,
            training::node_loss({}, logits, training::label_tensor(sample.labels), pos_weight)
                .item<double>()};
  }

  Answer step() {
    const auto start = Clock::now();
    const auto result =
        training::batch_gradients(*network_, samples_, {{}, pos_weight, k, 1, 0, 1}, 0);
    auto parameters = network_->parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i)
      parameters[i].mutable_grad() = result.gradients[i];
    optimizer_->step();
    return {milliseconds_since(start), result.loss};
  }

  const training::OneTorchThread one_thread_;
  std::shared_ptr<models::Network> network_;
  std::unique_ptr<torch::optim::Optimizer> optimizer_;
  std::vector<std::shared_ptr<const training::Sample>> samples_;
  double at_start_ = 0;
};

void serve(ReferenceSteps& steps) {
  steps.start_memory();
  std::puts("ready");
  std::fflush(stdout);
  for (std::string request; std::getline(std::cin, request);) {
    const auto [value, second] = steps.answer(request);
    std::printf("%.6f %.9g\n", value, second);
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: reference_steps ARCHITECTURE FOLDER\n";
    return 2;
  }
  try {
    training::keep_freed_memory();
    ReferenceSteps steps(argv[1], argv[2]);
    serve(steps);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
