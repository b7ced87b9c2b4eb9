#include "../../../src/training/epoch_table.hpp"

#include <gtest/gtest.h>
#include <support/scratch_folder.hpp>

#include <stationhit/core/files.hpp>

namespace stationhit::training {
namespace {

TEST(EpochTable, AContinuedTrainingHasEveryRowOnce) {
  const test::ScratchFolder folder;
  const auto file = folder / "steps.csv";
  EpochTable first(file, "step,loss");
  first.continue_after(3);  // there is no file
  first.add(1, "1,0.5");
  first.add(2, "1,0.25");
  first.save();
  EXPECT_EQ(core::read_text_file(file), "epoch,step,loss\n1,1,0.5\n2,1,0.25\n");
  EpochTable continued(file, "step,loss");
  continued.continue_after(1);  // the checkpoint lacks the second epoch
  continued.add(2, "1,0.125");
  continued.save();
  EXPECT_EQ(core::read_text_file(file), "epoch,step,loss\n1,1,0.5\n2,1,0.125\n");
}

TEST(EpochTable, AFileWithOtherColumnsIsReplaced) {
  const test::ScratchFolder folder;
  const auto file = folder / "steps.csv";
  core::write_text_file(file, "epoch,loss\n1,0.5\n");
  EpochTable table(file, "step,loss");
  table.continue_after(1);
  table.save();
  EXPECT_EQ(core::read_text_file(file), "epoch,step,loss\n");
}

TEST(EpochTable, NumbersIdentifyAFloat) {
  EXPECT_EQ(csv_number(0.5), "0.5");
  EXPECT_EQ(std::stof(csv_number(0.1F)), 0.1F);
}

}  // namespace
}  // namespace stationhit::training
