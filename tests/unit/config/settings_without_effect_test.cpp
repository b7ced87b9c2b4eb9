#include <algorithm>

#include <gtest/gtest.h>

#include <stationhit/config/load.hpp>
#include <stationhit/config/settings_without_effect.hpp>

namespace stationhit::config {
namespace {

std::vector<std::string> found_in(const std::string& yaml) {
  return find_settings_without_effect(parse_text<RunConfig>(yaml, "run.yaml"));
}

using Texts = std::vector<std::string>;

TEST(SettingsWithoutEffect, AreNotThereInTheDefaults) { EXPECT_EQ(found_in(""), Texts{}); }

TEST(SettingsWithoutEffect, OfCallbacksThatAreNotSwitchedOn) {
  const std::string settings =
      "  keep_best: {k: 5, metric: val_auc}\n"
      "  ema: {decay: 0.9}\n";
  EXPECT_EQ(
      found_in("training:\n  callbacks: [norms]\n" + settings),
      (Texts{"training.keep_best.k: 5 has no effect with training.callbacks: [norms], where "
             "keep_best is missing",
             "training.keep_best.metric: val_auc has no effect with training.callbacks: [norms], "
             "where keep_best is missing",
             "training.ema.decay: 0.9 has no effect with training.callbacks: [norms], where ema is "
             "missing"}));
  EXPECT_EQ(found_in("training:\n  callbacks: [keep_best, ema]\n" + settings), Texts{});
}

TEST(SettingsWithoutEffect, LimitsBesideOverfitting) {
  const std::string limits = "training: {limit_train_batches: 3, limit_val_batches: 2";
  EXPECT_EQ(found_in(limits + "}"), Texts{});
  EXPECT_EQ(found_in(limits + ", overfit_batches: 4}"),
            (Texts{"training.limit_train_batches: 3 has no effect with training.overfit_batches: 4",
                   "training.limit_val_batches: 2 has no effect with training.overfit_batches: "
                   "4"}));
}

TEST(SettingsWithoutEffect, OfOtherNetworksEncodingsAndSchedules) {
  EXPECT_EQ(
      found_in("model: {heads: 8, encoding: {discrete: one_hot, embedding_width: 3}}\n"
               "training: {scheduler: {name: none, warmup: 0.2}, first_stage_epochs: 3}\n"),
      (Texts{"model.encoding.embedding_width: 3 has no effect with model.encoding.discrete: "
             "one_hot",
             "model.heads: 8 has no effect with model.architecture: edgeconv",
             "training.scheduler.warmup: 0.2 has no effect with training.scheduler.name: none",
             "training.first_stage_epochs: 3 has no effect with model.architecture: "
             "edgeconv"}));
  EXPECT_EQ(found_in("graph: {edges: fully_connected, k: 5}\n"),
            (Texts{"graph.k: 5 has no effect with graph.edges: fully_connected"}));
}

TEST(HasEffect, DependsOnTheOtherSettings) {
  RunConfig run;
  EXPECT_TRUE(has_effect(run, "training.loss.pos_weight"));
  EXPECT_FALSE(has_effect(run, "training.loss.gamma"));
  run.training.loss.name = training::LossType::focal;
  EXPECT_FALSE(has_effect(run, "training.loss.pos_weight"));
  EXPECT_TRUE(has_effect(run, "training.loss.gamma"));
  EXPECT_TRUE(has_effect(run, "seed"));
}

}  // namespace
}  // namespace stationhit::config
