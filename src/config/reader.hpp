// YAML -> the members that a description refers to.
#pragma once

#include <string>
#include <string_view>

#include <yaml-cpp/yaml.h>

#include "field.hpp"

namespace stationhit::config {

// The only document of `yaml`; null for an empty text. Throws ConfigError naming `where` and the
// line.
[[nodiscard]] YAML::Node parse_document(std::string_view yaml, const std::string& where);

// Sets what the mapping `node` has. Keys that it lacks keep their value, or are an error with
// all_required. `prefix`: key path of `section`.
void read_section(const Field& section, const YAML::Node& node, const std::string& where,
                  const std::string& prefix = "", bool all_required = false);

// Applies one "key.path=value" of the command line.
void apply_override(const Field& root, const std::string& argument);

}  // namespace stationhit::config
