// Paths of a configuration.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include <stationhit/core/settings.hpp>

#include "error_list.hpp"

namespace stationhit::config {

// Replaces the `~` of `~/...` by the home directory, as a shell does for its arguments. What else a
// shell would replace (`~name`, `${NAME}`) becomes an error naming `where` and the key, because it
// would make a folder of that name.
void expand_path(const std::string& key, std::string& path, const std::string& where,
                 ErrorList& errors);

// The same for every setting whose rule says that it is a path.
template <core::Described Config>
void expand_paths(Config& config, const std::string& where, ErrorList& errors) {
  core::visit_settings(
      config, "",
      [&](const std::string& key, auto& value, const char*, const core::SettingRule& rule) {
        using Value = std::remove_reference_t<decltype(value)>;
        if (!rule.is_path) return;
        if constexpr (std::is_same_v<Value, std::string>) expand_path(key, value, where, errors);
        if constexpr (std::is_same_v<Value, std::vector<std::string>>)
          for (std::string& path : value) expand_path(key, path, where, errors);
      });
}

}  // namespace stationhit::config
