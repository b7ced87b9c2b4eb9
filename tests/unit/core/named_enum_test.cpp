#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <stationhit/core/named_enum.hpp>

namespace stationhit::core {
namespace {

enum class Color { red, green };
constexpr auto names_of(Color) { return std::to_array<std::string_view>({"red", "green"}); }
enum class Unnamed { one };

static_assert(NamedEnum<Color> && !NamedEnum<Unnamed> && !NamedEnum<int>);

TEST(NamedEnum, ValuesAndNamesAreInverse) {
  EXPECT_EQ(name(Color::green), "green");
  EXPECT_EQ(value_of<Color>("red"), Color::red);
  EXPECT_EQ(value_of<Color>("Red"), std::nullopt);
  EXPECT_EQ(all_names<Color>(), (std::vector<std::string>{"red", "green"}));
}

}  // namespace
}  // namespace stationhit::core
