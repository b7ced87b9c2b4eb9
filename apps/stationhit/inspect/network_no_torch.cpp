#include <stationhit/core/errors.hpp>

#include "describe.hpp"

namespace stationhit::app {

std::string describe_network(const config::RunConfig& /*run*/) {
  return "\n(layers and parameters are counted by a program built with "
         "-DSTATIONHIT_WITH_TORCH=ON)\n";
}

std::string draw_network(const std::filesystem::path& config_file,
                         const std::filesystem::path& /*svg*/) {
  throw core::UsageError(config_file.string() +
                         ": networks are drawn by a program built with -DSTATIONHIT_WITH_TORCH=ON");
}

}  // namespace stationhit::app
