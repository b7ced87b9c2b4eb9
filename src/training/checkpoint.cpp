// A checkpoint is one safetensors file: weights and buffers by the names of the modules, the state
// of the optimizer under "optimizer.", and all else as JSON in the metadata. Names and shapes must
// be those of the network exactly, because a weight that is left at its initial value would go
// unnoticed.
#include <algorithm>
#include <cassert>
#include <span>

#include <stationhit/core/errors.hpp>
#include <stationhit/data/safetensors.hpp>
#include <stationhit/training/checkpoint.hpp>

#include "checkpoint_io.hpp"

namespace stationhit::training {
namespace {

using torch::Tensor;

// Weights and buffers by name.
NamedTensors collect_tensors(const models::Network& network) {
  NamedTensors tensors;
  for (const auto& item : network.named_parameters()) tensors.emplace(item.key(), item.value());
  for (const auto& item : network.named_buffers()) tensors.emplace(item.key(), item.value());
  return tensors;
}

data::TensorView view(const Tensor& tensor) {
  const auto shape = tensor.sizes().vec();
  const auto n = static_cast<std::size_t>(tensor.numel());
  if (tensor.scalar_type() == torch::kLong)
    return data::view_tensor(std::span(tensor.const_data_ptr<std::int64_t>(), n), shape);
  assert(tensor.scalar_type() == torch::kFloat);
  return data::view_tensor(std::span(tensor.const_data_ptr<float>(), n), shape);
}

Tensor to_torch(const data::TensorView& view) {
  const auto type = view.dtype == data::Dtype::i64 ? torch::kLong : torch::kFloat;
  Tensor tensor = torch::empty(view.shape, type);
  // A copy, because the mapped file is closed when loading ends.
  std::ranges::copy(view.bytes, static_cast<std::byte*>(tensor.mutable_data_ptr()));
  return tensor;
}

std::string format_shape(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (const auto n : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(n);
  return text + "]";
}

bool belongs_to_optimizer(const std::string& name) { return name.starts_with("optimizer."); }
bool belongs_to_callbacks(const std::string& name) { return name.starts_with("callbacks."); }

void check_names(const data::SafetensorsFile& file, const NamedTensors& wanted) {
  for (const auto& name : file.names()) {
    if (belongs_to_optimizer(name) || belongs_to_callbacks(name) || wanted.contains(name)) continue;
    throw core::DataError(
        file.path().string() + ": tensor \"" + name +
        "\" is not one of the network that the metadata describe; the file was not "
        "written by this program, or is damaged: use another checkpoint");
  }
}

void copy_weights(const data::SafetensorsFile& file, const models::Network& network) {
  const torch::NoGradGuard no_grad;
  const NamedTensors wanted = collect_tensors(network);
  for (auto [name, tensor] : wanted) {
    const data::TensorView& found = file.at(name);
    if (found.dtype != data::Dtype::f32 || !std::ranges::equal(found.shape, tensor.sizes())) {
      throw core::DataError(file.path().string() + ": tensor \"" + name + "\" is " +
                            std::string(data::dtype_name(found.dtype)) + " " +
                            format_shape(found.shape) + ", the network has F32 " +
                            format_shape(tensor.sizes()) + ": use another checkpoint");
    }
    tensor.copy_(to_torch(found));
  }
  check_names(file, wanted);
}

constexpr const char* give_a_checkpoint =
    "give a file checkpoints/*.safetensors of a run directory";

data::SafetensorsFile open_checkpoint(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path))
    throw core::DataError(path.string() + ": no such checkpoint; " + give_a_checkpoint);
  return data::SafetensorsFile(path);
}

CheckpointMetadata read_metadata(const data::SafetensorsFile& file) {
  const auto entry = file.metadata().find(checkpoint_key);
  if (entry == file.metadata().end()) {
    throw core::DataError(file.path().string() + ": holds tensors but no metadata \"" +
                          checkpoint_key + "\", so it is not a checkpoint of this program; " +
                          give_a_checkpoint);
  }
  return metadata_from_json(entry->second, file.path().string());
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const models::Network& network,
                      const NamedTensors& extra, const CheckpointMetadata& metadata) {
  NamedTensors tensors = collect_tensors(network);
  tensors.insert(extra.begin(), extra.end());
  std::vector<data::NamedTensor> views;
  for (auto& [name, tensor] : tensors) {
    // Views need the bytes of a tensor in order; the map keeps the tensors alive until they are
    // written.
    tensor = tensor.detach().cpu().contiguous();
    views.push_back({name, view(tensor)});
  }
  data::write_safetensors(path, views, {{checkpoint_key, to_json(metadata)}});
}

TrainingCheckpoint read_training_checkpoint(const std::filesystem::path& path,
                                            models::Network& network) {
  const data::SafetensorsFile file = open_checkpoint(path);
  file.verify_content();
  copy_weights(file, network);
  TrainingCheckpoint checkpoint{read_metadata(file), {}, {}};
  for (const auto& name : file.names()) {
    if (belongs_to_optimizer(name)) checkpoint.optimizer.emplace(name, to_torch(file.at(name)));
    if (belongs_to_callbacks(name)) checkpoint.callbacks.emplace(name, to_torch(file.at(name)));
  }
  return checkpoint;
}

LoadedNetwork load_network(const std::filesystem::path& checkpoint) {
  const data::SafetensorsFile file = open_checkpoint(checkpoint);
  file.verify_content();
  LoadedNetwork loaded{nullptr, read_metadata(file)};
  const CheckpointMetadata& metadata = loaded.metadata;
  loaded.network =
      models::build_network(metadata.model, metadata.feature_names, metadata.normalization);
  copy_weights(file, *loaded.network);
  loaded.network->eval();
  return loaded;
}

CheckpointMetadata read_checkpoint_metadata(const std::filesystem::path& checkpoint) {
  return read_metadata(open_checkpoint(checkpoint));
}

}  // namespace stationhit::training
