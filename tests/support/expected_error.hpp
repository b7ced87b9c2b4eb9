// The texts of expected errors.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include <stationhit/core/errors.hpp>

namespace stationhit::test {

// The message of the `Error` that `call` throws; empty if it throws none.
template <class Error, class Call>
std::string error_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

// The message of the `Error` that `call` throws; a failed test if it throws none.
template <class Error, class Call>
std::string expected_error(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "the expected error was not thrown";
  return {};
}

template <class Call>
std::string data_error(Call&& call) {
  return expected_error<core::DataError>(call);
}

template <class Call>
std::string config_error(Call&& call) {
  return expected_error<core::ConfigError>(call);
}

template <class Call>
std::string usage_error(Call&& call) {
  return expected_error<core::UsageError>(call);
}

inline testing::AssertionResult contains(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "'" << part << "' is not in: " << text;
}

}  // namespace stationhit::test

#define EXPECT_CONTAINS(text, part) EXPECT_TRUE(::stationhit::test::contains(text, part))
