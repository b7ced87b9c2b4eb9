#include <algorithm>
#include <vector>

#include <stationhit/core/threads.hpp>
#include <stationhit/simulation/generate_events.hpp>

namespace stationhit::simulation {

void generate_events(const Simulator& simulator, std::uint64_t first, std::uint64_t n, unsigned threads,
                     const std::function<void(const SimulatedEvent&)>& sink) {
  constexpr std::uint64_t events_per_thread = 8;
  std::vector<SimulatedEvent> chunk;
  for (std::uint64_t done = 0; done < n; done += chunk.size()) {
    chunk.resize(static_cast<std::size_t>(std::min<std::uint64_t>(n - done, events_per_thread * threads)));
    core::parallel_for(chunk.size(), threads, [&](std::size_t i) { chunk[i] = simulator.simulate(first + done + i); });
    for (const SimulatedEvent& event : chunk) sink(event);
  }
}

}  // namespace stationhit::simulation
