// YAML <-> the plain config structs of the modules. Strict: an unknown key, a key twice, a wrong
// type or a value out of range is a ConfigError naming file, line, key path, what was expected,
// what was found and the nearest known key. C is simulation::SimulationConfig, data::PrepareConfig
// or config::RunConfig.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <stationhit/config/run_config.hpp>
#include <stationhit/data/prepare_config.hpp>
#include <stationhit/features/normalization.hpp>
#include <stationhit/simulation/simulation_config.hpp>

namespace stationhit::config {

// Defaults < file < overrides ("key.path=value", the value is read as YAML). An empty path means no
// file.
template <class C>
[[nodiscard]] C load(const std::filesystem::path& path, std::span<const std::string> overrides);

// The same from text; `where` stands for the file in messages.
template <class C>
[[nodiscard]] C parse_text(std::string_view yaml, const std::string& where,
                           std::span<const std::string> overrides = {});

// The resolved config as YAML with every key; parse_text(dump(c)) gives c again.
template <class C>
[[nodiscard]] std::string dump(const C& config);

// 16 hexadecimal digits that change with any setting of dump(config).
[[nodiscard]] std::string config_hash(const RunConfig& config);

// For keys that only some verbs need: returns `value`, or throws ConfigError naming key and file if
// it is empty.
const std::string& require(const std::string& value, std::string_view key,
                           const std::filesystem::path& file);

// The documentation page of all parameters (docs/parameters.md).
[[nodiscard]] std::string parameters_markdown();

// What a YAML file is, by its keys.
enum class FileKind { simulation, preparation, run, statistics, unknown };
[[nodiscard]] FileKind recognize(const std::filesystem::path& path);

// Statistics of the features (verb stats). load throws ConfigError for a damaged file, DataError
// for an unreadable one.
[[nodiscard]] features::NormalizationStats load_normalization_stats(
    const std::filesystem::path& path);
void save_normalization_stats(const std::filesystem::path& path,
                              const features::NormalizationStats& stats);

}  // namespace stationhit::config
