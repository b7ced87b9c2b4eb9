// Where the settings of a configuration stand, for the messages of checks that know keys only.
#pragma once

#include <map>
#include <string>

#include <yaml-cpp/yaml.h>

namespace stationhit::config {

class KeyPlaces {
 public:
  // file: what stands for it in messages
  explicit KeyPlaces(std::string file) : file_(std::move(file)) {}

  // What the file has; a document that is no mapping has nothing.
  void add_document(const YAML::Node& document);
  // One "key.path=value" of the command line, which counts more than the file.
  void add_override(const std::string& argument);

  // "run.yaml:12" or "--set features=[localX]"; whole() for a setting that nothing gives.
  [[nodiscard]] std::string of(const std::string& key) const;
  // "run.yaml", or "run.yaml with --set" where overrides were given.
  [[nodiscard]] std::string whole() const;

 private:
  void add_section(const YAML::Node& section, const std::string& path);

  std::string file_;
  bool has_overrides_ = false;
  std::map<std::string, std::string> places_;  // by key path, of single settings and of overrides
};

}  // namespace stationhit::config
