#include "../../../src/training/time_table.hpp"

#include <gtest/gtest.h>

namespace stationhit::training {
namespace {

const std::vector<TimeShare> parts{{"forward", 2}, {"(beside)", 9, true}, {"backward", 5}};

TEST(TimeTable, TheRestIsWhatThePartsLeaveOfTheTotal) {
  EXPECT_EQ(time_csv(parts, 8, 4),
            "part,seconds,share,ms_per_event\nforward,2,0.25,500\n(beside),9,1.125,2250\n"
            "backward,5,0.625,1250\nother,1,0.125,250\ntotal,8,1,2000\n");
}

TEST(TimeTable, ColumnsAreAligned) {
  EXPECT_EQ(time_text({{"forward", 2}}, 8, 4),
            "forward      2.00 s   25.0 %   500.000 ms/event\n"
            "other        6.00 s   75.0 %  1500.000 ms/event\n"
            "total        8.00 s  100.0 %  2000.000 ms/event");
}

TEST(TimeTable, WithoutEventsNothingIsDividedByZero) {
  EXPECT_EQ(time_csv({}, 0, 0), "part,seconds,share,ms_per_event\nother,0,0,0\ntotal,0,0,0\n");
}

}  // namespace
}  // namespace stationhit::training
