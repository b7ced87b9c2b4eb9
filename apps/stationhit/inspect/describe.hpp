// What the files of this program contain, as text for people. Each throws DataError naming the file if it is damaged.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace stationhit::app {

[[nodiscard]] std::string describe_yaml(const std::filesystem::path& path);      // configuration or statistics
[[nodiscard]] std::string describe_prepared(const std::filesystem::path& path);  // folder with a manifest.json
[[nodiscard]] std::string describe_safetensors(const std::filesystem::path& path);
[[nodiscard]] std::string describe_onnx(const std::filesystem::path& path);
[[nodiscard]] std::string describe_root(const std::filesystem::path& path);

// "12.3 kB"
[[nodiscard]] std::string bytes_text(std::uint64_t bytes);

}  // namespace stationhit::app
