// Keys that are unknown or stand in another place.
#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/config/load.hpp>

#include "run_error.hpp"

namespace stationhit::config {
namespace {

TEST(KeyPlaces, UnknownKeyNamesFileLinePathAndTheNearestKey) {
  EXPECT_EQ(run_error("seed: 1\ntraining:\n  epochs: 3\n  optimizer:\n    lerning_rate: 0.1\n"),
            "run.yaml:5: training.optimizer.lerning_rate: unknown key, did you mean "
            "'training.optimizer.learning_rate'?; expected one of name, "
            "learning_rate, weight_decay, gradient_clip");
}

TEST(KeyPlaces, MisplacedKeyIsFoundWhereItBelongs) {
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

TEST(KeyPlaces, HopelessKeyGetsNoGuess) {
  EXPECT_NE(run_error("qqqqqqqqq: 1\n").find("qqqqqqqqq: unknown key; expected one of"),
            std::string::npos);
}

TEST(KeyPlaces, NamesOfOtherTrainingProgramsLeadToOurs) {
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

}  // namespace
}  // namespace stationhit::config
