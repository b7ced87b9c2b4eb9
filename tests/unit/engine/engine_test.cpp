// What the engine promises beside the logits, which tests/unit/exporter compares: nothing is
// allocated once a workspace is warm, calls do not see each other, what else is in a call changes
// no bit, and wrong input is refused.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <random>

#include <gtest/gtest.h>
#include <support/counted_allocations.hpp>
#include <support/expected_error.hpp>
#include <support/known_networks.hpp>
#include <support/side_by_side.hpp>

#include <stationhit/core/named_enum.hpp>
#include <stationhit/engine/engine.hpp>

#include "random_weights.hpp"

namespace stationhit {
namespace {

using architecture::ModelConfig;
using engine::Neighborhood;
using engine::Precision;

// Two events of these sizes in one call, or one of them alone.
struct EventRows {
  static constexpr std::int32_t k = 5;

  std::vector<float> features;
  std::vector<std::int32_t> neighbors, events;
  std::vector<std::int64_t> offsets{0};
  std::size_t n_columns = 6;

  void add_event(std::size_t nodes, std::size_t n_features, unsigned seed) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<float> uniform(0, 3);
    n_columns = n_features;
    const auto first = static_cast<std::int32_t>(events.size());
    const std::int32_t number = events.empty() ? 0 : events.back() + 1;
    for (std::size_t i = 0; i < nodes; ++i) {
      for (std::size_t f = 0; f < n_features; ++f) features.push_back(uniform(random));
      for (std::int32_t n = 0; n < k; ++n) {
        const auto other = static_cast<std::int32_t>(random() % nodes);
        neighbors.push_back(random() % 5 == 0 ? -1 : first + other);
      }
      events.push_back(number);
      if (i % 9 == 8 || i + 1 == nodes) offsets.push_back(static_cast<std::int64_t>(events.size()));
    }
  }
  [[nodiscard]] engine::Inputs inputs() const {
    const std::size_t n = events.size();
    return {{features.data(), n, n_columns}, {neighbors.data(), n, k}, offsets, events};
  }
};

std::vector<std::string> feature_names() { return test::with_map_features({"localY", "driftR"}); }

ModelConfig config_of(const std::string& name) {
  ModelConfig config;
  config.architecture = name;
  config.width = 16;
  config.blocks = 2;
  config.encoding.scales = {-2, -1, 0, 1, 2};
  config.layer_norm = true;
  config.message_layers = name == "edgeconv" ? 2 : 1;
  if (name == "two_stage") config.edge_features = {"driftR"};
  return config;
}

engine::Weights weights_of(const ModelConfig& config) {
  return test::RandomWeights(architecture::describe_network(config, feature_names())).take();
}

engine::Engine engine_of(const ModelConfig& config, Neighborhood neighborhood = Neighborhood::table,
                         Precision precision = Precision::float32) {
  return {architecture::describe_network(config, feature_names()), weights_of(config), neighborhood,
          precision};
}

engine::Engine int8_engine_of(const ModelConfig& config) {
  const auto network = architecture::describe_network(config, feature_names());
  return {network, test::Int8Form(network, weights_of(config)).take(), Neighborhood::table};
}

// Calls check(network) for every network in every precision.
template <class Check>
void for_networks(const Check& check) {
  for (const std::string& name : architecture::known_networks()) {
    for (const Precision precision : {Precision::float32, Precision::bfloat16}) {
      SCOPED_TRACE(name + ", " + std::string(core::name(precision)));
      check(engine_of(config_of(name), Neighborhood::table, precision));
    }
    SCOPED_TRACE(name + ", int8");
    check(int8_engine_of(config_of(name)));
  }
}

std::vector<float> logits_of(const engine::Engine& network, const EventRows& rows) {
  engine::Workspace workspace;
  std::vector<float> logits(rows.events.size());
  network.run(rows.inputs(), workspace, logits);
  return logits;
}

TEST(Engine, WhatElseIsInTheCallChangesNoBit) {
  for_networks([](const engine::Engine& network) {
    EventRows both, first, second;
    first.add_event(101, feature_names().size(), 1);
    second.add_event(200, feature_names().size(), 2);
    both.add_event(101, feature_names().size(), 1);
    both.add_event(200, feature_names().size(), 2);
    std::vector<float> expected = logits_of(network, first);
    const std::vector<float> of_second = logits_of(network, second);
    expected.insert(expected.end(), of_second.begin(), of_second.end());
    EXPECT_EQ(logits_of(network, both), expected);
  });
}

TEST(Engine, AllocatesNothingOnceItIsWarm) {
  for_networks([](const engine::Engine& network) {
    EventRows large, small;
    large.add_event(300, feature_names().size(), 3);
    small.add_event(150, feature_names().size(), 4);
    engine::Workspace workspace;
    std::vector<float> logits(300), of_small(150);
    network.run(large.inputs(), workspace, logits);
    const std::size_t bytes = workspace.bytes();
    EXPECT_EQ(test::count_allocations([&] {
                network.run(small.inputs(), workspace, of_small);
                network.run(large.inputs(), workspace, logits);
              }),
              0U);
    EXPECT_GT(test::count_allocations([&] { (void)logits_of(network, small); }), 0U);
    EXPECT_EQ(workspace.bytes(), bytes);
    EXPECT_EQ(of_small, logits_of(network, small));
  });
}

// Logits that differ by more than this part of their size, or of 1 where they are smaller.
std::size_t count_far(const std::vector<float>& logits, const std::vector<float>& exact,
                      float tolerance) {
  std::size_t far = 0;
  for (std::size_t i = 0; i < exact.size(); ++i)
    far += std::abs(logits[i] - exact[i]) > tolerance * std::max(1.0F, std::abs(exact[i])) ? 1 : 0;
  return far;
}

// Rounding to 8 bits moves logits of the order of 1 by some hundredths. In two_stage it also moves
// nodes across the threshold of the first stage.
TEST(Engine, Bfloat16IsNearFloat32) {
  for (const std::string& name : architecture::known_networks()) {
    SCOPED_TRACE(name);
    EventRows rows;
    rows.add_event(300, feature_names().size(), 5);
    const auto exact = logits_of(engine_of(config_of(name)), rows);
    const auto rounded =
        logits_of(engine_of(config_of(name), Neighborhood::table, Precision::bfloat16), rows);
    EXPECT_LE(count_far(rounded, exact, 0.1F), name == "two_stage" ? exact.size() / 50 : 0U);
    EXPECT_NE(exact, rounded);
  }
}

// Every operation is named after a stage, and asking for the times changes no logit.
TEST(Engine, TellsTheTimeOfEveryOperation) {
  for (const std::string& name : architecture::known_networks()) {
    SCOPED_TRACE(name);
    const auto description = architecture::describe_network(config_of(name), feature_names());
    const engine::Engine network = engine_of(config_of(name));
    for (const auto& operation : network.operations()) {
      EXPECT_TRUE(std::ranges::any_of(description.stages, [&](const auto& of_network) {
        return of_network.name == operation.stage;
      })) << operation.stage;
      EXPECT_FALSE(operation.text.empty());
    }
    EXPECT_EQ(network.operations().back().stage, description.stages.back().name);
    EventRows rows;
    rows.add_event(300, feature_names().size(), 3);
    engine::Workspace workspace;
    std::vector<float> logits(300);
    std::vector<double> ms(network.operations().size(), 0.0);
    network.run_timed(rows.inputs(), workspace, logits, ms);
    EXPECT_EQ(logits, logits_of(network, rows));
    const std::vector<double> once = ms;
    for (const double time : once) EXPECT_GT(time, 0);
    network.run_timed(rows.inputs(), workspace, logits, ms);
    for (std::size_t i = 0; i < ms.size(); ++i) EXPECT_GT(ms[i], once[i]);
  }
}

TEST(Engine, Int8IsNearFloat32) {
  for (const std::string& name : architecture::known_networks()) {
    SCOPED_TRACE(name);
    EventRows rows;
    rows.add_event(300, feature_names().size(), 5);
    const auto exact = logits_of(engine_of(config_of(name)), rows);
    const auto rounded = logits_of(int8_engine_of(config_of(name)), rows);
    EXPECT_LE(count_far(rounded, exact, 0.3F), name == "two_stage" ? exact.size() / 20 : 0U);
    EXPECT_NE(exact, rounded);
  }
}

TEST(Engine, Int8LayersThatDoNotFitAreNamed) {
  const auto network = architecture::describe_network(config_of("edgeconv"), feature_names());
  engine::Weights weights = test::Int8Form(network, weights_of(config_of("edgeconv"))).take();
  const auto error_of = [&] {
    return test::error_of<std::invalid_argument>(
        [&] { const engine::Engine of_weights(network, weights, Neighborhood::table); });
  };
  EXPECT_EQ(error_of(), "");
  weights["head.0.weight"].in_int8->bias.clear();
  EXPECT_EQ(error_of(),
            "the int8 layer head.0.weight has 16 inputs and 1 outputs without a bias, expected 16 "
            "and 1 with one");
}

class EngineOfThreads : public testing::TestWithParam<Precision> {};

TEST_P(EngineOfThreads, IsShared) {
  const engine::Engine network = engine_of(config_of("two_stage"), Neighborhood::table, GetParam());
  std::vector<EventRows> events(16);
  std::vector<std::vector<float>> expected;
  for (unsigned seed = 0; seed < events.size(); ++seed) {
    events[seed].add_event(20 + 10 * seed, feature_names().size(), seed);
    expected.push_back(logits_of(network, events[seed]));
  }
  std::atomic<int> wrong = 0;
  test::run_side_by_side(events.size(), [&](std::size_t thread) {
    engine::Workspace workspace;
    for (std::size_t round = 0; round < 20; ++round) {
      const std::size_t event = (thread + round) % events.size();
      std::vector<float> logits(events[event].events.size());
      network.run(events[event].inputs(), workspace, logits);
      if (logits != expected[event]) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
}

INSTANTIATE_TEST_SUITE_P(In, EngineOfThreads,
                         testing::Values(Precision::float32, Precision::bfloat16),
                         [](const auto& of) { return std::string(core::name(of.param)); });

// Small events, and none at all, in workspaces that have seen large ones.
TEST(Engine, EventsOfAllSizesWithTablesAndGroups) {
  for (const std::string& name : architecture::known_networks()) {
    for (const auto neighborhood : {Neighborhood::table, Neighborhood::group}) {
      if (name == "two_stage" && neighborhood == Neighborhood::group) continue;
      SCOPED_TRACE(name);
      const engine::Engine network = engine_of(config_of(name), neighborhood);
      engine::Workspace workspace;
      for (const std::size_t nodes : {400, 1, 2, 47, 48, 49, 97, 0}) {
        EventRows rows;
        if (nodes > 0) rows.add_event(nodes, feature_names().size(), 1);
        std::vector<float> logits(nodes);
        network.run(rows.inputs(), workspace, logits);
        EXPECT_EQ(logits, logits_of(network, rows)) << nodes << " nodes";
        for (const float logit : logits) EXPECT_TRUE(std::isfinite(logit)) << nodes << " nodes";
      }
    }
  }
}

TEST(Engine, OneGroupOfAllNodes) {
  const engine::Engine network = engine_of(config_of("edgeconv_attention"), Neighborhood::group);
  EventRows rows;
  rows.add_event(700, feature_names().size(), 1);
  rows.offsets = {0, 0, 700, 700};
  for (const float logit : logits_of(network, rows)) EXPECT_TRUE(std::isfinite(logit));
}

TEST(Engine, WeightsThatDoNotFitAreNamed) {
  const ModelConfig config = config_of("edgeconv");
  const auto network = architecture::describe_network(config, feature_names());
  const auto error_of = [&](const engine::Weights& weights) {
    return test::error_of<std::invalid_argument>(
        [&] { const engine::Engine of_weights(network, weights, Neighborhood::table); });
  };
  engine::Weights weights = weights_of(config);
  EXPECT_EQ(error_of(weights), "");
  weights["head.0.bias"].values.push_back(0);
  EXPECT_EQ(error_of(weights), "the tensor head.0.bias has 2 values, expected 1");
  weights.erase("head.0.bias");
  EXPECT_EQ(error_of(weights), "the tensor head.0.bias is missing");
}

TEST(Engine, InputsThatDoNotFitAreRefused) {
  const engine::Engine network = engine_of(config_of("edgeconv_attention"));
  EventRows rows;
  rows.add_event(30, feature_names().size(), 1);
  engine::Workspace workspace;
  std::vector<float> logits(30), few_logits(29);
  const auto refused = [&](const engine::Inputs& inputs, std::vector<float>& out) {
    return !test::error_of<std::invalid_argument>([&] {
              network.run(inputs, workspace, out);
            }).empty();
  };
  EXPECT_FALSE(refused(rows.inputs(), logits));
  EXPECT_TRUE(refused(rows.inputs(), few_logits));
  engine::Inputs wrong = rows.inputs();
  wrong.features.columns -= 1;
  EXPECT_TRUE(refused(wrong, logits));
  wrong = rows.inputs();
  wrong.neighbors = {};
  EXPECT_TRUE(refused(wrong, logits));
  wrong = rows.inputs();
  wrong.offsets = wrong.offsets.first(2);
  EXPECT_TRUE(refused(wrong, logits));
}

}  // namespace
}  // namespace stationhit
