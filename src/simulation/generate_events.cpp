#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <stationhit/core/threads.hpp>
#include <stationhit/simulation/generate_events.hpp>
#include <stationhit/simulation/hepmc_reader.hpp>

namespace stationhit::simulation {

HardEvents make_hard_events(const SimulationConfig& config, const Simulator& simulator) {
  if (config.source == "hepmc") return [reader = std::make_shared<HepmcReader>(config)](std::uint64_t n) { return reader->read(n); };
  return [&simulator](std::uint64_t n) { return simulator.hard_event(n); };
}

void generate_events(const Simulator& simulator, const HardEvents& hard_events, std::uint64_t first, std::uint64_t n, unsigned threads,
                     const std::function<void(const SimulatedEvent&)>& sink) {
  constexpr std::uint64_t events_per_thread = 8;
  std::vector<HardEvent> hard;
  std::vector<SimulatedEvent> chunk;
  for (std::uint64_t done = 0; done < n; done += chunk.size()) {
    chunk.resize(static_cast<std::size_t>(std::min<std::uint64_t>(n - done, events_per_thread * threads)));
    hard.clear();
    for (std::uint64_t i = 0; i < chunk.size(); ++i) hard.push_back(hard_events(first + done + i));
    core::parallel_for(chunk.size(), threads, [&](std::size_t i) { chunk[i] = simulator.simulate(first + done + i, std::move(hard[i])); });
    for (const SimulatedEvent& event : chunk) sink(event);
  }
}

}  // namespace stationhit::simulation
