// Events that a tool dumped (inference/event_dump.hpp), scored again and compared with what it
// recorded. Needs neither ROOT nor Torch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>

#include <stationhit/core/observer.hpp>
#include <stationhit/inference/latency.hpp>
#include <stationhit/inference/model.hpp>
#include <stationhit/metrics/logit_difference.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/workflow/dump_reference.hpp>

namespace stationhit::workflow {

enum class DumpComparison { compare, leave_out };
// A dump whose scores are of a file with other bytes than the model.
enum class OtherModel { refuse, accept };

struct ReplayOptions {
  std::filesystem::path model;   // ONNX file
  std::filesystem::path dump;    // JSON lines
  std::filesystem::path output;  // the dump with the new scores and decisions; empty: none
  // A dump whose features and edges those of the dump are compared with; empty: none.
  std::filesystem::path reference;
  inference::BackendChoice backend = inference::BackendChoice::automatic;
  inference::Precision precision = inference::Precision::float32;
  DumpComparison comparison = DumpComparison::compare;
  // Largest |score - recorded| / max(1, |recorded|) at which they agree.
  double tolerance = metrics::backend_tolerance;
  std::uint64_t events = std::numeric_limits<std::uint64_t>::max();  // most events of the dump
  std::size_t repetitions = 1;  // calls of the model per event, which are timed
  OtherModel other_model = OtherModel::refuse;
  onnx_file::ChangedModel changed_model = onnx_file::ChangedModel::refuse;
};

// A node of the dump and its two scores.
struct ReplayedNode {
  std::string where;  // "FILE:LINE, event 7, node 3"
  float recorded = 0, score = 0;
};

struct ReplayResult {
  std::string model_hash, backend, precision;
  std::uint64_t events = 0, nodes = 0, edges = 0, kept = 0;
  metrics::LogitDifference difference;  // empty where nothing is compared
  std::optional<ReplayedNode> largest;  // where the difference is largest, if there is one
  // Decisions other than the recorded ones, and how many of them have a score that is further from
  // the cut than the tolerance.
  std::uint64_t changed = 0, changed_far_from_cut = 0;
  std::optional<ReplayedNode> first_changed;
  std::optional<InputComparison> inputs;        // against the reference
  inference::Percentiles preparation, network;  // ms per event
  bool stopped = false;                         // by the observer: there is no output

  // Scores within the tolerance and no decision changed that it does not explain.
  [[nodiscard]] bool agrees(double tolerance) const {
    return difference.largest_relative <= tolerance && changed_far_from_cut == 0;
  }
};

// Throws DataError like EventDumpReader, prepare_dumped and HitClassifier, for a dump of another
// model unless that is accepted, for one without events and for an output that is an input or
// cannot be written.
[[nodiscard]] ReplayResult replay_dump(const ReplayOptions& options,
                                       const core::Observer& observer);

}  // namespace stationhit::workflow
