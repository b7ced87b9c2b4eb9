// The weight of signal nodes.
#include "../../../src/training/pos_weight.hpp"

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>

#include "toy_run.hpp"

namespace stationhit::training {
namespace {

TEST(PosWeight, IsBackgroundOverSignalOrTheGivenNumber) {
  TrainingRun run = test::toy_run("unused");
  EXPECT_TRUE(pos_weight_is_automatic(run.training.loss));
  EXPECT_EQ(choose_pos_weight(run, {7, 4, 10}), 2.5);
  run.training.loss.pos_weight = 12.5;
  EXPECT_FALSE(pos_weight_is_automatic(run.training.loss));
  EXPECT_EQ(choose_pos_weight(run, {7, 0, 10}), 12.5);
}

TEST(PosWeight, ASplitWithoutSignalIsRefusedExceptInADebugRun) {
  TrainingRun run = test::toy_run("unused");
  EXPECT_EQ(test::data_error([&] {
              (void)choose_pos_weight(run, {7, 0, 10});
            }),
            "training.loss.pos_weight: auto needs signal hits, but the 7 events of the "
            "training split have none; check train_path and the cuts of prepare, or give a "
            "number");
  run.debug = true;
  EXPECT_EQ(choose_pos_weight(run, {7, 0, 10}), 1);
}

}  // namespace
}  // namespace stationhit::training
