#include <gtest/gtest.h>

#include <stationhit/core/event.hpp>

namespace stationhit::core {
namespace {

TEST(HitTable, ResizeSetsEveryColumn) {
  HitTable hits;
  resize(hits, 3);
  for_each_hit_column([&](const char* name, auto member) { EXPECT_EQ((hits.*member).size(), 3U) << name; });
}

}  // namespace
}  // namespace stationhit::core
