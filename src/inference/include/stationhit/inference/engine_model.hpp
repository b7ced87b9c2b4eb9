// A model run by the engine of this library (module engine).
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/features/inputs.hpp>
#include <stationhit/inference/model.hpp>

namespace stationhit::inference {

class EngineModel : public Model {
 public:
  // content: of the file `path`. Throws DataError like OnnxModel for a file that cannot be read or
  // does not fulfill the contract, and for one that the engine cannot run (see engine_obstacle).
  EngineModel(std::string_view content, const std::filesystem::path& path,
              Precision precision = Precision::float32);
  // Takes a file that is parsed already: onnx_file::parse_model of this content.
  EngineModel(std::string_view content, const std::filesystem::path& path,
              const onnx_file::ModelFile& file, Precision precision = Precision::float32);
  ~EngineModel() override;
  EngineModel(EngineModel&&) noexcept;
  EngineModel& operator=(EngineModel&&) noexcept;

  [[nodiscard]] Backend backend() const override { return Backend::engine; }
  [[nodiscard]] Precision precision() const override;
  [[nodiscard]] InputNeeds needs() const override;
  using Model::run;
  void run(const ModelInputs& inputs, std::span<float> logits) const override;
  // As run() on one event whose features and graph are those of the model. [n_nodes]
  [[nodiscard]] std::vector<float> node_logits(const features::EventInputs& event) const;
  [[nodiscard]] std::vector<NetworkStep> steps() const override;
  [[nodiscard]] std::vector<float> run_timed(const ModelInputs& inputs,
                                             std::span<double> ms) const override;
  [[nodiscard]] std::optional<ModelMemory> memory() const override;

 private:
  struct Program;

  std::unique_ptr<Program> program_;
};

// Why the engine cannot run this file, as half a sentence; empty if it can: the file has no
// description of its network (it was made by another program or an older version), is not as it was
// written, or has int8 layers that the engine cannot tell apart.
[[nodiscard]] std::string engine_obstacle(const onnx_file::ModelFile& file,
                                          const onnx_file::ModelMetadata& metadata);

}  // namespace stationhit::inference
