// A model file that fulfills the deployment contract, and what runs it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <stationhit/engine/precision.hpp>
#include <stationhit/graph/graph_config.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>
#include <stationhit/onnx_file/model_tensors.hpp>

namespace stationhit::inference {

using engine::Precision;
using onnx_file::Interface;

// What runs a model.
enum class Backend { engine, onnxruntime };
constexpr auto names_of(Backend) {
  return std::to_array<std::string_view>({"engine", "onnxruntime"});
}

// What a user asks for.
enum class BackendChoice {
  automatic,  // the engine where it can run the file, ONNX Runtime otherwise
  engine,
  onnxruntime
};
constexpr auto names_of(BackendChoice) {
  return std::to_array<std::string_view>({"auto", "engine", "onnxruntime"});
}

// The backends of this build: the engine, and ONNX Runtime if it was built with it.
[[nodiscard]] std::vector<BackendChoice> built_backends();

// "1.32.0", of the ONNX Runtime that runs; empty in a build without it.
[[nodiscard]] std::string onnxruntime_version();

// Which inputs of the interface table a model has.
struct TableInputs {
  bool neighbors = false, slots = false, event_of_node = false;
};

// What a model file says of itself.
struct ModelContract {
  Interface interface = Interface::nodes;
  TableInputs table;
  onnx_file::ModelMetadata metadata;
  // Settings of the graph, from the metadata. A model from another source that has none gets fully
  // connected buckets.
  graph::GraphConfig graph;
};

// Which members of ModelInputs a model reads beside the features.
struct InputNeeds {
  bool neighbors = false, slots = false, event_of_node = false, edges = false, offsets = false;
};

// Inputs of one call: the nodes of one event or of several, one after the other.
struct ModelInputs {
  std::size_t n_nodes = 0;
  std::vector<float> features;              // [n_nodes, F]
  std::int32_t k = 0;                       // columns of the table
  std::vector<std::int32_t> neighbors;      // [n_nodes, k]
  std::int32_t longest = 1;                 // M >= 1, nodes of the largest group
  std::vector<std::int32_t> slots;          // [B, longest] nodes of every group, padded with -1
  std::vector<std::int32_t> slot_of_node;   // [n_nodes] place in slots
  std::vector<std::int32_t> event_of_node;  // [n_nodes], ascending from 0
  std::vector<std::int64_t> edge_sources, edge_destinations;  // [E] each
  std::vector<std::int64_t>
      offsets;  // [B + 1]: the nodes of group b are [offsets[b], offsets[b + 1])
};

// A part of the network that can be timed alone: the stage of the network and what is done for it.
struct NetworkStep {
  std::string stage, text;
};

// What a model keeps, in bytes.
struct ModelMemory {
  std::size_t weights = 0;     // packed
  std::size_t workspaces = 0;  // of all calls that ran at the same time
};

// Const calls may run on several threads at once.
class Model {
 public:
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  virtual ~Model() = default;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] const onnx_file::ModelMetadata& metadata() const { return contract_.metadata; }
  [[nodiscard]] onnx_file::Integrity integrity() const { return integrity_; }
  [[nodiscard]] Interface interface() const { return contract_.interface; }
  [[nodiscard]] const TableInputs& table_inputs() const { return contract_.table; }
  [[nodiscard]] const graph::GraphConfig& graph() const { return contract_.graph; }

  [[nodiscard]] virtual Backend backend() const = 0;
  // Of the layers that the file has in float32.
  [[nodiscard]] virtual Precision precision() const { return Precision::float32; }
  [[nodiscard]] virtual InputNeeds needs() const = 0;
  // Logits [n_nodes], as the model gives them (they may be NaN or infinite). Throws DataError
  // naming the file if the model fails on these inputs or gives another number of logits.
  virtual void run(const ModelInputs& inputs, std::span<float> logits) const = 0;
  [[nodiscard]] std::vector<float> run(const ModelInputs& inputs) const {
    std::vector<float> logits(inputs.n_nodes);
    run(inputs, logits);
    return logits;
  }

  // Empty where the model runs as a whole only.
  [[nodiscard]] virtual std::vector<NetworkStep> steps() const { return {}; }
  // As run(); adds to ms[i] the time of steps()[i]. ms: [steps().size()]
  [[nodiscard]] virtual std::vector<float> run_timed(const ModelInputs& inputs,
                                                     std::span<double> /*ms*/) const {
    return run(inputs);
  }
  // Empty where it is not known. No call may run meanwhile.
  [[nodiscard]] virtual std::optional<ModelMemory> memory() const { return std::nullopt; }

 protected:
  Model(std::filesystem::path path, ModelContract contract, onnx_file::Integrity integrity)
      : path_(std::move(path)), contract_(std::move(contract)), integrity_(integrity) {}
  Model(Model&&) = default;
  Model& operator=(Model&&) = default;

 private:
  std::filesystem::path path_;
  ModelContract contract_;
  onnx_file::Integrity integrity_ = onnx_file::Integrity::unknown;
};

}  // namespace stationhit::inference
