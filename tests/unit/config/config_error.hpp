// The text of an expected ConfigError.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include <stationhit/core/errors.hpp>

namespace stationhit::config {

// The message of the ConfigError that `call` throws; a test failure if it throws none.
template <class Call>
std::string config_error(Call&& call) {
  try {
    call();
  } catch (const core::ConfigError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no ConfigError";
  return {};
}

}  // namespace stationhit::config
