#include "key_places.hpp"

#include <stationhit/core/key_path.hpp>
#include <stationhit/core/settings.hpp>

#include "yaml_values.hpp"

namespace stationhit::config {

void KeyPlaces::add_document(const YAML::Node& document) { add_section(document, ""); }

void KeyPlaces::add_section(const YAML::Node& section, const std::string& path) {
  if (!section.IsMap()) return;
  for (const auto& item : section) {
    if (!item.first.IsScalar()) continue;
    const std::string key = core::key_path(path, item.first.Scalar());
    if (item.second.IsMap())
      add_section(item.second, key);
    else
      places_[key] = file_ + ":" + std::to_string(line_of(item.first));
  }
}

void KeyPlaces::add_override(const std::string& argument) {
  const std::string key = argument.substr(0, argument.find('='));
  std::erase_if(places_, [&](const auto& place) {
    return core::below_section(key, place.first).has_value();
  });
  places_[key] = "--set " + argument;
  has_overrides_ = true;
}

std::string KeyPlaces::of(const std::string& key) const {
  for (std::string path = key;;) {
    if (const auto found = places_.find(path); found != places_.end()) return found->second;
    const std::size_t dot = path.rfind('.');
    if (dot == std::string::npos) return whole();
    path.resize(dot);
  }
}

std::string KeyPlaces::whole() const { return has_overrides_ ? file_ + " with --set" : file_; }

}  // namespace stationhit::config
