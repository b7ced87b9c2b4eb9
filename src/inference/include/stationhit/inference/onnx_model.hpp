// An ONNX Runtime session for a model that fulfills the deployment contract. One environment serves
// the whole process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/graph/graph_config.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>
#include <stationhit/onnx_file/model_tensors.hpp>

namespace stationhit::inference {

using onnx_file::Interface;

// Which inputs of the interface table a model has.
struct TableInputs {
  bool neighbors = false, slots = false, event_of_node = false;
};

struct SessionOptions {
  // Threads inside one operator, 1 to core::max_threads; more than the cores of this process count
  // as that many.
  unsigned intra_op_threads = 1;
  // For a model that was edited after stationhit wrote it, so that its checksum does not fit.
  onnx_file::ChangedModel changed_model = onnx_file::ChangedModel::refuse;
};

// Inputs of one call: the nodes of one event or of several, one after the other.
struct ModelInputs {
  std::size_t n_nodes = 0;
  std::vector<float> features;          // [n_nodes, F]
  std::int32_t k = 0;                   // table with neighbors only
  std::vector<std::int32_t> neighbors;  // [n_nodes, k]
  std::int32_t longest = 1;             // table with slots only: M >= 1, nodes of the largest group
  std::vector<std::int32_t> slots;      // [B, longest] nodes of every group, padded with -1
  std::vector<std::int32_t> slot_of_node;  // [n_nodes] place in slots
  // table with event_of_node only: [n_nodes], ascending from 0.
  std::vector<std::int32_t> event_of_node;
  std::vector<std::int64_t> edge_sources, edge_destinations;  // [E] each, edges only
};

class OnnxModel {
 public:
  // Throws DataError naming the file if it cannot be read, is truncated or is not ONNX; if its
  // inputs or outputs differ from the contract; if metadata are missing or invalid (the message
  // names the key and the next step); if the checksum among the metadata does not fit and
  // `options` do not accept that; or with the message of ONNX Runtime otherwise. Throws UsageError
  // for a number of threads out of range. Files with external data are looked for beside `path`.
  explicit OnnxModel(const std::filesystem::path& path, const SessionOptions& options = {});
  // Takes the content of a file from memory; `path` names it in messages and is where external data
  // are looked for.
  OnnxModel(std::string_view content, const std::filesystem::path& path,
            const SessionOptions& options = {});
  ~OnnxModel();
  OnnxModel(OnnxModel&&) noexcept;
  OnnxModel& operator=(OnnxModel&&) noexcept;

  [[nodiscard]] const std::filesystem::path& path() const;
  [[nodiscard]] const onnx_file::ModelMetadata& metadata() const;
  [[nodiscard]] onnx_file::Integrity integrity() const;
  [[nodiscard]] Interface interface() const;
  [[nodiscard]] const TableInputs& table_inputs() const;
  // Settings of the graph, from the metadata. A model from another source that has none gets fully
  // connected buckets.
  [[nodiscard]] const graph::GraphConfig& graph() const;

  // Logits [n_nodes], as the model gives them (they may be NaN or infinite). May be called from
  // several threads at once. Throws DataError naming the file if the model fails on these inputs or
  // gives another number of logits.
  [[nodiscard]] std::vector<float> run(const ModelInputs& inputs) const;

  // The float32 outputs with these names, flattened, for files whose graph was given additional
  // outputs. Otherwise as above.
  [[nodiscard]] std::vector<std::vector<float>> run(const ModelInputs& inputs,
                                                    std::span<const std::string> outputs) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stationhit::inference
