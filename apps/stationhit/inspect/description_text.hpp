// What the files of this program contain, as text for people.
#pragma once

#include <filesystem>
#include <string>

#include <stationhit/workflow/describe_file.hpp>

namespace stationhit::app {

[[nodiscard]] std::string description_text(const workflow::FileDescription& description);

// The parts of it that are not about prepared data.
[[nodiscard]] std::string file_text(const workflow::TensorFile& file);
[[nodiscard]] std::string file_text(const onnx_file::ModelFile& model);
[[nodiscard]] std::string file_text(const core::RootFileDescription& file);

// The codes of technologies and stations (core/technology.hpp), one line each.
[[nodiscard]] std::string codes_text();

// Layers, parameters and work of the network of a run configuration.
[[nodiscard]] std::string describe_network(const config::RunConfig& run);

// Draws them as SVG and says so. Throws ConfigError for a file that is no run configuration.
[[nodiscard]] std::string draw_network(const std::filesystem::path& config_file,
                                       const std::filesystem::path& svg);

}  // namespace stationhit::app
