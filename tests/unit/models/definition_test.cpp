// The networks against their definitions, node by node and edge by edge.
#include <cmath>

#include <gtest/gtest.h>
#include <support/case_name.hpp>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>

#include "reference.hpp"

namespace stationhit {
namespace {

using architecture::Activation;
using architecture::Aggregation;
using architecture::DiscreteEncoding;
using architecture::EncodingType;
using architecture::ModelConfig;
using test::NaiveNetwork;
using test::RandomGraph;

template <core::NamedEnum Choice>
Choice choice(const std::string& name) {
  return core::value_of<Choice>(name).value();
}

ModelConfig small_config() {
  ModelConfig config;
  config.width = 6;
  config.blocks = 2;
  config.heads = 3;
  config.bands = 2;
  config.feed_forward = 5;
  config.encoding.scales = {-1, 0, 2};
  return config;
}

features::NormalizationConstants some_normalization() {
  return {{0.5F, -1.0F, 0.25F}, {2.0F, 0.5F, 1.0F}};
}

std::shared_ptr<models::Network> build(const ModelConfig& config) {
  torch::manual_seed(7);
  auto network = models::build_network(config, {"a", "b", "c"}, some_normalization());
  network->to(torch::kDouble);
  network->eval();
  return network;
}

struct Case {
  std::string architecture, aggregation, activation;
  int message_layers;
  bool residual, layer_norm;
};

class AgainstDefinition : public testing::TestWithParam<Case> {};

TEST_P(AgainstDefinition, LogitsAgreeInDoublePrecision) {
  ModelConfig config = small_config();
  config.architecture = GetParam().architecture;
  config.aggregation = choice<Aggregation>(GetParam().aggregation);
  config.activation = choice<Activation>(GetParam().activation);
  config.message_layers = GetParam().message_layers;
  config.residual = GetParam().residual;
  config.layer_norm = GetParam().layer_norm;
  config.head = GetParam().layer_norm ? std::vector<std::int32_t>{5} : std::vector<std::int32_t>{};
  const auto network = build(config);
  const NaiveNetwork naive(*network);
  for (const std::size_t nodes : {0U, 1U, 2U, 3U, 40U}) {
    const RandomGraph with_table(nodes + 1, nodes);
    for (const auto& graph : {with_table, with_table.with_full_groups()}) {
      const auto expected = naive.logits(graph);
      const auto logits = network->forward(graph.tensors());
      ASSERT_EQ(logits.dim(), 1);
      const auto actual = test::to_vector(logits);
      ASSERT_EQ(actual.size(), nodes);
      for (std::size_t i = 0; i < nodes; ++i) {
        EXPECT_NEAR(actual[i], expected[i], 1e-11)
            << "node " << i << " of " << nodes
            << (graph.fully_connected ? ", full groups" : ", table");
      }
    }
  }
}

std::vector<Case> cases() {
  std::vector<Case> all{{"mlp", "max", "relu", 1, true, false},
                        {"mlp", "max", "gelu", 1, false, true},
                        {"edgeconv", "max", "leaky_relu", 1, true, true}};
  for (const auto* aggregation : {"max", "mean", "sum"}) {
    for (const int layers : {1, 2}) {
      all.push_back({"edgeconv", aggregation, "relu", layers, true, false});
      all.push_back({"edgeconv", aggregation, "relu", layers, false, true});
    }
    all.push_back({"edgeconv", aggregation, "silu", 2, true, true});
    all.push_back({"edgeconv", aggregation, "leaky_relu", 2, true, false});
  }
  for (const auto* architecture : {"edgeconv_gat", "edgeconv_attention"}) {
    all.push_back({architecture, "max", "relu", 1, true, false});
    all.push_back({architecture, "mean", "relu", 1, true, true});
    all.push_back({architecture, "max", "silu", 2, false, true});
    all.push_back({architecture, "sum", "gelu", 2, true, false});
  }
  all.push_back({"edgeconv", "mean", "leaky_relu", 1, true, false});
  all.push_back({"edgeconv", "sum", "gelu", 1, false, false});
  return all;
}
INSTANTIATE_TEST_SUITE_P(Options, AgainstDefinition, testing::ValuesIn(cases()),
                         [](const auto& made) {
                           const Case& c = made.param;
                           return test::case_name(c.architecture, c.aggregation, c.activation,
                                                  c.message_layers, c.residual ? "residual" : "",
                                                  c.layer_norm ? "layer_norm" : "");
                         });

// Every kind of message with differences of two of the three features, for each network with edges.
TEST(EdgeFeatures, LogitsAgreeInDoublePrecision) {
  for (const auto* architecture : {"edgeconv", "edgeconv_gat", "edgeconv_attention"}) {
    for (const auto* aggregation : {"max", "mean", "sum"}) {
      for (const int layers : {1, 2}) {
        ModelConfig config = small_config();
        config.architecture = architecture;
        config.aggregation = choice<Aggregation>(aggregation);
        config.message_layers = layers;
        config.edge_features = {"c", "a"};
        const auto network = build(config);
        const RandomGraph graph(5, 30);
        const auto expected = NaiveNetwork(*network).logits(graph);
        const auto actual = test::to_vector(network->forward(graph.tensors()));
        for (std::size_t i = 0; i < 30; ++i) {
          EXPECT_NEAR(actual[i], expected[i], 1e-11)
              << architecture << " " << aggregation << " " << layers << " node " << i;
        }
      }
    }
  }
}

// A limit that half of the values exceed.
TEST(LimitedFeatures, LogitsAgreeInDoublePrecision) {
  for (const auto* architecture : {"mlp", "edgeconv", "edgeconv_gat", "edgeconv_attention"}) {
    for (const auto type : {EncodingType::fourier, EncodingType::hybrid, EncodingType::none}) {
      ModelConfig config = small_config();
      config.architecture = architecture;
      if (config.architecture != "edgeconv_attention") config.encoding.type = type;
      if (config.architecture != "mlp") config.edge_features = {"c", "a"};
      const RandomGraph graph(5, 30);
      const auto without = test::to_vector(build(config)->forward(graph.tensors()));
      config.encoding.limit = 0.75;
      const auto network = build(config);
      const auto expected = NaiveNetwork(*network).logits(graph);
      const auto actual = test::to_vector(network->forward(graph.tensors()));
      EXPECT_NE(actual, without);
      for (std::size_t i = 0; i < 30; ++i)
        EXPECT_NEAR(actual[i], expected[i], 1e-11) << architecture << " node " << i;
    }
  }
}

TEST(EdgeFeatures, NeedATable) {
  ModelConfig config = small_config();
  config.edge_features = {"a"};
  const auto network = build(config);
  EXPECT_EQ(test::error_of<core::ConfigError>(
                [&] { (void)network->forward(RandomGraph(5, 9).with_full_groups().tensors()); }),
            "model.edge_features needs a neighbor table; set graph.edges: knn or radius");
}

TEST(EdgeFeatures, AreAmongTheFeaturesOnceAndNoCodes) {
  const auto error_of = [](std::vector<std::string> names) {
    ModelConfig config = small_config();
    config.encoding.discrete = DiscreteEncoding::one_hot;
    config.edge_features = std::move(names);
    return test::error_of<core::ConfigError>([&] {
      (void)models::build_network(config, {"localY", "technology"}, std::nullopt);
    });
  };
  EXPECT_EQ(error_of({"localZ"}),
            "model.edge_features: localZ is not among the features localY, technology; add it "
            "there");
  EXPECT_EQ(error_of({"technology"}),
            "model.edge_features: technology enters as a code, of which there are no differences; "
            "take it out");
  EXPECT_EQ(error_of({"localY", "localY"}),
            "model.edge_features: localY is there twice; give it once");
}

// Weights drawn from the same seed.
torch::Tensor logits_of(const ModelConfig& config, const std::vector<std::string>& names,
                        const features::NormalizationConstants& normalization,
                        const models::GraphTensors& graph) {
  torch::manual_seed(7);
  const auto network = models::build_network(config, names, normalization);
  return network->forward(graph);
}

TEST(EncodedFeatures, OthersLeaveNoTrace) {
  for (const auto* architecture : {"mlp", "edgeconv", "edgeconv_gat", "edgeconv_attention"}) {
    for (const auto type : {EncodingType::fourier, EncodingType::learned}) {
      ModelConfig config = small_config();
      config.architecture = architecture;
      config.encoding.type = type;
      if (config.architecture != "mlp") config.edge_features = {"c"};
      models::GraphTensors graph = RandomGraph(5, 30).tensors();
      ModelConfig selecting = config;
      selecting.encoding.features = {"c", "a"};  // their order is that of the features
      const auto selected =
          logits_of(selecting, {"a", "b", "c"}, some_normalization(), graph).detach();
      graph.features = graph.features.index_select(1, torch::tensor({0, 2}));
      const auto alone = logits_of(config, {"a", "c"}, {{0.5F, 0.25F}, {2.0F, 1.0F}}, graph);
      EXPECT_TRUE(torch::equal(selected, alone)) << architecture;
    }
  }
}

TEST(EncodedFeatures, AreAmongTheFeaturesOnce) {
  const auto error_of = [](std::vector<std::string> encoded, std::vector<std::string> of_edges) {
    ModelConfig config = small_config();
    config.encoding.features = std::move(encoded);
    config.edge_features = std::move(of_edges);
    return test::error_of<core::ConfigError>([&] {
      (void)models::build_network(config, {"localY", "driftR"}, std::nullopt);
    });
  };
  EXPECT_EQ(error_of({"localZ"}, {}),
            "model.encoding.features: localZ is not among the features localY, driftR; add it "
            "there");
  EXPECT_EQ(error_of({"localY", "localY"}, {}),
            "model.encoding.features: localY is there twice; give it once");
  EXPECT_EQ(error_of({"localY"}, {"driftR"}),
            "model.edge_features: driftR is not among model.encoding.features; add it there");
}

TEST(NearestNeighbors, EqualATableWithTheseColumnsOnly) {
  for (const auto* architecture : {"edgeconv", "edgeconv_gat", "edgeconv_attention"}) {
    ModelConfig config = small_config();
    config.architecture = architecture;
    config.edge_features = {"c"};
    models::GraphTensors graph = RandomGraph(5, 30).tensors();
    const std::vector<std::string> names{"a", "b", "c"};
    const auto all = logits_of(config, names, some_normalization(), graph);
    config.neighbors = 2;
    const auto nearest = logits_of(config, names, some_normalization(), graph);
    EXPECT_FALSE(torch::allclose(nearest, all)) << architecture;
    config.neighbors = 0;
    graph.neighbors = graph.neighbors.slice(1, 0, 2);
    EXPECT_TRUE(torch::equal(nearest, logits_of(config, names, some_normalization(), graph)))
        << architecture;
  }
}

struct EncodingCase {
  std::string architecture, type, discrete;
};
class EncodingAgainstDefinition : public testing::TestWithParam<EncodingCase> {};

// technology 0, 1, ... and stationEta -10, -9, ...: some of them are no codes.
TEST_P(EncodingAgainstDefinition, LogitsAgreeInDoublePrecision) {
  ModelConfig config = small_config();
  config.architecture = GetParam().architecture;
  config.encoding.type = choice<EncodingType>(GetParam().type);
  config.encoding.discrete = choice<DiscreteEncoding>(GetParam().discrete);
  torch::manual_seed(7);
  const auto network =
      models::build_network(config, {"technology", "b", "stationEta"}, some_normalization());
  network->to(torch::kDouble);
  RandomGraph graph(3, 25);
  for (std::size_t i = 0; i < 25; ++i) {
    graph.features[i][0] = static_cast<double>(i % 9);
    graph.features[i][2] = i == 7 ? 0.5 : static_cast<double>(i) - 10;
  }
  const auto expected = NaiveNetwork(*network).logits(graph);
  const auto actual = test::to_vector(network->forward(graph.tensors()));
  for (std::size_t i = 0; i < 25; ++i) EXPECT_NEAR(actual[i], expected[i], 1e-11) << "node " << i;
}

std::vector<EncodingCase> encoding_cases() {
  std::vector<EncodingCase> all;
  for (const auto* type : {"fourier", "learned", "hybrid", "linear", "none"}) {
    for (const auto* discrete : {"encoded", "one_hot", "embedding"})
      all.push_back({"edgeconv", type, discrete});
  }
  for (const auto* discrete : {"encoded", "one_hot", "embedding"})
    all.push_back({"edgeconv_attention", "learned", discrete});
  all.push_back({"mlp", "hybrid", "embedding"});
  return all;
}
INSTANTIATE_TEST_SUITE_P(Encodings, EncodingAgainstDefinition, testing::ValuesIn(encoding_cases()),
                         [](const auto& made) {
                           const EncodingCase& c = made.param;
                           return test::case_name(c.architecture, c.type, c.discrete);
                         });

void expect_exact_gradients(models::Network& network, const models::GraphTensors& graph,
                            const std::string& what) {
  const auto weight = torch::randn({graph.features.size(0)}, torch::kDouble);
  const auto loss = [&] { return (network.forward(graph) * weight).sum(); };
  network.zero_grad();
  loss().backward();
  const torch::NoGradGuard no_grad;
  for (const auto& item : network.named_parameters()) {
    auto entry = item.value().view(-1)[0];
    constexpr double step = 1e-6;
    entry += step;
    const double up = loss().item<double>();
    entry -= 2 * step;
    const double down = loss().item<double>();
    entry += step;
    EXPECT_NEAR((up - down) / (2 * step), item.value().grad().view(-1)[0].item<double>(), 1e-6)
        << what << " " << item.key();
  }
}

// Gradients of a whole network by name, on graphs with nodes without neighbors and on full groups.
TEST(Networks, ParameterGradientsMatchFiniteDifferences) {
  struct GradientCase {
    const char *architecture, *aggregation, *encoding;
  };
  for (const auto& [architecture, aggregation, encoding] :
       {GradientCase{"edgeconv", "max", "fourier"},
        {"edgeconv", "mean", "hybrid"},
        {"edgeconv", "sum", "linear"},
        {"edgeconv_gat", "max", "fourier"},
        {"edgeconv_attention", "mean", "learned"}}) {
    ModelConfig config = small_config();
    config.message_layers = 2;
    config.architecture = architecture;
    config.encoding.type = choice<EncodingType>(encoding);
    config.aggregation = choice<Aggregation>(aggregation);
    config.activation = Activation::silu;
    config.blocks = 1;
    const std::string what = std::string(architecture) + " " + aggregation;
    const RandomGraph graph(11, 9);
    config.edge_features = {"b"};
    expect_exact_gradients(*build(config), graph.tensors(), what + ", edge features,");
    config.edge_features.clear();
    const auto network = build(config);
    expect_exact_gradients(*network, graph.tensors(), what);
    expect_exact_gradients(*network, graph.with_full_groups().tensors(), what + ", full groups,");
  }
}

}  // namespace
}  // namespace stationhit
