// A model run by ONNX Runtime. One environment serves the whole process. Not in builds without ONNX
// Runtime.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/inference/model.hpp>
#include <stationhit/inference/session_options.hpp>

namespace stationhit::inference {

class OnnxModel : public Model {
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
  // Takes a file that is parsed already: onnx_file::parse_model of this content.
  OnnxModel(std::string_view content, const std::filesystem::path& path,
            const SessionOptions& options, const onnx_file::ModelFile& file);
  ~OnnxModel() override;
  OnnxModel(OnnxModel&&) noexcept;
  OnnxModel& operator=(OnnxModel&&) noexcept;

  [[nodiscard]] Backend backend() const override { return Backend::onnxruntime; }
  [[nodiscard]] InputNeeds needs() const override;
  using Model::run;
  void run(const ModelInputs& inputs, std::span<float> logits) const override;

  // The float32 outputs with these names, flattened, for files whose graph was given additional
  // outputs. Otherwise as above.
  [[nodiscard]] std::vector<std::vector<float>> run(const ModelInputs& inputs,
                                                    std::span<const std::string> outputs) const;

 private:
  struct Session;

  std::unique_ptr<Session> session_;
};

}  // namespace stationhit::inference
