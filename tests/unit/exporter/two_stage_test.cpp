// The exported file of two_stage, run by ONNX Runtime, against the network in Torch.
#include <cmath>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/known_networks.hpp>
#include <torch/torch.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/inference/engine_model.hpp>
#include <stationhit/inference/onnx_model.hpp>

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
using test::provenance;
using test::small;
using test::text;

// Two events in one call, the hits in random directions.
class TwoStage : public testing::Test {
 protected:
  static std::vector<std::string> features() {
    return test::with_map_features({"localY", "driftR", "technology"});
  }

  static ModelConfig config() {
    ModelConfig config = small("two_stage");
    config.message_layers = 2;
    config.edge_features = {"driftR"};
    config.encoding.features = {"localY", "driftR", "technology"};
    config.first_stage.encoding.features = {"localY", "driftR"};
    config.first_stage.edge_features = {"localY"};
    config.first_stage.neighbors = 3;
    config.map = {12, 9, 4, 2};
    return config;
  }

  static models::GraphTensors graph(std::int64_t nodes) {
    torch::manual_seed(nodes);
    const auto uniform = [&](double low, double high) {
      return torch::rand({nodes, 1}) * (high - low) + low;
    };
    models::GraphTensors graph;
    graph.features = torch::cat({uniform(-1500, 1500), uniform(0, 15), uniform(0, 6).floor(),
                                 uniform(-3.1415926, 3.1415926), uniform(0, 3.1415926),
                                 uniform(0, 4).floor(), uniform(1, 3).floor()},
                                1);
    graph.neighbors =
        torch::randint(-1, std::max<std::int64_t>(nodes, 1), {nodes, few}, torch::kInt);
    graph.events = (torch::arange(nodes) >= nodes / 3).to(torch::kLong);
    return graph;
  }

  static ModelInputs inputs_of(const models::GraphTensors& graph) {
    const auto copy = []<class T>(const torch::Tensor& values, T) {
      const torch::Tensor dense = values.contiguous();
      return std::vector<T>(dense.const_data_ptr<T>(), dense.const_data_ptr<T>() + dense.numel());
    };
    ModelInputs inputs;
    inputs.n_nodes = static_cast<std::size_t>(graph.features.size(0));
    inputs.features = copy(graph.features, float{});
    inputs.k = few;
    inputs.neighbors = copy(graph.neighbors, std::int32_t{});
    inputs.event_of_node = copy(graph.events.to(torch::kInt), std::int32_t{});
    return inputs;
  }

  // `kept`: share of the nodes of a large graph that the first stage keeps.
  static std::shared_ptr<models::Network> network(const ModelConfig& config, double kept) {
    torch::manual_seed(7);
    auto network = models::build_network(
        config, features(),
        features::NormalizationConstants{{0, 7, 2, 0, 0, 0, 0}, {1e-3F, 0.2F, 0.5F, 1, 1, 1, 1}});
    network->eval();
    const torch::NoGradGuard no_grad;
    const auto first = network->survivors(graph(500))->graph.first_logits;
    const double threshold = kept >= 1   ? -1e30
                             : kept <= 0 ? 1e30
                                         : first.quantile(1 - kept).item<double>();
    network->named_buffers()["first_stage_threshold"].fill_(threshold);
    return network;
  }

  static void expect_same_logits(const ModelConfig& config, double kept) {
    const torch::NoGradGuard no_grad;
    const auto network = TwoStage::network(config, kept);
    const auto path = export_file(*network);
    const OnnxModel model(path);
    const OnnxModel fused(export_file(*network, knn(), exporter::Interface::fused));
    const inference::EngineModel of_engine(onnx_file::read_model_bytes(path), path);
    EXPECT_TRUE(model.table_inputs().event_of_node);
    for (const std::int64_t nodes : {0, 1, 2, 3, 500}) {
      const auto graph = TwoStage::graph(nodes);
      const torch::Tensor expected = network->forward(graph).contiguous();
      const auto logits = model.run(inputs_of(graph));
      test::expect_close(logits, {expected.const_data_ptr<float>(), logits.size()}, 1e-4F);
      const auto by_engine = of_engine.run(inputs_of(graph));
      test::expect_close(by_engine, logits, 1e-5F);
      EXPECT_EQ(fused.run(inputs_of(graph)), by_engine);
    }
  }
};

TEST_F(TwoStage, SomeAllAndNoneSurvive) {
  for (const double kept : {0.2, 0.7, 1.0, 0.0}) {
    SCOPED_TRACE(kept);
    expect_same_logits(config(), kept);
  }
}

TEST_F(TwoStage, EveryKindOfOptions) {
  for (const auto aggregation : {Aggregation::max, Aggregation::mean, Aggregation::sum}) {
    for (const std::int32_t layers : {1, 2}) {
      ModelConfig config = TwoStage::config();
      config.aggregation = aggregation;
      config.message_layers = layers;
      config.layer_norm = layers == 2;
      config.residual = aggregation != Aggregation::mean;
      config.head = {12};
      config.blocks = layers;
      config.map.convolutions = layers;
      if (aggregation == Aggregation::sum)
        config.encoding.discrete = architecture::DiscreteEncoding::one_hot;
      if (layers == 1) config.edge_features.clear();
      if (layers == 2) config.encoding.limit = config.first_stage.encoding.limit = 0.5;
      if (layers == 1) config.activation = Activation::leaky_relu;
      SCOPED_TRACE(text(config));
      expect_same_logits(config, 0.4);
    }
  }
}

TEST_F(TwoStage, GivingTwoEventsAsOneChangesTheirLogits) {
  const auto network = TwoStage::network(config(), 0.5);
  const OnnxModel model(export_file(*network));
  ModelInputs inputs = inputs_of(graph(500));
  const auto apart = model.run(inputs);
  std::ranges::fill(inputs.event_of_node, 0);
  EXPECT_NE(model.run(inputs), apart);
}

TEST_F(TwoStage, NeedsATable) {
  const auto error_of = [&](const graph::GraphConfig& graph, exporter::Interface interface) {
    return test::error_of<core::ConfigError>([&] {
      (void)exporter::export_network(*network(config(), 0.5), provenance(graph), interface);
    });
  };
  EXPECT_EQ(error_of(full_groups(), exporter::Interface::table),
            "two_stage needs a neighbor table, but graph.edges is fully_connected; train it with "
            "graph.edges: knn or radius");
  EXPECT_CONTAINS(error_of(knn(), exporter::Interface::fused_edges),
                  "interface fused_edges: two_stage looks beyond groups");
  EXPECT_EQ(error_of(knn(), exporter::Interface::edges),
            "interface edges: two_stage looks beyond groups, and edges do not tell which nodes are "
            "an event; export it with the interface table");
}

}  // namespace
}  // namespace stationhit
