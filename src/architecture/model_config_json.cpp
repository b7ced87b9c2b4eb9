#include <nlohmann/json.hpp>

#include <stationhit/architecture/model_config_json.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/settings_json.hpp>

namespace stationhit::architecture {

using nlohmann::json;

std::string to_json(const ModelConfig& config) {
  return core::settings_to_json<json>(config).dump();
}

ModelConfig model_config_from_json(const std::string& text) {
  ModelConfig config;
  try {
    core::settings_from_json(json::parse(text), config, "model");
  } catch (const json::exception& error) {
    throw core::ConfigError("model: expected JSON, " + std::string(error.what()));
  }
  check(config);
  return config;
}

}  // namespace stationhit::architecture
