#include "../../../src/training/time_table.hpp"

#include <gtest/gtest.h>

namespace stationhit::training {
namespace {

const std::vector<TimeShare> parts{
    {"forward", 2, 4}, {"(beside)", 9, 4, true}, {"validation", 4, 2}, {"checkpoints", 1}};

TEST(TimeTable, TheRestIsWhatThePartsLeaveOfTheTotal) {
  EXPECT_EQ(time_csv(parts, 8),
            "part,seconds,share,ms_per_event\nforward,2,0.25,500\n(beside),9,1.125,2250\n"
            "validation,4,0.5,2000\ncheckpoints,1,0.125,\nother,1,0.125,\ntotal,8,1,\n");
}

TEST(TimeTable, ColumnsAreAligned) {
  EXPECT_EQ(time_text({{"forward", 2, 4}}, 8),
            "forward      2.00 s   25.0 %   500.000 ms/event\n"
            "other        6.00 s   75.0 %\n"
            "total        8.00 s  100.0 %");
}

TEST(TimeTable, WithoutTimeNothingIsDividedByZero) {
  EXPECT_EQ(time_csv({}, 0), "part,seconds,share,ms_per_event\nother,0,0,\ntotal,0,0,\n");
}

}  // namespace
}  // namespace stationhit::training
