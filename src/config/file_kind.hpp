// Which verb a YAML document is for, by its keys.
#pragma once

#include <string>

#include <yaml-cpp/yaml.h>

#include <stationhit/config/load.hpp>

namespace stationhit::config {

[[nodiscard]] FileKind kind_of(const YAML::Node& document);

// Throws ConfigError naming both kinds where a configuration of kind `wanted` is read from a
// document of another kind.
void require_kind(const YAML::Node& document, FileKind wanted, const std::string& where);

}  // namespace stationhit::config
