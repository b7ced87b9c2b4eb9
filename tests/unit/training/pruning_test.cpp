// Pruning: units that do nothing are found and taken away without changing a logit, in every
// architecture.
#include <gtest/gtest.h>
#include <support/case_name.hpp>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>
#include <torch/torch.h>

#include <stationhit/architecture/network_description.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/features/labeled_events.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/training/pruning.hpp>
#include <stationhit/training/trainer.hpp>

#include "toy_run.hpp"

namespace stationhit::training {
namespace {

using test::ToyData;

struct Case {
  std::string architecture;
  PrunedPart part;
  graph::EdgeKind edges;
};

class Pruning : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    run_ = test::toy_run("unused");
    run_.graph.edges = GetParam().edges;
    run_.model.architecture = GetParam().architecture;
    run_.model.width = 16;
    run_.model.blocks = 2;
    run_.model.bands = 2;
    run_.model.feed_forward = 12;
    run_.model.head = {10};
    run_.model.encoding.scales = {-2, -1, 0, 1, 2, 3};
    torch::manual_seed(3);
    trained_.network = models::build_network(run_.model, run_.features, run_.normalization);
    trained_.network->eval();
    trained_.metadata.model = run_.model;
    trained_.metadata.feature_names = run_.features;
    trained_.metadata.graph = run_.graph;
    trained_.metadata.normalization = run_.normalization;
    config_.parts = {GetParam().part};
    config_.keep = 0.5;
  }

  // Sets to 0 what makes (of scales: what reads) the units of `axis` for which dead(unit).
  template <class Dead>
  void silence(const std::string& axis, const Dead& dead) {
    const torch::NoGradGuard no_grad;
    const auto tensors =
        architecture::tensors_by_name(architecture::describe_network(run_.model, run_.features));
    for (const auto& item : trained_.network->named_parameters()) {
      const auto& tensor = tensors.at(item.key());
      for (const architecture::AxisUse& use : tensor.axes) {
        const bool makes = use.role == architecture::AxisRole::makes || axis == "scales";
        if (use.axis != axis || !makes || tensor.is_flattened) continue;
        for (std::size_t i = 0; i < use.units.size(); ++i) {
          if (use.units[i] >= 0 && dead(use.units[i]))
            item.value().select(use.dimension, static_cast<std::int64_t>(i)).zero_();
        }
      }
    }
  }

  [[nodiscard]] torch::Tensor logits(const LoadedNetwork& network) const {
    const torch::NoGradGuard no_grad;
    const auto event = features::label_event(data_.train.front(), run_.graph, run_.features);
    const auto n = static_cast<std::int64_t>(event.labels.size());
    models::GraphTensors graph;
    graph.features = torch::tensor(event.inputs.features.values).view({n, 2});
    if (graph::has_table(run_.graph))
      graph.neighbors =
          torch::tensor(event.inputs.neighbors.index, torch::kInt).view({n, run_.graph.k});
    graph.offsets = torch::tensor(std::vector<std::int64_t>(event.inputs.nodes.offsets.begin(),
                                                            event.inputs.nodes.offsets.end()));
    return network.network->forward(graph);
  }

  // The smaller network, after checking that its logits are those of the trained one.
  LoadedNetwork expect_pruned_without_loss() {
    const auto scores = importance(trained_, run_, data_.sources(run_), 3);
    const auto smaller = prune(trained_, pruned_model(run_.model, config_, scores), scores);
    const auto before = logits(trained_), after = logits(smaller);
    EXPECT_GT(before.std().item<double>(), 1e-3) << "a network that says nothing proves nothing";
    EXPECT_LT((before - after).abs().max().item<double>(), 1e-5);
    return smaller;
  }

  ToyData data_;
  TrainingRun run_;
  LoadedNetwork trained_;
  PruneConfig config_;
};

// Half of the units do nothing; which ones is for the importance to find.
TEST_P(Pruning, TakesAwayWhatDoesNothing) {
  const auto every_second = [](std::int64_t unit) { return unit % 2 == 1; };
  const auto& [architecture, part, edges] = GetParam();
  if (part == PrunedPart::scales) {
    silence("scales", every_second);
    const auto smaller = expect_pruned_without_loss();
    EXPECT_EQ(smaller.metadata.model.encoding.scales, (std::vector<std::int32_t>{-2, 0, 2}));
    return;
  }
  // With a layer norm a silent channel still counts, so the width of edgeconv_attention is held
  // against the definition below only.
  silence("width", part == PrunedPart::heads ? [](std::int64_t unit) { return unit / 4 % 2 == 1; }
                                             : +every_second);
  silence("head.0", every_second);
  const auto smaller = expect_pruned_without_loss();
  EXPECT_EQ(smaller.metadata.model.width, 8);
  EXPECT_EQ(smaller.metadata.model.heads, part == PrunedPart::heads ? 2 : 4);
  EXPECT_EQ(smaller.metadata.model.head, part == PrunedPart::heads ? std::vector<std::int32_t>{10}
                                                                   : std::vector<std::int32_t>{5});
}

INSTANTIATE_TEST_SUITE_P(
    Networks, Pruning,
    testing::Values(Case{"mlp", PrunedPart::channels, graph::EdgeKind::knn},
                    Case{"edgeconv", PrunedPart::channels, graph::EdgeKind::knn},
                    Case{"edgeconv_gat", PrunedPart::channels, graph::EdgeKind::knn},
                    Case{"edgeconv_gat", PrunedPart::heads, graph::EdgeKind::knn},
                    Case{"edgeconv", PrunedPart::channels, graph::EdgeKind::fully_connected},
                    Case{"mlp", PrunedPart::scales, graph::EdgeKind::knn},
                    Case{"edgeconv", PrunedPart::scales, graph::EdgeKind::knn},
                    Case{"edgeconv_gat", PrunedPart::scales, graph::EdgeKind::knn}),
    [](const auto& made) {
      return test::case_name(made.param.architecture, made.param.part, made.param.edges);
    });

// Bands keep their scales, heads and bands equally many channels; what is made is the network of
// its configuration.
class PrunedAttention : public Pruning {};
TEST_P(PrunedAttention, IsASmallerNetworkOfItsKind) {
  silence("attention.0", [](std::int64_t unit) { return unit % 2 == 0; });
  const auto scores = importance(trained_, run_, data_.sources(run_), 3);
  ASSERT_EQ(scores.at("attention.0").size(), 16U);
  EXPECT_EQ(scores.at("attention.0")[2], 0);
  EXPECT_GT(scores.at("attention.0")[3], 0);
  config_.parts = {PrunedPart::channels, PrunedPart::scales};
  const auto model = pruned_model(run_.model, config_, scores);
  EXPECT_EQ(model.width, 8);
  EXPECT_EQ(model.feed_forward, 6);
  EXPECT_EQ(model.head, std::vector<std::int32_t>{5});
  ASSERT_EQ(model.encoding.scales.size(), 3U);
  EXPECT_LE(model.encoding.scales[1], 0) << "two of the first band";
  EXPECT_GE(model.encoding.scales[2], 1) << "one of the second";
  EXPECT_TRUE(logits(prune(trained_, model, scores)).isfinite().all().item<bool>());
  config_.parts = {PrunedPart::heads};
  const auto fewer = pruned_model(run_.model, config_, scores);
  EXPECT_EQ(fewer.heads, 2);
  EXPECT_EQ(fewer.width, 8);
  EXPECT_TRUE(logits(prune(trained_, fewer, scores)).isfinite().all().item<bool>());
}
TEST_P(PrunedAttention, SilentFeedForwardUnitsAndQueriesLeaveWithoutATrace) {
  // The width stays: only the feed-forward part and the scales shrink.
  silence("feed_forward.0", [](std::int64_t unit) { return unit < 6; });
  silence("feed_forward.1", [](std::int64_t unit) { return unit >= 6; });
  const auto scores = importance(trained_, run_, data_.sources(run_), 3);
  architecture::ModelConfig model = run_.model;
  model.feed_forward = 6;
  EXPECT_LT((logits(trained_) - logits(prune(trained_, model, scores))).abs().max().item<double>(),
            1e-5);
}
INSTANTIATE_TEST_SUITE_P(Networks, PrunedAttention,
                         testing::Values(Case{"edgeconv_attention", PrunedPart::channels,
                                              graph::EdgeKind::knn},
                                         Case{"edgeconv_attention", PrunedPart::channels,
                                              graph::EdgeKind::fully_connected}),
                         [](const auto& made) { return test::case_name(made.param.edges); });

std::string error_of(const architecture::ModelConfig& model, const PruneConfig& config) {
  return test::error_of<core::ConfigError>([&] { (void)pruned_model(model, config, {}); });
}

TEST(PrunedModel, WhatCannotBePrunedIsNamed) {
  architecture::ModelConfig model;
  PruneConfig config;
  config.parts = {PrunedPart::heads};
  EXPECT_EQ(error_of(model, config),
            "prune.parts has heads, but edgeconv has no attention heads; take channels or scales");
  config.parts = {PrunedPart::channels};
  model.width = 1;
  model.feed_forward = 1;
  EXPECT_NE(error_of(model, config)
                .find("prune: nothing is left to take away with keep 0.75 of channels"),
            std::string::npos);
  config.keep = 1;
  EXPECT_EQ(error_of(model, config), "prune.keep: expected a number in 0.05..0.99, found '1'");
}

TEST(PrunedNetwork, StartsItsTraining) {
  const test::ScratchFolder folder;
  const ToyData data;
  TrainingRun run = test::toy_run(folder.path() / "first");
  const auto trained = load_network(train(run, data.sources(run), {}).best_checkpoint);
  PruneConfig config;
  config.keep = 0.5;
  const auto scores = importance(trained, run, data.sources(run), 2);
  const auto smaller = prune(trained, pruned_model(run.model, config, scores), scores);
  const auto file = folder.path() / "pruned.safetensors";
  write_network(file, smaller);
  run.directory = folder.path() / "second";
  run.model = smaller.metadata.model;
  run.initial_weights = file;
  run.training.epochs = 1;
  run.training.scheduler.name = SchedulerType::none;
  run.training.optimizer.learning_rate = 1e-12;
  const auto tuned = train(run, data.sources(run), {});
  const auto before = smaller.network->named_parameters();
  for (const auto& item : tuned.network->named_parameters())
    EXPECT_TRUE(torch::allclose(item.value(), before[item.key()], 1e-4, 1e-6)) << item.key();
}

}  // namespace
}  // namespace stationhit::training
