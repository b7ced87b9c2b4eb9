#include "checks.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/features/features.hpp>
#include <stationhit/graph/graph_config.hpp>

namespace stationhit::config {
namespace {

using core::ConfigError;

void check_encoding(const models::EncodingConfig& encoding, const std::string& where) {
  if (encoding.type != "fourier") return;
  if (encoding.scales.empty())
    throw ConfigError(where + ": model.encoding.scales is empty; give at least one scale, or set model.encoding.type: none");
  const std::set<std::int32_t> distinct(encoding.scales.begin(), encoding.scales.end());
  if (distinct.size() != encoding.scales.size()) throw ConfigError(where + ": model.encoding.scales has a scale twice; give each once");
}

void check_model(const models::ModelConfig& model, const std::string& where) {
  check_encoding(model.encoding, where);
  const bool one_layer_max = model.architecture == "edgeconv" && model.message_layers == 1 && model.aggregation == "max";
  if (one_layer_max && model.activation != "relu" && model.activation != "leaky_relu") {
    throw ConfigError(where + ": model.activation is " + model.activation +
                      ", but one message layer with aggregation max needs a monotone activation: set model.activation: relu or leaky_relu, or "
                      "model.message_layers: 2");
  }
}

void check_pos_weight(const std::string& text, const std::string& where) {
  if (text == "auto") return;
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc{} && result.ptr == text.data() + text.size() && std::isfinite(value) && value > 0) return;
  throw ConfigError(where + ": training.loss.pos_weight: expected auto or a number > 0, found '" + text + "'");
}

void check_training(const training::TrainingConfig& training, const std::string& where) {
  check_pos_weight(training.loss.pos_weight, where);
  if (training.scheduler.name != "none" && training.scheduler.min_learning_rate > training.optimizer.learning_rate) {
    throw ConfigError(where + ": training.scheduler.min_learning_rate (" + core::to_text(training.scheduler.min_learning_rate) +
                      ") is above training.optimizer.learning_rate (" + core::to_text(training.optimizer.learning_rate) + "); lower it");
  }
}

// Runs a check of another module, which knows keys but not the file.
template <class Check>
void with_file(const std::string& where, Check check) {
  try {
    check();
  } catch (const ConfigError& error) {
    throw ConfigError(where + ": " + error.what());
  }
}

}  // namespace

void finish(simulation::SimulationConfig& config, const std::string& where) {
  if (config.output.empty()) throw ConfigError(where + ": output is empty; give the ROOT file to write");
}

void finish(data::PrepareConfig& config, const std::string& where) {
  const double sum = config.split.train + config.split.validation;
  if (sum > 1.0 + 1e-9) {
    throw ConfigError(where + ": split.train + split.validation is " + core::to_text(sum) + ", expected at most 1; the test split gets the rest");
  }
}

void finish(RunConfig& config, const std::string& where) {
  config.devices = "cpu";
  if (config.use_comet) {
    throw ConfigError(where + ": use_comet: Comet logging is not available, metrics.csv is always written; set use_comet: false");
  }
  with_file(where, [&] { features::check_feature_names(config.features); });
  with_file(where, [&] { graph::check(config.graph); });
  check_model(config.model, where);
  check_training(config.training, where);
}

}  // namespace stationhit::config
