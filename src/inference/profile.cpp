// The preparation is that of features::build_inputs, call by call. What is counted is a call as a
// program makes it, without clocks in between.
#include <chrono>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/features/inputs.hpp>
#include <stationhit/inference/profile.hpp>

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

bool needs_table(const Model& model) { return model.needs().neighbors || model.needs().edges; }

std::vector<float> run_timed(const Model& model, const ModelInputs& inputs, CallTimes& times) {
  std::vector<double> ms(times.steps.size(), 0.0);
  // As HitClassifier::node_logits: nothing runs on events without nodes.
  auto logits = inputs.n_nodes == 0 ? std::vector<float>() : model.run_timed(inputs, ms);
  for (std::size_t i = 0; i < ms.size(); ++i) times.steps[i].push_back(ms[i]);
  return logits;
}

void time_stages(const HitClassifier& classifier, const core::Event& event, CallTimes& times) {
  const Model& model = classifier.model();
  Laps laps;
  features::EventInputs inputs;
  inputs.nodes = graph::make_nodes(event, model.graph());
  times.nodes.push_back(laps.next());
  inputs.features = features::compute_features(event, inputs.nodes, model.metadata().feature_names);
  times.features.push_back(laps.next());
  if (needs_table(model))
    inputs.neighbors = graph::build_neighbors(event, inputs.nodes, model.graph());
  const PreparedEvents prepared = classifier.prepare(std::move(inputs));
  times.tables.push_back(laps.next());
  const std::vector<float> logits = run_timed(model, prepared.inputs, times);
  times.network.push_back(laps.next());
  const auto scores = graph::hit_scores(prepared.nodes.front(), logits, event.hits.size());
  times.scores.push_back(laps.next());
}

Allocations count_allocations(const HitClassifier& classifier, std::span<const core::Event> events,
                              const AllocationCount& count) {
  std::uint64_t preparation = 0, network = 0, total = 0;
  for (const core::Event& event : events) {
    const std::uint64_t start = count();
    const PreparedEvents prepared = classifier.prepare({&event, 1});
    const std::uint64_t ready = count();
    const std::vector<float> logits = classifier.node_logits(prepared);
    const std::uint64_t done = count();
    const auto scores = graph::hit_scores(prepared.nodes.front(), logits, event.hits.size());
    preparation += ready - start;
    network += done - ready;
    total += count() - start;
  }
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
  for (std::size_t pass = 0; pass < repetitions; ++pass)
    for (const core::Event& event : events) time_stages(classifier, event, times);
  EventProfile profile = make_profile(times, std::move(steps));
  if (count) profile.allocations = count_allocations(classifier, events, count);
  return profile;
}

}  // namespace stationhit::inference
