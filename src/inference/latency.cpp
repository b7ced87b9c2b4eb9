// Each call is timed in three parts: preparation (graph and features), network (the backend of the
// model), and the scores of the hits. Calls run on all threads without a pause between passes. Two
// models are compared by taking turns after every pass, so that changes in the load of the machine
// affect both.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/object_pool.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/inference/latency.hpp>

#include "call_memory.hpp"

namespace stationhit::inference {
namespace {

using Clock = std::chrono::steady_clock;

double to_milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

struct CallTimes {
  std::vector<double> preparation, network, total;  // ms per call
  double elapsed = 0;                               // ms of all passes

  void resize(std::size_t n) {
    preparation.resize(n);
    network.resize(n);
    total.resize(n);
  }
};

void measure_call(const HitClassifier& classifier, const core::Event& event, CallMemory& memory,
                  CallTimes& times, std::size_t slot) {
  const auto at = score_with_readings(classifier, event, memory, [] { return Clock::now(); });
  times.total[slot] = to_milliseconds(at[3] - at[0]);
  times.preparation[slot] = to_milliseconds(at[1] - at[0]);
  times.network[slot] = to_milliseconds(at[2] - at[1]);
}

// Runs every event `passes` times. There is no pause between passes, so no worker waits for the
// others.
void measure_passes(const HitClassifier& classifier, std::span<const core::Event> events,
                    std::size_t passes, unsigned threads, CallTimes& times) {
  const std::size_t first = times.total.size();
  const std::size_t calls = events.size() * passes;
  times.resize(first + calls);
  core::ObjectPool<CallMemory> pool;
  const auto start = Clock::now();
  core::parallel_for(calls, threads, [&](std::size_t i) {
    const auto memory = pool.borrow([] { return CallMemory(); });
    measure_call(classifier, events[i % events.size()], *memory, times, first + i);
  });
  times.elapsed += to_milliseconds(Clock::now() - start);
}

void warm_up(const HitClassifier& classifier, std::span<const core::Event> events,
             const LatencyOptions& options) {
  core::parallel_for(options.warmup * options.threads, options.threads,
                     [&](std::size_t i) { (void)classifier.scores(events[i % events.size()]); });
}

LatencyReport make_report(const CallTimes& times, unsigned threads) {
  const double events_per_s = static_cast<double>(times.total.size()) / (times.elapsed * 1e-3);
  return {threads,
          times.total.size(),
          percentiles(times.preparation),
          percentiles(times.network),
          percentiles(times.total),
          events_per_s};
}

void check_events(std::size_t n_events) {
  if (n_events == 0)
    throw core::UsageError(
        "there are no events to measure the latency on; give an input with at least one event");
}

}  // namespace

Percentiles percentiles(std::vector<double> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const auto n = static_cast<double>(values.size());
  const auto rank = [&](double share) {
    // The nearest-rank definition: a percentile is a time that was measured.
    return values[static_cast<std::size_t>(std::max(1.0, std::ceil(share * n))) - 1];
  };
  return {std::accumulate(values.begin(), values.end(), 0.0) / n,
          rank(0.50),
          rank(0.90),
          rank(0.99),
          values.back(),
          values.size()};
}

LatencyReport measure_latency(const HitClassifier& classifier, std::span<const core::Event> events,
                              const LatencyOptions& options) {
  check_events(events.size());
  warm_up(classifier, events, options);
  CallTimes times;
  measure_passes(classifier, events, options.repetitions, options.threads, times);
  return make_report(times, options.threads);
}

std::pair<LatencyReport, LatencyReport> measure_interleaved(const HitClassifier& a,
                                                            const HitClassifier& b,
                                                            std::span<const core::Event> events,
                                                            const LatencyOptions& options) {
  check_events(events.size());
  warm_up(a, events, options);
  warm_up(b, events, options);
  CallTimes times_a, times_b;
  for (std::size_t pass = 0; pass < options.repetitions; ++pass) {
    measure_passes(a, events, 1, options.threads, times_a);
    measure_passes(b, events, 1, options.threads, times_b);
  }
  return {make_report(times_a, options.threads), make_report(times_b, options.threads)};
}

std::vector<SessionTimes> measure_sessions(std::span<const HitClassifier* const> models,
                                           std::span<const PreparedEvents> events,
                                           std::size_t repetitions) {
  check_events(events.size());
  std::vector<SessionTimes> times(models.size());
  // The first pass only warms up caches and the arena of the session. All models run all events
  // before the next pass begins, so a slow phase of the machine meets every model.
  for (std::size_t pass = 0; pass <= repetitions; ++pass) {
    for (std::size_t model = 0; model < models.size(); ++model) {
      for (const PreparedEvents& event : events) {
        const auto start = Clock::now();
        (void)models[model]->node_logits(event);
        if (pass > 0) times[model].ms_of_calls.push_back(to_milliseconds(Clock::now() - start));
      }
    }
  }
  for (SessionTimes& model : times) model.ms = percentiles(model.ms_of_calls);
  return times;
}

}  // namespace stationhit::inference
