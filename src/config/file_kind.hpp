// Which verb a YAML document is for, by its keys.
#pragma once

#include <filesystem>
#include <string>

#include <yaml-cpp/yaml.h>

#include <stationhit/config/load.hpp>

namespace stationhit::config {

[[nodiscard]] FileKind kind_of(const YAML::Node& document);

// The text of a configuration file. Throws ConfigError naming it: unreadable, or a file of another
// kind such as a ROOT file.
[[nodiscard]] std::string read_config_file(const std::filesystem::path& path);

// Throws ConfigError naming both kinds where a configuration of kind `wanted` is read from a
// document of another kind.
void require_kind(const YAML::Node& document, FileKind wanted, const std::string& where);

}  // namespace stationhit::config
