// Settings that contradict each other.
#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/config/load.hpp>

#include "run_error.hpp"

namespace stationhit::config {
namespace {

using test::config_error;

TEST(Checks, AnUnknownFeatureIsNamedWithKeyAndLine) {
  const std::string features = "seed: 1\nmodel: {width: 8}\nfeatures:\n  - localX\n  - localQ\n";
  EXPECT_CONTAINS(
      run_error(features),
      "run.yaml:3: features: unknown feature \"localQ\" (did you mean localX?); known: ");
  EXPECT_CONTAINS(run_error(features, {"features=[globQ]"}),
                  "--set features=[globQ]: features: unknown feature \"globQ\"");
}

TEST(Checks, TheMonitorIsOneOfTheColumnsOfTheRun) {
  const std::string points = "working_points: [0.9, 0.97]\n";
  const std::string purity = "training:\n  epochs: 2\n  monitor: val_purity_0.97\n";
  EXPECT_EQ(parse_text<RunConfig>(points + purity, "run.yaml").training.monitor, "val_purity_0.97");
  EXPECT_EQ(run_error(purity),
            "run.yaml:3: training.monitor: expected one of train_loss, val_loss, val_auc, "
            "val_purity_0.99, val_purity_0.985, val_purity_0.995, found 'val_purity_0.97'; did you "
            "mean 'val_purity_0.99'?");
  EXPECT_CONTAINS(run_error(points + purity, {"training={monitor: loss}"}),
                  "--set training={monitor: loss}: training.monitor: expected one of ");
  EXPECT_CONTAINS(run_error(points + purity, {"working_points=[0.9]"}),
                  "run.yaml:4: training.monitor: expected one of ");
}

TEST(Checks, RobustNormalizationNeedsALimitOfEveryEncoding) {
  const std::string robust = "normalization_stats: n.yaml\nnormalization: robust\n";
  const std::string limit = "model: {encoding: {limit: 10}}\n";
  EXPECT_EQ(run_error(robust),
            "run.yaml: normalization: robust needs model.encoding.limit, because features with "
            "long tails reach far beyond their interquartile range; set it, to 10 for example");
  EXPECT_EQ(parse_text<RunConfig>(robust + limit, "run.yaml").model.encoding.limit, 10);
  const std::string two_stages =
      "features: [phi, theta, stationLayer, nBuckets, localY]\n"
      "model: {architecture: two_stage, encoding: {limit: 10}}\n";
  EXPECT_CONTAINS(run_error(robust + two_stages),
                  "normalization: robust needs model.first_stage.encoding.limit");
}

TEST(Checks, WorkingPointsAreIncreasingSharesOfTheSignalHits) {
  EXPECT_EQ(parse_text<RunConfig>("", "run.yaml").working_points,
            (std::vector<double>{0.985, 0.99, 0.995}));
  EXPECT_EQ(run_error("working_points: [0.99, 1]"),
            "run.yaml:1: working_points: expected a list of numbers > 0 and < 1, found '1'");
  const std::string expected =
      "run.yaml: working_points: expected shares of the signal hits, increasing, above 0 and below "
      "1";
  EXPECT_EQ(run_error("working_points: []"), expected + ", at least one, found none");
  EXPECT_EQ(run_error("working_points: [0.99, 0.9]"), expected + ", found 0.9 after 0.99");
  EXPECT_EQ(run_error("working_points: [0.9, 0.90]"), expected + ", found 0.9 after 0.9");
}

TEST(Checks, AllContradictionsAreReportedOnceEveryValueIsUnderstood) {
  EXPECT_EQ(
      run_error("features: [localX, localX]\nworking_points: []\nprune: {parts: []}\n"),
      "run.yaml:1: features: the feature localX is listed twice, list each once"
      "\nrun.yaml: prune.parts is empty; give one or more of: channels, heads, scales"
      "\nrun.yaml: working_points: expected shares of the signal hits, increasing, above 0 and "
      "below 1, at least one, found none");
  EXPECT_EQ(run_error("working_points: []\nthreads: x\n"),
            "run.yaml:2: threads: expected an integer in 0..1024, found 'x'");
}

TEST(Checks, SettingsThatContradictEachOther) {
  EXPECT_NE(
      run_error("model: {activation: gelu}")
          .find("run.yaml: model.activation is gelu, but one message layer with aggregation max"),
      std::string::npos);
  EXPECT_EQ(
      parse_text<RunConfig>("model: {activation: gelu, message_layers: 2}", "x").model.activation,
      architecture::Activation::gelu);
  EXPECT_EQ(
      parse_text<RunConfig>("model: {activation: gelu, architecture: mlp}", "x").model.activation,
      architecture::Activation::gelu);
  EXPECT_NE(run_error("model: {encoding: {scales: []}}").find("model.encoding.scales is empty"),
            std::string::npos);
  EXPECT_NE(run_error("model: {encoding: {scales: [1, 1]}}")
                .find("model.encoding.scales has a scale twice"),
            std::string::npos);
  EXPECT_NE(run_error("training: {loss: {pos_weight: many}}")
                .find("training.loss.pos_weight: expected auto or a number > 0, found 'many'"),
            std::string::npos);
  EXPECT_NE(run_error("training: {loss: {pos_weight: 0}}").find("found '0'"), std::string::npos);
  EXPECT_NE(run_error("training: {scheduler: {min_learning_rate: 1}}")
                .find("min_learning_rate (1) is above"),
            std::string::npos);
  EXPECT_NE(run_error("features: [localX, drftR]").find("driftR"), std::string::npos);
  EXPECT_NE(run_error("graph: {metric: [localQ]}")
                .find("run.yaml: graph.metric has the unknown coordinate"),
            std::string::npos);
  const std::string split = config_error([] {
    (void)parse_text<data::PrepareConfig>("split: {train: 0.9, validation: 0.2}", "p.yaml");
  });
  EXPECT_NE(split.find("p.yaml: split.train + split.validation is 1.1"), std::string::npos)
      << split;
  const std::string output =
      config_error([] { (void)parse_text<simulation::SimulationConfig>("output: ''", "s.yaml"); });
  EXPECT_NE(output.find("s.yaml: output is empty"), std::string::npos) << output;
}

TEST(Checks, TrackersAreKnownAndListedOnce) {
  EXPECT_EQ(parse_text<RunConfig>("trackers: [tensorboard]", "x").trackers,
            std::vector<std::string>{"tensorboard"});
  EXPECT_EQ(
      run_error("trackers: [tensorbord]"),
      "run.yaml:1: trackers: expected a list of tensorboard, mlflow, found 'tensorbord'; did you "
      "mean 'tensorboard'?");
  EXPECT_EQ(run_error("trackers: [tensorboard, tensorboard]"),
            "run.yaml: trackers has tensorboard twice, list it once");
}

}  // namespace
}  // namespace stationhit::config
