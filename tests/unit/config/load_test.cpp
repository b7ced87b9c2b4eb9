#include <fstream>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/core/settings.hpp>
#include <stationhit/core/text.hpp>

namespace stationhit::config {
namespace {

using test::config_error;

using Overrides = std::vector<std::string>;

std::string run_error(const std::string& yaml, const Overrides& overrides = {}) {
  return config_error([&] { (void)parse_text<RunConfig>(yaml, "run.yaml", overrides); });
}

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

TEST(Load, UnknownKeyNamesFileLinePathAndTheNearestKey) {
  EXPECT_EQ(run_error("seed: 1\ntraining:\n  epochs: 3\n  optimizer:\n    lerning_rate: 0.1\n"),
            "run.yaml:5: training.optimizer.lerning_rate: unknown key, did you mean "
            "'training.optimizer.learning_rate'?; expected one of name, "
            "learning_rate, weight_decay, gradient_clip");
}

TEST(Load, MisplacedKeyIsFoundWhereItBelongs) {
  EXPECT_NE(
      run_error("learning_rate: 0.1\n").find("did you mean 'training.optimizer.learning_rate'?"),
      std::string::npos);
  EXPECT_CONTAINS(run_error("training: {threads: 2}\n"),
                  "training.threads: unknown key, did you mean 'threads'?");
  // The same name elsewhere is likelier than a similar one here (head).
  EXPECT_CONTAINS(run_error("", {"model.seed=2"}), "did you mean 'seed'?");
  EXPECT_CONTAINS(run_error("", {"graph.epochs=2"}), "did you mean 'training.epochs'?");
  // Below it before anywhere else: there is a training.optimizer.name only.
  EXPECT_CONTAINS(run_error("", {"training.name=adam"}), "did you mean 'training.optimizer.name'?");
}

TEST(Load, HopelessKeyGetsNoGuess) {
  EXPECT_NE(run_error("qqqqqqqqq: 1\n").find("qqqqqqqqq: unknown key; expected one of"),
            std::string::npos);
}

TEST(Load, WrongTypes) {
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

TEST(Load, AValueInThePlaceOfAListOfItIsToldHowToBeOne) {
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

TEST(Load, NamesOfOtherTrainingProgramsLeadToOurs) {
  EXPECT_CONTAINS(run_error("training: {lr: 0.1}"),
                  "run.yaml:1: training.lr: unknown key, did you mean "
                  "'training.optimizer.learning_rate'?");
  EXPECT_CONTAINS(run_error("training: {optimizer: {lr: 0.1}}"),
                  "did you mean 'training.optimizer.learning_rate'?");
  EXPECT_CONTAINS(run_error("", {"max_epochs=3"}), "did you mean 'training.epochs'?");
  EXPECT_CONTAINS(run_error("", {"training.accumulate_grad_batches=3"}),
                  "did you mean 'training.accumulate_batches'?");
  EXPECT_EQ(run_error("training: {precision: bfloat16}"),
            "run.yaml:1: training.precision: expected one of float32, bf16, found 'bfloat16'; did "
            "you mean 'bf16'?");
}

TEST(Load, AnUnknownFeatureIsNamedWithKeyAndLine) {
  const std::string features = "seed: 1\nmodel: {width: 8}\nfeatures:\n  - localX\n  - localQ\n";
  EXPECT_CONTAINS(
      run_error(features),
      "run.yaml:3: features: unknown feature \"localQ\" (did you mean localX?); known: ");
  EXPECT_CONTAINS(run_error(features, {"features=[globQ]"}),
                  "--set features=[globQ]: features: unknown feature \"globQ\"");
}

TEST(Load, TheMonitorIsOneOfTheColumnsOfTheRun) {
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

TEST(Load, ValuesOutOfRange) {
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

TEST(Load, RobustNormalizationNeedsALimitOfEveryEncoding) {
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

TEST(Load, ChoicesOfPreparationAndSimulationAreNamed) {
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

TEST(Load, WorkingPointsAreIncreasingSharesOfTheSignalHits) {
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

TEST(Load, AllContradictionsAreReportedOnceEveryValueIsUnderstood) {
  EXPECT_EQ(
      run_error("features: [localX, localX]\nworking_points: []\nprune: {parts: []}\n"),
      "run.yaml:1: features: the feature localX is listed twice, list each once"
      "\nrun.yaml: prune.parts is empty; give one or more of: channels, heads, scales"
      "\nrun.yaml: working_points: expected shares of the signal hits, increasing, above 0 and "
      "below 1, at least one, found none");
  EXPECT_EQ(run_error("working_points: []\nthreads: x\n"),
            "run.yaml:2: threads: expected an integer in 0..1024, found 'x'");
}

TEST(Load, SameKeyTwice) {
  EXPECT_EQ(run_error("seed: 1\nthreads: 2\nseed: 3\n"),
            "run.yaml:3: seed: this key is there twice");
}

TEST(Load, BrokenYaml) {
  EXPECT_EQ(run_error("seed: 1\nfeatures: [localX\n").substr(0, 26), "run.yaml:3: not valid YAML");
  EXPECT_NE(run_error("seed: 1\n---\nseed: 2\n").find("expected one YAML document, found 2"),
            std::string::npos);
}

TEST(Load, TextsThatAreNoValueEndAtOnce) {
  const std::string reason =
      "not valid YAML: a value cannot begin with this character; put the value into quotes";
  EXPECT_EQ(run_error(","), "run.yaml:1: " + reason);
  EXPECT_CONTAINS(run_error("\n\n]"), "run.yaml:3: not valid YAML: ");
  EXPECT_EQ(run_error("", {"seed=,"}), "--set seed=,:1: " + reason);
  EXPECT_CONTAINS(run_error("[1] ,"), "run.yaml:1: expected one YAML document, found 2");
  EXPECT_CONTAINS(run_error(std::string(100'000, '[')), "run.yaml:1: not valid YAML: ");
}

TEST(Load, TextsThatAreNotUtf8) {
  EXPECT_EQ(run_error("seed: 1\nsample_label: M\xFCnchen\n"),
            "run.yaml:2: the byte 0xFC is not UTF-8 text; save the file with the encoding UTF-8");
  EXPECT_EQ(run_error("", {"sample_label=M\xFCnchen"}),
            "--set sample_label=M\xFCnchen:1: the byte 0xFC is not UTF-8 text; save the file with "
            "the encoding UTF-8");
  EXPECT_EQ(run_error("seed: 1\nsample_label: \x1B[31m\n"),
            "run.yaml:2: the control character 0x1B is not permitted in YAML; remove it");
  EXPECT_EQ(parse_text<RunConfig>("sample_label: M\xC3\xBCnchen", "").sample_label,
            "M\xC3\xBCnchen");
}

TEST(Load, Tabs) {
  EXPECT_EQ(run_error("training:\n\tepochs: 3\n"),
            "run.yaml:2: not valid YAML: line 2 is indented with a tab, YAML needs spaces");
  EXPECT_EQ(parse_text<RunConfig>("seed:\t7\n", "").seed, 7U);
}

TEST(Load, NumbersAreReadToTheirEnd) {
  for (const char* value : {"12abc", "0x10", "+-5", "1e3", "1_000"})
    EXPECT_CONTAINS(run_error("seed: " + std::string(value)), "seed: expected an integer >= 0");
  for (const char* value : {"1e39", "1e-60", "inf", ".nan", "12,5"})
    EXPECT_CONTAINS(run_error("training: {loss: {pos_weight: \"" + std::string(value) + "\"}}"),
                    "training.loss.pos_weight: expected auto or a number > 0");
  EXPECT_EQ(run_error("training: {loss: {pos_weight: 1e39}}"),
            "run.yaml:1: training.loss.pos_weight: expected auto or a number > 0, found '1e39'; "
            "numbers are float32: 0, or between 1e-38 and 3.4e38 in size");
}

TEST(Load, PathsBelowTheHomeDirectory) {
  ::setenv("HOME", "/home/me", 1);
  const auto config = parse_text<RunConfig>("experiment_dir: ~/runs/x\ntrain_path: a~/b\n", "");
  EXPECT_EQ(config.experiment_dir, "/home/me/runs/x");
  EXPECT_EQ(config.train_path, "a~/b");
  EXPECT_EQ(parse_text<data::PrepareConfig>("input: [~/a.root, \"~\"]", "").input,
            (std::vector<std::string>{"/home/me/a.root", "~"}));
  EXPECT_EQ(parse_text<simulation::SimulationConfig>("", "", Overrides{"output=~/x.root"}).output,
            "/home/me/x.root");
}

TEST(Load, PathsThatAShellWouldChange) {
  EXPECT_EQ(run_error("experiment_dir: ${SCRATCH}/x\nval_path: ~other/x\n"),
            "run.yaml: experiment_dir: '${SCRATCH}/x': variables of the environment are not "
            "replaced here; write the path itself, or give --set experiment_dir=... and let the "
            "shell replace them\n"
            "run.yaml: val_path: '~other/x': only the own home directory (~/...) is known here; "
            "write the path itself (./~name where a file is really named like this)");
}

TEST(Load, FilesOfAnotherKind) {
  EXPECT_EQ(run_error("events: 10\nmu: 20\nprocess: mix\nseed: 1\n"),
            "run.yaml: is a configuration of the verb simulate, not a run configuration (verbs "
            "stats, train, test, export, bench, prune, study); give another file with -c");
  EXPECT_CONTAINS(config_error([] {
                    (void)parse_text<simulation::SimulationConfig>(
                        "features: [localX]\ntraining: {}\nseed: 1\n", "run.yaml");
                  }),
                  "run.yaml: is a run configuration (verbs");
  EXPECT_CONTAINS(run_error("events: 3\nfeatures: [{name: localX}]\n"),
                  "run.yaml: is a statistics file");
  // One key of another kind is a mistyped or misplaced one.
  EXPECT_CONTAINS(run_error("seed: 1\nmu: 20\n"), "run.yaml:2: mu: unknown key");
}

TEST(Load, SettingsThatContradictEachOther) {
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

TEST(Load, BooleansMayBeWrittenAsInPython) {
  EXPECT_TRUE(parse_text<RunConfig>("use_comet: True", "x").use_comet);
  EXPECT_TRUE(parse_text<RunConfig>("use_comet: TRUE", "x").use_comet);
  EXPECT_FALSE(parse_text<RunConfig>("use_comet: False", "x").use_comet);
  EXPECT_FALSE(parse_text<RunConfig>("use_comet: FALSE", "x").use_comet);
  EXPECT_EQ(run_error("use_comet: 'True'"),
            "run.yaml:1: use_comet: expected true or false, found 'True'");
}

TEST(Load, TrackersAreKnownAndListedOnce) {
  EXPECT_EQ(parse_text<RunConfig>("trackers: [tensorboard]", "x").trackers,
            std::vector<std::string>{"tensorboard"});
  EXPECT_EQ(
      run_error("trackers: [tensorbord]"),
      "run.yaml:1: trackers: expected a list of tensorboard, mlflow, found 'tensorbord'; did you "
      "mean 'tensorboard'?");
  EXPECT_EQ(run_error("trackers: [tensorboard, tensorboard]"),
            "run.yaml: trackers has tensorboard twice, list it once");
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

TEST(Dump, ReadsBackAsTheSameConfig) {
  RunConfig config = parse_text<RunConfig>(
      "model: {width: 33, head: [8, 4], dropout: 0.1}\ntraining: {optimizer: {learning_rate: "
      "3.3e-4}}",
      "x");
  config.experiment_dir = "runs/#1: \"a\" 'b' \\ \t ü";
  config.train_path = "null";
  config.val_path = "~";
  config.test_path = "- [x]";
  config.checkpoint_path = "";
  const std::string text = dump(config);
  const auto again = parse_text<RunConfig>(text, "dumped");
  EXPECT_EQ(again.experiment_dir, config.experiment_dir);
  EXPECT_EQ(again.train_path, "null") << text;
  EXPECT_EQ(again.val_path, "~");
  EXPECT_EQ(again.test_path, "- [x]");
  EXPECT_EQ(again.checkpoint_path, "");
  EXPECT_EQ(again.model, config.model);
  EXPECT_EQ(again.training.optimizer.learning_rate, 3.3e-4);
  EXPECT_EQ(dump(again), text);
}

TEST(Dump, HasEveryKeyOfTheDocumentation) {
  const std::string text =
      dump(RunConfig{}) + dump(data::PrepareConfig{}) + dump(simulation::SimulationConfig{});
  for (const char* key : {"experiment_dir:", "min_learning_rate: 1e-06", "pos_weight: auto",
                          "checkpoint_path: null", "max_abs_eta: 2.7", "mu: 200"})
    EXPECT_NE(text.find(key), std::string::npos) << key;
}

TEST(ConfigHash, ChangesWithEverySettingAndNothingElse) {
  RunConfig config;
  const std::string hash = config_hash(config);
  EXPECT_EQ(hash.size(), 16U);
  EXPECT_EQ(config_hash(RunConfig{}), hash);
  config.training.early_stopping.min_delta = 1e-9;
  EXPECT_NE(config_hash(config), hash);
  EXPECT_EQ(config_hash(parse_text<RunConfig>("# a comment\nseed:   42", "x")), hash);
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
