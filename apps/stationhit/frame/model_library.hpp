// The trained models that come with the program (`stationhit models`): one folder each, named like
// the model, with model.onnx, its checkpoint, its configuration and perhaps model.int8.onnx, which
// is the model "<name>.int8". They lie in share/stationhit/models beside the folder of the program,
// and in the folder of the variable STATIONHIT_MODELS, which comes first.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace stationhit::app {

struct LibraryModel {
  std::string name;
  std::filesystem::path file;
};

// In the order of the folders, by name. A name that a folder before has is left out.
[[nodiscard]] std::vector<LibraryModel> library_models();

// The file of a model: `model` itself if it exists or has a folder or an extension in its name,
// else that of the library. Throws DataError naming the models that there are.
[[nodiscard]] std::filesystem::path find_model(const std::filesystem::path& model);

[[nodiscard]] bool is_of_library(const std::filesystem::path& model);

// Where verbs write what they make of a model if nobody says where: the folder of the file, and the
// current folder for models of the library, which stay as they are.
[[nodiscard]] std::filesystem::path folder_of_results(const std::filesystem::path& model);

// Name of such a file: "two_stage" for models of the library, which are all called model.onnx, else
// the name of the file without extension.
[[nodiscard]] std::string result_stem(const std::filesystem::path& model);

}  // namespace stationhit::app
