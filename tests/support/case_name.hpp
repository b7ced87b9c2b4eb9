// Names of the cases of parametrized suites, for ctest: letters, digits and underscores.
//
//   INSTANTIATE_TEST_SUITE_P(Optimizers, Continuation, testing::Values("adam", "lion"),
//                            test::CaseName());
//
// names them .../adam and .../lion. Structs give their own words: case_name(a.width, a.kind).
#pragma once

#include <cctype>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include <gtest/gtest.h>

#include <stationhit/core/named_enum.hpp>

namespace stationhit::test {

inline std::string case_word(std::string_view text) { return std::string(text); }
inline std::string case_word(const std::string& text) { return text; }
inline std::string case_word(const char* text) { return text; }
template <class Number>
requires std::is_arithmetic_v<Number> std::string case_word(Number number) {
  return std::to_string(number);
}
template <core::NamedEnum Choice>
std::string case_word(Choice choice) {
  return std::string(core::name(choice));
}

// The words joined by underscores; empty words are left out, other characters become underscores.
template <class... Parts>
std::string case_name(const Parts&... parts) {
  std::string name;
  const auto append = [&name](const std::string& word) {
    if (!name.empty() && !word.empty()) name += '_';
    name += word;
  };
  (append(case_word(parts)), ...);
  for (char& letter : name)
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
  return name;
}

// For parameters that are one word or a tuple of words.
struct CaseName {
  template <class Parameter>
  std::string operator()(const testing::TestParamInfo<Parameter>& info) const {
    return case_name(info.param);
  }
  template <class... Parts>
  std::string operator()(const testing::TestParamInfo<std::tuple<Parts...>>& info) const {
    return std::apply([](const Parts&... parts) { return case_name(parts...); }, info.param);
  }
};

}  // namespace stationhit::test
