// Runs on an MLflow server.
#pragma once

#include <filesystem>
#include <memory>

#include <stationhit/core/logger.hpp>
#include <stationhit/tracking/tracker.hpp>

namespace stationhit::tracking {

// Records one run on the server of MLFLOW_TRACKING_URI (http or https), in the experiment
// MLFLOW_EXPERIMENT_NAME (else "stationhit"), with MLFLOW_TRACKING_TOKEN or
// MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD where they are set. Requests are made in a
// thread, so no function waits for the server but finish(), for a minute at most. The number of the
// run stands in folder/run.json, so that a training that is continued goes on in the same run. What
// the server does not take is appended to folder/unsent.jsonl. Throws ConfigError where the
// environment names no such server.
[[nodiscard]] std::unique_ptr<Tracker> make_mlflow_tracker(const std::filesystem::path& folder,
                                                           const core::Logger& log);

}  // namespace stationhit::tracking
