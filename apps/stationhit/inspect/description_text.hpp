// What the files of this program contain, as text for people. Each throws DataError naming the file
// if it is damaged.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <stationhit/config/run_config.hpp>

namespace stationhit::app {

[[nodiscard]] std::string describe_yaml(
    const std::filesystem::path& path);  // configuration or statistics
[[nodiscard]] std::string describe_prepared(
    const std::filesystem::path& path);  // folder with a manifest.json
[[nodiscard]] std::string describe_safetensors(const std::filesystem::path& path);
[[nodiscard]] std::string describe_onnx(const std::filesystem::path& path);
[[nodiscard]] std::string describe_root(const std::filesystem::path& path);

// Layers, parameters and work of the network of a run configuration.
[[nodiscard]] std::string describe_network(const config::RunConfig& run);

// Draws them as SVG and says so. Throws ConfigError for a file that is no run configuration.
[[nodiscard]] std::string draw_network(const std::filesystem::path& config_file,
                                       const std::filesystem::path& svg);

// Draws the event with this number, else the first one with a muon (else the first), of a ROOT
// ntuple or a prepared split into `folder` and says so. Throws DataError naming the input:
// unreadable, no such event.
[[nodiscard]] std::string draw_event(const std::filesystem::path& input,
                                     std::optional<std::uint64_t> event_number,
                                     const std::filesystem::path& folder);

// "12.3 kB"
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);

}  // namespace stationhit::app
