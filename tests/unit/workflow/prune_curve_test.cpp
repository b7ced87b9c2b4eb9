#include <gtest/gtest.h>
#include <support/scratch_folder.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/workflow/prune_curve.hpp>

namespace stationhit::workflow {
namespace {

PrunePoint make_point(const std::string& folder, std::uint64_t parameters, double purity) {
  PrunePoint point;
  point.network.folder = "runs/prune/" + folder;
  point.network.parameters = parameters;
  point.network.sizes = "width 8, 2 scales";
  point.purity = {purity, {purity - 0.125, purity + 0.125}};
  point.milliseconds = 2.5;
  return point;
}

TEST(PruneCurve, TheTableHasOneRowPerNetworkAndStandsBesideTwoFigures) {
  const test::ScratchFolder folder;
  const auto table = write_prune_curve(
      {make_point("step_0", 200, 0.5), make_point("step_1", 100, 0.25)}, folder.path(), {});
  EXPECT_EQ(core::read_text_file(table),
            "folder,parameters,ms_per_event,purity,purity_low,purity_high,sizes\n"
            "step_0,200,2.5,0.5,0.375,0.625,\"width 8, 2 scales\"\n"
            "step_1,100,2.5,0.25,0.125,0.375,\"width 8, 2 scales\"\n");
  for (const char* name : {"purity_and_latency.png", "purity_and_parameters.csv"})
    EXPECT_TRUE(std::filesystem::exists(folder / name)) << name;
}

}  // namespace
}  // namespace stationhit::workflow
