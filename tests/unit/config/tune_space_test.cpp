#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/config/tune_space.hpp>

namespace stationhit::config {
namespace {

TuneSpace parse(const std::string& yaml) {
  return parse_tune_space(yaml, "space.yaml", RunConfig{});
}

std::string error_of(const std::string& yaml) {
  return test::config_error([&] { (void)parse(yaml); });
}

std::string error_of_parameter(const std::string& line) {
  return error_of("parameters:\n  " + line);
}

TEST(TuneSpace, NumbersHaveRangesAndEverythingElseLists) {
  const TuneSpace space = parse(
      "search: {sampler: random, pruner: none}\n"
      "parameters:\n"
      "  training.optimizer.learning_rate: {low: 1e-4, high: 1e-2, log: true}\n"
      "  model.width: {low: 16, high: 64, step: 16}\n"
      "  model.head: [[], [32], [64, 32]]\n"
      "  model.residual: [true, false]\n");
  EXPECT_EQ(space.settings.sampler, Sampler::random);
  EXPECT_EQ(space.settings.pruner, Pruner::none);
  ASSERT_EQ(space.parameters.size(), 4U);
  const TuneParameter& rate = space.parameters[0];
  EXPECT_EQ(rate.key, "training.optimizer.learning_rate");
  EXPECT_EQ(rate.kind, TuneKind::number);
  EXPECT_DOUBLE_EQ(rate.low, 1e-4);
  EXPECT_DOUBLE_EQ(rate.high, 1e-2);
  EXPECT_TRUE(rate.log);
  EXPECT_FALSE(rate.n_values());
  EXPECT_EQ(space.parameters[1].kind, TuneKind::integer);
  EXPECT_EQ(space.parameters[1].n_values(), 4U);
  EXPECT_EQ(space.parameters[2].values, (std::vector<std::string>{"[]", "[32]", "[64, 32]"}));
  EXPECT_EQ(space.parameters[3].values, (std::vector<std::string>{"true", "false"}));
  EXPECT_FALSE(space.n_combinations());
}

TEST(TuneSpace, ValuesOfAChoiceAreWhatARunTakes) {
  const TuneSpace space = parse("parameters:\n  model.head: [[], [64, 32]]\n");
  for (const std::string& value : space.parameters[0].values)
    EXPECT_NO_THROW(
        (void)parse_text<RunConfig>("", "", std::vector<std::string>{"model.head=" + value}));
}

TEST(TuneSpace, AGridHasAllCombinations) {
  const TuneSpace space = parse(
      "search: {sampler: grid}\n"
      "parameters:\n"
      "  model.dropout: {low: 0, high: 0.3, step: 0.1}\n"
      "  model.blocks: {low: 1, high: 3}\n"
      "  model.aggregation: [mean, max]\n");
  EXPECT_EQ(space.n_combinations(), 4U * 3U * 2U);
}

TEST(TuneSpace, TheObjectiveIsThatOfTheRun) {
  RunConfig run;
  run.training.monitor = "val_auc";
  const auto space = parse_tune_space("parameters: {model.width: [8, 16]}", "space.yaml", run);
  EXPECT_EQ(space.settings.objectives, std::vector<std::string>{"val_auc"});
  run.training.monitor = "train_loss";
  EXPECT_CONTAINS(test::config_error([&] {
                    (void)parse_tune_space("parameters: {model.width: [8, 16]}", "s.yaml", run);
                  }),
                  "s.yaml: search.objectives must begin with a metric of the validation split");
}

TEST(TuneSpace, AnObjectiveMayBeAnyPurityOfTheRun) {
  const std::string parameters = "parameters: {model.width: [8, 16]}";
  RunConfig run;
  run.training.monitor = "val_purity_0.985";
  EXPECT_EQ(parse_tune_space(parameters, "s.yaml", run).settings.objectives,
            std::vector<std::string>{"val_purity_0.985"});
  run.working_points = {0.9};
  const std::string given = "search:\n  objectives: [val_purity_0.9]\n" + parameters;
  EXPECT_EQ(parse_tune_space(given, "s.yaml", run).settings.objectives,
            std::vector<std::string>{"val_purity_0.9"});
  run.working_points = {0.985};
  EXPECT_EQ(test::config_error([&] { (void)parse_tune_space(given, "s.yaml", run); }),
            "s.yaml:2: search.objectives: expected one of val_loss, val_auc, val_purity_0.99, "
            "val_purity_0.985, ms_per_event, found 'val_purity_0.9'; did you mean "
            "'val_purity_0.99'?");
}

TEST(TuneSpace, AnUnknownKeyIsNamedWithItsLineAndTheNearestOne) {
  EXPECT_CONTAINS(error_of_parameter("model.widthh: [8, 16]"),
                  "space.yaml:2: model.widthh: unknown key, did you mean 'model.width'?");
  EXPECT_CONTAINS(error_of_parameter("model.widthh: {low: 8, high: 16}"),
                  "space.yaml:2: model.widthh: unknown key, did you mean 'model.width'?");
  EXPECT_CONTAINS(error_of("searchh: {}\nparameters: {model.width: [8, 16]}"),
                  "unknown key, did you mean 'search'?");
  EXPECT_CONTAINS(error_of_parameter("model.width: {low: 8, hihg: 16}"), "did you mean");
}

TEST(TuneSpace, ValuesThatNoRunTakesAreRefused) {
  EXPECT_CONTAINS(error_of_parameter("model.width: [8, wide]"), "space.yaml:2: model.width:");
  EXPECT_CONTAINS(error_of_parameter("model.width: [8, wide]"), "found 'wide'");
  EXPECT_CONTAINS(error_of_parameter("model.width: {low: 8.5, high: 16}"), "found '8.5'");
  EXPECT_CONTAINS(error_of_parameter("model.aggregation: [mean, maxx]"), "did you mean 'max'?");
  EXPECT_CONTAINS(error_of_parameter("training.optimizer.learning_rate: {low: 0, high: 1}"),
                  "found '0'");
}

TEST(TuneSpace, FeaturesAreKnown) {
  EXPECT_CONTAINS(error_of_parameter("features: [[localY, localZ], [localY, lokalZ]]"),
                  "space.yaml:2: features: unknown feature \"lokalZ\" (did you mean localZ?)");
  EXPECT_EQ(parse("parameters: {features: [[localY], [localY, localZ]]}").n_combinations(), 2U);
}

TEST(TuneSpace, ParametersWithoutEffectAreNamed) {
  const auto found = [](const std::string& parameters, const std::string& architecture) {
    RunConfig run;
    run.model.architecture = architecture;
    const std::string yaml = "parameters: {model.width: [8, 16], " + parameters + "}";
    return find_parameters_without_effect(parse_tune_space(yaml, "s.yaml", run), run);
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(found("model.heads: [2, 4]", "edgeconv"),
            Texts{"model.heads: has no effect with model.architecture: edgeconv"});
  EXPECT_EQ(found("model.heads: [2, 4]", "edgeconv_attention"), Texts{});
  EXPECT_EQ(found("model.heads: [2, 4], model.architecture: [edgeconv, edgeconv_gat]", "edgeconv"),
            Texts{});
  EXPECT_EQ(found("model.heads: [2, 4], model.architecture: [edgeconv, mlp]", "edgeconv"),
            Texts{"model.heads: has no effect with any value of model.architecture"});
  EXPECT_EQ(found("training.ema.decay: {low: 0.9, high: 0.99}", "edgeconv"),
            Texts{"training.ema.decay: has no effect with training.callbacks: [], where ema is "
                  "missing"});
}

TEST(TuneSpace, AConditionNamesAChoiceAbove) {
  const TuneSpace space = parse(
      "search: {sampler: grid}\n"
      "parameters:\n"
      "  model.architecture: [edgeconv, edgeconv_gat, edgeconv_attention]\n"
      "  model.heads: {values: [2, 4], when: {model.architecture: [edgeconv_gat, "
      "edgeconv_attention]}}\n"
      "  model.blocks: {low: 1, high: 3, when: {model.architecture: edgeconv}}\n"
      "  model.residual: {values: [true, false], when: {model.heads: 4}}\n");
  using Conditions = std::vector<TuneCondition>;
  EXPECT_EQ(space.parameters[0].when, Conditions{});
  EXPECT_EQ(space.parameters[1].values, (std::vector<std::string>{"2", "4"}));
  EXPECT_EQ(space.parameters[1].when,
            (Conditions{{"model.architecture", {"edgeconv_gat", "edgeconv_attention"}}}));
  EXPECT_EQ(space.parameters[2].kind, TuneKind::integer);
  EXPECT_EQ(space.parameters[2].when, (Conditions{{"model.architecture", {"edgeconv"}}}));
  // edgeconv: 3; each of the two others: heads 2, or heads 4 with two values.
  EXPECT_EQ(space.n_combinations(), 3U + 2U * 3U);
}

TEST(TuneSpace, ConditionsThatCannotBeMeantAreRefused) {
  const auto error = [](const std::string& condition) {
    return error_of(
        "parameters:\n  model.aggregation: [mean, max]\n  model.width: {low: 8, high: "
        "16}\n  model.blocks: {low: 1, high: 3, when: " +
        condition + "}\n  model.residual: [true, false]\n");
  };
  const std::string key = "space.yaml:4: model.blocks: when: ";
  EXPECT_CONTAINS(error("mean"), key + "expected {parameter: value}");
  EXPECT_CONTAINS(error("{}"), key + "expected {parameter: value}");
  EXPECT_CONTAINS(error("{model.residual: true}"),
                  key + "model.residual is no parameter with a list of values above this one");
  EXPECT_CONTAINS(error("{model.width: 8}"), key + "model.width is no parameter with a list");
  EXPECT_CONTAINS(error("{model.aggregation: sum}"),
                  key + "model.aggregation has no value sum, only mean, max");
  EXPECT_CONTAINS(error("{model.aggregation: [mean, max]}"),
                  key + "model.aggregation has no other value, so that this always holds");
  EXPECT_NO_THROW((void)parse(
      "parameters:\n  model.aggregation: [mean, max]\n  model.blocks: {low: 1, high: 3, when: "
      "{model.aggregation: mean}}\n"));
  EXPECT_CONTAINS(error_of_parameter("model.head: {values: [[], [8]], low: 1}"),
                  "expected a list of values");
}

TEST(TuneSpace, RangesMustMakeSense) {
  const std::string key = "space.yaml:2: model.dropout: ";
  EXPECT_CONTAINS(error_of_parameter("model.dropout: {low: 0.2, high: 0.1}"),
                  key + "low must be below high");
  EXPECT_CONTAINS(error_of_parameter("model.dropout: {low: 0, high: 0.1, log: true}"),
                  key + "log: true needs low > 0");
  EXPECT_CONTAINS(error_of_parameter("model.dropout: {low: 0.1, high: 0.2, log: true, step: 0.1}"),
                  key + "step and log: true exclude each other");
  EXPECT_CONTAINS(error_of_parameter("model.dropout: {low: 0, high: 0.1, step: 0}"),
                  key + "expected a number > 0 as step");
  EXPECT_CONTAINS(error_of_parameter("model.dropout: {low: 0}"), key + "expected {low: ...");
  EXPECT_CONTAINS(error_of_parameter("model.dropout: [0.1]"), key + "expected two values or more");
  EXPECT_CONTAINS(error_of_parameter("model.dropout: [0.1, 0.1]"), key + "has the value 0.1 twice");
  EXPECT_CONTAINS(error_of_parameter("model.width: {low: 8, high: 16, step: 1.5}"),
                  "expected an integer > 0 as step");
  EXPECT_CONTAINS(error_of_parameter("model.aggregation: {low: 1, high: 2}"),
                  "expected a list of values");
}

TEST(TuneSpace, SettingsOfTheSearchItselfAreNotSearched) {
  EXPECT_CONTAINS(error_of_parameter("train_path: [a, b]"),
                  "train_path: cannot be searched: all trials share one data set");
  EXPECT_CONTAINS(error_of_parameter("seed: [1, 2]"), "seed: cannot be searched");
  EXPECT_CONTAINS(error_of_parameter("training.monitor: [val_auc, val_loss]"),
                  "it follows search.objectives");
  for (const char* limit : {"overfit_batches", "limit_train_batches", "limit_val_batches"})
    EXPECT_CONTAINS(error_of_parameter("training." + std::string(limit) + ": [0, 1]"),
                    "cannot be searched: all trials share one data set");
}

TEST(TuneSpace, LossesMustBeComparable) {
  const std::string by_loss = "search: {objectives: [val_loss]}\nparameters: ";
  for (const char* parameter :
       {"{training.loss.pos_weight: [1, 16]}", "{training.loss.name: [bce, focal]}",
        "{graph.grouping: [bucket, sector]}"})
    EXPECT_CONTAINS(error_of(by_loss + parameter), "changes what val_loss is");
  EXPECT_NO_THROW(
      (void)parse("search: {objectives: [val_auc]}\n"
                  "parameters: {training.loss.pos_weight: [1, 16]}"));
}

TEST(TuneSpace, SamplerPrunerAndObjectivesMustFit) {
  const std::string parameters = "\nparameters: {model.width: [8, 16]}";
  EXPECT_CONTAINS(error_of("search: {objectives: [val_auc, ms_per_event]}" + parameters),
                  "set search.pruner: none");
  EXPECT_CONTAINS(error_of("search: {objectives: [ms_per_event]}" + parameters),
                  "must begin with a metric of the validation split");
  EXPECT_CONTAINS(error_of("search: {objectives: [val_auc, val_loss], pruner: none}" + parameters),
                  "may have ms_per_event behind one metric");
  EXPECT_CONTAINS(error_of("search: {objectives: [test_auc]}" + parameters), "found 'test_auc'");
  EXPECT_CONTAINS(error_of("search: {sampler: cmaes}" + parameters),
                  "cmaes needs two or more parameters with low and high");
  EXPECT_CONTAINS(
      error_of("search: {sampler: grid}\nparameters: {model.dropout: {low: 0, high: 0.1}}"),
      "model.dropout: search.sampler: grid needs");
  EXPECT_NO_THROW((void)parse(
      "search: {objectives: [val_auc, ms_per_event], pruner: none, sampler: nsga2}" + parameters));
}

TEST(TuneSpace, FilesWithoutParametersAreRefused) {
  EXPECT_CONTAINS(error_of("model: {width: 8}"), "space.yaml: expected the sections 'parameters'");
  EXPECT_CONTAINS(error_of(""), "space.yaml: expected the sections 'parameters'");
  EXPECT_CONTAINS(error_of("parameters: []"), "parameters: expected lines such as");
}

}  // namespace
}  // namespace stationhit::config
