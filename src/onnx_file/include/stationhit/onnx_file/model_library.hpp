// Trained models that are used by name: one folder each, named like the model, with model.onnx, its
// checkpoint and perhaps model.int8.onnx, which is the model "<name>.int8". Folders of models lie
// beside the program or the Python package, and in the variable STATIONHIT_MODELS, which comes
// first.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stationhit::onnx_file {

struct LibraryModel {
  std::string name;
  std::filesystem::path file;
};

class ModelLibrary {
 public:
  // Reads the folder of the variable STATIONHIT_MODELS and then `own`, that of the program, where
  // it has one. owner: "this program", in messages.
  ModelLibrary(const std::optional<std::filesystem::path>& own, std::string owner);

  // In the order of the folders, by name. A name that a folder before has is left out.
  [[nodiscard]] const std::vector<LibraryModel>& models() const { return models_; }

  // The file of a model: `model` itself if it exists or has a folder or an extension in its name,
  // else that of the library. Throws DataError naming the models that there are.
  [[nodiscard]] std::filesystem::path find(const std::filesystem::path& model) const;

  // Of a file of the library.
  [[nodiscard]] std::optional<std::string> name_of(const std::filesystem::path& file) const;

 private:
  std::vector<LibraryModel> models_;
  std::string owner_;
};

}  // namespace stationhit::onnx_file
