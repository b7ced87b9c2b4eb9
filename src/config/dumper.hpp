// Described configurations as YAML text and as a documentation table.
#pragma once

#include <string>

#include <yaml-cpp/yaml.h>

#include <stationhit/core/settings.hpp>

#include "yaml_values.hpp"

namespace stationhit::config {

// Puts one value into the output.
template <class Value>
void emit_value(YAML::Emitter& out, const Value& value, const core::SettingRule& rule) {
  if constexpr (std::same_as<Value, std::string>) {
    if (value.empty() && rule.or_null) {
      out << YAML::Null;
    } else {
      out << value;
    }
  } else if constexpr (core::SettingList<Value>) {
    out << YAML::Flow << YAML::BeginSeq;
    for (const auto& item : value) emit_value(out, item, rule);
    out << YAML::EndSeq;
  } else {
    out << core::value_text(value);
  }
}

template <core::Described Config>
void emit_section(YAML::Emitter& out, const Config& config) {
  out << YAML::BeginMap;
  Config::describe(config, [&](const char* key, const auto& member, const char*,
                               const core::SettingRule& rule = {}) {
    out << YAML::Key << key << YAML::Value;
    if constexpr (core::Described<std::remove_cvref_t<decltype(member)>>) {
      emit_section(out, member);
    } else {
      emit_value(out, member, rule);
    }
  });
  out << YAML::EndMap;
}

// Every key with its present value.
template <core::Described Config>
[[nodiscard]] std::string to_yaml(const Config& config) {
  YAML::Emitter out;
  out.SetNullFormat(YAML::LowerNull);
  emit_section(out, config);
  return std::string(out.c_str()) + "\n";
}

// A value on one line, as YAML.
template <class Value>
[[nodiscard]] std::string yaml_value(const Value& value, const core::SettingRule& rule) {
  YAML::Emitter out;
  out.SetNullFormat(YAML::LowerNull);
  emit_value(out, value, rule);
  std::string text = out.c_str();
  for (char& c : text) {
    if (c == '\n') c = ' ';
  }
  return text;
}

// With \| for |, as cells of tables need it.
[[nodiscard]] std::string markdown_escaped(std::string text);

// A row "| key path | type and range | value | meaning |".
[[nodiscard]] std::string markdown_row(const std::string& path, const std::string& expectation,
                                       const std::string& value, const std::string& meaning);
[[nodiscard]] std::string markdown_section_row(const std::string& path, const std::string& meaning);

// A row for every key.
template <core::Described Config>
[[nodiscard]] std::string to_markdown_rows(const Config& config, const std::string& section = "") {
  std::string rows;
  Config::describe(config, [&](const char* key, const auto& member, const char* meaning,
                               const core::SettingRule& rule = {}) {
    using Member = std::remove_cvref_t<decltype(member)>;
    const std::string path = core::key_path(section, key);
    if constexpr (core::Described<Member>) {
      rows += markdown_section_row(path, meaning) + to_markdown_rows(member, path);
    } else {
      rows += markdown_row(path, expected_text<Member>(rule), yaml_value(member, rule), meaning);
    }
  });
  return rows;
}

}  // namespace stationhit::config
