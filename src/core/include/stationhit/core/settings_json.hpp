// Described configurations as JSON. Json is a type with the interface of nlohmann::json, which
// stays with the modules that include it.
#pragma once

#include <cstdint>
#include <string>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/json_counts.hpp>
#include <stationhit/core/settings.hpp>

namespace stationhit::core {

// A value as JSON; enums by name.
template <class Json, class Value>
[[nodiscard]] Json value_to_json(const Value& value) {
  if constexpr (NamedEnum<Value>) {
    return std::string(name(value));
  } else if constexpr (AutoOrNumber<Value>) {
    return value ? Json(*value) : Json("auto");
  } else if constexpr (SettingList<Value>) {
    Json list = Json::array();
    for (const auto& item : value) list.push_back(value_to_json<Json>(item));
    return list;
  } else {
    return value;
  }
}

// The configuration as an object with an object per section.
template <class Json, Described Config>
[[nodiscard]] Json settings_to_json(const Config& config) {
  Json object = Json::object();
  Config::describe(config,
                   [&](const char* key, const auto& member, const char*, const SettingRule& = {}) {
                     if constexpr (Described<std::remove_cvref_t<decltype(member)>>) {
                       object[key] = settings_to_json<Json>(member);
                     } else {
                       object[key] = value_to_json<Json>(member);
                     }
                   });
  return object;
}

namespace detail {

// Reads one value. Messages name the key path and end with what is expected.
template <class Json>
class JsonValueReader {
 public:
  JsonValueReader(const Json& source, std::string path) : source_(source), path_(std::move(path)) {}

  void read(bool& value) const {
    require(source_.is_boolean(), "true or false");
    value = source_.template get<bool>();
  }
  template <std::integral Integer>
  void read(Integer& value) const {
    require(source_.is_number_integer(), "an integer");
    require(is_whole<Integer>(source_),
            "an integer of " + std::to_string(8 * sizeof(Integer)) + " bits");
    value = source_.template get<Integer>();
  }
  void read(double& value) const {
    require(source_.is_number(), "a number");
    value = source_.template get<double>();
  }
  void read(std::optional<double>& value) const {
    if (source_ == Json("auto")) return value.reset();
    require(source_.is_number(), "auto or a number");
    value = source_.template get<double>();
  }
  void read(std::string& value) const { value = text("a string"); }
  template <NamedEnum Enum>
  void read(Enum& value) const {
    value = named<Enum>("a string");
  }
  template <class T>
  void read(std::vector<T>& values) const {
    require(source_.is_array(), list_noun<T>());
    values.clear();
    for (const Json& item : source_) {
      const JsonValueReader reader(item, path_);
      if constexpr (NamedEnum<T>) {
        values.push_back(reader.template named<T>(list_noun<T>()));
      } else if constexpr (std::same_as<T, std::string>) {
        values.push_back(reader.text(list_noun<T>()));
      } else {
        reader.read(values.emplace_back());
      }
    }
  }

 private:
  void require(bool correct, const std::string& expected) const {
    if (!correct) throw ConfigError(path_ + " is " + source_.dump() + ", expected " + expected);
  }
  template <class T>
  [[nodiscard]] static const char* list_noun() {
    if constexpr (std::is_arithmetic_v<T>) return "a list of numbers";
    return "a list of strings";
  }
  [[nodiscard]] std::string text(const std::string& expected) const {
    require(source_.is_string(), expected);
    return source_.template get<std::string>();
  }
  template <NamedEnum Enum>
  [[nodiscard]] Enum named(const std::string& expected) const {
    const std::string found = text(expected);
    core::require(path_, found, one_of(all_names<Enum>()));
    return *value_of<Enum>(found);
  }

  const Json& source_;
  std::string path_;
};

}  // namespace detail

// Sets what the object has; absent keys keep their value and unknown keys are ignored. Throws
// ConfigError "graph.k is 1.5, expected an integer"; `section` is where the key paths begin.
template <class Json, Described Config>
void settings_from_json(const Json& object, Config& config, const std::string& section) {
  if (!object.is_object())
    throw ConfigError(section + " is " + object.dump() + ", expected an object");
  Config::describe(config,
                   [&](const char* key, auto& member, const char*, const SettingRule& = {}) {
                     const auto found = object.find(key);
                     if (found == object.end()) return;
                     const std::string path = key_path(section, key);
                     if constexpr (Described<std::remove_cvref_t<decltype(member)>>) {
                       settings_from_json(*found, member, path);
                     } else {
                       detail::JsonValueReader<Json>(*found, path).read(member);
                     }
                   });
}

}  // namespace stationhit::core
