#include <algorithm>
#include <array>
#include <cstdio>
#include <span>
#include <utility>

#include <nlohmann/json.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>
#include <stationhit/quantization/calibration.hpp>
#include <stationhit/quantization/linear_layers.hpp>
#include <stationhit/quantization/quantize_model.hpp>
#include <stationhit/quantization/quantizer.hpp>

namespace stationhit::quantization {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t compared_events = 3;  // by both backends

// An edited model that is accepted gets a checksum that fits, so that all steps take it.
std::string read_content(const std::filesystem::path& model,
                         onnx_file::ChangedModel changed_model) {
  std::string content = onnx_file::read_model_bytes(model);
  if (changed_model == onnx_file::ChangedModel::refuse) return content;
  return onnx_file::ModelEditor(content, model.string(), changed_model).serialize();
}

// Each layer once, in the order of the file.
std::vector<Candidate> find_candidates(const std::string& content, const std::string& where) {
  std::vector<Candidate> candidates;
  for (const LinearLayer& layer :
       find_linear_layers(onnx_file::ModelEditor(content, where), where)) {
    if (std::ranges::find(candidates, layer.name, &Candidate::name) != candidates.end()) continue;
    candidates.push_back({layer.name, static_cast<double>(layer.inputs * layer.outputs)});
  }
  return candidates;
}

[[noreturn]] void refuse_layer(const std::string& name, const std::vector<std::string>& names,
                               const std::string& where) {
  const std::string near = core::nearest(name, names);
  throw core::ConfigError("quantization.keep_float: " + where + " has no linear layer '" + name +
                          "'" + (near.empty() ? "" : "; did you mean '" + near + "'?") +
                          "; it has " + core::join(names));
}

std::set<std::string> check_keep_float(const QuantizationConfig& config,
                                       const std::vector<Candidate>& candidates,
                                       const std::string& where) {
  std::vector<std::string> names;
  for (const Candidate& candidate : candidates) names.push_back(candidate.name);
  for (const std::string& name : config.keep_float)
    if (std::ranges::find(names, name) == names.end()) refuse_layer(name, names, where);
  return {config.keep_float.begin(), config.keep_float.end()};
}

// By ONNX Runtime, which can give every value of the graph.
Activations measure_activations(const std::string& content, const std::filesystem::path& model,
                                std::vector<features::LabeledEvent> events,
                                const QuantizationConfig& config, unsigned threads) {
  if (config.method == QuantizationMethod::dynamic_scales) return {};
  const inference::HitClassifier classifier(
      load_content(content, model, inference::Backend::onnxruntime));
  std::vector<inference::ModelInputs> inputs;
  for (features::LabeledEvent& event : events)
    inputs.push_back(classifier.prepare(std::move(event.inputs)).inputs);
  return calibrate(content, model.string(), inputs, config, threads);
}

std::string with_description(const std::string& content, const std::string& where,
                             const std::string& description) {
  onnx_file::ModelEditor editor(content, where);
  editor.set_metadata(onnx_file::quantization_key, description);
  return editor.serialize();
}

std::string describe_quantization(const ScanResult& scan, const QuantizationConfig& config,
                                  std::size_t n_calibration, std::size_t n_validation) {
  Json json{{"method", core::name(config.method)},
            {"weights", "int8 per channel"},
            {"activations", "uint8"},
            {"target_cpu", core::name(config.target_cpu)},
            {"reduce_range", config.target_cpu == TargetCpu::any}};
  if (config.method == QuantizationMethod::dynamic_scales) {
    json["batch_invariant"] = false;
  } else {
    json["calibration"] = core::name(config.calibration);
    if (config.calibration == CalibrationRange::percentile) json["percentile"] = config.percentile;
    json["calibration_events"] = n_calibration;
  }
  json["validation_events"] = n_validation;
  json["purity_loss"] = scan.total.purity;
  json["logit_rms"] = scan.total.rms;
  json["products"] = Json::array();
  for (const LayerLoss& layer : scan.layers) {
    json["products"].push_back({{"name", layer.name},
                                {"type", layer.in_float ? "float32" : "int8"},
                                {"logit_rms_alone", layer.rms_alone}});
  }
  return json.dump();
}

void require_int8(const ScanResult& scan, const QuantizationConfig& config,
                  const std::string& where) {
  if (std::ranges::any_of(scan.layers, [](const LayerLoss& layer) { return !layer.in_float; }))
    return;
  throw core::DataError(where + ": no linear layer stays within quantization.tolerance = " +
                        core::to_text(config.tolerance) + " in int8:\n" + scan_table(scan) +
                        "take more calibration_events and validation_events, shorten keep_float, "
                        "or raise the tolerance");
}

std::set<std::string> int8_names(const ScanResult& scan) {
  std::set<std::string> names;
  for (const LayerLoss& layer : scan.layers) {
    if (!layer.in_float) names.insert(layer.name);
  }
  return names;
}

std::set<std::string> names_of(const std::vector<Candidate>& candidates) {
  std::set<std::string> names;
  for (const Candidate& candidate : candidates) names.insert(candidate.name);
  return names;
}

}  // namespace

std::optional<QuantizedModel> quantize_model(const std::filesystem::path& model,
                                             std::vector<features::LabeledEvent> calibration,
                                             std::vector<features::LabeledEvent> validation,
                                             const QuantizationConfig& config, unsigned threads,
                                             const QuantizationHooks& hooks,
                                             onnx_file::ChangedModel changed_model) {
  check(config);
  const std::string where = model.string(), content = read_content(model, changed_model);
  const std::vector<Candidate> candidates = find_candidates(content, where);
  const std::set<std::string> keep_float = check_keep_float(config, candidates, where);
  const std::size_t n_calibration = calibration.size(), n_validation = validation.size();
  const Quantizer quantizer(
      content, where, measure_activations(content, model, std::move(calibration), config, threads),
      config, threads);
  // The engine asks the metadata how a file was quantized.
  const std::string method = Json{{"method", core::name(config.method)}}.dump();
  const auto in_int8 = [&](const std::set<std::string>& layers) {
    return with_description(quantizer.quantized(layers), where, method);
  };
  const std::span<const features::LabeledEvent> events(validation);
  const inference::Backend backend =
      choose_backend(content, in_int8(names_of(candidates)), model,
                     events.first(std::min(compared_events, events.size())), hooks.log);
  const auto as_model = [&](const std::set<std::string>& layers) {
    return load_content(in_int8(layers), where + " in int8", backend);
  };
  const inference::HitClassifier classifier(load_content(content, model, backend));
  const auto result = scan(Validation(classifier, std::move(validation), threads), candidates,
                           keep_float, config.tolerance, as_model, hooks.proceed);
  if (!result) return std::nullopt;
  require_int8(*result, config, where);
  return QuantizedModel{
      with_description(quantizer.quantized(int8_names(*result)), where,
                       describe_quantization(*result, config, n_calibration, n_validation)),
      *result, backend};
}

std::string scan_table(const ScanResult& scan) {
  std::size_t width = 8;  // of the last line
  for (const LayerLoss& layer : scan.layers) width = std::max(width, layer.name.size());
  std::string text;
  const auto line = [&](const std::string& name, double rms, const std::string& rest) {
    std::array<char, 32> number{};
    std::snprintf(number.data(), number.size(), "  %9.4f  ", rms);
    text += "  " + name + std::string(width - name.size(), ' ') + number.data() + rest + "\n";
  };
  text += "  layer" + std::string(width - 5, ' ') + "  logit rms\n";
  for (const LayerLoss& layer : scan.layers)
    line(layer.name, layer.rms_alone, layer.in_float ? "float32" : "int8");
  std::array<char, 32> loss{};
  std::snprintf(loss.data(), loss.size(), "purity loss %+.3f %%", 100 * scan.total.purity);
  line("all int8", scan.total.rms, loss.data());
  return text;
}

}  // namespace stationhit::quantization
