// Measures the wall-clock time per event.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/inference/hit_classifier.hpp>

namespace stationhit::inference {

// Mean and percentiles of the measured calls, in ms. Percentiles use the nearest rank: p99 is the
// smallest time that at least 99 % of the calls do not exceed.
struct Percentiles {
  double mean = 0, p50 = 0, p90 = 0, p99 = 0, max = 0;
  std::size_t n = 0;  // calls
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
  Percentiles network;      // the backend of the model
  Percentiles total;        // both, and the step from nodes to hits
  double events_per_s = 0;  // of all threads together
};

// Throws UsageError if there are no events.
[[nodiscard]] LatencyReport measure_latency(const HitClassifier& classifier,
                                            std::span<const core::Event> events,
                                            const LatencyOptions& options);

// Measures two models that take turns after each pass over the events (A, B, A, B, ...). On a busy
// machine only the ratio of such pairs is meaningful.
[[nodiscard]] std::pair<LatencyReport, LatencyReport> measure_interleaved(
    const HitClassifier& a, const HitClassifier& b, std::span<const core::Event> events,
    const LatencyOptions& options);

struct SessionTimes {
  Percentiles ms;
  std::vector<double> ms_of_calls;  // in the order of the calls
};

// Measures ONNX Runtime alone, with one thread. After a warm-up pass there are `repetitions` passes
// over the events, and in each pass all models run one after the other on the same inputs. The
// result has one entry per model. Throws UsageError if there are no events.
[[nodiscard]] std::vector<SessionTimes> measure_sessions(
    std::span<const HitClassifier* const> models, std::span<const PreparedEvents> events,
    std::size_t repetitions);

}  // namespace stationhit::inference
