// The network of two stages: what is dropped and kept, and maps of the station layers against their
// definition, cell by cell.
#include <cmath>
#include <numbers>
#include <random>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/known_networks.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/models/network.hpp>

#include "../../../src/models/station_map.hpp"

namespace stationhit {
namespace {

using architecture::ModelConfig;
using torch::Tensor;

ModelConfig small_config() {
  ModelConfig config;
  config.architecture = "two_stage";
  config.width = 6;
  config.blocks = 2;
  config.encoding.scales = {-1, 0};
  config.encoding.features = {"a", "b"};
  config.edge_features = {"a"};
  config.first_stage.width = 5;
  config.first_stage.encoding.features = {"a", "b"};
  config.first_stage.edge_features = {"b"};
  config.first_stage.neighbors = 2;
  config.map = {7, 5, 3, 2};
  return config;
}

std::shared_ptr<models::Network> build(const ModelConfig& config = small_config()) {
  torch::manual_seed(7);
  auto network = models::build_network(config, test::with_map_features({"a", "b"}), std::nullopt);
  network->to(torch::kDouble);
  network->eval();
  return network;
}

models::GraphTensors random_graph(std::int64_t nodes, std::uint64_t seed = 1) {
  torch::manual_seed(seed);
  models::GraphTensors graph;
  const Tensor layer = torch::randint(0, 4, {nodes, 1}).to(torch::kFloat);
  graph.features =
      torch::cat({torch::randn({nodes, 2}), (torch::rand({nodes, 1}) * 2 - 1) * std::numbers::pi,
                  torch::rand({nodes, 1}) * std::numbers::pi, layer,
                  torch::randint(1, 3, {nodes, 1}).to(torch::kFloat)},
                 1);
  graph.neighbors = torch::randint(-1, std::max<std::int64_t>(nodes, 1), {nodes, 4}, torch::kInt);
  graph.offsets = torch::tensor({std::int64_t{0}, nodes});
  return graph;
}

void set_threshold(models::Network& network, double threshold) {
  const torch::NoGradGuard no_grad;
  network.named_buffers()["first_stage_threshold"].fill_(threshold);
}

// The threshold that keeps the upper half of the nodes.
double half_of(models::Network& network, const models::GraphTensors& graph) {
  set_threshold(network, std::numeric_limits<float>::lowest());
  return network.survivors(graph)->graph.first_logits.median().item<double>();
}

TEST(TwoStage, DroppedNodesAreBelowAllKeptOnesInTheOrderOfTheFirstStage) {
  const torch::NoGradGuard no_grad;
  const auto network = build();
  const auto graph = random_graph(60);
  const double threshold = half_of(*network, graph);
  const Tensor first = network->survivors(graph)->graph.first_logits;
  set_threshold(*network, threshold);
  const Tensor logits = network->forward(graph), kept = first > threshold;
  EXPECT_GT(kept.sum().item<int>(), 20);
  EXPECT_LT(kept.sum().item<int>(), 40);
  EXPECT_GT(logits.masked_select(kept).min().item<double>(), -50);
  EXPECT_TRUE(
      torch::allclose(logits.masked_select(~kept), first.masked_select(~kept) - threshold - 51));
}

TEST(TwoStage, TheSecondStageSeesTheSurvivorsOnly) {
  const torch::NoGradGuard no_grad;
  const auto network = build();
  auto graph = random_graph(60);
  set_threshold(*network, half_of(*network, graph));
  const auto survivors = network->survivors(graph).value();
  const auto rows = survivors.rows;
  EXPECT_TRUE(torch::equal(survivors.graph.features, graph.features.index_select(0, rows)));
  // Every neighbor that survives has its new number, in its old place.
  const Tensor old_table = graph.neighbors.index_select(0, rows).to(torch::kLong);
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    for (std::int64_t n = 0; n < 4; ++n) {
      const auto before = old_table[i][n].item<std::int64_t>();
      const auto after = survivors.graph.neighbors[i][n].item<std::int64_t>();
      const bool survives = before >= 0 && (rows == before).any().item<bool>();
      ASSERT_EQ(after >= 0, survives);
      if (survives) {
        EXPECT_EQ(rows[after].item<std::int64_t>(), before);
      }
    }
  }
  EXPECT_TRUE(torch::allclose(network->forward(survivors.graph),
                              network->forward(graph).index_select(0, rows)));
}

TEST(TwoStage, AllNoneOrNoNodes) {
  const torch::NoGradGuard no_grad;
  const auto network = build();
  const auto graph = random_graph(20);
  set_threshold(*network, -1e30);
  EXPECT_GT(network->forward(graph).min().item<double>(), -50.0001);
  set_threshold(*network, 1e30);
  EXPECT_TRUE(torch::equal(network->forward(graph), torch::full({20}, -99.0, torch::kDouble)));
  EXPECT_EQ(network->forward(random_graph(0)).size(0), 0);
}

TEST(TwoStage, OnlyTheSecondStageIsTrained) {
  const auto network = build();
  for (const auto& item : network->trained_parameters())
    EXPECT_FALSE(item.key().starts_with("first_stage.")) << item.key();
  EXPECT_LT(network->trained_parameters().size(), network->named_parameters().size());
}

TEST(TwoStage, NeedsATableAndTheFeaturesOfItsMaps) {
  auto graph = random_graph(5);
  graph.neighbors = Tensor();
  EXPECT_EQ(test::error_of<core::ConfigError>([&] { (void)build()->survivors(graph); }),
            "model.edge_features needs a neighbor table; set graph.edges: knn or radius");
  ModelConfig config = small_config();
  config.first_stage.edge_features.clear();
  EXPECT_EQ(test::error_of<core::ConfigError>([&] { (void)build(config)->survivors(graph); }),
            "two_stage needs a neighbor table; set graph.edges: knn or radius");
  const auto error_with = [](const std::vector<std::string>& features) {
    return test::error_of<core::ConfigError>(
        [&] { (void)models::build_network(small_config(), features, std::nullopt); });
  };
  EXPECT_EQ(error_with({"a", "b", "phi", "theta", "nBuckets"}),
            "features: two_stage needs stationLayer for its maps of the station layers; add it "
            "(model.encoding.features can leave features out of the encoding)");
  EXPECT_CONTAINS(error_with({"a", "b", "phi", "theta"}),
                  "two_stage needs stationLayer, nBuckets for its maps of the station layers; add "
                  "them");
}

TEST(TwoStage, AWrongFeatureOfTheFirstStageIsNamedWithItsKey) {
  const auto error_of = [](const ModelConfig& config) {
    return test::error_of<core::ConfigError>([&] { (void)build(config); });
  };
  ModelConfig config = small_config();
  config.first_stage.encoding.features = {"a", "c"};
  EXPECT_EQ(error_of(config),
            "model.first_stage.encoding.features: c is not among the features a, b, phi, theta, "
            "stationLayer, nBuckets; add it there");
  config.first_stage.encoding.features = {"a", "c", "d"};
  EXPECT_CONTAINS(error_of(config),
                  "c, d are not among the features a, b, phi, theta, stationLayer, "
                  "nBuckets; add them there");
  config.first_stage.encoding.features = {"a"};
  EXPECT_EQ(error_of(config),
            "model.first_stage.edge_features: b is not among model.first_stage.encoding.features; "
            "add it there");
}

// The definition of models/station_map.hpp, hit by hit and cell by cell.
class NaiveMap {
 public:
  NaiveMap(const torch::nn::Module& weights, const architecture::MapConfig& config)
      : config_(config) {
    for (const auto& item : weights.named_parameters())
      weights_.insert(item.key(), item.value().detach());
  }

  [[nodiscard]] Tensor result(const Tensor& hidden, const Tensor& features) const {
    const auto n = hidden.size(0);
    Tensor maps =
        torch::zeros({4, config_.channels, config_.theta_cells, config_.phi_cells}, torch::kDouble);
    std::vector<Place> places;
    for (std::int64_t i = 0; i < n; ++i) {
      places.push_back(place_of(features[i]));
      const Place& place = places.back();
      const Tensor values = torch::relu(linear("in", torch::cat({hidden[i], place.inside})));
      for (const Cell& cell : place.cells) {
        maps[features[i][2].item<std::int64_t>()].select(2, cell.phi).select(1, cell.theta) +=
            values / features[i][3] * cell.weight;
      }
    }
    Tensor image = maps.add(1).log().flatten(0, 1);
    for (int layer = 0; layer < config_.convolutions; ++layer)
      image = convolved(image, "convolutions." + std::to_string(layer));
    std::vector<Tensor> rows;
    for (std::int64_t i = 0; i < n; ++i) {
      Tensor read = torch::zeros({std::int64_t{2} * config_.channels}, torch::kDouble);
      for (const Cell& cell : places[static_cast<std::size_t>(i)].cells)
        read += image.select(2, cell.phi).select(1, cell.theta) * cell.weight;
      const Tensor joined =
          torch::cat({hidden[i], read, places[static_cast<std::size_t>(i)].inside});
      rows.push_back(linear("out.1", torch::relu(linear("out.0", joined))));
    }
    return torch::stack(rows);
  }

 private:
  struct Cell {
    std::int64_t phi, theta;
    double weight;
  };
  struct Place {
    std::vector<Cell> cells;
    Tensor inside;
  };

  [[nodiscard]] Place place_of(const Tensor& row) const {
    const double pi = std::numbers::pi;
    const double p = (row[0].item<double>() + pi) * config_.phi_cells / (2 * pi) - 0.5;
    const double t = row[1].item<double>() * config_.theta_cells / pi - 0.5;
    const double u = p - std::floor(p), v = t - std::floor(t);
    Place place{{}, torch::tensor({u, v}, torch::kDouble)};
    for (const int right : {0, 1}) {
      for (const int up : {0, 1}) {
        const auto phi = static_cast<std::int64_t>(std::floor(p)) + right;
        const auto theta = static_cast<std::int64_t>(std::floor(t)) + up;
        place.cells.push_back({(phi + config_.phi_cells) % config_.phi_cells,
                               std::clamp<std::int64_t>(theta, 0, config_.theta_cells - 1),
                               (right == 1 ? u : 1 - u) * (up == 1 ? v : 1 - v)});
      }
    }
    return place;
  }

  [[nodiscard]] Tensor linear(const std::string& name, const Tensor& x) const {
    return torch::mv(weights_[name + ".weight"], x) + weights_[name + ".bias"];
  }

  [[nodiscard]] Tensor convolved(const Tensor& image, const std::string& name) const {
    const Tensor& weight = weights_[name + ".weight"];
    Tensor result =
        torch::zeros({weight.size(0), config_.theta_cells, config_.phi_cells}, torch::kDouble);
    for (std::int64_t t = 0; t < config_.theta_cells; ++t) {
      for (std::int64_t p = 0; p < config_.phi_cells; ++p) {
        Tensor sum = weights_[name + ".bias"].clone();
        for (std::int64_t dt = -1; dt <= 1; ++dt) {
          for (std::int64_t dp = -1; dp <= 1; ++dp) {
            if (t + dt < 0 || t + dt >= config_.theta_cells) continue;
            const Tensor cell =
                image.select(2, (p + dp + config_.phi_cells) % config_.phi_cells).select(1, t + dt);
            sum += torch::mv(weight.select(3, dp + 1).select(2, dt + 1), cell);
          }
        }
        result.select(2, p).select(1, t).copy_(torch::relu(sum));
      }
    }
    return result;
  }

  architecture::MapConfig config_;
  torch::OrderedDict<std::string, Tensor> weights_;
};

struct MapCase {
  torch::nn::Module owner;
  ModelConfig config = small_config();
  models::StationMap map{owner, config};

  MapCase() { owner.to(torch::kDouble); }
};

// Columns 2 to 5 of the features.
models::MapPlaces places_of(const MapCase& of, const Tensor& features, const Tensor& events = {}) {
  return models::find_places(of.config.map, features.to(torch::kDouble), {2, 3, 4, 5}, events);
}

TEST(StationMap, AgreesWithItsDefinition) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(3);
  const MapCase of;
  Tensor features = random_graph(40).features;
  // At the seam in phi, and at both ends in theta.
  features[0][2] = -3.1415926;
  features[1][2] = 3.1415926;
  features[2][3] = 0.0;
  features[3][3] = 3.1415926;
  const Tensor hidden = torch::randn({40, 6}, torch::kDouble);
  const Tensor expected =
      NaiveMap(of.owner, of.config.map).result(hidden, features.slice(1, 2, 6).to(torch::kDouble));
  const Tensor actual = of.map(hidden, places_of(of, features));
  EXPECT_LT((actual - expected).abs().max().item<double>(), 1e-11);
}

TEST(StationMap, EventsOfACallStaySeparate) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(3);
  const MapCase of;
  const Tensor a = random_graph(30, 1).features, b = random_graph(20, 2).features;
  const Tensor hidden = torch::randn({50, 6}, torch::kDouble);
  const Tensor events = torch::cat({torch::zeros(30, torch::kLong), torch::ones(20, torch::kLong)});
  const Tensor together = of.map(hidden, places_of(of, torch::cat({a, b}), events));
  const Tensor alone = torch::cat({of.map(hidden.slice(0, 0, 30), places_of(of, a)),
                                   of.map(hidden.slice(0, 30, 50), places_of(of, b))});
  EXPECT_LT((together - alone).abs().max().item<double>(), 1e-12);
  const Tensor mixed = of.map(hidden, places_of(of, torch::cat({a, b})));
  EXPECT_GT((mixed - alone).abs().max().item<double>(), 1e-6);
}

// A hit in two buckets, with equal hidden values, counts as one hit.
TEST(StationMap, AHitInTwoBucketsCountsOnce) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(3);
  const MapCase of;
  Tensor features = random_graph(20).features;
  features.select(1, 5).fill_(1);
  const Tensor hidden = torch::randn({20, 6}, torch::kDouble);
  const Tensor once = of.map(hidden, places_of(of, features));
  Tensor doubled = torch::cat({features, features.slice(0, 0, 1)});
  doubled[0][5] = doubled[20][5] = 2;
  const Tensor twice = of.map(torch::cat({hidden, hidden.slice(0, 0, 1)}), places_of(of, doubled));
  EXPECT_LT((twice.slice(0, 0, 20) - once).abs().max().item<double>(), 1e-12);
}

TEST(StationMap, TurningAnEventByOneCellTurnsItsMaps) {
  const torch::NoGradGuard no_grad;
  torch::manual_seed(3);
  const MapCase of;
  Tensor features = random_graph(40).features;
  const Tensor hidden = torch::randn({40, 6}, torch::kDouble);
  const Tensor before = of.map(hidden, places_of(of, features));
  const double cell = 2 * std::numbers::pi / of.config.map.phi_cells;
  Tensor turned = features.to(torch::kDouble).clone();
  turned.select(1, 2).add_(cell);
  turned.select(1, 2).sub_((turned.select(1, 2) > std::numbers::pi).to(torch::kDouble) * 2 *
                           std::numbers::pi);
  EXPECT_LT((of.map(hidden, places_of(of, turned)) - before).abs().max().item<double>(), 1e-5);
}

}  // namespace
}  // namespace stationhit
