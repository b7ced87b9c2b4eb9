// Where the time of a training went. Free of Torch.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace stationhit::training {

struct TimeShare {
  std::string part;  // what the time was spent on
  double seconds = 0;
  std::uint64_t events = 0;  // on which it was spent; 0: not on single events
  bool beside = false;       // spent by other threads meanwhile: no part of the total
};

// The parts and what is left of `total` seconds, with their shares of it and ms per event of the
// part.
//   profile.csv: columns part, seconds, share, ms_per_event (empty without events)
[[nodiscard]] std::string time_csv(std::vector<TimeShare> parts, double total);
//   the same as a text in columns, without a line end
[[nodiscard]] std::string time_text(std::vector<TimeShare> parts, double total);

}  // namespace stationhit::training
