// The events of a ROOT ntuple or a prepared split with a score per hit, or without the hits below a
// cut. Only in builds with ROOT and inference.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>

#include <stationhit/core/observer.hpp>
#include <stationhit/inference/model.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/root_io/scored_ntuple.hpp>

namespace stationhit::workflow {

// What the model gets and gives for one event (model_inputs.hpp) as a file.
struct InputDump {
  std::filesystem::path file;
  std::uint64_t event = 0;  // counted from 0
};

// What a tool that does as the model would dump (inference/event_dump.hpp), of the first events.
struct EventDump {
  std::filesystem::path file;
  std::uint64_t events = std::numeric_limits<std::uint64_t>::max();  // at most
};

struct ScoringOptions {
  std::filesystem::path model;  // ONNX file
  std::filesystem::path input, output;
  std::string tree = root_io::default_tree;  // of the input; its folders are left out in the output
  root_io::ScoredMode mode = root_io::ScoredMode::score;
  // Hits with a logit above the cut are kept. By default the threshold of the working point, or if
  // neither is given, of 0.99 or the nearest working point of the model. In mode `score` the cut
  // only counts hits; a model without thresholds then needs none.
  std::optional<float> cut = {};
  std::string working_point = {};
  unsigned threads = 0;  // 0 = all cores
  std::optional<InputDump> dump = {};
  std::optional<EventDump> event_dump = {};  // needs a cut
  inference::BackendChoice backend = inference::BackendChoice::automatic;
  inference::Precision precision = inference::Precision::float32;
  onnx_file::ChangedModel changed_model = onnx_file::ChangedModel::refuse;
  core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse;  // of the input
};

struct ScoringResult {
  std::uint64_t events = 0, hits = 0;
  std::uint64_t kept = 0;              // hits above the cut
  std::uint64_t pairs = 0;             // metrics::count_hit_pairs of all hits; 0 without a cut
  std::uint64_t pairs_kept = 0;        // of the hits above the cut
  std::uint64_t non_finite = 0;        // hits with NaN or Inf among their values: score -100
  std::uint64_t no_logit = 0;          // other hits for which the model gives no finite logit
  std::uint64_t unknown_stations = 0;  // hits with a station code that core/technology.hpp lacks
  std::optional<float> cut;
  double seconds = 0;    // of the loop over the events
  bool stopped = false;  // by the observer: there is no output, an older one stays
};

// Throws UsageError (a cut that is not finite, a working point that the model does not have, an
// event to dump that the input does not have), DataError as HitClassifier, MuonHitDumpReader and
// ScoredNtupleWriter do. Logs warnings about the model (inference/load_warnings.hpp), about an
// input that was not closed, about hits without a logit and about unknown stations.
[[nodiscard]] ScoringResult score_ntuple(const ScoringOptions& options,
                                         const core::Observer& observer);

}  // namespace stationhit::workflow
