// A pipeline of two stages: while the sink works on one chunk of events, the next chunk is made in
// the background by all threads. Only the source of the hard events is read in sequence; the rest
// of an event depends only on its number, which keeps the result independent of the number of
// threads.
#include <algorithm>
#include <future>
#include <memory>
#include <utility>
#include <vector>

#include <stationhit/core/threads.hpp>
#include <stationhit/simulation/generate_events.hpp>
#include <stationhit/simulation/hepmc_reader.hpp>

namespace stationhit::simulation {

HardEvents make_hard_events(const SimulationConfig& config, const Simulator& simulator) {
  if (config.source == MuonSource::hepmc)
    return [reader = std::make_shared<HepmcReader>(config)](std::uint64_t n) {
      return reader->read(n);
    };
  return [&simulator](std::uint64_t n) { return simulator.hard_event(n); };
}

void generate_events(const Simulator& simulator, const HardEvents& hard_events, std::uint64_t first,
                     std::uint64_t n, unsigned threads,
                     const std::function<void(const SimulatedEvent&)>& sink) {
  // Enough to balance events of unequal size, and few enough that memory stays small.
  constexpr std::uint64_t events_per_thread = 2;
  const std::uint64_t end = first + n;
  std::uint64_t next = first;
  // Starts the next chunk while the sink works on the last one. Sources are sequential, so they are
  // read here.
  const auto start_chunk = [&] {
    std::vector<HardEvent> hard;
    const std::uint64_t begin = next, size = std::min(end - begin, events_per_thread * threads);
    for (; next < begin + size; ++next) hard.push_back(hard_events(next));
    return std::async(std::launch::async,
                      [&simulator, begin, threads, hard = std::move(hard)]() mutable {
                        std::vector<SimulatedEvent> events(hard.size());
                        core::parallel_for(events.size(), threads, [&](std::size_t i) {
                          events[i] = simulator.simulate(begin + i, std::move(hard[i]));
                        });
                        return events;
                      });
  };
  auto chunk = start_chunk();
  for (std::uint64_t done = 0; done < n;) {
    const std::vector<SimulatedEvent> events = chunk.get();
    if (next < end) chunk = start_chunk();
    for (const SimulatedEvent& event : events) sink(event);
    done += events.size();
  }
}

}  // namespace stationhit::simulation
