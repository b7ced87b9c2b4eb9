#include "reader.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>

namespace stationhit::config {
namespace {

using core::ConfigError;

// Where a value stands, for messages.
struct Place {
  std::string where;  // file, or the --set argument
  std::string path;   // key path
  int line = 0;       // 0: unknown

  [[nodiscard]] std::string prefix() const {
    return where + (line > 0 ? ":" + std::to_string(line) : "") + ": ";
  }
};

int line_of(const YAML::Node& node) { return node.Mark().is_null() ? 0 : node.Mark().line + 1; }

std::string found_text(const YAML::Node& node) {
  if (node.IsNull()) return "null";
  if (node.IsSequence()) return "a list";
  if (node.IsMap()) return "a section";
  return "'" + node.Scalar() + "'";
}

[[noreturn]] void reject(const Place& place, const Field& field, const YAML::Node& node) {
  const std::string hint = node.IsScalar() ? core::suggestion(field.rule, node.Scalar()) : "";
  throw ConfigError(place.prefix() + place.path + ": expected " + expectation(field) + ", found " +
                    found_text(node) + hint);
}

void check_is_map(const Place& place, const Field& section, const YAML::Node& node) {
  if (node.IsMap()) return;
  throw ConfigError(place.prefix() + place.path + ": expected 'key: value' lines with keys " +
                    core::join(keys_of(section)) + ", found " + found_text(node));
}

// A plain scalar that is a whole number or decimal of type T; quoted scalars are text.
template <class T>
std::optional<T> number(const YAML::Node& node) {
  if (!node.IsScalar() || node.Tag() == "!") return std::nullopt;
  std::string_view text = node.Scalar();
  if (text.starts_with('+')) text.remove_prefix(1);
  T value{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

class ValueReader {
 public:
  ValueReader(const Field& field, const YAML::Node& node, const Place& place)
      : field_(field), node_(node), place_(place) {}

  void operator()(std::monostate) const {
    check_is_map(place_, field_, node_);
    read_section(field_, node_, place_.where, place_.path);
  }

  void operator()(bool* target) const {
    const bool plain = node_.IsScalar() && node_.Tag() != "!";
    if (!plain || (node_.Scalar() != "true" && node_.Scalar() != "false"))
      reject(place_, field_, node_);
    *target = node_.Scalar() == "true";
  }

  template <class Number>
  requires std::is_arithmetic_v<Number>
  void operator()(Number* target) const { *target = ranged<Number>(node_); }

  void operator()(std::string* target) const {
    if (node_.IsNull() && field_.rule.null_is_empty) {
      target->clear();
    } else {
      *target = text(node_);
    }
  }

  void operator()(const Choice& choice) const { choice.set(text(node_)); }

  void operator()(std::vector<std::string>* target) const {
    read_list(*target, [this](const YAML::Node& item) { return text(item); });
  }
  void operator()(std::vector<std::int32_t>* target) const {
    read_list(*target, [this](const YAML::Node& item) { return ranged<std::int32_t>(item); });
  }

 private:
  template <class Number>
  [[nodiscard]] Number ranged(const YAML::Node& node) const {
    const auto value = number<Number>(node);
    if (!value || !core::permits(field_.rule, static_cast<double>(*value)))
      reject(place_, field_, node);
    return *value;
  }

  [[nodiscard]] std::string text(const YAML::Node& node) const {
    if (!node.IsScalar() || !core::permits(field_.rule, node.Scalar()))
      reject(place_, field_, node);
    return node.Scalar();
  }

  template <class T, class Read>
  void read_list(std::vector<T>& target, Read read) const {
    if (!node_.IsSequence()) reject(place_, field_, node_);
    std::vector<T> values;
    for (const YAML::Node& item : node_) values.push_back(read(item));
    target = std::move(values);
  }

  const Field& field_;
  const YAML::Node& node_;
  const Place& place_;
};

void collect_paths(const Field& section, const std::string& prefix,
                   std::vector<std::string>& leaves, std::vector<std::string>& paths) {
  for (const Field& child : section.children) {
    leaves.push_back(child.key);
    paths.push_back(prefix + child.key);
    collect_paths(child, prefix + child.key + ".", leaves, paths);
  }
}

// The known key that was probably meant: the nearest of the section, else (misplaced keys) one of
// the same or nearly the same name below it.
std::string nearest_key(const Field& section, const std::string& prefix, const std::string& key) {
  const std::string sibling = core::nearest(key, keys_of(section));
  if (!sibling.empty()) return prefix + sibling;
  std::vector<std::string> leaves, paths;
  collect_paths(section, prefix, leaves, paths);
  const std::string leaf = core::nearest(key, leaves);
  if (leaf.empty()) return "";
  return paths[static_cast<std::size_t>(std::find(leaves.begin(), leaves.end(), leaf) -
                                        leaves.begin())];
}

const Field& find_key(const Field& section, const std::string& prefix, const std::string& key,
                      const Place& place) {
  for (const Field& child : section.children) {
    if (child.key == key) return child;
  }
  const std::string guess = nearest_key(section, prefix, key);
  throw ConfigError(place.prefix() + place.path + ": unknown key" +
                    (guess.empty() ? "" : ", did you mean '" + guess + "'?") +
                    "; expected one of " + core::join(keys_of(section)));
}

void check_all_present(const Field& section, const std::vector<std::string>& seen,
                       const Place& place) {
  for (const Field& child : section.children) {
    if (std::find(seen.begin(), seen.end(), child.key) == seen.end())
      throw ConfigError(place.prefix() + "key " + child.key + " is missing, expected " +
                        expectation(child));
  }
}

}  // namespace

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

void read_section(const Field& section, const YAML::Node& node, const std::string& where,
                  const std::string& prefix, bool all_required) {
  const Place here{where, prefix.empty() ? "the file" : prefix, line_of(node)};
  check_is_map(here, section, node);
  const std::string path_start = prefix.empty() ? "" : prefix + ".";
  std::vector<std::string> seen;
  for (const auto& item : node) {
    if (!item.first.IsScalar())
      throw ConfigError(here.prefix() + here.path + ": expected text as a key, found " +
                        found_text(item.first));
    const std::string key = item.first.Scalar();
    const Place place{where, path_start + key, line_of(item.first)};
    const Field& field = find_key(section, path_start, key, place);
    if (std::find(seen.begin(), seen.end(), key) != seen.end())
      throw ConfigError(place.prefix() + place.path + ": this key is there twice");
    seen.push_back(key);
    std::visit(ValueReader(field, item.second, place), field.target);
  }
  if (all_required) check_all_present(section, seen, here);
}

void apply_override(const Field& root, const std::string& argument) {
  const std::string where = "--set " + argument;
  const auto equals = argument.find('=');
  if (equals == std::string::npos || equals == 0)
    throw ConfigError(where + ": expected key.path=value, for example training.epochs=5");
  const std::string path = argument.substr(0, equals);
  const Field* field = &root;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string key = path.substr(begin, end - begin);
    field = &find_key(*field, path.substr(0, begin), key, {where, path, 0});
    begin = end + 1;
  }
  const YAML::Node value = parse_document(std::string_view(argument).substr(equals + 1), where);
  std::visit(ValueReader(*field, value, Place{where, path, 0}), field->target);
}

}  // namespace stationhit::config
