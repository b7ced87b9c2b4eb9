// The weights are the constants of the file, the network is what its metadata describe. That both
// belong together is what the checksum of the file says.
#include <set>
#include <utility>

#include <stationhit/architecture/model_config_json.hpp>
#include <stationhit/architecture/network_description.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/object_pool.hpp>
#include <stationhit/engine/engine.hpp>
#include <stationhit/inference/engine_model.hpp>
#include <stationhit/onnx_file/constants.hpp>
#include <stationhit/onnx_file/quantized_layers.hpp>

#include "model_contract.hpp"
#include "onnx_runtime.hpp"

namespace stationhit::inference {
namespace {

kernels::Int8Layer to_engine(onnx_file::QuantizedLayer&& layer) {
  return {.inputs = layer.inputs,
          .outputs = layer.outputs,
          .scale = layer.scale,
          .zero_point = layer.zero_point,
          .largest_level = layer.largest_level,
          .weights = std::move(layer.weights),
          .weight_scales = std::move(layer.weight_scales),
          .bias = std::move(layer.bias)};
}

// Why the engine cannot run an int8 file; empty if it can. It knows a layer by the names of its
// constants, and needs one of each.
std::string quantization_obstacle(const onnx_file::ModelFile& file,
                                  const onnx_file::ModelMetadata& metadata) {
  const std::string method = onnx_file::quantization_method(metadata);
  if (method == "dynamic")
    return "its scales are found anew in every call (quantization.method: dynamic)";
  if (method != "static") return "its metadata do not say how it was quantized";
  std::set<std::string> layers;
  for (const onnx_file::InitializerInfo& constant : file.initializers) {
    if (!constant.name.ends_with(onnx_file::quantized_weights_suffix)) continue;
    const auto layer = onnx_file::layer_of_weights(constant.name);
    if (!layer) return "an older version quantized it";
    if (!layers.insert(*layer).second)
      return "it has the layer " + *layer + " several times, each with scales of its own";
  }
  return {};
}

engine::Engine make_engine(std::string_view content, const onnx_file::ModelMetadata& metadata,
                           const graph::GraphConfig& graph, Precision precision,
                           const std::string& where) {
  engine::Weights weights;
  for (auto& constant : onnx_file::read_float_constants(content, where)) {
    weights.emplace(std::move(constant.name),
                    engine::Weight{std::move(constant.shape), std::move(constant.values), {}});
  }
  for (auto& layer : onnx_file::read_quantized_layers(content, where)) {
    const std::string name = layer.name;
    weights.emplace(name, engine::Weight{{}, {}, to_engine(std::move(layer))});
  }
  try {
    const auto config = architecture::model_config_from_json(metadata.network_json);
    const auto network = architecture::describe_network(config, metadata.feature_names);
    return {network, weights,
            graph::has_table(graph) ? engine::Neighborhood::table : engine::Neighborhood::group,
            precision};
  } catch (const core::ConfigError& error) {
    throw core::DataError(where + ": metadata key \"network\": " + error.what() +
                          "; export the model again");
  } catch (const std::invalid_argument& error) {
    throw core::DataError(where + ": " + error.what() + "; export the model again");
  }
}

engine::Inputs to_engine(const ModelInputs& inputs, const onnx_file::ModelMetadata& metadata,
                         const InputNeeds& needs) {
  engine::Inputs of_engine;
  of_engine.features = {inputs.features.data(), inputs.n_nodes, metadata.feature_names.size()};
  if (needs.neighbors) {
    of_engine.neighbors = {inputs.neighbors.data(), inputs.n_nodes,
                           static_cast<std::size_t>(inputs.k)};
  }
  of_engine.offsets = inputs.offsets;
  of_engine.event_of_node = inputs.event_of_node;
  return of_engine;
}

}  // namespace

struct EngineModel::Program {
  Program(engine::Engine of_file, Precision of_products)
      : engine(std::move(of_file)), precision(of_products) {}

  [[nodiscard]] core::ObjectPool<engine::Workspace>::Loan borrow() const {
    return workspaces.borrow([] { return engine::Workspace(); });
  }

  engine::Engine engine;
  Precision precision;
  mutable core::ObjectPool<engine::Workspace> workspaces;
};

std::string engine_obstacle(const onnx_file::ModelFile& file,
                            const onnx_file::ModelMetadata& metadata) {
  if (metadata.network_json.empty()) return "its metadata do not describe the network";
  if (file.integrity != onnx_file::Integrity::unchanged)
    return "it is not as it was written (checksum)";
  return metadata.quantization_json.empty() ? "" : quantization_obstacle(file, metadata);
}

EngineModel::EngineModel(std::string_view content, const std::filesystem::path& path,
                         Precision precision)
    : EngineModel(content, path, onnx_file::parse_model(content, path.string()), precision) {}

EngineModel::EngineModel(std::string_view content, const std::filesystem::path& path,
                         const onnx_file::ModelFile& file, Precision precision)
    : Model(path, check_contract(file, path.string()), file.integrity) {
  const std::string obstacle = engine_obstacle(file, metadata());
  if (!obstacle.empty()) {
    throw core::DataError(path.string() + ": the engine cannot run this file, because " + obstacle +
                          "; export the model again, or " + onnx_runtime_hint());
  }
  program_ = std::make_unique<Program>(
      make_engine(content, metadata(), graph(), precision, path.string()), precision);
}

EngineModel::~EngineModel() = default;
EngineModel::EngineModel(EngineModel&&) noexcept = default;
EngineModel& EngineModel::operator=(EngineModel&&) noexcept = default;

Precision EngineModel::precision() const { return program_->precision; }

InputNeeds EngineModel::needs() const {
  const engine::Needs& needs = program_->engine.needs();
  return {.neighbors = needs.neighbors, .event_of_node = needs.events, .offsets = needs.groups};
}

void EngineModel::run(const ModelInputs& inputs, std::span<float> logits) const {
  program_->engine.run(to_engine(inputs, metadata(), needs()), *program_->borrow(), logits);
}

std::vector<float> EngineModel::node_logits(const features::EventInputs& event) const {
  const std::vector<std::int64_t> offsets(event.nodes.offsets.begin(), event.nodes.offsets.end());
  engine::Inputs of_engine;
  of_engine.features = {event.features.values.data(), event.nodes.size(),
                        metadata().feature_names.size()};
  of_engine.neighbors = {event.neighbors.index.data(), event.neighbors.n_nodes(),
                         static_cast<std::size_t>(event.neighbors.k)};
  of_engine.offsets = offsets;
  std::vector<float> logits(event.nodes.size());
  program_->engine.run(of_engine, *program_->borrow(), logits);
  return logits;
}

std::vector<NetworkStep> EngineModel::steps() const {
  std::vector<NetworkStep> steps;
  for (const auto& [stage, text] : program_->engine.operations()) steps.push_back({stage, text});
  return steps;
}

std::vector<float> EngineModel::run_timed(const ModelInputs& inputs, std::span<double> ms) const {
  std::vector<float> logits(inputs.n_nodes);
  program_->engine.run_timed(to_engine(inputs, metadata(), needs()), *program_->borrow(), logits,
                             ms);
  return logits;
}

std::optional<ModelMemory> EngineModel::memory() const {
  std::size_t workspaces = 0;
  program_->workspaces.for_each_free(
      [&](const engine::Workspace& workspace) { workspaces += workspace.bytes(); });
  return ModelMemory{program_->engine.bytes(), workspaces};
}

}  // namespace stationhit::inference
