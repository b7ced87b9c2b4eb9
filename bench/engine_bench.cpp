// The engine against ONNX Runtime on the reference event: 6,900 nodes in 220 buckets, 8 features,
// tables of 16 neighbors, one thread, random weights, because the time does not depend on them.
// All run the same exported file, the engine in every precision; their logits are compared before
// anything is timed, and they take turns while it is. Arguments: repetitions (100), part of the
// names of networks (all).
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <stationhit/architecture/cost.hpp>
#include <stationhit/exporter/exporter.hpp>
#include <stationhit/inference/engine_model.hpp>
#include <stationhit/inference/onnx_model.hpp>
#include <stationhit/kernels/peak.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/onnx_file/model_editor.hpp>
#include <stationhit/quantization/linear_layers.hpp>
#include <stationhit/quantization/quantizer.hpp>

namespace {

using namespace stationhit;
using inference::ModelInputs;

const std::vector<std::string> feature_names{"localX",       "localY",        "localZ",
                                             "stationIndex", "stationPhi",    "stationEta",
                                             "driftR",       "relative_layer"};
constexpr std::size_t n_nodes = 6900, n_buckets = 220, k = 16;

struct Case {
  std::string name;
  architecture::ModelConfig config;
  bool fully_connected = false;
};

std::vector<Case> cases() {
  std::vector<Case> all{{"edgeconv", {}}};
  const auto add = [&](const std::string& name, auto change) {
    all.push_back({name, {}});
    change(all.back());
  };
  add("edgeconv, mean and layer norm", [](Case& c) {
    c.config.aggregation = architecture::Aggregation::mean;
    c.config.layer_norm = true;
  });
  add("edgeconv, two layers under max", [](Case& c) { c.config.message_layers = 2; });
  add("edgeconv, fully connected", [](Case& c) { c.fully_connected = true; });
  add("edgeconv_gat", [](Case& c) { c.config.architecture = "edgeconv_gat"; });
  add("edgeconv_attention", [](Case& c) { c.config.architecture = "edgeconv_attention"; });
  return all;
}

ModelInputs make_inputs() {
  std::mt19937_64 engine(7);
  std::normal_distribution<float> normal;
  ModelInputs inputs;
  inputs.n_nodes = n_nodes;
  inputs.k = k;
  for (std::size_t i = 0; i < n_nodes * feature_names.size(); ++i)
    inputs.features.push_back(normal(engine));
  for (std::size_t bucket = 0; bucket <= n_buckets; ++bucket)
    inputs.offsets.push_back(static_cast<std::int64_t>(bucket * n_nodes / n_buckets));
  inputs.event_of_node.assign(n_nodes, 0);
  for (std::size_t bucket = 0; bucket < n_buckets; ++bucket) {
    const auto first = inputs.offsets[bucket], size = inputs.offsets[bucket + 1] - first;
    inputs.longest = std::max(inputs.longest, static_cast<std::int32_t>(size));
    for (std::int64_t i = 0; i < size; ++i) {
      std::vector<std::int32_t> others;
      for (std::int64_t j = 0; j < size; ++j)
        if (j != i) others.push_back(static_cast<std::int32_t>(first + j));
      std::ranges::shuffle(others, engine);
      inputs.neighbors.insert(inputs.neighbors.end(), others.begin(), others.begin() + k);
    }
  }
  for (std::size_t bucket = 0; bucket < n_buckets; ++bucket) {
    for (std::int32_t place = 0; place < inputs.longest; ++place) {
      const auto node = inputs.offsets[bucket] + place;
      const bool exists = node < inputs.offsets[bucket + 1];
      if (exists) inputs.slot_of_node.push_back(static_cast<std::int32_t>(inputs.slots.size()));
      inputs.slots.push_back(exists ? static_cast<std::int32_t>(node) : -1);
    }
  }
  return inputs;
}

std::string export_case(const Case& of) {
  torch::manual_seed(1);
  const features::NormalizationConstants normalization{std::vector<float>(8, 0.0F),
                                                       std::vector<float>(8, 1.0F)};
  auto network = models::build_network(of.config, feature_names, normalization);
  network->eval();
  exporter::Provenance provenance;
  provenance.graph.k = k;
  if (of.fully_connected) provenance.graph.edges = graph::EdgeKind::fully_connected;
  return exporter::export_network(*network, provenance).serialize();
}

double milliseconds(const inference::Model& model, const ModelInputs& inputs) {
  const auto start = std::chrono::steady_clock::now();
  (void)model.run(inputs);
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

struct Contender {
  std::string name;
  std::unique_ptr<inference::Model> model;
  double tolerance = 0;  // of the difference to the first one
  double largest = 0, rms = 0;
  std::vector<double> times = {};

  [[nodiscard]] double least() const { return times.front(); }
  [[nodiscard]] double median() const { return times[times.size() / 2]; }
};

// |difference| / max(1, |logit|)
void compare(Contender& contender, const std::vector<float>& expected, const ModelInputs& inputs) {
  const std::vector<float> logits = contender.model->run(inputs);
  double squares = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double difference =
        std::abs(logits[i] - expected[i]) / std::max(1.0F, std::abs(expected[i]));
    contender.largest = std::max(contender.largest, difference);
    squares += difference * difference;
  }
  contender.rms = std::sqrt(squares / static_cast<double>(logits.size()));
  if (contender.largest <= contender.tolerance) return;
  std::printf("%s: logits differ by %.1e; not timed\n", contender.name.c_str(), contender.largest);
  std::exit(EXIT_FAILURE);
}

double gflop(const Case& of) {
  const auto network = architecture::describe_network(of.config, feature_names);
  const std::size_t pairs = n_nodes * n_nodes / n_buckets;
  architecture::EventSize event;
  event.nodes = n_nodes;
  for (const auto& graph : network.graphs)
    event.graphs[graph.name] = {of.fully_connected ? pairs : n_nodes * k, pairs, n_buckets};
  return static_cast<double>(architecture::count_flops(network, event)) * 1e-9;
}

// All linear layers but the last in int8.
std::string quantize(const std::string& content, const std::string& name) {
  quantization::QuantizationConfig config;
  config.target_cpu = quantization::TargetCpu::vnni;
  const std::vector<ModelInputs> events{make_inputs()};
  const quantization::Quantizer quantizer(
      content, name, quantization::calibrate(content, name, events, config, 1), config);
  std::set<std::string> layers;
  std::string last;
  for (const auto& layer :
       quantization::find_linear_layers(onnx_file::ModelEditor(content, name), name))
    layers.insert(last = layer.name);
  layers.erase(last);
  onnx_file::ModelEditor result(quantizer.quantized(layers), name);
  result.set_metadata(onnx_file::quantization_key, R"({"method": "static"})");
  return result.serialize();
}

bool engine_can_run(const std::string& content, const std::string& name) {
  const auto file = onnx_file::parse_model(content, name);
  return inference::engine_obstacle(file, onnx_file::from_properties(file.metadata, name)).empty();
}

std::vector<Contender> contenders_of(const Case& of) {
  const std::string content = export_case(of), int8 = quantize(content, of.name);
  std::vector<Contender> all;
  all.push_back({"engine", std::make_unique<inference::EngineModel>(content, of.name)});
  all.push_back(
      {"engine, bfloat16",
       std::make_unique<inference::EngineModel>(content, of.name, inference::Precision::bfloat16),
       0.1});
  if (engine_can_run(int8, of.name))
    all.push_back({"engine, int8", std::make_unique<inference::EngineModel>(int8, of.name), 0.5});
  all.push_back({"ONNX Runtime", std::make_unique<inference::OnnxModel>(content, of.name), 1e-5});
  all.push_back({"ONNX Runtime, int8", std::make_unique<inference::OnnxModel>(int8, of.name), 0.5});
  return all;
}

void measure(const Case& of, std::size_t repetitions) {
  const ModelInputs inputs = make_inputs();
  std::vector<Contender> contenders = contenders_of(of);
  const std::vector<float> expected = contenders.front().model->run(inputs);
  for (Contender& contender : contenders) compare(contender, expected, inputs);
  double peak = 0;
  for (std::size_t i = 0; i < repetitions; ++i) {
    for (Contender& contender : contenders)
      contender.times.push_back(milliseconds(*contender.model, inputs));
    if (i % 10 == 0) peak = std::max(peak, kernels::peak_flops_per_ns());
  }
  for (Contender& contender : contenders) std::ranges::sort(contender.times);
  for (const Contender& contender : contenders) {
    const double rate = gflop(of) / contender.least() * 1e3;
    std::printf("%-32s %-18s %7.2f %7.2f  %5.2fx %5.2fx  %6.1f  %3.0f %%  %.1e  %.1e\n",
                of.name.c_str(), contender.name.c_str(), contender.least(), contender.median(),
                contenders.front().least() / contender.least(),
                contenders.front().median() / contender.median(), rate, 100 * rate / peak,
                contender.largest, contender.rms);
  }
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t repetitions = argc > 1 ? std::stoul(argv[1]) : 100;
  std::printf(
      "%s, FMA peak %.1f GFLOP/s, %zu repetitions, ms: min and median; speed relative to the "
      "engine "
      "in float32, difference of the logits from it\n%-32s %-18s %15s  %13s  GFLOP/s of peak  "
      "largest  rms\n",
      kernels::instruction_set().c_str(), kernels::peak_flops_per_ns(), repetitions, "network",
      "by", "ms", "speed");
  for (const Case& of : cases()) {
    if (argc > 2 && of.name.find(argv[2]) == std::string::npos) continue;
    measure(of, repetitions);
  }
  return 0;
}
