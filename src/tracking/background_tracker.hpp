// A tracker with a thread of its own: a server that is slow or away never holds up a training.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <stationhit/core/logger.hpp>
#include <stationhit/tracking/tracker.hpp>

#include "http_client.hpp"

namespace stationhit::tracking {

struct BackgroundOptions {
  std::size_t capacity = 4096;  // records that may wait for the server
  // How long finish() waits for the server. A server that is slow costs a training this time once,
  // at its end; the second one holds for trainings that were interrupted or failed.
  std::chrono::milliseconds finish_timeout{60'000};
  std::chrono::milliseconds early_finish_timeout{10'000};
  std::chrono::milliseconds keep_alive_interval{10'000};
};

// The two trackers that records go to, in the thread.
struct BackgroundTargets {
  std::string name;  // for messages
  std::string kept;  // what holds the records that were not sent, for messages
  std::function<std::unique_ptr<Tracker>(StopRequested)> make_sender;
  std::function<std::unique_ptr<Tracker>()> make_keeper;  // called when the first record needs it
};

// Every call returns at once; the thread passes the records on in their order: to the sender, and
// from the first record on that the sender could not send (it threw, `capacity` records wait, or
// finish() waited for long enough) to the keeper, which gets the start of the run before. The log
// gets one warning about it, from the thread that calls. Where the keeper throws, the records are
// lost and the warning says so. No function throws. finish() is called last; without it the
// destructor drops what waits.
[[nodiscard]] std::unique_ptr<Tracker> run_in_background(BackgroundTargets targets,
                                                         core::Logger log,
                                                         const BackgroundOptions& options = {});

}  // namespace stationhit::tracking
