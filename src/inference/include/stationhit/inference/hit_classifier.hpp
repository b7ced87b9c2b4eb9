// From an event to a score per hit: the step that a trigger calls.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/core/event_columns.hpp>
#include <stationhit/core/logger.hpp>
#include <stationhit/features/inputs.hpp>
#include <stationhit/features/needed_branches.hpp>
#include <stationhit/graph/nodes.hpp>
#include <stationhit/inference/model.hpp>
#include <stationhit/inference/session_options.hpp>

namespace stationhit::features {
class ColumnNeeds;
}  // namespace stationhit::features

namespace stationhit::inference {

struct LoadOptions {
  BackendChoice backend = BackendChoice::automatic;
  // Of a float32 file. bfloat16: by the engine only.
  Precision precision = Precision::float32;
  SessionOptions session = {};  // of ONNX Runtime
  // Is told what runs the model and why, and the warnings of load_warnings.hpp.
  core::Logger log = {};
};

// Whether an event brings its own buckets.
using features::EventBuckets;

// The inputs of the model for one or several events; the nodes of all events are concatenated.
struct PreparedEvents {
  std::vector<graph::NodeTable> nodes;  // one per event
  ModelInputs inputs;
};

// Const calls may run on several threads at once.
//
// What is checked of an event before it is scored: all columns of a table have the same length, the
// buckets refer to hits that exist, the truth links to muons that exist, the technologies are known
// (core/technology.hpp). A violation throws DataError naming run and event number, column and
// value. Not checked are the other numbers: a hit with NaN or Inf gets no logit, and station codes
// that core/technology.hpp does not know are taken as they are, because networks see the number and
// the experiment may have more stations than that list. An edge list of a fully connected graph is
// bounded: DataError for an event with more than 2^24 edges (one bucket of 4,096 hits).
class HitClassifier {
 public:
  // Throws like OnnxModel, and DataError if the engine is asked for, or bfloat16, and it cannot run
  // the file; UsageError for bfloat16 with the backend onnxruntime or an int8 file. A build without
  // ONNX Runtime throws DataError for every file that the engine cannot run, with the reason, and
  // UsageError where ONNX Runtime is asked for.
  explicit HitClassifier(const std::filesystem::path& path, const LoadOptions& options = {});
  // Not null.
  explicit HitClassifier(std::unique_ptr<const Model> model);
  ~HitClassifier();
  HitClassifier(HitClassifier&&) noexcept;
  HitClassifier& operator=(HitClassifier&&) noexcept;

  [[nodiscard]] const Model& model() const { return *model_; }
  // Why the engine does not run the file, as half a sentence; empty if it does or was not tried.
  [[nodiscard]] const std::string& engine_obstacle() const { return engine_obstacle_; }

  // Logit cut of a working point ("0.99"). Throws UsageError listing the ones that the model has.
  [[nodiscard]] float threshold(const std::string& working_point) const;

  // Raw logit of every hit, [n_hits]. A hit with NaN or Inf among its values, or for which the
  // model gives no finite number, gets graph::score_without_node (-100). Works for events of any
  // size, including events without hits. Throws DataError for an event that is refused (see above),
  // and like OnnxModel::run.
  [[nodiscard]] std::vector<float> scores(const core::Event& event) const;
  // The same into memory of the caller, [n_hits]. With the engine nothing is allocated once events
  // of this size have been scored on as many threads at the same time, except for buckets that have
  // to be built because the event has none.
  void scores(const core::Event& event, std::span<float> scores) const;

  // The same for columns in memory of the caller, without a copy of them. Columns that the model
  // does not need (needed_columns) may be left out: they count as 0 where they would break ties
  // between hits that are equal in all others. What is checked is as for an event: DataError for
  // the length of a column, a needed one that is left out, buckets that contradict each other or
  // refer to hits that do not exist, unknown technologies. Throws std::invalid_argument unless
  // there is a score for every hit.
  void scores(const core::EventColumns& event, std::span<float> scores) const;
  [[nodiscard]] std::vector<float> scores(const core::EventColumns& event) const;
  // The same without any check: all that scores() checks must hold, else the behavior is undefined
  // (memory out of range is read and written). For events that were checked before.
  void scores_unchecked(const core::EventColumns& event, std::span<float> scores) const;
  // The columns that the model needs, by the names of the ntuple ("spacePoint_covYY"); for buckets
  // "bucket_spacePoints" (offsets and hits), "bucket_xMin", "bucket_xMax".
  [[nodiscard]] std::vector<std::string> needed_columns(EventBuckets buckets) const;

  // The scores of several events, computed in one call of the model.
  [[nodiscard]] std::vector<std::vector<float>> scores_batch(
      std::span<const core::Event> events) const;

  // The two steps of scores(): graph and features (no model), then the model.
  [[nodiscard]] PreparedEvents prepare(std::span<const core::Event> events) const;
  // The first step in memory that is used again.
  void prepare(std::span<const core::Event> events, PreparedEvents& prepared) const;
  // The first step for an event whose features and graph exist already; they must be those of the
  // model. Throws std::invalid_argument for another number of features, DataError for too many
  // edges.
  [[nodiscard]] PreparedEvents prepare(features::EventInputs event) const;
  [[nodiscard]] std::vector<float> node_logits(const PreparedEvents& prepared) const;  // [n_nodes]
  void node_logits(const PreparedEvents& prepared, std::span<float> logits) const;

 private:
  struct Call;
  struct Calls;

  [[nodiscard]] bool takes_pairs() const;
  void check_inputs(const features::EventInputs& event, const std::string& where) const;
  void prepare(std::span<const core::Event> events, Call& call, PreparedEvents& prepared) const;
  void prepare_next(core::EventColumns event, std::size_t number, Call& call,
                    PreparedEvents& prepared) const;
  void score(const core::EventColumns& event, Call& call, std::span<float> scores) const;
  void append(PreparedEvents& prepared, std::size_t number, features::EventInputs& event) const;
  void finish(PreparedEvents& prepared) const;

  std::unique_ptr<const Model> model_;
  std::unique_ptr<const features::ColumnNeeds> column_needs_;
  std::unique_ptr<Calls> calls_;
  std::string engine_obstacle_;
};

}  // namespace stationhit::inference
