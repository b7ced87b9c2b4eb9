// Refuses to judge a network by events that it is trained on.
#pragma once

#include <stationhit/config/run_config.hpp>

namespace stationhit::workflow {

// Compares train_path with val_path and test_path: by their manifests and, where these are of
// different sets, event by event. A path that is empty, or whose folder is not there any more, is
// not compared. Throws DataError naming both folders if they have events in common
// (data/common_events.hpp).
void require_disjoint_splits(const config::RunConfig& run);

}  // namespace stationhit::workflow
