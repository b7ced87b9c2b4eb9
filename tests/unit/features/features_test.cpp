#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/features/features.hpp>

#include "support/random_event.hpp"
#include "unit/graph/example_events.hpp"

namespace stationhit::features {
namespace {

std::vector<float> feature(const core::Event& event, const std::string& name) {
  const std::vector<std::string> names{name};
  return compute_features(event, graph::make_nodes(event, {}), names).values;
}

// One hit at a global position with the ends of its sensitive element.
core::Event one_hit(std::array<float, 3> position, std::array<float, 3> low = {},
                    std::array<float, 3> high = {}) {
  core::Event event = test::row_of_hits(1);
  core::HitTable& hits = event.hits;
  hits.glob_x = {position[0]};
  hits.glob_y = {position[1]};
  hits.glob_z = {position[2]};
  hits.edge_low_x = {low[0]};
  hits.edge_low_y = {low[1]};
  hits.edge_low_z = {low[2]};
  hits.edge_high_x = {high[0]};
  hits.edge_high_y = {high[1]};
  hits.edge_high_z = {high[2]};
  return event;
}

std::array<float, 3> direction(const core::Event& event) {
  return {feature(event, "edgeDirX")[0], feature(event, "edgeDirY")[0],
          feature(event, "edgeDirZ")[0]};
}

// BIL, EIS, BML, T1F, BOG, EOL, BEE, a code that is not known.
TEST(Features, StationLayerIsInnerMiddleOuterOrOther) {
  core::Event event = test::random_event(1, 8, 0);
  event.hits.station_index = {0, 13, 2, 41, 10, 20, 6, 99};
  const std::vector<std::string> name{"stationLayer"};
  graph::NodeTable nodes;
  nodes.hit = {0, 1, 2, 3, 4, 5, 6, 7};
  nodes.offsets = {0, 8};
  EXPECT_EQ(compute_features(event, nodes, name).values,
            (std::vector<float>{0, 0, 1, 1, 2, 2, 3, 3}));
}

TEST(Features, NBucketsCountsTheNodesOfTheHit) {
  const core::Event event = test::random_event(1, 4, 0);
  const std::vector<std::string> name{"nBuckets"};
  graph::NodeTable nodes;
  nodes.hit = {2, 0, 1, 0, 2, 0};
  nodes.offsets = {0, 3, 5, 6};
  EXPECT_EQ(compute_features(event, nodes, name).values, (std::vector<float>{2, 3, 1, 3, 2, 3}));
}

TEST(Features, OfTheHitAloneAreItsColumns) {
  using Value = std::function<double(const core::HitTable&, std::uint32_t)>;
  const std::map<std::string, Value> columns{
      {"localX", [](const auto& h, auto i) { return h.local_x[i]; }},
      {"localY", [](const auto& h, auto i) { return h.local_y[i]; }},
      {"localZ", [](const auto& h, auto i) { return h.local_z[i]; }},
      {"globX", [](const auto& h, auto i) { return h.glob_x[i]; }},
      {"globY", [](const auto& h, auto i) { return h.glob_y[i]; }},
      {"globZ", [](const auto& h, auto i) { return h.glob_z[i]; }},
      {"stationIndex", [](const auto& h, auto i) { return h.station_index[i]; }},
      {"stationPhi", [](const auto& h, auto i) { return h.station_phi[i]; }},
      {"stationEta", [](const auto& h, auto i) { return h.station_eta[i]; }},
      {"driftR", [](const auto& h, auto i) { return h.drift_r[i]; }},
      {"covX", [](const auto& h, auto i) { return h.cov_xx[i]; }},
      {"covY", [](const auto& h, auto i) { return h.cov_yy[i]; }},
      {"covXY", [](const auto& h, auto i) { return h.cov_xy[i]; }},
      {"technology", [](const auto& h, auto i) { return h.technology[i]; }},
      {"layer", [](const auto& h, auto i) { return h.layer[i]; }},
      {"channel", [](const auto& h, auto i) { return h.channel[i]; }},
      {"time", [](const auto& h, auto i) { return h.time[i]; }},
      {"readOutSide", [](const auto& h, auto i) { return h.read_out_side[i]; }},
      {"measEta", [](const auto& h, auto i) { return h.meas_eta[i]; }},
      {"measPhi", [](const auto& h, auto i) { return h.meas_phi[i]; }},
      {"nEtaInUse", [](const auto& h, auto i) { return h.n_eta_in_use[i]; }},
      {"nPhiInUse", [](const auto& h, auto i) { return h.n_phi_in_use[i]; }}};
  const core::Event event = test::random_event(1, 300, 2);
  const graph::NodeTable nodes = graph::make_nodes(event, {});
  std::vector<std::string> names;
  for (const auto& [name, value] : columns) names.push_back(name);
  const FeatureTable table = compute_features(event, nodes, names);
  ASSERT_EQ(table.names, names);
  ASSERT_EQ(table.values.size(), nodes.size() * names.size());
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (std::size_t f = 0; f < names.size(); ++f)
      ASSERT_EQ(table.values[i * names.size() + f], columns.at(names[f])(event.hits, nodes.hit[i]))
          << names[f];
}

TEST(Features, OfTheGlobalPosition) {
  const core::Event event = one_hit({-3000.0F, 4000.0F, -12000.0F});
  EXPECT_FLOAT_EQ(feature(event, "r")[0], 5000.0F);
  EXPECT_FLOAT_EQ(feature(event, "phi")[0], 2.2142974F);    // pi - atan(4/3)
  EXPECT_FLOAT_EQ(feature(event, "theta")[0], 2.7468015F);  // pi - atan(5/12)
  EXPECT_FLOAT_EQ(feature(event, "eta")[0], -1.6094379F);   // tan(theta / 2) = 5, ln 5
}

TEST(Features, AreFiniteOnTheBeamAxis) {
  EXPECT_EQ(feature(one_hit({0, 0, 0}), "eta")[0], 0.0F);
  EXPECT_FLOAT_EQ(feature(one_hit({0, 0, 1000.0F}), "eta")[0], 14.508658F);  // asinh(1e6)
  EXPECT_EQ(feature(one_hit({0, 0, 1000.0F}), "theta")[0], 0.0F);
}

TEST(Features, EdgeDirectionIsAUnitVectorThatDoesNotDependOnTheOrderOfTheEnds) {
  test::RandomValues random(7);
  for (int n = 0; n < 200; ++n) {
    const auto point = [&] {
      return std::array<float, 3>{random.real(-1e4F, 1e4F), random.real(-1e4F, 1e4F),
                                  random.real(-2e4F, 2e4F)};
    };
    const auto [at, low, high] = std::array{point(), point(), point()};
    const auto d = direction(one_hit(at, low, high));
    EXPECT_EQ(d, direction(one_hit(at, high, low)));
    const double length = std::hypot(high[0] - low[0], high[1] - low[1], high[2] - low[2]);
    EXPECT_NEAR(std::hypot(d[0], d[1], d[2]), 1, 1e-6);
    EXPECT_NEAR(
        std::abs(d[0] * (high[0] - low[0]) + d[1] * (high[1] - low[1]) + d[2] * (high[2] - low[2])),
        length, 1e-5 * length);
    EXPECT_NEAR(feature(one_hit(at, low, high), "edgeLength")[0], length, 1e-6 * length);
  }
}

TEST(Features, EdgeDirectionPointsAlongPhiOrAwayFromTheBeamOrAlongTheBeam) {
  using Vector = std::array<float, 3>;
  // A tube across, a radial wire, a strip along the beam, at phi = 90 degrees.
  EXPECT_EQ(direction(one_hit({0, 5000, 0}, {-1000, 5000, 0}, {1000, 5000, 0})),
            (Vector{-1, 0, 0}));
  EXPECT_EQ(direction(one_hit({0, 5000, 0}, {0, 6000, 0}, {0, 4000, 0})), (Vector{0, 1, 0}));
  EXPECT_EQ(direction(one_hit({0, 5000, 0}, {0, 5000, 300}, {0, 5000, -300})), (Vector{0, 0, 1}));
  EXPECT_EQ(direction(one_hit({0, 5000, 0}, {1, 2, 3}, {1, 2, 3})), (Vector{0, 0, 0}));
  EXPECT_EQ(direction(one_hit({0, 0, 7000}, {0, -5, 7000}, {0, 5, 7000})), (Vector{0, 1, 0}));
}

TEST(Features, OfAnEventWithoutHitsAreNone) {
  const std::vector<std::string> names{"localX", "relative_layer", "neighbors"};
  EXPECT_TRUE(compute_features({}, graph::make_nodes({}, {}), names).values.empty());
}

TEST(FeatureNames, AreKnownOnceEachWithUnitAndMeaning) {
  std::vector<std::string> names;
  for (const FeatureInfo& info : known_features()) {
    EXPECT_FALSE(info.unit.empty()) << info.name;
    EXPECT_FALSE(info.meaning.empty()) << info.name;
    names.push_back(info.name);
  }
  EXPECT_NO_THROW(check_feature_names(names));
  const std::vector<std::string> contract{
      "localX", "localY",         "localZ",    "stationIndex",   "stationPhi", "stationEta",
      "driftR", "relative_layer", "neighbors", "bucket_density", "isolation",  "covX",
      "covY"};
  EXPECT_TRUE(std::equal(contract.begin(), contract.end(), names.begin()));
  std::vector<std::string> discrete;
  for (const FeatureInfo& info : known_features())
    if (info.codes.count > 0) discrete.push_back(info.name);
  EXPECT_EQ(discrete,
            (std::vector<std::string>{"stationIndex", "stationPhi", "stationEta", "technology"}));
}

std::string error_of(const std::vector<std::string>& names) {
  return test::error_of<core::ConfigError>([&] { check_feature_names(names); });
}

TEST(FeatureNames, ErrorsSayWhatIsKnown) {
  EXPECT_TRUE(
      error_of({"localX", "neighbours"})
          .starts_with(
              "unknown feature \"neighbours\" (did you mean neighbors?); known: localX, localY, "));
  EXPECT_TRUE(
      error_of({"foo_bar_baz"}).starts_with("unknown feature \"foo_bar_baz\"; known: localX, "));
  EXPECT_EQ(error_of({"localX", "driftR", "localX"}),
            "the feature localX is listed twice, list each once");
  EXPECT_TRUE(
      error_of({}).starts_with("the list of features is empty, give one or more of: localX, "));
}

}  // namespace
}  // namespace stationhit::features
