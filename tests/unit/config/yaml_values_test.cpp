// Values of the wrong type or out of range.
#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/core/text.hpp>

#include "run_error.hpp"

namespace stationhit::config {
namespace {

using test::config_error;

TEST(YamlValues, WrongTypes) {
  EXPECT_EQ(run_error("seed: 1\nmodel:\n  width: wide\n"),
            "run.yaml:3: model.width: expected an integer in 1..4096, found 'wide'");
  EXPECT_EQ(run_error("model: {width: 3.5}"),
            "run.yaml:1: model.width: expected an integer in 1..4096, found '3.5'");
  EXPECT_EQ(run_error("model: {width: \"64\"}"),
            "run.yaml:1: model.width: expected an integer in 1..4096, found '64'");
  EXPECT_EQ(run_error("model: {residual: yes}"),
            "run.yaml:1: model.residual: expected true or false, found 'yes'");
  EXPECT_EQ(run_error("model: 3"),
            "run.yaml:1: model: expected 'key: value' lines with keys architecture, encoding, "
            "width, blocks, message_layers, edge_features, neighbors, "
            "aggregation, activation, residual, layer_norm, head, dropout, heads, bands, "
            "feed_forward, first_stage, map, found '3'");
  EXPECT_EQ(run_error("features: localX"),
            "run.yaml:1: features: expected a list of text, found 'localX'; write [localX]");
  EXPECT_EQ(run_error("features: [[localX]]"),
            "run.yaml:1: features: expected a list of text, found the list [localX]");
  EXPECT_EQ(run_error("experiment_dir: null"),
            "run.yaml:1: experiment_dir: expected text, found null");
  EXPECT_EQ(
      run_error("training:\n"),
      "run.yaml:1: training: expected 'key: value' lines with keys epochs, events, batch_size, "
      "accumulate_batches, limit_train_batches, limit_val_batches, overfit_batches, "
      "sanity_val_batches, monitor, optimizer, scheduler, "
      "early_stopping, callbacks, keep_best, ema, loss, background_share, missing_stations, "
      "first_stage_epochs, "
      "memory_limit, "
      "prefetch_batches, precision, deterministic, resume, "
      "found null");
  EXPECT_EQ(run_error("- a\n- b\n").substr(0, 60),
            "run.yaml:1: the file: expected 'key: value' lines with keys ");
}

TEST(YamlValues, AValueInThePlaceOfAListOfItIsToldHowToBeOne) {
  EXPECT_EQ(run_error("trackers: tensorboard"),
            "run.yaml:1: trackers: expected a list of tensorboard, mlflow, found 'tensorboard'; "
            "write [tensorboard]");
  EXPECT_EQ(run_error("training: {callbacks: ema}"),
            "run.yaml:1: training.callbacks: expected a list of keep_best, ema, norms, steps, "
            "profile, found 'ema'; write [ema]");
  EXPECT_CONTAINS(run_error("trackers: tensorbord"),
                  "found 'tensorbord'; did you mean 'tensorboard'?");
  EXPECT_CONTAINS(run_error("", {"working_points=0.99"}), "found '0.99'; write [0.99]");
}

TEST(YamlValues, ValuesOutOfRange) {
  EXPECT_EQ(run_error("graph: {k: 0}"),
            "run.yaml:1: graph.k: expected an integer in 1..1024, found '0'");
  EXPECT_EQ(run_error("seed: -1"), "run.yaml:1: seed: expected an integer >= 0, found '-1'");
  EXPECT_EQ(run_error("seed: 18446744073709551616"),
            "run.yaml:1: seed: expected an integer >= 0, found '18446744073709551616'");
  EXPECT_EQ(run_error("training: {optimizer: {learning_rate: 0}}"),
            "run.yaml:1: training.optimizer.learning_rate: expected a number > 0, found '0'");
  EXPECT_EQ(run_error("training: {optimizer: {learning_rate: .nan}}"),
            "run.yaml:1: training.optimizer.learning_rate: expected a number > 0, found '.nan'");
  EXPECT_EQ(run_error("training: {optimizer: {learning_rate: inf}}"),
            "run.yaml:1: training.optimizer.learning_rate: expected a number > 0, found 'inf'");
  EXPECT_EQ(run_error("training: {optimizer: {name: adamax}}"),
            "run.yaml:1: training.optimizer.name: expected one of adamw, adam, sgd, lion, found "
            "'adamax'; did you mean 'adamw'?");
  EXPECT_EQ(run_error("training: {loss: {pos_weight: much}}"),
            "run.yaml:1: training.loss.pos_weight: expected auto or a number > 0, found 'much'");
  EXPECT_EQ(run_error("quantization: {method: statik}"),
            "run.yaml:1: quantization.method: expected one of static, dynamic, found 'statik'; did "
            "you mean 'static'?");
  EXPECT_EQ(run_error("prune: {parts: [weights]}"),
            "run.yaml:1: prune.parts: expected a list of channels, heads, scales, found 'weights'");
  EXPECT_EQ(run_error("training: {missing_stations: 0.1}"),
            "run.yaml: training.missing_stations is for two_stage only, because edgeconv does not "
            "see other stations; take it out, or set model.architecture: two_stage");
  EXPECT_EQ(run_error("working_points: [0.9]\ntraining: {keep_best: {metric: seconds}}"),
            "run.yaml:2: training.keep_best.metric: expected one of train_loss, val_loss, val_auc, "
            "val_purity_0.99, val_purity_0.9, found 'seconds'");
  EXPECT_EQ(run_error("model: {architecture: edgconv}"),
            "run.yaml:1: model.architecture: expected one of " +
                core::join(architecture::known_networks()) +
                ", found 'edgconv'; did you mean 'edgeconv'?");
}

TEST(YamlValues, ChoicesOfPreparationAndSimulationAreNamed) {
  const auto prepare_error = [](const char* yaml) {
    return config_error([&] { (void)parse_text<data::PrepareConfig>(yaml, "p.yaml"); });
  };
  EXPECT_EQ(prepare_error("split: {by: run}"),
            "p.yaml:1: split.by: expected one of file, event, auto, found 'run'");
  EXPECT_EQ(prepare_error("split: {balance: equal}"),
            "p.yaml:1: split.balance: expected one of equal_files, none, found 'equal'");
  const auto simulation_error = [](const char* yaml) {
    return config_error([&] { (void)parse_text<simulation::SimulationConfig>(yaml, "s.yaml"); });
  };
  EXPECT_EQ(simulation_error("process: zmumuu"),
            "s.yaml:1: process: expected one of jpsi, zmumu, ttbar, mix, found 'zmumuu'; did you "
            "mean 'zmumu'?");
  EXPECT_EQ(simulation_error("source: hepmc2"),
            "s.yaml:1: source: expected one of generator, hepmc, found 'hepmc2'; did you mean "
            "'hepmc'?");
}

TEST(YamlValues, NumbersAreReadToTheirEnd) {
  for (const char* value : {"12abc", "0x10", "+-5", "1e3", "1_000"})
    EXPECT_CONTAINS(run_error("seed: " + std::string(value)), "seed: expected an integer >= 0");
  for (const char* value : {"1e39", "1e-60", "inf", ".nan", "12,5"})
    EXPECT_CONTAINS(run_error("training: {loss: {pos_weight: \"" + std::string(value) + "\"}}"),
                    "training.loss.pos_weight: expected auto or a number > 0");
  EXPECT_EQ(run_error("training: {loss: {pos_weight: 1e39}}"),
            "run.yaml:1: training.loss.pos_weight: expected auto or a number > 0, found '1e39'; "
            "numbers are float32: 0, or between 1e-38 and 3.4e38 in size");
}

TEST(YamlValues, BooleansMayBeWrittenAsInPython) {
  EXPECT_TRUE(parse_text<RunConfig>("use_comet: True", "x").use_comet);
  EXPECT_TRUE(parse_text<RunConfig>("use_comet: TRUE", "x").use_comet);
  EXPECT_FALSE(parse_text<RunConfig>("use_comet: False", "x").use_comet);
  EXPECT_FALSE(parse_text<RunConfig>("use_comet: FALSE", "x").use_comet);
  EXPECT_EQ(run_error("use_comet: 'True'"),
            "run.yaml:1: use_comet: expected true or false, found 'True'");
}

}  // namespace
}  // namespace stationhit::config
