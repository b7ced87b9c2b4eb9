// How fast an ONNX file is on events, after its scores were compared. Only in builds with ROOT and
// ONNX Runtime.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/core/observer.hpp>
#include <stationhit/inference/latency.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/workflow/logit_difference.hpp>

namespace stationhit::workflow {

struct BenchmarkOptions {
  std::filesystem::path model;
  std::filesystem::path input;               // ROOT ntuple or folder of a prepared split
  std::string tree = root_io::default_tree;  // of an ntuple
  inference::BackendChoice backend = inference::BackendChoice::automatic;
  // A second file of the same network, whose scores and times are compared; empty: none.
  std::filesystem::path other_model = {};
  inference::BackendChoice other_backend = inference::BackendChoice::automatic;
  // The scores are compared with those of its network; empty: best.safetensors beside the model if
  // there is one.
  std::filesystem::path checkpoint = {};
  std::uint64_t events = 50;             // most events of the input
  std::size_t warmup = 3;                // calls before the clock runs, per thread
  std::size_t repetitions = 5;           // passes over the events
  unsigned threads = 0;                  // of the second measurement, 0 = all cores
  double tolerance = backend_tolerance;  // largest LogitDifference::largest_relative
  onnx_file::ChangedModel changed_model = onnx_file::ChangedModel::refuse;  // of both files
  core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse;         // of an ntuple
};

struct ScoreComparison {
  std::filesystem::path with;  // checkpoint or ONNX file
  std::string backend = {};    // that ran the ONNX file
  LogitDifference difference;
  bool checked = true;  // false if one of two files is int8: then any difference is accepted
};

struct LatencyMeasurement {
  inference::LatencyReport model;
  std::optional<inference::LatencyReport> other_model;  // both took turns
};

struct BenchmarkResult {
  std::filesystem::path model, input;
  std::string backend;  // that ran the model
  std::size_t events = 0, hits = 0;
  std::optional<ScoreComparison> checkpoint, other_model;
  // With one thread and, if there are more, with all of them.
  std::vector<LatencyMeasurement> latency;
};

// Compares the scores first: a model that gives other scores is not timed. The result is empty if
// the observer asks to stop. Throws DataError for files that cannot be read and for scores that
// differ by more than the tolerance; throws UsageError for a checkpoint in a build without Torch.
// Logs warnings about the models (inference/load_warnings.hpp) and an ntuple that was not closed.
[[nodiscard]] std::optional<BenchmarkResult> benchmark_model(const BenchmarkOptions& options,
                                                             const core::Observer& observer);

// The result as JSON. Throws DataError naming the path if it cannot be written.
void write_benchmark(const BenchmarkResult& result, const std::filesystem::path& path);

}  // namespace stationhit::workflow
