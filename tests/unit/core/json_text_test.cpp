#include <string>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/json_text.hpp>

namespace stationhit::core {
namespace {

TEST(JsonText, DeepTextsAreRefused) {
  const std::string deep(100'000, '[');
  EXPECT_EQ(test::data_error([&] { require_json_depth(deep, "a.json"); }),
            "a.json: is nested deeper than 64 levels at byte 64; no program of this project wrote "
            "it: use another file");
  EXPECT_EQ(
      test::error_of<DataError>([&] { require_json_depth("{\"a\": {\"b\": [1, [2]]}}", ""); }), "");
}

TEST(JsonText, BracketsInStringsDoNotCount) {
  const std::string text = "\"" + std::string(1000, '[') + "\\\"" + std::string(1000, '{') + "\"";
  EXPECT_EQ(test::error_of<DataError>([&] { require_json_depth(text, "a.json"); }), "");
}

TEST(JsonText, ReasonsHaveNoNumbersOfTheLibrary) {
  EXPECT_EQ(json_reason("[json.exception.type_error.302] type must be string"),
            "type must be string");
  EXPECT_EQ(json_reason("[1] is no list"), "[1] is no list");
}

}  // namespace
}  // namespace stationhit::core
