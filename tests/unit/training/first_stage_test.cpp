// Training of a network of two stages: what the first keeps, and what the second is trained on.
#include <algorithm>
#include <atomic>
#include <filesystem>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>
#include <torch/torch.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/metrics/logit_difference.hpp>
#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/run_files.hpp>
#include <stationhit/training/scoring.hpp>
#include <stationhit/training/trainer.hpp>

#include "../../../src/training/survivors.hpp"
#include "network_of.hpp"
#include "toy_run.hpp"

namespace stationhit::training {
namespace {

using test::ScratchFolder;
using test::ToyData;

TrainingRun two_stage_run(const std::filesystem::path& folder) {
  TrainingRun run = test::toy_run(folder);
  run.model.architecture = "two_stage";
  run.model.first_stage.width = 8;
  run.model.first_stage.neighbors = 3;
  run.model.first_stage.signal_kept = 0.97;
  run.model.map = {8, 6, 3, 1};
  run.training.first_stage_epochs = 6;
  run.training.epochs = 4;
  run.training.background_share = 0.5;
  test::add_map_features(run);
  return run;
}

std::shared_ptr<models::Network> half_keeping_network(const TrainingRun& run, const ToyData& data) {
  auto network = test::network_of(run);
  network->eval();
  const torch::NoGradGuard no_grad;
  const auto events = keep_survivors(data.sources(run), network).train(1);
  auto logits = (*events->next())().first_logits;
  std::ranges::sort(logits);
  network->named_buffers()["first_stage_threshold"].fill_(logits[logits.size() / 2]);
  return network;
}

TEST(Survivors, AreTheNodesAboveTheThresholdWithTheirLabelsAndGroups) {
  const ToyData data;
  const TrainingRun run = two_stage_run("unused");
  const auto network = half_keeping_network(run, data);
  const auto kept = keep_survivors(data.sources(run), network).train(1),
             all = data.sources(run).train(1);
  for (int i = 0; i < 3; ++i) {
    const auto before = (*all->next())(), after = (*kept->next())();
    const auto& nodes = after.inputs.nodes;
    EXPECT_EQ(after.labels.size(), nodes.size());
    EXPECT_EQ(after.first_logits.size(), nodes.size());
    EXPECT_EQ(after.inputs.features.values.size(), nodes.size() * run.features.size());
    EXPECT_EQ(after.inputs.neighbors.index.size(), nodes.size() * 4);
    EXPECT_GT(nodes.size(), 0U);
    EXPECT_LT(nodes.size(), before.inputs.nodes.size());
    EXPECT_EQ(nodes.offsets.back(), nodes.size());
    // No group is empty, and the neighbors of a node are in its group.
    for (std::size_t g = 0; g < nodes.n_groups(); ++g) {
      ASSERT_LT(nodes.offsets[g], nodes.offsets[g + 1]);
      for (auto node = nodes.offsets[g]; node < nodes.offsets[g + 1]; ++node) {
        for (const std::int32_t neighbor : after.inputs.neighbors.row(node)) {
          if (neighbor < 0) continue;
          ASSERT_GE(neighbor, static_cast<std::int32_t>(nodes.offsets[g]));
          ASSERT_LT(neighbor, static_cast<std::int32_t>(nodes.offsets[g + 1]));
        }
      }
    }
    // Hits and labels are those of the event.
    for (std::size_t node = 0; node < nodes.size(); ++node) {
      const auto place = std::ranges::find(before.inputs.nodes.hit, nodes.hit[node]);
      ASSERT_NE(place, before.inputs.nodes.hit.end());
    }
    EXPECT_LE(std::ranges::count(after.labels, 1), std::ranges::count(before.labels, 1));
  }
}

TEST(FirstStage, IsARunOfItsOwnAndKeepsTheShareOfTheSignal) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = two_stage_run(folder.path());
  // The first stage has another working point and keeps its epochs by another metric.
  run.training.callbacks = {CallbackType::keep_best};
  run.training.keep_best = {.k = 1, .metric = "val_purity_0.985"};
  run.working_points = {0.5, 0.985};
  const auto result = train(run, data.sources(run), {});
  EXPECT_EQ(result.history.size(), 4U);
  for (const auto& directory : {folder.path(), first_stage_directory(folder.path())}) {
    int kept = 0;
    for (const auto& file : std::filesystem::directory_iterator(directory / "checkpoints"))
      kept += epoch_of_checkpoint(file.path()).has_value() ? 1 : 0;
    EXPECT_EQ(kept, 1) << directory;
  }
  const auto first = load_network(best_checkpoint(first_stage_directory(folder.path())));
  EXPECT_EQ(first.metadata.model, architecture::first_stage_model(run.model));
  EXPECT_EQ(first.metadata.history.size(), 0U);
  // The network has the weights of the best epoch of this run, and the threshold that follows.
  const auto parameters = result.network->named_parameters();
  for (const auto& item : first.network->named_parameters())
    EXPECT_TRUE(torch::equal(parameters["first_stage." + item.key()], item.value()));
  const auto sample = score_sample(*first.network, *data.sources(run).validation());
  const float threshold = metrics::working_point_threshold(
      sample.score, metrics::hit_labels(sample), run.model.first_stage.signal_kept);
  EXPECT_EQ(result.network->named_buffers()["first_stage_threshold"].item<float>(),
            metrics::below_rounding(threshold));
}

TEST(FirstStage, AnInterruptedRunGoesOnInEitherStage) {
  const ToyData data;
  const ScratchFolder straight_folder;
  const auto straight =
      train(two_stage_run(straight_folder.path()), data.sources(two_stage_run({})), {});
  for (const int epochs_before : {3, 8}) {  // of both stages
    const ScratchFolder folder;
    const TrainingRun run = two_stage_run(folder.path());
    std::atomic<bool> stop = false;
    int done = 0;
    TrainingHooks hooks;
    hooks.stop = &stop;
    hooks.epoch_done = [&](const EpochMetrics&) { stop = ++done == epochs_before; };
    EXPECT_TRUE(train(run, data.sources(run), hooks).interrupted);
    const auto resumed = train(run, data.sources(run), {});
    ASSERT_EQ(resumed.history.size(), straight.history.size());
    EXPECT_EQ(resumed.history.back().train_loss, straight.history.back().train_loss);
    const auto expected = straight.network->named_parameters();
    for (const auto& item : resumed.network->named_parameters())
      EXPECT_TRUE(torch::equal(item.value(), expected[item.key()])) << item.key();
  }
}

TEST(FirstStage, ADamagedBestCheckpointSaysHowToStartAgain) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = two_stage_run(folder.path());
  run.training.epochs = 1;
  (void)train(run, data.sources(run), {});
  std::filesystem::remove_all(folder / "checkpoints");  // killed before the second stage had one
  const auto best = best_checkpoint(first_stage_directory(folder.path()));
  std::string content = core::read_text_file(best);
  content.back() = static_cast<char>(content.back() ^ 1);
  core::write_text_file(best, content);
  EXPECT_CONTAINS(test::error_of<core::DataError>([&] { (void)train(run, data.sources(run), {}); }),
                  "; start again with --force or training.resume: false");
  run.training.resume = false;
  EXPECT_NO_THROW((void)train(run, data.sources(run), {}));
}

TEST(FirstStage, StationsAreMissingInTheSecondStageOnlyAndInATrainingThatGoesOnToo) {
  const ToyData data;
  const ScratchFolder folder, all_folder;
  TrainingRun run = two_stage_run(folder.path());
  run.training.missing_stations = 0.2;
  run.training.epochs = 1;
  (void)train(run, data.sources(run), {});
  run.training.epochs = 2;
  const auto resumed = train(run, data.sources(run), {});
  const auto all = train(two_stage_run(all_folder.path()), data.sources(run), {});
  EXPECT_NE(resumed.history[0].train_loss, all.history[0].train_loss);
  EXPECT_NE(resumed.history[1].train_loss, all.history[1].train_loss);
  const auto first = all.network->named_parameters();
  for (const auto& item : resumed.network->named_parameters()) {
    if (item.key().starts_with("first_stage.")) {
      EXPECT_TRUE(torch::equal(item.value(), first[item.key()])) << item.key();
    }
  }
}

TEST(FirstStage, NeedsSignalInTheValidationSplit) {
  const ScratchFolder folder;
  ToyData data;
  for (auto& event : data.validation) std::ranges::fill(event.hits.truth_link, -1);
  const TrainingRun run = two_stage_run(folder.path());
  EXPECT_NE(test::error_of<core::DataError>([&] { (void)train(run, data.sources(run), {}); })
                .find("the validation split has no signal hits, from which the threshold of the "
                      "first stage follows"),
            std::string::npos);
}

// An untrained first stage passes nearly all hits, as 99.999 % of the signal must pass.
TEST(FirstStage, AThresholdThatMostHitsPassIsWarnedOf) {
  const ToyData data;
  const auto warnings_of = [&](const TrainingRun& run) {
    std::string warnings;
    TrainingHooks hooks;
    hooks.log = core::Logger([&](core::LogLevel level, const std::string& message) {
      if (level == core::LogLevel::warning) warnings += message + "\n";
    });
    (void)train(run, data.sources(run), hooks);
    return warnings;
  };
  const ScratchFolder folder;
  TrainingRun run = two_stage_run(folder / "useless");
  run.model.first_stage.signal_kept = 0.99999;
  run.training.optimizer.learning_rate = 1e-6;
  const std::string warnings = warnings_of(run);
  EXPECT_CONTAINS(warnings, "first stage: ");
  EXPECT_CONTAINS(warnings,
                  " % of the hits of the validation split pass, so it hardly spares the second "
                  "stage any work; raise training.first_stage_epochs, train on more events, or "
                  "lower model.first_stage.signal_kept (0.99999)");
  run.debug = true;
  EXPECT_EQ(warnings_of(run), "");
  EXPECT_EQ(warnings_of(two_stage_run(folder / "useful")), "");
}

TEST(FirstStage, ADebugRunWritesNothing) {
  const ScratchFolder folder;
  const ToyData data;
  TrainingRun run = two_stage_run(folder / "run");
  run.debug = true;
  EXPECT_EQ(train(run, data.sources(run), {}).history.size(), 2U);
  EXPECT_FALSE(std::filesystem::exists(run.directory));
}

}  // namespace
}  // namespace stationhit::training
