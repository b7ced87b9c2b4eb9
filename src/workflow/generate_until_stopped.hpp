// Simulated events until an observer asks to stop.
#pragma once

#include <cstdint>
#include <functional>

#include <stationhit/core/observer.hpp>
#include <stationhit/simulation/generate_events.hpp>

namespace stationhit::workflow {

enum class Generation { complete, stopped };

// simulation::generate_events; after the observer asked to stop, the sink sees no further event.
[[nodiscard]] Generation generate_until_stopped(
    const simulation::Simulator& simulator, const simulation::HardEvents& hard_events,
    std::uint64_t first, std::uint64_t n, unsigned threads, const core::Observer& observer,
    const std::function<void(const simulation::SimulatedEvent&)>& sink);

}  // namespace stationhit::workflow
