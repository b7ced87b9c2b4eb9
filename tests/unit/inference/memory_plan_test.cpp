#include "memory_plan.hpp"

#include <gtest/gtest.h>

namespace stationhit::inference {
namespace {

TEST(MemoryPlan, IsFaultyUpTo118) {
  for (const char* version : {"1.17.0", "1.17.3", "1.18.1", "1.18", "1.9.0"})
    EXPECT_TRUE(has_faulty_memory_plan(version)) << version;
  for (const char* version : {"1.19.0", "1.19.2", "1.20.1", "1.32.0", "1.100.0", "2.0.0", "2.18.0"})
    EXPECT_FALSE(has_faulty_memory_plan(version)) << version;
}

TEST(MemoryPlan, ATextThatIsNoVersionIsTakenForANewOne) {
  for (const char* version : {"", "1", "1.", "nightly", "1.x"})
    EXPECT_FALSE(has_faulty_memory_plan(version)) << version;
}

}  // namespace
}  // namespace stationhit::inference
