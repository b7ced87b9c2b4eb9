// The engine as a library of C functions, which Python programs call beside their peers
// (bench/peers/engine.py): the same process, thread and inputs, no program in between.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <memory>
#include <span>

#include <stationhit/inference/engine_model.hpp>

using stationhit::inference::EngineModel;
using stationhit::inference::ModelInputs;
using stationhit::inference::Precision;

namespace {

// Runs work(); what it throws goes into `error` [size].
template <class Work>
bool succeeds(const Work& work, char* error, std::size_t size) {
  try {
    work();
    return true;
  } catch (const std::exception& exception) {
    const std::size_t length = std::min(size - 1, std::strlen(exception.what()));
    std::copy_n(exception.what(), length, error);
    error[length] = '\0';
    return false;
  }
}

struct OpenModel {
  OpenModel(const char* path, Precision precision)
      : model(stationhit::onnx_file::read_model_bytes(path), path, precision) {}

  EngineModel model;
  ModelInputs inputs;
};

}  // namespace

extern "C" {

// Null where the file cannot be run; `error` then says why.
void* engine_open(const char* path, bool in_bfloat16, char* error, std::size_t size) {
  const Precision precision = in_bfloat16 ? Precision::bfloat16 : Precision::float32;
  std::unique_ptr<OpenModel> opened;
  return succeeds([&] { opened = std::make_unique<OpenModel>(path, precision); }, error, size)
             ? opened.release()
             : nullptr;
}

void engine_close(void* model) { delete static_cast<OpenModel*>(model); }

// One event: features [n, F of the model], neighbors [n, k] (k = 0: none), offsets [groups + 1].
void engine_set_event(void* model, std::size_t n, const float* features, std::int32_t k,
                      const std::int32_t* neighbors, std::size_t groups,
                      const std::int64_t* offsets) {
  auto& [engine, inputs] = *static_cast<OpenModel*>(model);
  inputs = {};
  inputs.n_nodes = n;
  inputs.k = k;
  inputs.features.assign(features, features + n * engine.metadata().feature_names.size());
  inputs.neighbors.assign(neighbors, neighbors + n * static_cast<std::size_t>(k));
  inputs.offsets.assign(offsets, offsets + groups + 1);
  inputs.event_of_node.assign(n, 0);
}

// logits: [n] of the event. False where it fails; `error` then says why.
bool engine_run(const void* model, float* logits, char* error, std::size_t size) {
  const auto& opened = *static_cast<const OpenModel*>(model);
  const std::span<float> of_nodes(logits, opened.inputs.n_nodes);
  return succeeds([&] { opened.model.run(opened.inputs, of_nodes); }, error, size);
}

}  // extern "C"
