#include "yaml_values.hpp"

#include <stationhit/core/errors.hpp>

namespace stationhit::config {

using core::ConfigError;

std::string Place::prefix() const {
  return where + (line > 0 ? ":" + std::to_string(line) : "") + ": " + path + ": ";
}

YAML::Node parse_document(std::string_view yaml, const std::string& where) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(yaml));
    if (documents.size() > 1)
      throw ConfigError(where + ": expected one YAML document, found " +
                        std::to_string(documents.size()) + "; remove the lines '---' between them");
    return documents.empty() ? YAML::Node() : documents.front();
  } catch (const YAML::Exception& error) {
    const std::string line = error.mark.is_null() ? "" : ":" + std::to_string(error.mark.line + 1);
    throw ConfigError(where + line + ": not valid YAML: " + error.msg);
  }
}

int line_of(const YAML::Node& node) { return node.Mark().is_null() ? 0 : node.Mark().line + 1; }

std::string found_text(const YAML::Node& node) {
  if (node.IsNull()) return "null";
  if (node.IsSequence()) return "a list";
  if (node.IsMap()) return "a section";
  return "'" + node.Scalar() + "'";
}

bool is_plain(const YAML::Node& node) { return node.IsScalar() && node.Tag() != "!"; }

}  // namespace stationhit::config
