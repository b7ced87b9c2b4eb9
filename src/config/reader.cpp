#include "reader.hpp"

#include <stationhit/core/text.hpp>

namespace stationhit::config {
namespace {

std::string leaf_of(const std::string& path) { return path.substr(path.rfind('.') + 1); }

// The known key that was probably meant: the nearest of the section, else (misplaced keys) one of
// the same or nearly the same name below it.
std::string nearest_path(const std::string& key, const KnownKeys& known) {
  const std::string sibling = core::nearest(key, known.keys);
  if (!sibling.empty()) return sibling;
  std::vector<std::string> leaves;
  for (const std::string& path : known.paths) leaves.push_back(leaf_of(path));
  const std::string leaf = core::nearest(key, leaves);
  if (leaf.empty()) return "";
  return known.paths[static_cast<std::size_t>(std::ranges::find(leaves, leaf) - leaves.begin())];
}

}  // namespace

std::string unknown_key_message(const Place& place, const std::string& section,
                                const std::string& key, const KnownKeys& known) {
  const std::string guess = nearest_path(key, known);
  return place.prefix() + "unknown key" +
         (guess.empty() ? "" : ", did you mean '" + core::key_path(section, guess) + "'?") +
         "; expected one of " + core::join(known.keys);
}

std::string not_a_section_message(const Place& place, const KnownKeys& known,
                                  const YAML::Node& node) {
  return place.prefix() + "expected 'key: value' lines with keys " + core::join(known.keys) +
         ", found " + found_text(node);
}

std::string wrong_value_message(const Place& place, const std::string& expectation,
                                const core::SettingRule& rule, const YAML::Node& node) {
  const std::string hint = node.IsScalar() ? core::suggestion(rule, node.Scalar()) : "";
  return place.prefix() + "expected " + expectation + ", found " + found_text(node) + hint;
}

}  // namespace stationhit::config
