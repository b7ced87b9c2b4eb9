// Many events on several threads, delivered in order.
#pragma once

#include <cstdint>
#include <functional>

#include <stationhit/simulation/simulator.hpp>

namespace stationhit::simulation {

// Truth muons of event n. Called on one thread in ascending order of n.
using HardEvents = std::function<HardEvent(std::uint64_t n)>;

// The source that the configuration names. Throws as HepmcReader does.
[[nodiscard]] HardEvents make_hard_events(const SimulationConfig& config,
                                          const Simulator& simulator);

// Calls sink(event) on the calling thread for the events first .. first + n - 1 in this order. At
// most 8 * threads events are in memory. threads
// >= 1. The result does not depend on threads. What the source and the sink throw passes through.
void generate_events(const Simulator& simulator, const HardEvents& hard_events, std::uint64_t first,
                     std::uint64_t n, unsigned threads,
                     const std::function<void(const SimulatedEvent&)>& sink);

}  // namespace stationhit::simulation
