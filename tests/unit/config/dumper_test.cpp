// The text and the hash of a configuration.
#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/config/load.hpp>

namespace stationhit::config {
namespace {

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

}  // namespace
}  // namespace stationhit::config
