// The metadata that a model made here carries in its ONNX file: the contract between exporter and
// inference.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace stationhit::onnx_file {

inline constexpr int metadata_format = 1;

// Keys that change when a file is edited: the number of keys, the checksum of the whole model, and
// those that depend on the scores.
inline constexpr const char* property_count = "property_count";
inline constexpr const char* checksum_key = "xxh3_64";
inline constexpr const char* thresholds_key = "thresholds";
inline constexpr const char* quantization_key = "quantization";
// The settings of the network, which say what the graph computes.
inline constexpr const char* network_key = "network";

inline constexpr const char* card_key = "card";

struct ModelMetadata {
  std::vector<std::string>
      feature_names;       // key feature_names, JSON array: columns of the input features
  std::string graph_json;  // key graph: graph::to_json of the config the network was trained on;
                           // empty if the file has none
  std::map<std::string, float> thresholds;  // key thresholds, JSON object: working point ("0.99")
                                            // -> logit cut, from the validation set
  double pos_weight = 1.0;     // key pos_weight: weight of signal in the loss; calibrated logit =
                               // logit - ln(pos_weight)
  std::string architecture;    // key architecture
  std::string network_json;    // key network: architecture::to_json of its settings; empty if the
                               // file has none
  std::string interface_name;  // key interface: table | edges
  std::string version;         // key stationhit_version; empty: the model was not made here
  std::string config_hash;     // key config_hash
  std::string quantization_json;  // key quantization, JSON object: how an int8 file was made; empty
                                  // for float32
  std::string card_json;  // key card, JSON object: where the model comes from and how well it does
                          // (workflow/model_card.hpp); empty in files of versions without it
};

// The properties to store, in this order: first a count of them, which makes a truncated file
// noticeable. The value of the checksum is empty: it is filled in when the file is written.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> to_properties(
    const ModelMetadata& metadata);

// The value of the key thresholds.
[[nodiscard]] std::string thresholds_text(const std::map<std::string, float>& thresholds);

// The inverse of to_properties. Only feature_names is required, because any model that fulfills the
// deployment contract has it.
// Throws DataError naming `where` (the file), the key, its value and the next step: a key that is
// missing or not readable, a count that does not fit, a format newer than this program.
[[nodiscard]] ModelMetadata from_properties(const std::map<std::string, std::string>& properties,
                                            const std::string& where);

// The processors that an int8 model was made for: "any" or "vnni" (quantization.target_cpu). Empty
// for float32 models.
[[nodiscard]] std::string target_cpu(const ModelMetadata& metadata);

// quantization.method of an int8 model: "static" or "dynamic". Empty for float32 models.
[[nodiscard]] std::string quantization_method(const ModelMetadata& metadata);

// Throws DataError if the properties hold a count that differs from their number: the end of the
// file is missing.
void check_property_count(const std::map<std::string, std::string>& properties,
                          const std::string& where);

// Logit cut of the working point "0.99" (compared as a number: "0.990" is the same). Throws
// UsageError naming `where` and the working points that the model has.
[[nodiscard]] float threshold(const ModelMetadata& metadata, const std::string& working_point,
                              const std::string& where);

}  // namespace stationhit::onnx_file
