#include "yaml_values.hpp"

#include <algorithm>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/text_encoding.hpp>

#include "yaml_guard.hpp"

namespace stationhit::config {

using core::ConfigError;

namespace {

// "[0, 2]"; what is no single value is left empty.
std::string list_text(const YAML::Node& node) {
  std::vector<std::string> items;
  for (const YAML::Node& item : node) items.push_back(item.IsScalar() ? item.Scalar() : "");
  return "[" + core::join(items) + "]";
}

}  // namespace

std::string Place::prefix() const {
  return where + (line > 0 ? ":" + std::to_string(line) : "") + ": " + path + ": ";
}

YAML::Node parse_document(std::string_view yaml, const std::string& where) {
  try {
    guard_yaml(yaml, where);
    return YAML::Load(std::string(yaml));
  } catch (const YAML::Exception& error) {
    const int line = error.mark.is_null() ? 0 : error.mark.line + 1;
    throw ConfigError(where + (line > 0 ? ":" + std::to_string(line) : "") + ": " +
                      syntax_error_text(yaml, line, error.msg));
  }
}

int line_of(const YAML::Node& node) { return node.Mark().is_null() ? 0 : node.Mark().line + 1; }

std::string found_text(const YAML::Node& node) {
  if (node.IsNull()) return "null";
  if (node.IsSequence()) {
    constexpr std::size_t most_shown = 8;
    const bool is_short = node.size() <= most_shown &&
                          std::all_of(node.begin(), node.end(),
                                      [](const YAML::Node& item) { return item.IsScalar(); });
    return is_short ? "the list " + core::printable_line(list_text(node)) : "a list";
  }
  if (node.IsMap()) return "a section";
  return "'" + core::printable_line(node.Scalar()) + "'";
}

std::optional<Devices> read_devices(const YAML::Node& node) {
  std::string text = devices_text(node);
  return parse_devices(text) ? std::optional(Devices(std::move(text))) : std::nullopt;
}

std::string devices_text(const YAML::Node& node) {
  if (node.IsSequence()) return list_text(node);
  return node.IsScalar() ? node.Scalar() : "";
}

bool is_plain(const YAML::Node& node) { return node.IsScalar() && node.Tag() != "!"; }

std::optional<bool> read_boolean(const YAML::Node& node) {
  if (!is_plain(node)) return std::nullopt;
  const std::string& text = node.Scalar();
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

}  // namespace stationhit::config
