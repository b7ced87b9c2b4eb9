// The exported file, run by ONNX Runtime, against the network in Torch: every combination of
// options, graphs of 0, 1, 2 and many nodes.
#include <cmath>
#include <filesystem>
#include <random>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/known_networks.hpp>
#include <torch/torch.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/exporter/exporter.hpp>
#include <stationhit/features/features.hpp>
#include <stationhit/inference/engine_model.hpp>
#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/inference/onnx_model.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/onnx_file/model_file.hpp>

#include "exported_file.hpp"

namespace stationhit {
namespace {

using architecture::Activation;
using architecture::Aggregation;
using architecture::ModelConfig;
using inference::ModelInputs;
using inference::OnnxModel;
using test::export_file;
using test::few;
using test::full_groups;
using test::knn;
using test::many;
using test::provenance;
using test::small;
using test::text;

std::vector<std::string> feature_names() { return {"localX", "localY", "stationEta", "driftR"}; }

std::shared_ptr<models::Network> random_network(const ModelConfig& config, bool normalized = true) {
  torch::manual_seed(7);
  std::optional<features::NormalizationConstants> constants;
  if (normalized)
    constants = features::NormalizationConstants{{10, -20, 1, 5},
                                                 {1.0F / 900, 1.0F / 700, 1.0F / 6, 1.0F / 4}};
  auto network = models::build_network(config, feature_names(), constants);
  const torch::NoGradGuard no_gradients;
  for (auto& item :
       network->named_parameters()) {  // a layer norm starts as 1 and 0, which would hide mistakes
    if (item.key().find("norm") != std::string::npos)
      item.value().add_(torch::rand_like(item.value()));
  }
  network->eval();
  return network;
}

// Nodes in groups of 1, 2, ..., 7, 1, 2, ... nodes.
struct Nodes {
  std::vector<float> features;
  std::vector<std::int64_t> offsets{0};
  std::vector<std::int32_t>
      neighbors;  // rows filled from the left with 0 to k neighbors; node 0 has none

  Nodes(std::size_t n_nodes, std::int32_t k) {
    std::mt19937_64 engine(n_nodes + 1);
    const auto real = [&](float low, float high) {
      return low + (high - low) * static_cast<float>(engine() >> 40U) * 0x1p-24F;
    };
    for (std::size_t i = 0; i < n_nodes; ++i) {
      features.insert(features.end(),
                      {real(-2500, 2500), real(-1500, 1500), static_cast<float>(engine() % 22) - 11,
                       real(-14.6F, 14.6F)});
    }
    neighbors.assign(n_nodes * static_cast<std::size_t>(k), -1);
    for (std::size_t i = 1; i < n_nodes; ++i) {
      const std::size_t degree =
          std::min<std::size_t>(engine() % static_cast<std::size_t>(k + 1), n_nodes - 1);
      for (std::size_t slot = 0; slot < degree; ++slot)
        neighbors[i * k + slot] = static_cast<std::int32_t>(engine() % n_nodes);
    }
    while (offsets.back() < size())
      offsets.push_back(std::min(
          size(), offsets.back() + 1 + static_cast<std::int64_t>((offsets.size() - 1) % 7)));
  }
  [[nodiscard]] std::int64_t size() const {
    return static_cast<std::int64_t>(features.size() / feature_names().size());
  }
};

// The edges of the graph, in random order.
void add_edges(ModelInputs& inputs, const Nodes& nodes, const graph::GraphConfig& graph) {
  std::vector<std::pair<std::int64_t, std::int64_t>> edges;
  for (std::size_t i = 0; i < nodes.neighbors.size() && graph::has_table(graph); ++i) {
    if (nodes.neighbors[i] >= 0)
      edges.emplace_back(nodes.neighbors[i], static_cast<std::int64_t>(i) / graph.k);
  }
  for (std::size_t group = 0; group + 1 < nodes.offsets.size() && !graph::has_table(graph);
       ++group) {
    for (auto a = nodes.offsets[group]; a < nodes.offsets[group + 1]; ++a) {
      for (auto b = nodes.offsets[group]; b < nodes.offsets[group + 1]; ++b) {
        if (a != b) edges.emplace_back(a, b);
      }
    }
  }
  std::ranges::shuffle(edges, std::mt19937_64(4));
  for (const auto& [from, to] : edges) {
    inputs.edge_sources.push_back(from);
    inputs.edge_destinations.push_back(to);
  }
}

ModelInputs inputs_for(const inference::Model& model, const Nodes& nodes) {
  ModelInputs inputs;
  inputs.n_nodes = static_cast<std::size_t>(nodes.size());
  inputs.features = nodes.features;
  if (model.needs().neighbors) {
    inputs.k = model.graph().k;
    inputs.neighbors = nodes.neighbors;
  }
  if (model.needs().edges) add_edges(inputs, nodes, model.graph());
  if (model.needs().offsets) inputs.offsets = nodes.offsets;
  inputs.longest = 9;  // more than any group has
  for (std::size_t group = 0; group + 1 < nodes.offsets.size() && model.needs().slots; ++group) {
    for (std::int32_t place = 0; place < inputs.longest; ++place) {
      const auto node = nodes.offsets[group] + place;
      const bool exists = node < nodes.offsets[group + 1];
      if (exists) inputs.slot_of_node.push_back(static_cast<std::int32_t>(inputs.slots.size()));
      inputs.slots.push_back(exists ? static_cast<std::int32_t>(node) : -1);
    }
  }
  return inputs;
}

std::vector<float> torch_logits(models::Network& network, const Nodes& nodes,
                                const graph::GraphConfig& graph) {
  const torch::NoGradGuard no_gradients;
  models::GraphTensors tensors;
  tensors.features = torch::tensor(nodes.features, torch::kFloat)
                         .view({nodes.size(), static_cast<std::int64_t>(feature_names().size())});
  if (graph::has_table(graph))
    tensors.neighbors = torch::tensor(nodes.neighbors, torch::kInt).view({nodes.size(), graph.k});
  tensors.offsets = torch::tensor(nodes.offsets);
  const torch::Tensor logits = network.forward(tensors).contiguous();
  return {logits.const_data_ptr<float>(), logits.const_data_ptr<float>() + nodes.size()};
}

void expect_same_logits(const ModelConfig& config, bool normalized = true,
                        const graph::GraphConfig& graph = knn(),
                        exporter::Interface interface = exporter::Interface::table) {
  const auto network = random_network(config, normalized);
  const std::filesystem::path path = export_file(*network, graph, interface);
  const OnnxModel model(path);
  const OnnxModel fused(export_file(*network, graph, test::fused(interface)));
  const inference::EngineModel of_engine(onnx_file::read_model_bytes(path), path);
  for (const std::size_t n_nodes : {0, 1, 2, 3, 400}) {
    const Nodes nodes(n_nodes, graph.k);
    const std::vector<float> expected = torch_logits(*network, nodes, graph);
    const std::vector<float> logits = model.run(inputs_for(model, nodes));
    test::expect_close(logits, expected, 1e-4F);
    const std::vector<float> by_engine = of_engine.run(inputs_for(of_engine, nodes));
    test::expect_close(by_engine, logits, 1e-5F);
    // The order of the edges in a list decides the order of sums.
    if (interface == exporter::Interface::table)
      EXPECT_EQ(fused.run(inputs_for(fused, nodes)), by_engine);
    else
      test::expect_close(fused.run(inputs_for(fused, nodes)), by_engine, 1e-5F);
  }
}

std::vector<ModelConfig> combinations() {
  std::vector<ModelConfig> all;
  for (const auto aggregation : {Aggregation::max, Aggregation::mean, Aggregation::sum}) {
    for (const std::int32_t layers : {1, 2}) {
      for (const auto activation :
           {Activation::relu, Activation::leaky_relu, Activation::gelu, Activation::silu}) {
        for (const int bits : {0, 1, 2, 3}) {
          ModelConfig config = small("edgeconv");
          config.aggregation = aggregation;
          config.message_layers = layers;
          config.activation = activation;
          config.residual = (bits & 1) != 0;
          config.layer_norm = (bits & 2) != 0;
          if (bits == 3) config.head = {12, 8};
          if (bits == 2) config.encoding.type = architecture::EncodingType::none;
          const bool monotone =
              activation == Activation::relu || activation == Activation::leaky_relu;
          if (aggregation == Aggregation::max && layers == 1 && !monotone) continue;
          all.push_back(config);
        }
      }
    }
  }
  return all;
}

TEST(Exporter, EdgeConvInEveryCombinationOfOptions) {
  for (const ModelConfig& config : combinations()) {
    SCOPED_TRACE(text(config));
    expect_same_logits(config);
  }
}

TEST(Exporter, EdgeConvOnFullGroups) {
  for (const ModelConfig& config : combinations()) {
    SCOPED_TRACE(text(config));
    expect_same_logits(config, true, full_groups());
  }
}

TEST(Exporter, EdgeFeatures) {
  std::vector<ModelConfig> all = combinations();
  for (const std::string architecture : {"edgeconv_gat", "edgeconv_attention"}) {
    all.push_back(small(architecture));
    all.back().bands = 2;
  }
  for (ModelConfig& config : all) {
    config.edge_features = {feature_names()[3], feature_names()[0]};
    SCOPED_TRACE(text(config));
    expect_same_logits(config);
    if (config.residual) continue;
    expect_same_logits(config, false);
    if (config.architecture != "edgeconv_attention")
      expect_same_logits(config, true, knn(), exporter::Interface::edges);
  }
}

TEST(Exporter, SomeOfTheFeaturesEncoded) {
  for (const auto discrete :
       {architecture::DiscreteEncoding::encoded, architecture::DiscreteEncoding::one_hot}) {
    ModelConfig config = small("edgeconv");
    config.encoding.discrete = discrete;
    for (const std::vector<std::string>& names :
         {std::vector<std::string>{"driftR", "localX"},
          std::vector<std::string>{"driftR", "stationEta"}}) {
      config.encoding.features = names;
      config.edge_features = {"driftR"};
      expect_same_logits(config);
    }
  }
}

// The features of the tests are within 5 standard deviations.
TEST(Exporter, LimitedFeatures) {
  for (const char* architecture : {"mlp", "edgeconv", "edgeconv_gat", "edgeconv_attention"}) {
    for (const bool normalized : {true, false}) {
      ModelConfig config = small(architecture);
      config.bands = 2;
      config.encoding.limit = 0.5;
      if (config.architecture != "mlp") config.edge_features = {"driftR"};
      SCOPED_TRACE(text(config));
      expect_same_logits(config, normalized);
    }
  }
}

TEST(Exporter, NearestNeighborsOfTheTable) {
  for (ModelConfig config : combinations()) {
    config.neighbors = 2;
    SCOPED_TRACE(text(config));
    expect_same_logits(config);
    if (config.residual) expect_same_logits(config, true, knn(many));
  }
  ModelConfig config = small("edgeconv_gat");
  config.neighbors = 3;
  config.edge_features = {"driftR"};
  expect_same_logits(config);
  EXPECT_EQ(test::error_of<core::ConfigError>([&] {
              (void)exporter::export_network(*random_network(config), provenance(),
                                             exporter::Interface::edges);
            }),
            "interface edges: model.neighbors: 3 takes the nearest neighbors, and a list of edges "
            "has no order; export it with the interface table");
}

// The networks with attention: aggregations and message layers of their EdgeConv, with all
// activations in turn.
std::vector<ModelConfig> attention_combinations() {
  std::vector<ModelConfig> all;
  for (const std::string architecture : {"edgeconv_gat", "edgeconv_attention"}) {
    for (const auto aggregation : {Aggregation::max, Aggregation::mean, Aggregation::sum}) {
      for (const auto activation : {Activation::relu, Activation::leaky_relu, Activation::silu}) {
        ModelConfig config = small(architecture);
        config.aggregation = aggregation;
        config.activation = activation;
        config.message_layers =
            aggregation == Aggregation::sum || activation == Activation::silu ? 2 : 1;
        config.residual = activation != Activation::leaky_relu;
        config.layer_norm = activation != Activation::relu;
        config.feed_forward = 24;
        config.bands = 2;
        if (aggregation == Aggregation::mean)
          config.encoding.discrete = architecture::DiscreteEncoding::one_hot;
        all.push_back(config);
      }
    }
  }
  return all;
}

TEST(Exporter, NetworksWithAttention) {
  for (const ModelConfig& config : attention_combinations()) {
    SCOPED_TRACE(text(config));
    expect_same_logits(config);
    expect_same_logits(config, true, full_groups());
  }
}

TEST(Exporter, ListsOfEdges) {
  std::vector<ModelConfig> all = attention_combinations();
  for (const auto aggregation : {Aggregation::max, Aggregation::mean}) {
    for (const std::int32_t layers : {1, 2}) {
      ModelConfig config = small("edgeconv");
      config.aggregation = aggregation;
      config.message_layers = layers;
      config.activation = layers == 1 ? Activation::relu : Activation::silu;
      all.push_back(config);
    }
  }
  for (const ModelConfig& config : all) {
    SCOPED_TRACE(text(config));
    expect_same_logits(config, true, full_groups(), exporter::Interface::edges);
    if (config.architecture != "edgeconv_attention")
      expect_same_logits(config, true, knn(), exporter::Interface::edges);
  }
}

// One direction is enough to tell the groups.
TEST(Exporter, EdgesOfOneDirection) {
  const auto network = random_network(small("edgeconv"));
  const OnnxModel model(export_file(*network, full_groups(), exporter::Interface::edges));
  const Nodes nodes(50, few);
  const ModelInputs both = inputs_for(model, nodes);
  for (const bool ascending : {true, false}) {
    ModelInputs one = both;
    one.edge_sources.clear();
    one.edge_destinations.clear();
    for (std::size_t e = 0; e < both.edge_sources.size(); ++e) {
      if ((both.edge_sources[e] < both.edge_destinations[e]) != ascending) continue;
      one.edge_sources.push_back(both.edge_sources[e]);
      one.edge_destinations.push_back(both.edge_destinations[e]);
    }
    EXPECT_EQ(model.run(one), model.run(both));
  }
}

// A node with more neighbors than the network was trained with must not pass silently.
TEST(Exporter, TooManyEdgesOfANodeAreRefused) {
  const auto network = random_network(small("edgeconv"));
  const OnnxModel model(export_file(*network, knn(), exporter::Interface::edges));
  ModelInputs inputs = inputs_for(model, Nodes(40, few));
  EXPECT_NO_THROW((void)model.run(inputs));
  for (std::int64_t from = 1; from <= few + 1; ++from) {
    inputs.edge_sources.push_back(from);
    inputs.edge_destinations.push_back(0);
  }
  EXPECT_THROW((void)model.run(inputs), core::DataError);
}

std::string refusal(const std::string& architecture, const graph::GraphConfig& graph) {
  return test::error_of<core::ConfigError>([&] {
    (void)exporter::export_network(*random_network(small(architecture)), provenance(graph),
                                   exporter::Interface::edges);
  });
}

TEST(Exporter, NetworksThatAListOfEdgesCannotServeAreNamed) {
  EXPECT_EQ(refusal("mlp", full_groups()),
            "interface edges: the network mlp has no edges; export it with the interface table");
  EXPECT_EQ(refusal("edgeconv_attention", knn()),
            "interface edges: edgeconv_attention looks at whole groups, and the edges of "
            "graph.edges: knn do not tell them; export it with the "
            "interface table, or train it with graph.edges: fully_connected");
  EXPECT_EQ(refusal("edgeconv_attention", full_groups()), "");
}

TEST(Exporter, KnowsWhatTheToolOfTheExperimentCannotServe) {
  EXPECT_TRUE(
      exporter::drop_in_obstacles({"localX", "driftR", "isolation"}, full_groups()).empty());
  const auto obstacles = exporter::drop_in_obstacles({"localX", "time", "eta"}, knn());
  ASSERT_EQ(obstacles.size(), 2U);
  EXPECT_NE(obstacles[0].find("trained on graph.edges: knn in every bucket"), std::string::npos);
  EXPECT_NE(obstacles[1].find("does not know the features time, eta"), std::string::npos);
}

TEST(Exporter, EveryNetworkCanBeExported) {
  for (const auto& name : architecture::known_networks()) {
    ModelConfig config;
    config.architecture = name;
    const auto network =
        models::build_network(config, test::with_map_features({"localX"}), std::nullopt);
    EXPECT_FALSE(exporter::export_network(*network, {knn(), {}, 1.0, "", ""}).serialize().empty());
  }
}

TEST(Exporter, MlpInEveryCombinationOfOptions) {
  for (const auto activation :
       {Activation::relu, Activation::leaky_relu, Activation::gelu, Activation::silu}) {
    for (const int bits : {0, 1, 2, 3}) {
      ModelConfig config = small("mlp");
      config.activation = activation;
      config.residual = (bits & 1) != 0;
      config.layer_norm = (bits & 2) != 0;
      if (bits == 1) config.head = {12};
      SCOPED_TRACE(text(config));
      expect_same_logits(config);
    }
  }
}

TEST(Exporter, TheDefaultEncodingWithAnglesUpToTenThousand) { expect_same_logits(ModelConfig{}); }

TEST(Exporter, WithoutNormalization) {
  ModelConfig config = small("edgeconv");
  config.encoding.scales = {1, 4, 6};
  expect_same_logits(config, false);
}

TEST(Exporter, WideTables) {
  for (const auto activation : {Activation::relu, Activation::leaky_relu}) {
    ModelConfig config = small("edgeconv");
    config.activation = activation;
    for (const auto aggregation : {Aggregation::max, Aggregation::mean}) {
      config.aggregation = aggregation;
      expect_same_logits(config, true, knn(many));
    }
  }
  expect_same_logits(small("edgeconv_gat"), true, knn(many));
}

TEST(Exporter, WithoutBlocks) {
  ModelConfig config = small("edgeconv");
  config.blocks = 0;
  expect_same_logits(config);
}

TEST(Exporter, TheFileSaysWhatItIs) {
  const auto network = random_network(small("edgeconv"));
  const std::filesystem::path path = export_file(*network);
  const onnx_file::ModelFile file = onnx_file::read_model(path);
  EXPECT_TRUE(file.problems.empty());
  EXPECT_EQ(file.opset, 18);
  EXPECT_EQ(file.ir_version, 8);
  const OnnxModel model(path);
  EXPECT_EQ(model.metadata().feature_names, feature_names());
  EXPECT_EQ(model.graph(), provenance().graph);
  EXPECT_EQ(model.metadata().thresholds, provenance().thresholds);
  EXPECT_EQ(model.metadata().pos_weight, 171.25);
  EXPECT_EQ(model.metadata().config_hash, "feedbeef");
  EXPECT_EQ(model.metadata().architecture, "edgeconv");
  EXPECT_EQ(model.metadata().interface_name, "table");
  EXPECT_FALSE(model.metadata().version.empty());
}

// A file that is not as it was written goes to ONNX Runtime, and says so.
TEST(Exporter, TheEngineRunsOnlyFilesThatAreAsTheyWereWritten) {
  const auto path = export_file(*random_network(small("edgeconv")));
  const inference::HitClassifier classifier(path);
  EXPECT_EQ(classifier.model().backend(), inference::Backend::engine);
  EXPECT_EQ(classifier.engine_obstacle(), "");
  auto metadata = classifier.model().metadata();
  onnx_file::ModelFile file = onnx_file::read_model(path);
  file.integrity = onnx_file::Integrity::changed;
  EXPECT_EQ(inference::engine_obstacle(file, metadata), "it is not as it was written (checksum)");
  file.integrity = onnx_file::Integrity::unchanged;
  metadata.quantization_json = "{}";
  EXPECT_EQ(inference::engine_obstacle(file, metadata),
            "its metadata do not say how it was quantized");
  metadata.network_json.clear();
  EXPECT_EQ(inference::engine_obstacle(file, metadata), "its metadata do not describe the network");
}

TEST(Exporter, EveryEncoding) {
  for (const auto& type : core::all_names<architecture::EncodingType>()) {
    for (const auto& discrete : core::all_names<architecture::DiscreteEncoding>()) {
      ModelConfig config = small("edgeconv");
      config.encoding.type = core::value_of<architecture::EncodingType>(type).value();
      config.encoding.discrete = core::value_of<architecture::DiscreteEncoding>(discrete).value();
      SCOPED_TRACE(text(config) + " discrete " + discrete);
      expect_same_logits(config);
    }
  }
}

}  // namespace
}  // namespace stationhit
