// Values are text, with JSON where they have structure. The number of keys is written first: the
// metadata are at the end of the file, so a truncated file has fewer keys than it claims. Every
// parse error is reported with key and value.
#include <algorithm>
#include <cmath>
#include <optional>

#include <nlohmann/json.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/core/numbers.hpp>
#include <stationhit/core/setting_rule.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>

namespace stationhit::onnx_file {
namespace {

using nlohmann::json;

constexpr const char* format_key = "format_version";
constexpr const char* version_key = "stationhit_version";

class PropertyReader {
 public:
  PropertyReader(const std::map<std::string, std::string>& values, const std::string& where)
      : values_(values), where_(where) {}

  [[nodiscard]] std::string text(const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? std::string() : found->second;
  }

  [[nodiscard]] const std::string& required(const std::string& key,
                                            const std::string& meaning) const {
    const auto found = values_.find(key);
    if (found == values_.end()) {
      throw core::DataError(
          where_ + ": the metadata lack the key \"" + key + "\" (" + meaning +
          "); export the model with stationhit export, or add the key to the file");
    }
    return found->second;
  }

  // Reads the value with `read`, which gives nothing or throws for a wrong one; the message then
  // names key and value.
  template <class Read>
  auto parsed(const std::string& key, const std::string& value, const std::string& expected,
              Read&& read) const {
    core::require_json_depth(value, where_ + ": the metadata key \"" + key + "\"");
    try {
      if (auto result = read(value)) return *std::move(result);
    } catch (const json::exception&) {
    }
    throw core::DataError(where_ + ": the metadata key \"" + key + "\" should hold " + expected +
                          ", not \"" + value.substr(0, 200) + "\"; export the model again");
  }

  [[nodiscard]] int integer(const std::string& key) const {
    return parsed(key, text(key), "a whole number",
                  [](const std::string& value) { return core::parse_number<int>(value); });
  }

 private:
  const std::map<std::string, std::string>& values_;
  const std::string& where_;
};

std::optional<std::vector<std::string>> parse_names(const std::string& text) {
  auto names = json::parse(text).get<std::vector<std::string>>();
  return names.empty() ? std::nullopt : std::optional(std::move(names));
}

// Every comparison with NaN is false: such a threshold would keep nothing, without a message.
std::optional<std::map<std::string, float>> parse_thresholds(const std::string& text) {
  auto thresholds = json::parse(text).get<std::map<std::string, float>>();
  const bool correct = std::ranges::all_of(thresholds, [](const auto& threshold) {
    return core::parse_number<double>(threshold.first) && std::isfinite(threshold.second);
  });
  return correct ? std::optional(std::move(thresholds)) : std::nullopt;
}

std::optional<double> parse_weight(const std::string& text) {
  const auto weight = core::parse_number<double>(text);
  return weight && core::permits(core::above(0), *weight) ? weight : std::nullopt;
}

void check_format(const PropertyReader& properties, const std::string& where) {
  if (properties.integer(format_key) > metadata_format) {
    throw core::DataError(where + ": metadata key \"" + format_key + "\" is " +
                          properties.text(format_key) + ", this program reads up to " +
                          std::to_string(metadata_format) +
                          "; use the newer stationhit that made the file");
  }
}

}  // namespace

std::vector<std::pair<std::string, std::string>> to_properties(const ModelMetadata& metadata) {
  std::vector<std::pair<std::string, std::string>> properties{
      {property_count, ""},
      {checksum_key, ""},
      {format_key, std::to_string(metadata_format)},
      {version_key, metadata.version},
      {"feature_names", json(metadata.feature_names).dump()},
      {"graph", metadata.graph_json},
      {thresholds_key, thresholds_text(metadata.thresholds)},
      {"pos_weight", core::to_text(metadata.pos_weight)},
      {"architecture", metadata.architecture},
      {"interface", metadata.interface_name},
      {"config_hash", metadata.config_hash},
  };
  if (!metadata.network_json.empty()) properties.emplace_back(network_key, metadata.network_json);
  if (!metadata.quantization_json.empty())
    properties.emplace_back(quantization_key, metadata.quantization_json);
  if (!metadata.card_json.empty()) properties.emplace_back(card_key, metadata.card_json);
  // Known only when all keys are there; the key itself counts too.
  properties.front().second = std::to_string(properties.size());
  return properties;
}

std::string thresholds_text(const std::map<std::string, float>& thresholds) {
  return json(thresholds).dump();
}

void check_property_count(const std::map<std::string, std::string>& properties,
                          const std::string& where) {
  const auto count = properties.find(property_count);
  if (count == properties.end() || count->second == std::to_string(properties.size())) return;
  throw core::DataError(where + ": " + std::to_string(properties.size()) + " metadata keys where " +
                        count->second +
                        " were written: the file is truncated or was edited; copy it again, or "
                        "make it with: stationhit export");
}

ModelMetadata from_properties(const std::map<std::string, std::string>& values,
                              const std::string& where) {
  const PropertyReader properties(values, where);
  check_property_count(values, where);
  if (values.contains(format_key)) check_format(properties, where);
  ModelMetadata metadata;
  const std::string& names =
      properties.required("feature_names", "names of the columns of the input \"features\"");
  metadata.feature_names =
      properties.parsed("feature_names", names, "a JSON array of names", parse_names);
  metadata.graph_json = properties.text("graph");
  metadata.network_json = properties.text(network_key);
  if (values.contains(thresholds_key)) {
    metadata.thresholds =
        properties.parsed(thresholds_key, properties.text(thresholds_key),
                          "a JSON object of finite numbers by working point", parse_thresholds);
  }
  if (values.contains("pos_weight")) {
    metadata.pos_weight = properties.parsed("pos_weight", properties.text("pos_weight"),
                                            "a number > 0", parse_weight);
  }
  metadata.architecture = properties.text("architecture");
  metadata.interface_name = properties.text("interface");
  metadata.version = properties.text(version_key);
  metadata.config_hash = properties.text("config_hash");
  metadata.quantization_json = properties.text(quantization_key);
  metadata.card_json = properties.text(card_key);
  return metadata;
}

namespace {

std::string quantization_text(const ModelMetadata& metadata, const char* key) {
  const auto quantization = nlohmann::json::parse(metadata.quantization_json, nullptr, false);
  const bool stated =
      quantization.is_object() && quantization.contains(key) && quantization[key].is_string();
  return stated ? quantization[key].get<std::string>() : "";
}

}  // namespace

std::string target_cpu(const ModelMetadata& metadata) {
  return quantization_text(metadata, "target_cpu");
}

std::string quantization_method(const ModelMetadata& metadata) {
  return quantization_text(metadata, "method");
}

float threshold(const ModelMetadata& metadata, const std::string& working_point,
                const std::string& where) {
  const auto wanted = core::parse_number<double>(working_point);
  std::vector<std::string> known;
  for (const auto& [point, cut] : metadata.thresholds) {
    // Compared as numbers, so that 0.990 finds 0.99.
    if (wanted && core::parse_number<double>(point) == wanted) return cut;
    known.push_back(point);
  }
  const std::string choice =
      known.empty() ? "it has none: give the cut itself with --cut" : "it has " + core::join(known);
  throw core::UsageError(where + ": the model has no threshold for working point " + working_point +
                         "; " + choice);
}

}  // namespace stationhit::onnx_file
