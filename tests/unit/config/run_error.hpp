// The message of a wrong run configuration.
#pragma once

#include <string>
#include <vector>

#include <support/expected_error.hpp>

#include <stationhit/config/load.hpp>

namespace stationhit::config {

using Overrides = std::vector<std::string>;

inline std::string run_error(const std::string& yaml, const Overrides& overrides = {}) {
  return test::config_error([&] { (void)parse_text<RunConfig>(yaml, "run.yaml", overrides); });
}

}  // namespace stationhit::config
