// How long an event takes, wall clock.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/inference/hit_classifier.hpp>

namespace stationhit::inference {

// Of the calls measured, in ms. Percentiles by nearest rank: p99 is the smallest time that at least
// 99 % of the calls do not exceed.
struct Percentiles {
  double mean = 0, p50 = 0, p90 = 0, p99 = 0, max = 0;
};
[[nodiscard]] Percentiles percentiles(std::vector<double> milliseconds);

struct LatencyOptions {
  std::size_t warmup = 3;        // calls before the clock counts, per thread
  std::size_t repetitions = 10;  // passes over the events
  unsigned threads = 1;          // workers, each with one event at a time
};

struct LatencyReport {
  unsigned threads = 1;
  std::size_t calls = 0;
  Percentiles preparation;  // graph and features
  Percentiles session;      // ONNX Runtime
  Percentiles total;        // both, and the step from nodes to hits
  double events_per_s = 0;  // of all threads together
};

// Throws UsageError if there are no events.
[[nodiscard]] LatencyReport measure_latency(const HitClassifier& classifier,
                                            std::span<const core::Event> events,
                                            const LatencyOptions& options);

// Both models, one pass over the events each in turn (A, B, A, B, ...): on a busy machine only the
// ratio of such pairs means something.
[[nodiscard]] std::pair<LatencyReport, LatencyReport> measure_interleaved(
    const HitClassifier& a, const HitClassifier& b, std::span<const core::Event> events,
    const LatencyOptions& options);

struct SessionTimes {
  Percentiles ms;
  std::vector<double> ms_of_calls;  // in the order of the calls
};

// ONNX Runtime alone, one thread: `repetitions` passes over the events, in each all models one
// after the other, after a pass that does not count. The models take the same inputs. One entry per
// model. Throws UsageError if there are no events.
[[nodiscard]] std::vector<SessionTimes> measure_sessions(
    std::span<const HitClassifier* const> models, std::span<const PreparedEvents> events,
    std::size_t repetitions);

}  // namespace stationhit::inference
