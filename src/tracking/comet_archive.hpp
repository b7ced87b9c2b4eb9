// Archives of Comet for experiments that were not sent.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <stationhit/tracking/tracker.hpp>

namespace stationhit::tracking {

struct CometPlace {
  std::string workspace, project;  // the first may be empty: the default one of the account
};

// Keeps what it gets in folder/<key>-<time>.zip, which `comet upload` takes; <key> is that of
// folder/experiment.json if there is one. The archive is written anew after every epoch and at the
// end. Its functions throw DataError naming the file.
[[nodiscard]] std::unique_ptr<Tracker> make_comet_archive(std::filesystem::path folder,
                                                          CometPlace place);

// folder/experiment.json.
struct CometExperiment {
  std::string server;  // empty: in archives only
  std::string key;     // 32 letters and digits; empty: there is none
};
[[nodiscard]] CometExperiment read_comet_experiment(const std::filesystem::path& folder);
void save_comet_experiment(const std::filesystem::path& folder, const CometExperiment& experiment);

}  // namespace stationhit::tracking
