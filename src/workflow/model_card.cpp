#include <algorithm>

#include <nlohmann/json.hpp>

#include <stationhit/architecture/cost.hpp>
#include <stationhit/architecture/model_config_json.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/json_counts.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/core/markdown.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/text_encoding.hpp>
#include <stationhit/evaluation/test_results.hpp>
#include <stationhit/features/features.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>
#include <stationhit/workflow/model_card.hpp>

#include "graph_text.hpp"

namespace stationhit::workflow {
namespace {

using Json = nlohmann::json;

// A model with its card taken apart. `place` names the card in messages.
struct ReadCard {
  onnx_file::ModelMetadata metadata;
  Json card;
  std::string place;
};

ReadCard read_card(const std::filesystem::path& file) {
  if (file.extension() != ".onnx")
    throw core::DataError(file.string() + ": is no ONNX file; cards are those of exported models");
  ReadCard result{onnx_file::from_properties(onnx_file::read_model(file).metadata, file.string()),
                  Json::object(), file.string() + ": metadata key \"" + onnx_file::card_key + "\""};
  const std::string& text = result.metadata.card_json;
  if (text.empty()) return result;
  result.card = core::parse_json_or_discard<Json>(text, result.place);
  if (!result.card.is_object())
    throw core::DataError(result.place + ": no JSON object; export the model again");
  return result;
}

// Runs `write` on a card whose values may be damaged.
template <class Write>
auto with_card(const std::filesystem::path& file, const Write& write) {
  const ReadCard read = read_card(file);
  return core::read_json<Json>(read.place, "damaged; export the model again",
                               [&] { return write(read); });
}

std::uint64_t count_parameters(const onnx_file::ModelMetadata& metadata) {
  if (metadata.network_json.empty()) return 0;
  const auto network = architecture::describe_network(
      architecture::model_config_from_json(metadata.network_json), metadata.feature_names);
  return architecture::compute_cost(network).parameters;
}

std::string network_text(const onnx_file::ModelMetadata& metadata) {
  std::string text = "* Network: " + core::markdown_line(metadata.architecture);
  if (const auto parameters = count_parameters(metadata); parameters > 0)
    text += ", " + std::to_string(parameters) + " parameters";
  const std::string method = onnx_file::quantization_method(metadata);
  text +=
      method.empty() ? ", float32" : ", int8 (" + core::markdown_line(method) + " quantization)";
  return text + "\n* Inputs: " + core::markdown_line(metadata.interface_name) +
         " (features and graph, docs/deployment.md)\n";
}

std::string sample_text(const Json& card, const char* key, const std::string& what) {
  if (!card.contains(key)) return "* " + what + ": not recorded\n";
  const Json& json = card.at(key);
  const core::SampleInfo sample{json.at("origin").get<std::string>(),
                                json.at("mu").get<std::vector<double>>()};
  std::string text = "* " + what + ": " +
                     std::to_string(core::read_whole<std::uint64_t>(json, "events")) + " events";
  if (!sample.origin.empty()) text += ", " + core::markdown_line(sample.origin);
  const std::string mu = core::escape_markdown(core::pile_up_line(sample, "<mu>"));
  return text + (mu.empty() ? "" : ", " + mu) + "\n";
}

std::string origin_text(const Json& card, const onnx_file::ModelMetadata& metadata) {
  std::string text = sample_text(card, "training_sample", "Training sample") +
                     sample_text(card, "validation_sample", "Validation sample");
  if (card.contains("trained_by")) {
    text += "* Trained by stationhit " +
            core::markdown_line(card.at("trained_by").get<std::string>()) + ", seed " +
            std::to_string(core::read_whole<std::uint64_t>(card, "seed")) + ", epoch " +
            std::to_string(core::read_whole<std::int64_t>(card, "epoch")) + "; exported by " +
            core::markdown_line(card.at("exported_by").get<std::string>()) + "\n";
  }
  text +=
      "* Hash of the configuration: " +
      (metadata.config_hash.empty() ? "not recorded" : core::markdown_line(metadata.config_hash)) +
      "\n";
  return text;
}

std::string feature_table(const std::vector<std::string>& names) {
  std::string text = "| feature | unit | meaning |\n|---|---|---|\n";
  const auto known = features::known_features();
  for (const std::string& name : names) {
    const auto feature = std::ranges::find(known, name, &features::FeatureInfo::name);
    text.append("| ").append(core::markdown_line(name)).append(" | ");
    if (feature == known.end()) {
      text.append("- | not a feature of this program |\n");
    } else {
      text.append(feature->unit).append(" | ").append(feature->meaning).append(" |\n");
    }
  }
  return text;
}

std::string thresholds_text(const std::map<std::string, float>& thresholds) {
  if (thresholds.empty()) return "The model carries no thresholds.\n";
  std::string text = "Thresholds of the logit, from the validation sample:";
  for (const auto& [point, threshold] : thresholds)
    text.append(" ")
        .append(core::markdown_line(point))
        .append(": ")
        .append(core::to_text(threshold))
        .append(";");
  text.back() = '.';
  return text + "\n";
}

std::string results_text(const Json& card, const onnx_file::ModelMetadata& metadata,
                         const std::string& where) {
  if (!card.contains("test")) return "No test is recorded.\n";
  std::string text;
  if (!metadata.quantization_json.empty())
    text =
        "These are the results of the float32 file that this one was made from; table.md of "
        "`export -q` has its own.\n\n";
  return text + evaluation::card_results_markdown(
                    evaluation::read_card_results(card.at("test").dump(), where));
}

std::string stated(const Json& card, const char* key) {
  if (!card.contains(key)) return "Not stated.";
  return core::escape_markdown(core::printable_text(card.at(key).get<std::string>()));
}

// What follows from the sample is said whatever the author wrote.
std::string limits_text(const Json& card) {
  std::string text = stated(card, "limits");
  if (!card.contains("training_sample")) return text;
  const auto origin = card.at("training_sample").at("origin").get<std::string>();
  if (!origin.empty())
    text += "\n\nTrained on: " + core::markdown_line(origin) +
            ". Thresholds and results hold for samples of this kind only.";
  return text;
}

std::string write_card(const ReadCard& model, const std::string& title) {
  const auto& [metadata, card, place] = model;
  std::string text = "# " + core::markdown_line(title) + "\n\n" + network_text(metadata) +
                     origin_text(card, metadata);
  text += "\n## Intended use\n\n" + stated(card, "intended_use") + "\n";
  text += "\n## Limits\n\n" + limits_text(card) + "\n";
  text += "\n## Results\n\n" + thresholds_text(metadata.thresholds) + "\n" +
          results_text(card, metadata, place);
  text += "\n## Inputs\n\n";
  if (!metadata.graph_json.empty())
    text += "Graph: " +
            core::markdown_line(describe_graph(graph::from_json(metadata.graph_json, place))) +
            ".\n\n";
  text += feature_table(metadata.feature_names);
  return text + "\n## License\n\n" + stated(card, "license") + "\n";
}

std::string purity_text(const ReadCard& model) {
  constexpr double working_point = 0.99;
  if (!model.card.contains("test")) return "-";
  const auto results = evaluation::read_card_results(model.card.at("test").dump(), model.place);
  for (const evaluation::TestedPoint& point : results.working_points)
    if (point.working_point == working_point)
      return (model.metadata.quantization_json.empty() ? "" : "float32: ") +
             evaluation::purity_text(point);
  return "-";
}

}  // namespace

std::string model_card_markdown(const std::filesystem::path& file, const std::string& title) {
  return with_card(file, [&title](const ReadCard& read) { return write_card(read, title); });
}

ModelSummary summarize_model(const std::filesystem::path& file) {
  return with_card(file, [](const ReadCard& read) {
    const bool int8 = !read.metadata.quantization_json.empty();
    return ModelSummary{read.metadata.architecture + (int8 ? ", int8" : ""),
                        count_parameters(read.metadata), purity_text(read)};
  });
}

}  // namespace stationhit::workflow
