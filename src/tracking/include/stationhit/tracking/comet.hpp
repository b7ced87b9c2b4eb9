// Experiments on Comet.
#pragma once

#include <filesystem>
#include <memory>

#include <stationhit/core/logger.hpp>
#include <stationhit/tracking/tracker.hpp>

namespace stationhit::tracking {

// Records one experiment over the REST interface (version 2) with the key COMET_API_KEY, in the
// workspace COMET_WORKSPACE (else the default one of the account) and the project
// COMET_PROJECT_NAME (else "stationhit"). COMET_URL_OVERRIDE names another server than
// www.comet.com. Requests are made in a thread, so no function waits for the server but finish(),
// for a minute at most. The key of the experiment stands in folder/experiment.json, so that a
// training that is continued goes on in the same experiment. What could not be sent is in an
// archive folder/<key>-<time>.zip for the command `comet upload`. Throws ConfigError where there is
// no API key or the address is not one that a key may be sent to.
[[nodiscard]] std::unique_ptr<Tracker> make_comet_tracker(const std::filesystem::path& folder,
                                                          const core::Logger& log);

}  // namespace stationhit::tracking
