#include <cmath>
#include <cstdint>

#include <gtest/gtest.h>

#include <stationhit/core/numbers.hpp>

namespace stationhit::core {
namespace {

TEST(Numbers, TheWholeTextIsTheNumber) {
  EXPECT_EQ(parse_number<double>("0.99"), 0.99);
  EXPECT_EQ(parse_number<double>("+1e-3"), 1e-3);
  EXPECT_EQ(parse_number<int>("-12"), -12);
  EXPECT_EQ(parse_number<int>("010"), 10);
  EXPECT_EQ(parse_number<std::uint64_t>("18446744073709551615"), UINT64_MAX);
  EXPECT_TRUE(std::isnan(parse_number<double>("nan").value_or(0)));
}

TEST(Numbers, AnythingElseIsNone) {
  for (const char* text : {"", "0.99abc", "12,5", " 1", "1 ", "0x10", "1e999", "+-5", "++5"})
    EXPECT_FALSE(parse_number<double>(text)) << text;
  for (const char* text : {"1e3", "1.0", "-1", "4294967296"})
    EXPECT_FALSE(parse_number<std::uint32_t>(text)) << text;
}

}  // namespace
}  // namespace stationhit::core
