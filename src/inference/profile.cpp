// The preparation is that of HitClassifier, step by step. What is counted is a call as a program
// makes it again and again, without clocks in between.
#include <algorithm>
#include <chrono>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/graph/hit_scores.hpp>
#include <stationhit/inference/profile.hpp>

#include "builder_for.hpp"
#include "call_memory.hpp"

namespace stationhit::inference {
namespace {

// Gives the ms since it was asked last.
class Laps {
 public:
  double next() {
    const auto now = Clock::now();
    const double ms = std::chrono::duration<double, std::milli>(now - last_).count();
    last_ = now;
    return ms;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point last_ = Clock::now();
};

// ms of every call.
struct CallTimes {
  std::vector<double> nodes, features, tables, network, scores;
  std::vector<std::vector<double>> steps;
};

std::vector<float> run_timed(const Model& model, const ModelInputs& inputs, CallTimes& times) {
  std::vector<double> ms(times.steps.size(), 0.0);
  // As HitClassifier::node_logits: nothing runs on events without nodes.
  auto logits = inputs.n_nodes == 0 ? std::vector<float>() : model.run_timed(inputs, ms);
  for (std::size_t i = 0; i < ms.size(); ++i) times.steps[i].push_back(ms[i]);
  return logits;
}

void time_stages(const HitClassifier& classifier, features::InputBuilder& builder,
                 const core::Event& event, CallTimes& times) {
  features::EventInputs inputs;
  Laps laps;
  builder.build_nodes(event, inputs);
  times.nodes.push_back(laps.next());
  builder.build_features(event, inputs);
  times.features.push_back(laps.next());
  builder.build_neighbors(event, inputs);
  const PreparedEvents prepared = classifier.prepare(std::move(inputs));
  times.tables.push_back(laps.next());
  const std::vector<float> logits = run_timed(classifier.model(), prepared.inputs, times);
  times.network.push_back(laps.next());
  const auto scores = graph::hit_scores(prepared.nodes.front(), logits, event.hits.size());
  times.scores.push_back(laps.next());
}

Allocations count_allocations(const HitClassifier& classifier, std::span<const core::Event> events,
                              const AllocationCount& count) {
  std::uint64_t preparation = 0, network = 0, total = 0;
  CallMemory memory;
  const auto run = [&](const core::Event& event) {
    const auto at = score_with_readings(classifier, event, memory, count);
    preparation += at[1] - at[0];
    network += at[2] - at[1];
    total += at[3] - at[0];
  };
  // Memory that calls exchange with each other has its size after two passes.
  for (int pass = 0; pass < 2; ++pass) std::ranges::for_each(events, run);
  preparation = network = total = 0;
  std::ranges::for_each(events, run);
  const auto per_event = [&](std::uint64_t sum) {
    return static_cast<double>(sum) / static_cast<double>(events.size());
  };
  return {per_event(preparation), per_event(network), per_event(total)};
}

EventProfile make_profile(CallTimes& times, std::vector<NetworkStep> steps) {
  EventProfile profile{percentiles(std::move(times.nodes)),
                       percentiles(std::move(times.features)),
                       percentiles(std::move(times.tables)),
                       percentiles(std::move(times.network)),
                       percentiles(std::move(times.scores)),
                       {},
                       {}};
  for (std::size_t i = 0; i < steps.size(); ++i)
    profile.steps.push_back({std::move(steps[i]), percentiles(std::move(times.steps[i]))});
  return profile;
}

}  // namespace

EventProfile profile_events(const HitClassifier& classifier, std::span<const core::Event> events,
                            std::size_t repetitions, const AllocationCount& count) {
  if (events.empty()) throw core::UsageError("there are no events to profile");
  for (const core::Event& event : events) (void)classifier.scores(event);
  std::vector<NetworkStep> steps = classifier.model().steps();
  CallTimes times;
  times.steps.resize(steps.size());
  features::InputBuilder builder = builder_for(classifier.model());
  for (std::size_t pass = 0; pass < repetitions; ++pass)
    for (const core::Event& event : events) time_stages(classifier, builder, event, times);
  EventProfile profile = make_profile(times, std::move(steps));
  if (count) profile.allocations = count_allocations(classifier, events, count);
  return profile;
}

}  // namespace stationhit::inference
