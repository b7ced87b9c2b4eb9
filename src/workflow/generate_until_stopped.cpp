#include "generate_until_stopped.hpp"

namespace stationhit::workflow {
namespace {

// Unwinds from the middle of the events.
struct Stopped {};

}  // namespace

Generation generate_until_stopped(
    const simulation::Simulator& simulator, const simulation::HardEvents& hard_events,
    std::uint64_t first, std::uint64_t n, unsigned threads, const core::Observer& observer,
    const std::function<void(const simulation::SimulatedEvent&)>& sink) {
  try {
    simulation::generate_events(simulator, hard_events, first, n, threads,
                                [&](const simulation::SimulatedEvent& event) {
                                  if (observer.stop_requested()) throw Stopped{};
                                  sink(event);
                                });
  } catch (const Stopped&) {
    return Generation::stopped;
  }
  return Generation::complete;
}

}  // namespace stationhit::workflow
