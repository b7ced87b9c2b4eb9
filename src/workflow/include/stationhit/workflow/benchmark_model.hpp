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
#include <stationhit/inference/profile.hpp>
#include <stationhit/metrics/logit_difference.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>

namespace stationhit::workflow {

struct BenchmarkOptions {
  std::filesystem::path model;
  std::filesystem::path input;               // ROOT ntuple or folder of a prepared split
  std::string tree = root_io::default_tree;  // of an ntuple
  inference::BackendChoice backend = inference::BackendChoice::automatic;
  inference::Precision precision = inference::Precision::float32;
  // A second file of the same network, whose scores and times are compared; empty: none.
  std::filesystem::path other_model = {};
  inference::BackendChoice other_backend = inference::BackendChoice::automatic;
  inference::Precision other_precision = inference::Precision::float32;
  // The scores are compared with those of its network; empty: best.safetensors beside the model if
  // there is one.
  std::filesystem::path checkpoint = {};
  std::uint64_t events = 50;    // most events of the input
  std::size_t warmup = 3;       // calls before the clock runs, per thread
  std::size_t repetitions = 5;  // passes over the events
  unsigned threads = 0;         // most threads that are measured, 0 = all cores
  double tolerance =
      metrics::backend_tolerance;  // largest metrics::LogitDifference::largest_relative
  onnx_file::ChangedModel changed_model = onnx_file::ChangedModel::refuse;  // of both files
  core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse;         // of an ntuple
  inference::AllocationCount count_allocations = {};  // empty: they are not counted
};

struct ScoreComparison {
  std::filesystem::path with;  // checkpoint or ONNX file
  std::string backend = {};    // that ran the ONNX file
  std::string precision = {};  // of its products: float32, bfloat16 or int8
  metrics::LogitDifference difference;
  // Hits that pass the cut of the reference working point in one of two ONNX files only; empty for
  // files without thresholds.
  std::optional<std::size_t> other_side = {};
  bool checked = true;  // false if one of the two is not float32: then any difference is accepted
};

struct LatencyMeasurement {
  inference::LatencyReport model;
  std::optional<inference::LatencyReport> other_model;  // both took turns
  // Most resident memory of the process during the measurement, bytes; 0: not known.
  std::uint64_t peak_memory = 0;
};

// What was found about one model.
struct ModelProfile {
  std::string file_hash;  // XXH3 (64 bits, hexadecimal) of the bytes of the file
  inference::EventProfile events;
  std::optional<inference::ModelMemory> memory;  // with the workspace of one thread
};

// Where the measurement was made, and with what.
struct BenchmarkMachine {
  std::string processor;  // "AMD EPYC 7B13"; empty where the system does not tell
  unsigned cores = 0;     // that this process may use
  std::vector<std::string> instruction_sets;  // inference::instruction_sets
  std::string version, git_commit, onnxruntime_version;
};

struct BenchmarkResult {
  std::filesystem::path model, input;
  std::string backend;    // that ran the model
  std::string precision;  // of its products
  std::size_t events = 0, hits = 0;
  BenchmarkMachine machine;
  inference::Percentiles reading;  // ms per event; the first one opens the input
  std::optional<ScoreComparison> checkpoint, other_model;
  ModelProfile profile;
  std::optional<ModelProfile> other_profile;
  // Resident before the measurements, with the events and all models, bytes; 0: not known.
  std::uint64_t memory_before = 0;
  // With 1, 2, 4, ... threads and the most that were asked for.
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
