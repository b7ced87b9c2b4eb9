// The session is made from the bytes that were checked, not from the path, so the file cannot
// change in between. Inputs are views on the caller's memory; outputs are copied, because ONNX
// Runtime owns them. Run is thread-safe.
#include <algorithm>
#include <cassert>
#include <numeric>

#include <onnxruntime_cxx_api.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/inference/onnx_model.hpp>
#include <stationhit/onnx_file/fused_network.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/operators/register_operators.hpp>

#include "memory_plan.hpp"
#include "model_contract.hpp"

namespace stationhit::inference {
namespace {

// One environment per process. It is silent, because its messages would go to stderr, and every
// failure also arrives as an exception.
const Ort::Env& environment() {
  static const Ort::Env env(ORT_LOGGING_LEVEL_FATAL, "stationhit");
  return env;
}

Ort::SessionOptions session_options(const SessionOptions& options, const std::string& folder,
                                    bool has_our_operators) {
  Ort::SessionOptions result;
  if (has_our_operators) Ort::ThrowOnError(operators::register_operators(result, OrtGetApiBase()));
  // The session is made from memory, so ONNX Runtime must be told where external data would be.
  result.AddConfigEntry("session.model_external_initializers_file_folder_path", folder.c_str());
  if (has_faulty_memory_plan(OrtGetApiBase()->GetVersionString())) result.DisableMemPattern();
  // These threads spin while they wait: more of them than cores take each other's time.
  result.SetIntraOpNumThreads(
      static_cast<int>(std::min(options.intra_op_threads, core::resolve_threads(0))));
  // The graphs are chains with little to run side by side; callers run events in parallel instead.
  result.SetInterOpNumThreads(1);
  result.SetExecutionMode(ORT_SEQUENTIAL);
  result.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
  return result;
}

// With the C function, because the class for environments would release that of the program.
Ort::Session make_session(std::string_view content, const SessionOptions& options,
                          const Ort::SessionOptions& of_runtime) {
  const OrtEnv* env = options.environment != nullptr ? options.environment : environment();
  OrtSession* session = nullptr;
  Ort::ThrowOnError(Ort::GetApi().CreateSessionFromArray(env, content.data(), content.size(),
                                                         of_runtime, &session));
  return Ort::Session(session);
}

void check_intra_op_threads(unsigned threads) {
  core::check_threads(threads);
  if (threads == 0)
    throw core::UsageError("SessionOptions::intra_op_threads is 0: expected at least 1");
}

// A tensor on the caller's memory, which ONNX Runtime only reads.
template <class T>
Ort::Value view(const std::vector<T>& values, const std::vector<std::int64_t>& shape) {
  static const Ort::MemoryInfo cpu =
      Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  // ONNX Runtime refuses a null pointer even for an empty tensor.
  static T nothing{};
  T* data = values.empty() ? &nothing : const_cast<T*>(values.data());
  return Ort::Value::CreateTensor<T>(cpu, data, values.size(), shape.data(), shape.size());
}

// What failed and what to do. Attention over a group takes memory for all pairs of its nodes, so an
// event can be too large for a model that is right.
std::string describe_failure(const ModelInputs& inputs, std::string reason) {
  std::ranges::replace(reason, '\n', ' ');
  const std::string nodes = std::to_string(inputs.n_nodes) + " nodes";
  if (reason.find("Failed to allocate memory") == std::string::npos)
    return "the model failed on an event of " + nodes + ": " + reason + "; export the model again";
  return "not enough memory for an event of " + nodes +
         (inputs.slots.empty() ? std::string()
                               : ", whose largest group has " + std::to_string(inputs.longest)) +
         "; leave the event out, or use smaller groups (graph.grouping)";
}

std::vector<std::int64_t> edge_index(const ModelInputs& inputs) {
  std::vector<std::int64_t> both(inputs.edge_sources);
  both.insert(both.end(), inputs.edge_destinations.begin(), inputs.edge_destinations.end());
  return both;
}

}  // namespace

struct OnnxModel::Session {
  Ort::Session session{nullptr};
};

OnnxModel::OnnxModel(const std::filesystem::path& path, const SessionOptions& options)
    : OnnxModel(onnx_file::read_model_bytes(path), path, options) {}

OnnxModel::OnnxModel(std::string_view content, const std::filesystem::path& path,
                     const SessionOptions& options)
    : OnnxModel(content, path, options, onnx_file::parse_model(content, path.string())) {}

OnnxModel::OnnxModel(std::string_view content, const std::filesystem::path& path,
                     const SessionOptions& options, const onnx_file::ModelFile& file)
    : Model(path, check_contract(file, path.string()), file.integrity),
      session_(std::make_unique<Session>()) {
  check_intra_op_threads(options.intra_op_threads);
  if (options.changed_model == onnx_file::ChangedModel::refuse)
    onnx_file::require_unchanged(file, path.string());
  try {
    session_->session =
        make_session(content, options,
                     session_options(options, core::folder_of(path).string(),
                                     file.operators.contains(onnx_file::network_operator_key)));
  } catch (const Ort::Exception& error) {
    const std::vector<std::string> files(file.data_files.begin(), file.data_files.end());
    throw core::DataError(path.string() + ": ONNX Runtime cannot load the model: " + error.what() +
                          (files.empty()
                               ? "; export the model again"
                               : "; its weights must lie beside it: " + core::join(files)));
  }
}

OnnxModel::~OnnxModel() = default;
OnnxModel::OnnxModel(OnnxModel&&) noexcept = default;
OnnxModel& OnnxModel::operator=(OnnxModel&&) noexcept = default;

InputNeeds OnnxModel::needs() const {
  const TableInputs& table = table_inputs();
  return {.neighbors = table.neighbors,
          .slots = table.slots,
          .event_of_node = table.event_of_node,
          .edges = interface() == Interface::edges};
}

void OnnxModel::run(const ModelInputs& inputs, std::span<float> of_nodes) const {
  const std::string logits = onnx_file::logits_output;
  const std::vector<std::vector<float>> outputs = run(inputs, {&logits, 1});
  if (outputs.front().size() != inputs.n_nodes) {
    throw core::DataError(path().string() + ": the model gave " +
                          std::to_string(outputs.front().size()) + " logits for " +
                          std::to_string(inputs.n_nodes) +
                          " nodes; it does not obey the contract output float32 [N, 1]");
  }
  std::ranges::copy(outputs.front(), of_nodes.begin());
}

std::vector<std::vector<float>> OnnxModel::run(const ModelInputs& inputs,
                                               std::span<const std::string> outputs) const {
  const auto n = static_cast<std::int64_t>(inputs.n_nodes);
  const auto n_features = static_cast<std::int64_t>(metadata().feature_names.size());
  assert(inputs.features.size() == inputs.n_nodes * metadata().feature_names.size());
  std::vector<const char*> names, output_names;
  std::vector<Ort::Value> values;
  for (const std::string& output : outputs) output_names.push_back(output.c_str());
  try {
    const auto add = [&](const char* name, const auto& tensor,
                         const std::vector<std::int64_t>& shape) {
      names.push_back(name);
      values.push_back(view(tensor, shape));
    };
    add(onnx_file::features_input, inputs.features, {n, n_features});
    if (table_inputs().neighbors) add(onnx_file::neighbors_input, inputs.neighbors, {n, inputs.k});
    if (table_inputs().slots) {
      add(onnx_file::slots_input, inputs.slots,
          {static_cast<std::int64_t>(inputs.slots.size()) / inputs.longest, inputs.longest});
      add(onnx_file::slot_of_node_input, inputs.slot_of_node, {n});
    }
    if (table_inputs().event_of_node)
      add(onnx_file::event_of_node_input, inputs.event_of_node, {n});
    std::vector<std::int64_t> edges;
    if (interface() == Interface::edges) {
      edges = edge_index(inputs);
      add(onnx_file::edges_input, edges,
          {2, static_cast<std::int64_t>(inputs.edge_sources.size())});
    }
    const auto results =
        session_->session.Run(Ort::RunOptions{nullptr}, names.data(), values.data(), values.size(),
                              output_names.data(), output_names.size());
    std::vector<std::vector<float>> copies;
    for (const Ort::Value& result : results) {
      const float* first = result.GetTensorData<float>();
      copies.emplace_back(first, first + result.GetTensorTypeAndShapeInfo().GetElementCount());
    }
    return copies;
  } catch (const Ort::Exception& error) {
    throw core::DataError(path().string() + ": " + describe_failure(inputs, error.what()));
  }
}

}  // namespace stationhit::inference
