#include <cmath>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/setting_rule.hpp>

namespace stationhit::core {
namespace {

template <class Value>
std::string error_of(const Value& value, const SettingRule& rule) {
  return test::error_of<ConfigError>([&] { require("a.key", value, rule); });
}

TEST(SettingRule, PermitsTheEndsOfARange) {
  for (const double inside : {0.0, 0.5, 1.0}) EXPECT_TRUE(permits(between(0, 1), inside));
  EXPECT_FALSE(permits(between(0, 1), 1.01));
  EXPECT_FALSE(permits(above(0), 0.0));
  EXPECT_FALSE(permits(at_least(0), -1e-9));
  EXPECT_FALSE(permits(at_least(0), INFINITY));
  EXPECT_FALSE(permits({}, std::nan("")));
}

TEST(SettingRule, MessagesNameKeyExpectationAndValue) {
  EXPECT_EQ(error_of(0, between(1, 4096)), "a.key: expected an integer in 1..4096, found '0'");
  EXPECT_EQ(error_of(-0.5, at_least(0)), "a.key: expected a number >= 0, found '-0.5'");
  EXPECT_EQ(error_of(0.0, above_to(0, 1)), "a.key: expected a number > 0 and <= 1, found '0'");
  EXPECT_EQ(error_of(0.0, above(0)), "a.key: expected a number > 0, found '0'");
  EXPECT_EQ(error_of(std::string("men"), one_of({"max", "mean"})),
            "a.key: expected one of max, mean, found 'men'; did you mean 'mean'?");
  EXPECT_EQ(error_of(std::string("anything"), {}), "");
  EXPECT_EQ(error_of(7U, between(1, 8)), "");
}

TEST(SettingRule, LongFormsOfAllowedTextsAreRecognized) {
  const SettingRule precisions = one_of({"float32", "bf16"});
  EXPECT_EQ(suggestion(precisions, "bfloat16"), "; did you mean 'bf16'?");
  EXPECT_EQ(suggestion(precisions, "bf16-mixed"), "; did you mean 'bf16'?");
  EXPECT_EQ(suggestion(precisions, "half"), "");
  EXPECT_EQ(suggestion(one_of({"abcd", "abce"}), "abc_and_d_and_e"), "") << "two of them";
}

TEST(SettingRule, NumbersThatNoFloatHoldsAreRefused) {
  EXPECT_FALSE(permits(above(0), 1e39));
  EXPECT_FALSE(permits(above(0), 1e-60));
  EXPECT_TRUE(permits(above(0), 1e38));
  EXPECT_EQ(error_of(1e39, above(0)),
            "a.key: expected a number > 0, found '1e+39'; numbers are float32: 0, or between 1e-38 "
            "and 3.4e38 in size");
}

}  // namespace
}  // namespace stationhit::core
