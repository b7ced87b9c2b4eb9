// The interfaces side by side: one event at a time from an Event, from columns, from columns
// without checks, and through the C interface, in turns. Arguments: an exported file, rounds (200).
// The events are those of the toy simulation at <mu> = 200.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <stationhit.h>
#include <support/c_event.hpp>

#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/simulation/simulator.hpp>

namespace {

using namespace stationhit;
using Clock = std::chrono::steady_clock;

void require(stationhit_error* error) {
  if (error != nullptr) throw std::runtime_error(stationhit_error_text(error));
}

struct Way {
  const char* name;
  std::function<void(std::size_t event, std::vector<float>& scores)> score;
  std::vector<double> ms = {};
};

void measure(const char* path, std::size_t rounds) {
  const inference::HitClassifier classifier(path);
  stationhit_model* model = nullptr;
  require(stationhit_model_load(path, nullptr, &model));
  const simulation::Simulator simulator{simulation::SimulationConfig{}};
  std::vector<core::Event> events;
  std::vector<stationhit_event> views;
  for (std::size_t e = 0; e < 8; ++e) events.push_back(simulator.generate(e));
  for (const core::Event& event : events) views.push_back(test::view_of(event));
  std::array<Way, 4> ways{
      {{"Event", [&](std::size_t e, auto& scores) { classifier.scores(events[e], scores); }},
       {"columns", [&](std::size_t e,
                       auto& scores) { classifier.scores(core::EventColumns(events[e]), scores); }},
       {"columns, unchecked",
        [&](std::size_t e, auto& scores) { classifier.scores_unchecked(events[e], scores); }},
       {"C", [&](std::size_t e, auto& scores) {
          require(stationhit_model_scores(model, &views[e], scores.data(), scores.size()));
        }}}};
  for (std::size_t round = 0; round < rounds + 2; ++round) {
    for (std::size_t e = 0; e < events.size(); ++e) {
      std::vector<float> expected = classifier.scores(events[e]);
      std::vector<float> scores(expected.size());
      for (Way& way : ways) {
        const auto start = Clock::now();
        way.score(e, scores);
        const std::chrono::duration<double, std::milli> taken = Clock::now() - start;
        if (round >= 2) way.ms.push_back(taken.count());
        if (scores != expected) throw std::runtime_error(std::string(way.name) + ": other scores");
      }
    }
  }
  stationhit_model_free(model);
  for (Way& way : ways) {
    std::ranges::sort(way.ms);
    std::printf("%-20s %.3f ms per event at the least, median %.3f ms\n", way.name, way.ms.front(),
                way.ms[way.ms.size() / 2]);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench_c_api MODEL.onnx [ROUNDS]\n");
    return 2;
  }
  try {
    measure(argv[1], argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 200);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}
