// What a model costs a process that links stationhit::inference: the time to load it, the resident
// memory of the process, and the time per event. Arguments: an exported file, the number of events
// (1,000), the backend (auto, engine or onnxruntime). Works in every build, also in one without
// Torch, ROOT and ONNX Runtime.
//
// The events are those of the toy simulation at <mu> = 200. They are generated one at a time and
// are a part of the memory, as the hits of a trigger would be.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

#include <stationhit/core/named_enum.hpp>
#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/simulation/simulator.hpp>

namespace {

using namespace stationhit;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Of this process, in MiB. Linux only.
double resident_memory() {
  std::ifstream statm("/proc/self/statm");
  double all = 0, resident = 0;
  statm >> all >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1024 / 1024;
}

void measure(const char* path, std::size_t n_events, const std::string& backend) {
  const auto choice = core::value_of<inference::BackendChoice>(backend);
  if (!choice) throw std::invalid_argument("no such backend: " + backend);
  const double before = resident_memory();
  const auto start = Clock::now();
  const inference::HitClassifier classifier(path, {.backend = *choice, .session = {}});
  const double load = milliseconds_since(start);
  std::printf("%s by %s\n", path, std::string(core::name(classifier.model().backend())).c_str());
  std::printf("load %.1f ms, resident memory %.1f MiB before it, %.1f MiB after it\n", load, before,
              resident_memory());
  const simulation::Simulator simulator{simulation::SimulationConfig{}};
  std::vector<double> times(n_events), tenths;
  const double of_simulation = resident_memory();
  std::size_t hits = 0;
  for (std::size_t e = 0; e < n_events; ++e) {
    const core::Event event = simulator.generate(e);
    hits += event.hits.size();
    const auto called = Clock::now();
    (void)classifier.scores(event);
    times[e] = milliseconds_since(called);
    if ((e + 1) * 10 / n_events > tenths.size()) tenths.push_back(resident_memory());
  }
  std::ranges::sort(times);
  std::printf(
      "%zu events, %.0f hits each: %.2f ms per event at the least, median %.2f ms\n"
      "resident memory %.1f MiB before the events, %.1f MiB after them\n",
      n_events, static_cast<double>(hits) / static_cast<double>(n_events), times.front(),
      times[times.size() / 2], of_simulation, resident_memory());
  std::printf("resident memory after every tenth of the events, MiB:");
  for (const double tenth : tenths) std::printf(" %.1f", tenth);
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: deployment_cost MODEL.onnx [EVENTS [BACKEND]]\n");
    return 2;
  }
  try {
    measure(argv[1], argc > 2 ? std::max(1ULL, std::strtoull(argv[2], nullptr, 10)) : 1000,
            argc > 3 ? argv[3] : "auto");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}
