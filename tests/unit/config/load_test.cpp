#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/core/settings.hpp>
#include <stationhit/core/text.hpp>

#include "run_error.hpp"

namespace stationhit::config {
namespace {

using test::config_error;

TEST(Load, EmptyTextGivesTheDefaults) {
  const auto config = parse_text<RunConfig>("", "run.yaml");
  EXPECT_EQ(config.model, architecture::ModelConfig{});
  EXPECT_EQ(config.graph, graph::GraphConfig{});
  EXPECT_EQ(config.training.epochs, training::TrainingConfig{}.epochs);
  EXPECT_FALSE(config.features.empty());
}

TEST(Load, ReadsEveryTypeOfValue) {
  const auto config = parse_text<RunConfig>(R"(
experiment_dir: runs/a b
normalization_stats: null
checkpoint_path: ~
seed: 18446744073709551615
threads: 3
features: [localX, driftR]
graph: {k: 7, metric: [globX, globY, globZ]}
model:
  residual: false
  encoding: {scales: [-2, 0, 2]}
  head: []
  dropout: .25
training:
  optimizer: {learning_rate: 1e-4}
  loss: {pos_weight: 12.5}
working_points: [0.9, 0.97]
)",
                                            "run.yaml");
  EXPECT_EQ(config.experiment_dir, "runs/a b");
  EXPECT_EQ(config.normalization_stats, "");
  EXPECT_EQ(config.checkpoint_path, "");
  EXPECT_EQ(config.seed, UINT64_MAX);
  EXPECT_EQ(config.threads, 3U);
  EXPECT_EQ(config.features, (std::vector<std::string>{"localX", "driftR"}));
  EXPECT_EQ(config.graph.k, 7);
  EXPECT_EQ(config.graph.metric, (std::vector<std::string>{"globX", "globY", "globZ"}));
  EXPECT_FALSE(config.model.residual);
  EXPECT_EQ(config.model.encoding.scales, (std::vector<std::int32_t>{-2, 0, 2}));
  EXPECT_EQ(config.model.dropout, 0.25);
  EXPECT_EQ(config.training.optimizer.learning_rate, 1e-4);
  EXPECT_EQ(config.training.loss.pos_weight, 12.5);
  EXPECT_EQ(config.working_points, (std::vector<double>{0.9, 0.97}));
}

TEST(Load, AllErrorsOfAFileAreReportedInItsOrder) {
  EXPECT_EQ(run_error("seeed: 1\ntraining:\n  epochs: 0\n  optimizer: {name: adm}\nthreads: x\n"
                      "graph: {k: 7, k: 8}\n",
                      {"model.width=0"}),
            "run.yaml:1: seeed: unknown key, did you mean 'seed'?; expected one of " +
                core::join(core::keys_of<RunConfig>()) +
                "\nrun.yaml:3: training.epochs: expected an integer >= 1, found '0'"
                "\nrun.yaml:4: training.optimizer.name: expected one of adamw, adam, sgd, lion, "
                "found 'adm'; did you mean 'adam'?"
                "\nrun.yaml:5: threads: expected an integer in 0..1024, found 'x'"
                "\nrun.yaml:6: graph.k: this key is there twice"
                "\n--set model.width=0: model.width: expected an integer in 1..4096, found '0'");
}

TEST(Load, OverridesComeLast) {
  const auto config = parse_text<RunConfig>(
      "graph: {k: 4}\nseed: 1\n", "run.yaml",
      Overrides{"graph.k=8", "features=[localX, localY]", "checkpoint_path=null", "seed=2",
                "seed=3", "experiment_dir=runs/a=b", "model.encoding={base: 2, scales: [0]}"});
  EXPECT_EQ(config.graph.k, 8);
  EXPECT_EQ(config.seed, 3U);
  EXPECT_EQ(config.features.size(), 2U);
  EXPECT_EQ(config.experiment_dir, "runs/a=b");
  EXPECT_EQ(config.model.encoding.base, 2);
  EXPECT_EQ(config.model.encoding.type, architecture::EncodingType::fourier);
}

TEST(Load, OverrideErrorsNameTheArgument) {
  EXPECT_EQ(run_error("", {"graph.kk=8"}),
            "--set graph.kk=8: graph.kk: unknown key, did you mean 'graph.k'?; expected one of "
            "grouping, buckets, edges, "
            "k, radius, metric");
  EXPECT_EQ(run_error("", {"graph.k=many"}),
            "--set graph.k=many: graph.k: expected an integer in 1..1024, found 'many'");
  EXPECT_EQ(run_error("", {"graph.k="}),
            "--set graph.k=: graph.k: expected an integer in 1..1024, found null");
  EXPECT_EQ(run_error("", {"graph"}),
            "--set graph: expected key.path=value, for example training.epochs=5");
  EXPECT_EQ(run_error("", {"=3"}),
            "--set =3: expected key.path=value, for example training.epochs=5");
  EXPECT_EQ(run_error("", {"seed.x=3"}),
            "--set seed.x=3: seed.x: unknown key; seed has no keys below it");
  EXPECT_EQ(run_error("", {"seed.epochs=3"}),
            "--set seed.epochs=3: seed.epochs: unknown key, did you mean 'training.epochs'?; seed "
            "has no keys below it");
  EXPECT_NE(run_error("", {".k=3"}).find("unknown key"), std::string::npos);
  EXPECT_NE(run_error("", {"graph.=3"}).find("unknown key"), std::string::npos);
  EXPECT_NE(run_error("", {"features=[a"}).find("--set features=[a"), std::string::npos);
}

TEST(Require, NamesKeyAndFile) {
  const std::string value = "data/train", empty;
  EXPECT_EQ(require(value, "train_path", "run.yaml"), "data/train");
  EXPECT_EQ(config_error([&] { require(empty, "train_path", "run.yaml"); }),
            "run.yaml: key train_path is missing; add it to the file or give --set train_path=...");
  EXPECT_EQ(config_error([&] { require(empty, "train_path", ""); }),
            "no configuration file was given and key train_path is missing; add it to the file or "
            "give --set train_path=...");
}

TEST(LoadFile, MissingFileAndFolder) {
  EXPECT_NE(config_error([] {
              (void)load<RunConfig>("no/such.yaml", {});
            }).find("no/such.yaml: cannot be read"),
            std::string::npos);
  EXPECT_NE(config_error([] {
              (void)load<RunConfig>("/", {});
            }).find("/: cannot be read: it is a folder; expected a YAML configuration"),
            std::string::npos);
}

TEST(LoadFile, NoFileMeansDefaultsAndOverrides) {
  EXPECT_EQ(load<simulation::SimulationConfig>("", Overrides{"events=7"}).events, 7U);
  EXPECT_EQ(config_error([] { (void)load<simulation::SimulationConfig>("", Overrides{"mu=251"}); }),
            "--set mu=251: mu: expected a number in 0..250, found '251'");
}

}  // namespace
}  // namespace stationhit::config
