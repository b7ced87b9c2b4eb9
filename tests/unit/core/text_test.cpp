#include <cstdlib>
#include <limits>

#include <gtest/gtest.h>

#include <stationhit/core/text.hpp>
#include <stationhit/core/version.hpp>

namespace stationhit::core {
namespace {

TEST(Join, PutsTheSeparatorBetween) {
  EXPECT_EQ(join(std::vector<std::string>{}), "");
  EXPECT_EQ(join(std::vector<std::string>{"a"}), "a");
  EXPECT_EQ(join(std::vector<std::string>{"a", "b", "c"}), "a, b, c");
  EXPECT_EQ(join(std::vector<std::string>{"a", "b"}, "|"), "a|b");
  EXPECT_EQ(join(std::vector<std::string>{"", "b", ""}, "|"), "|b|");
}

TEST(Nearest, FindsTypingErrors) {
  const std::vector<std::string> keys{"learning_rate", "weight_decay", "name"};
  EXPECT_EQ(nearest("lerning_rate", keys), "learning_rate");
  EXPECT_EQ(nearest("nam", keys), "name");
  EXPECT_EQ(nearest("wieght_decay", keys), "weight_decay");
  EXPECT_EQ(nearest("learning_rates_", keys), "learning_rate");
  EXPECT_EQ(nearest("completely_else", keys), "");
  EXPECT_EQ(nearest("x", std::vector<std::string>{}), "");
}

TEST(Nearest, AllowsTwoEditsInShortWordsAndAThirdInLongOnes) {
  EXPECT_EQ(nearest("abcdef", std::vector<std::string>{"abcdXY"}), "abcdXY");
  EXPECT_EQ(nearest("abcdef", std::vector<std::string>{"abcXYZ"}), "");
  EXPECT_EQ(nearest("abcdefghi", std::vector<std::string>{"abcdefXYZ"}), "abcdefXYZ");
  EXPECT_EQ(nearest("abcdefghi", std::vector<std::string>{"abcdeWXYZ"}), "");
}

TEST(Nearest, CaseDecidesBetweenEquallyNearOnes) {
  const std::vector<std::string> names{"localX", "localY", "localZ", "globZ"};
  EXPECT_EQ(nearest("localz", names), "localZ");
  EXPECT_EQ(nearest("LOCALY", names), "localY");
  EXPECT_EQ(nearest("localx", std::vector<std::string>{"LOCALX", "localX"}), "localX");
}

TEST(EscapeMarkup, FourCharactersBecomeEntities) {
  EXPECT_EQ(escape_markup("a < b & \"c\" > d"), "a &lt; b &amp; &quot;c&quot; &gt; d");
  EXPECT_EQ(escape_markup(""), "");
}

TEST(ToText, ShortestThatReadsBack) {
  EXPECT_EQ(to_text(0.1F), "0.1");
  EXPECT_EQ(to_text(0.1), "0.1");
  EXPECT_EQ(to_text(-3.6F), "-3.6");
  EXPECT_EQ(to_text(1e-6), "1e-06");
  EXPECT_EQ(to_text(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(to_text(-std::numeric_limits<double>::quiet_NaN()), "nan");
  for (const double value : {1.0 / 3, 2e300, -4.9e-324, 123456789.123456789})
    EXPECT_EQ(std::strtod(to_text(value).c_str(), nullptr), value);
  for (const float value : {1.0F / 3, 3.4e38F, 1e-45F})
    EXPECT_EQ(std::strtof(to_text(value).c_str(), nullptr), value);
}

TEST(Version, IsThere) {
  EXPECT_FALSE(version().empty());
  EXPECT_FALSE(git_commit().empty());
}

}  // namespace
}  // namespace stationhit::core
