#include "exported_file_check.hpp"

namespace stationhit::workflow {

std::optional<metrics::LogitDifference> check_exported_file(
    const std::filesystem::path& /*model*/, const training::LoadedNetwork& /*loaded*/,
    const config::RunConfig& /*run*/, std::uint64_t /*max_events*/,
    const std::filesystem::path& /*config_file*/, const core::Observer& observer) {
  observer.log().warning(
      "this build has no inference: the exported file was not compared with the network");
  return std::nullopt;
}

}  // namespace stationhit::workflow
