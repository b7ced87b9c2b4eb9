// YAML -> described configurations. Nothing is thrown for a wrong key or value: every error goes
// into a list with its file, line, key path, what is expected, what was found and the nearest key,
// and the reading goes on.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/core/settings.hpp>

#include "error_list.hpp"
#include "yaml_values.hpp"

namespace stationhit::config {

// The keys that a section knows, for messages.
struct KnownKeys {
  std::vector<std::string> keys;      // of the section itself
  std::vector<std::string> paths;     // of the sections below it as well, from its own keys on
  std::vector<std::string> anywhere;  // of the whole file
};

// Root: the whole file, of which Config is a section.
template <core::Described Root, core::Described Config>
[[nodiscard]] KnownKeys known_keys() {
  return {core::keys_of<Config>(), core::all_paths_of<Config>(), core::all_paths_of<Root>()};
}

// "run.yaml:3: seeed: unknown key, did you mean 'seed'?; expected one of ..."; `section` is the
// key path of the section. Without known keys it is a single value.
[[nodiscard]] std::string unknown_key_message(const Place& place, const std::string& section,
                                              const std::string& key, const KnownKeys& known);
[[nodiscard]] std::string not_a_section_message(const Place& place,
                                                const std::vector<std::string>& keys,
                                                const YAML::Node& node);
// step: next_step() of the wrong node.
[[nodiscard]] std::string wrong_value_message(const Place& place, const std::string& expectation,
                                              const YAML::Node& wrong, const std::string& step);

template <core::Described Root, core::Described Config>
void read_section(Config& config, const YAML::Node& node, const Place& place, ErrorList& errors);

// Sets one setting or one section.
template <core::Described Root, class Member>
void read_member(Member& member, const core::SettingRule& rule, const YAML::Node& node,
                 const Place& place, ErrorList& errors) {
  if constexpr (core::Described<Member>) {
    read_section<Root>(member, node, place, errors);
  } else {
    const core::SettingRule complete = core::complete_rule<Member>(rule);
    if (const auto wrong = read_into(member, node, complete))
      errors.add(wrong_value_message(place, expected_text<Member>(rule), *wrong,
                                     next_step<Member>(node, *wrong, complete)));
  }
}

// Sets what the mapping `node` has; keys that it lacks keep their value. `place` is that of the
// section, its path is empty for the whole document.
template <core::Described Root, core::Described Config>
void read_section(Config& config, const YAML::Node& node, const Place& place, ErrorList& errors) {
  Place here = place;
  if (here.path.empty()) here = {place.where, "the file", line_of(node)};
  if (!node.IsMap()) return errors.add(not_a_section_message(here, core::keys_of<Config>(), node));
  std::vector<std::string> seen;
  for (const auto& item : node) {
    if (!item.first.IsScalar()) {
      errors.add(here.prefix() + "expected text as a key, found " + found_text(item.first));
      continue;
    }
    const std::string key = item.first.Scalar();
    const Place at{place.where, core::key_path(place.path, key), line_of(item.first)};
    if (std::ranges::find(seen, key) != seen.end()) {
      errors.add(at.prefix() + "this key is there twice");
      continue;
    }
    seen.push_back(key);
    const bool known =
        core::visit_key(config, key, [&](auto& member, const core::SettingRule& rule) {
          read_member<Root>(member, rule, item.second, at, errors);
        });
    if (!known) errors.add(unknown_key_message(at, place.path, key, known_keys<Root, Config>()));
  }
}

// Applies `value` to the setting that `path` names below `section`, the section of `config`.
// `place` names the whole override.
template <core::Described Root, core::Described Config>
void set_by_path(Config& config, const std::string& section, std::string_view path,
                 std::string_view value, const Place& place, ErrorList& errors) {
  const std::size_t end = path.find('.');
  const std::string key(path.substr(0, end));
  const std::string inner = core::key_path(section, key);
  const auto visit = [&](auto& member, const core::SettingRule& rule) {
    using Member = std::remove_reference_t<decltype(member)>;
    if (end == std::string_view::npos) {
      read_member<Root>(member, rule, parse_document(value, place.where), place, errors);
    } else if constexpr (core::Described<Member>) {
      set_by_path<Root>(member, inner, path.substr(end + 1), value, place, errors);
    } else {
      errors.add(unknown_key_message(place, inner, std::string(path.substr(end + 1)),
                                     {{}, {}, core::all_paths_of<Root>()}));
    }
  };
  if (!core::visit_key(config, key, visit))
    errors.add(unknown_key_message(place, section, key, known_keys<Root, Config>()));
}

// Applies one "key.path=value" of the command line.
template <core::Described Config>
void apply_override(Config& config, const std::string& argument, ErrorList& errors) {
  const std::string where = "--set " + argument;
  const auto equals = argument.find('=');
  if (equals == std::string::npos || equals == 0)
    return errors.add(where + ": expected key.path=value, for example training.epochs=5");
  const std::string path = argument.substr(0, equals);
  errors.collect("", [&] {
    set_by_path<Config>(config, "", path, std::string_view(argument).substr(equals + 1),
                        Place{where, path, 0}, errors);
  });
}

}  // namespace stationhit::config
