// The arguments MODEL and INPUT of verbs that take both.
#pragma once

#include <filesystem>
#include <string>

#include <CLI/CLI.hpp>

namespace stationhit::app {

inline constexpr const char* model_meaning =
    "ONNX file, or the name of a model that comes with the program (stationhit models)";

// An option for an exported model: a file, or the name of one that comes with the program. The verb
// calls find_model (model_library.hpp) after all arguments were checked.
CLI::Option* add_model_option(CLI::App& verb, const std::string& name, std::filesystem::path& model,
                              const std::string& meaning);

// Throws UsageError where the file given as model is a ROOT file; `call` shows the right order.
void require_no_ntuple(const std::filesystem::path& model, const std::string& call);

}  // namespace stationhit::app
