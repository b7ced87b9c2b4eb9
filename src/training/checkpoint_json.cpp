// Metadata of checkpoints <-> JSON. Apart from checkpoint.cpp so that JSON and Torch headers do not
// meet.
#include <cmath>

#include <nlohmann/json.hpp>

#include <stationhit/architecture/read_settings.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/json_counts.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/core/numbers.hpp>
#include <stationhit/core/settings_json.hpp>
#include <stationhit/training/checkpoint_metadata.hpp>
#include <stationhit/training/early_stopping.hpp>

// Found by the JSON library through the namespace of the type.
namespace stationhit::features {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(NormalizationConstants, mean, inv_std)

}  // namespace stationhit::features

namespace stationhit::training {
namespace {

using nlohmann::json;

// JSON has no NaN and no infinity: null stands for them.
json number(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }
double number(const json& value) { return value.is_null() ? std::nan("") : value.get<double>(); }

template <class T>
json optional(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}
template <class T>
std::optional<T> optional(const json& value) {
  return value.is_null() ? std::nullopt : std::optional<T>(value.get<T>());
}

json metrics_to_json(const EpochMetrics& metrics) {
  json result{{"epoch", metrics.epoch}};
  for (const EpochMetric& metric : epoch_metrics)
    result[metric.name] = number(metrics.*metric.value);
  for (const auto& [name, purity] : metrics.val_purities) result[name] = number(purity);
  return result;
}

// Checkpoints of older versions lack the younger metrics.
EpochMetrics metrics_from_json(const json& source) {
  EpochMetrics metrics;
  metrics.epoch = core::read_whole<std::int32_t>(source, "epoch");
  for (const EpochMetric& metric : epoch_metrics)
    metrics.*metric.value = number(source.value(metric.name, json(nullptr)));
  for (const auto& [name, purity] : source.items()) {
    if (name.starts_with(purity_prefix) && find_monitored_metric(name) == nullptr)
      metrics.val_purities.emplace(name, number(purity));
  }
  return metrics;
}

json progress_to_json(const ProgressState& state) {
  return {{"learning_rate", state.learning_rate},
          {"best", optional(state.best)},
          {"best_epoch", state.best_epoch},
          {"schedule_waited", state.schedule_waited}};
}

ProgressState progress_from_json(const json& source) {
  ProgressState state;
  source.at("learning_rate").get_to(state.learning_rate);
  state.best = optional<double>(source.at("best"));
  state.best_epoch = core::read_whole<decltype(state.best_epoch)>(source, "best_epoch");
  state.schedule_waited =
      core::read_whole<decltype(state.schedule_waited)>(source, "schedule_waited");
  return state;
}

using CallbackNumbers = std::map<std::string, std::map<std::string, double>>;

// Checkpoints of older versions have the state of early stopping in "progress".
CallbackNumbers callbacks_of_older_version(const json& progress) {
  if (progress.is_null()) return {};
  const EarlyStoppingState state{core::read_whole<std::int32_t>(progress, "stopping_waited"),
                                 optional<double>(progress.at("stopping_best")),
                                 progress.at("stopped_early").get<bool>()};
  return {{early_stopping_name, to_numbers(state)}};
}

CallbackNumbers callbacks_from_json(const json& source) {
  if (!source.contains("callbacks")) return callbacks_of_older_version(source.at("progress"));
  CallbackNumbers callbacks;
  for (const auto& [name, numbers] : source.at("callbacks").items()) {
    auto& state = callbacks[name];
    for (const auto& [key, value] : numbers.items()) state.emplace(key, number(value));
  }
  return callbacks;
}

json callbacks_to_json(const CallbackNumbers& callbacks) {
  json result = json::object();
  for (const auto& [name, numbers] : callbacks) {
    json& state = result[name] = json::object();
    for (const auto& [key, value] : numbers) state[key] = number(value);
  }
  return result;
}

json history_to_json(const std::vector<EpochMetrics>& history) {
  json rows = json::array();
  for (const auto& row : history) rows.push_back(metrics_to_json(row));
  return rows;
}

[[noreturn]] void refuse_metadata(const std::string& where, const std::string& reason) {
  throw core::DataError(where + ": the checkpoint's metadata cannot be read (" + reason +
                        "); use another checkpoint");
}

graph::GraphConfig graph_from_json(const json& source, const std::string& where) {
  try {
    return graph::from_json(source.dump(), "graph");
  } catch (const core::ConfigError& error) {
    refuse_metadata(where, error.what());
  }
}

// A number that cannot be a weight or a cut would be written into the exported file, where every
// comparison with it is false.
void check_numbers(const CheckpointMetadata& metadata, const std::string& where) {
  const auto refuse = [&](const std::string& what, double value, const std::string& expected) {
    refuse_metadata(where, what + " is " + core::to_text(value) + ", expected " + expected);
  };
  if (!core::permits(core::above(0), metadata.pos_weight))
    refuse("pos_weight", metadata.pos_weight, "a number > 0");
  if (metadata.epoch < 0) refuse("epoch", metadata.epoch, "a number >= 0");
  for (const auto& [point, threshold] : metadata.thresholds) {
    const auto share = core::parse_number<double>(point);
    if (!share || !core::permits(core::inside(0, 1), *share))
      refuse_metadata(where,
                      "thresholds has the key '" + point + "', expected a share such as 0.99");
    if (!std::isfinite(threshold))
      refuse("the threshold of " + point, threshold, "a finite number");
  }
}

// Each feature has its own constants.
void check_normalization(const CheckpointMetadata& metadata, const std::string& where) {
  if (!metadata.normalization) return;
  const std::size_t n = metadata.feature_names.size();
  const auto check = [&](const char* what, const std::vector<float>& values) {
    if (values.size() != n)
      refuse_metadata(where, std::to_string(n) + " features, but " + what +
                                 " of normalization has " + std::to_string(values.size()) +
                                 " numbers");
    for (const float value : values)
      if (!std::isfinite(value))
        refuse_metadata(where, std::string(what) +
                                   " of normalization has a number that is not "
                                   "finite");
  };
  check("mean", metadata.normalization->mean);
  check("inv_std", metadata.normalization->inv_std);
}

// Checkpoints of older versions lack the younger settings.
architecture::ModelConfig model_from_json(const json& source, const std::string& where) {
  architecture::ModelConfig model;
  try {
    core::settings_from_json(source, model, "model");
    architecture::check(model);
  } catch (const core::ConfigError& error) {
    refuse_metadata(where, error.what());
  }
  return model;
}

CheckpointMetadata parse(const json& source, const std::string& where) {
  CheckpointMetadata metadata;
  source.at("program_version").get_to(metadata.program_version);
  source.at("git_commit").get_to(metadata.git_commit);
  source.at("config").get_to(metadata.config_yaml);
  metadata.model = model_from_json(source.at("model"), where);
  source.at("feature_names").get_to(metadata.feature_names);
  metadata.graph = graph_from_json(source.at("graph"), where);
  metadata.normalization = optional<features::NormalizationConstants>(source.at("normalization"));
  source.at("pos_weight").get_to(metadata.pos_weight);
  metadata.epoch = core::read_whole<std::int32_t>(source, "epoch");
  metadata.metrics = metrics_from_json(source.at("metrics"));
  source.at("thresholds").get_to(metadata.thresholds);
  // Checkpoints of older versions lack the next five.
  metadata.training_events = source.value("training_events", "");
  metadata.validation_events = source.value("validation_events", "");
  if (source.contains("ranks")) metadata.ranks = core::read_whole<std::uint32_t>(source, "ranks");
  metadata.device = source.value("device", "");
  metadata.pruned_from = source.value("pruned_from", "");
  source.at("optimizer").get_to(metadata.optimizer);
  for (const auto& row : source.at("history")) metadata.history.push_back(metrics_from_json(row));
  if (!source.at("progress").is_null())
    metadata.progress = progress_from_json(source.at("progress"));
  metadata.callbacks = callbacks_from_json(source);
  return metadata;
}

void check_format(const json& source, const std::string& where) {
  const int format = core::read_whole<int>(source, "format_version");
  if (format == checkpoint_format) return;
  throw core::DataError(where + ": checkpoint format " + std::to_string(format) +
                        ", this program reads format " + std::to_string(checkpoint_format) +
                        "; use the program version that wrote it (" +
                        source.value("program_version", "unknown") + ") or train again");
}

class Comparison {
 public:
  Comparison(const std::filesystem::path& file, const std::string& advice)
      : file_(file), advice_(advice) {}

  void require_equal(const json& found, const json& expected, const std::string& what) const {
    if (found != expected) refuse(found.dump(), expected.dump(), what);
  }

  // Settings that neither of them reads are passed over.
  template <core::Described Config>
  void require_no_difference(const Config& found, const Config& expected,
                             const std::string& section) const {
    auto differences = core::find_differences(found, expected, section, [](const auto& value) {
      return core::value_to_json<json>(value).dump();
    });
    std::erase_if(differences, [&](const core::SettingDifference& setting) {
      const std::string key = setting.key.substr(section.size() + 1);
      return !has_effect(found, key) && !has_effect(expected, key);
    });
    if (differences.empty()) return;
    const core::SettingDifference& first = differences.front();
    refuse(first.first, first.second, first.key);
  }

 private:
  [[noreturn]] void refuse(const std::string& found, const std::string& expected,
                           const std::string& what) const {
    throw core::DataError(file_.string() + ": made with " + what + " " + found +
                          ", the configuration has " + expected + "; " + advice_);
  }

  const std::filesystem::path& file_;
  const std::string& advice_;
};

}  // namespace

std::string to_json(const CheckpointMetadata& metadata) {
  const json result{
      {"format_version", checkpoint_format},
      {"program_version", metadata.program_version},
      {"git_commit", metadata.git_commit},
      {"config", metadata.config_yaml},
      {"model", core::settings_to_json<json>(metadata.model)},
      {"feature_names", metadata.feature_names},
      {"graph", json::parse(graph::to_json(metadata.graph))},
      {"normalization", optional(metadata.normalization)},
      {"pos_weight", metadata.pos_weight},
      {"epoch", metadata.epoch},
      {"metrics", metrics_to_json(metadata.metrics)},
      {"thresholds", metadata.thresholds},
      {"training_events", metadata.training_events},
      {"validation_events", metadata.validation_events},
      {"ranks", metadata.ranks},
      {"device", metadata.device},
      {"pruned_from", metadata.pruned_from},
      {"optimizer", metadata.optimizer},
      {"history", history_to_json(metadata.history)},
      {"progress", metadata.progress ? progress_to_json(*metadata.progress) : json(nullptr)},
      {"callbacks", callbacks_to_json(metadata.callbacks)}};
  return result.dump();
}

CheckpointMetadata metadata_from_json(std::string_view text, const std::string& where) {
  try {
    core::require_json_depth(text, where);
    const json source = json::parse(text);
    check_format(source, where);
    CheckpointMetadata metadata = parse(source, where);
    check_numbers(metadata, where);
    check_normalization(metadata, where);
    return metadata;
  } catch (const json::exception& error) {
    refuse_metadata(where, core::json_reason(error.what()));
  }
}

void require_same_network(const CheckpointMetadata& found, const CheckpointMetadata& expected,
                          const std::filesystem::path& checkpoint, const std::string& advice) {
  const Comparison comparison(checkpoint, advice);
  comparison.require_equal(found.feature_names, expected.feature_names, "features");
  comparison.require_no_difference(found.model, expected.model, "model");
  comparison.require_no_difference(found.graph, expected.graph, "graph");
  comparison.require_equal(optional(found.normalization), optional(expected.normalization),
                           "normalization");
  comparison.require_equal(found.optimizer, expected.optimizer, "training.optimizer.name");
}

}  // namespace stationhit::training
