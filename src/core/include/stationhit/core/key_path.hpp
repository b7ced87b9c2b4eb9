// Keys of settings as paths: "model.encoding.base" is in the section "model.encoding".
#pragma once

#include <optional>
#include <string_view>

namespace stationhit::core {

// The rest of the path where the key is below the section: "base" of "model.encoding.base" in
// "model.encoding".
[[nodiscard]] constexpr std::optional<std::string_view> below_section(std::string_view section,
                                                                      std::string_view key) {
  if (!key.starts_with(section)) return std::nullopt;
  const std::string_view rest = key.substr(section.size());
  if (!rest.starts_with('.')) return std::nullopt;
  return rest.substr(1);
}

// Whether the key is the section itself or below it.
[[nodiscard]] constexpr bool is_in_section(std::string_view section, std::string_view key) {
  return key == section || below_section(section, key).has_value();
}

}  // namespace stationhit::core
