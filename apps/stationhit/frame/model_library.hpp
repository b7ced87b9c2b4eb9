// The trained models that come with the program (`stationhit models`): those of
// share/stationhit/models beside the folder of the program (onnx_file/model_library.hpp).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <stationhit/onnx_file/model_library.hpp>

namespace stationhit::app {

using onnx_file::LibraryModel;

// As those of onnx_file::ModelLibrary.
[[nodiscard]] std::vector<LibraryModel> library_models();
[[nodiscard]] std::filesystem::path find_model(const std::filesystem::path& model);

[[nodiscard]] bool is_of_library(const std::filesystem::path& model);

// Where verbs write what they make of a model if nobody says where: the folder of the file, and the
// current folder for models of the library, which stay as they are.
[[nodiscard]] std::filesystem::path folder_of_results(const std::filesystem::path& model);

// Name of such a file: "two_stage" for models of the library, which are all called model.onnx, else
// the name of the file without extension.
[[nodiscard]] std::string result_stem(const std::filesystem::path& model);

}  // namespace stationhit::app
