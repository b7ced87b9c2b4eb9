#include <gtest/gtest.h>

#include <stationhit/core/key_path.hpp>

namespace stationhit::core {
namespace {

TEST(KeyPath, BelowASectionBeginsAfterItsDot) {
  EXPECT_EQ(below_section("model.encoding", "model.encoding.base"), "base");
  EXPECT_EQ(below_section("model", "model.encoding.base"), "encoding.base");
  EXPECT_EQ(below_section("model", "model."), "");
  for (const char* key : {"model", "models.width", "mode", "", "other.model.width"})
    EXPECT_FALSE(below_section("model", key)) << key;
}

TEST(KeyPath, ASectionIsInItself) {
  EXPECT_TRUE(is_in_section("study", "study"));
  EXPECT_TRUE(is_in_section("study", "study.seeds"));
  EXPECT_FALSE(is_in_section("study", "study_seeds"));
  EXPECT_FALSE(is_in_section("study.seeds", "study"));
}

}  // namespace
}  // namespace stationhit::core
