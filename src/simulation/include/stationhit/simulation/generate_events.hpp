// Many events on several threads, delivered in order.
#pragma once

#include <cstdint>
#include <functional>

#include <stationhit/simulation/simulator.hpp>

namespace stationhit::simulation {

// Calls sink(event) on the calling thread for the events first .. first + n - 1 in this order. At most 8 * threads events are in memory. threads
// >= 1. The result does not depend on threads. What the sink throws passes through.
void generate_events(const Simulator& simulator, std::uint64_t first, std::uint64_t n, unsigned threads,
                     const std::function<void(const SimulatedEvent&)>& sink);

}  // namespace stationhit::simulation
