// The metrics of one epoch. metrics.csv, the JSON of checkpoints, the line in the log, the choice
// of the monitored quantity and the figures of a training go through one list, so a metric is added
// by its member and its row.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <stationhit/core/text.hpp>

namespace stationhit::training {

struct EpochMetrics {
  std::int32_t epoch = 0;  // 1, 2, ...
  double train_loss = 0;   // mean over the nodes of the epoch, while the weights moved
  double val_loss = 0;     // mean over the nodes of the validation split
  double val_auc = 0;      // hits of the validation split; NaN where it lacks signal or background
  // At metrics::reference_working_point, whatever the working points of the run are; NaN likewise.
  double val_purity = 0;
  double learning_rate = 0;      // of the first step of the epoch
  double seconds = 0;            // training and validation
  double loader_wait = 0;        // seconds of these spent waiting for events
  double events_per_second = 0;  // training part
  // Purities of the validation split at the other working points of the run, by purity_name; larger
  // is better. NaN as val_purity.
  std::map<std::string, double> val_purities = {};
};

// Whether `training.monitor` may follow a metric, and in which direction it gets better.
enum class MonitorDirection { not_monitored, smaller_is_better, larger_is_better };

// Axis of a training figure. Close to 1, the differences between epochs are only visible as the
// distance to 1 on a logarithmic axis.
enum class EpochScale { linear, logarithmic, distance_to_one };

// Where the figures of a training show a metric. Metrics of the same figure share its axis.
struct EpochCurve {
  const char* figure = nullptr;  // file name without extension; nullptr: the metric is not drawn
  const char* axis_title = "";   // in the markup of figures (plots/figure.hpp)
  const char* label = "";        // in the legend: the sample that the metric was measured on
  EpochScale scale = EpochScale::linear;
};

struct EpochMetric {
  const char* name;  // column of metrics.csv, key in checkpoints, value of training.monitor
  double EpochMetrics::*value;
  // Part of the log line, for printf; nullptr: not in it, or in its end with the times.
  const char* log_format = nullptr;
  MonitorDirection monitor = MonitorDirection::not_monitored;
  EpochCurve curve = {};
};

inline constexpr std::array epoch_metrics{
    EpochMetric{.name = "train_loss",
                .value = &EpochMetrics::train_loss,
                .log_format = "train loss %.5f",
                .monitor = MonitorDirection::smaller_is_better,
                .curve = {"training_loss", "Loss", "Training"}},
    EpochMetric{.name = "val_loss",
                .value = &EpochMetrics::val_loss,
                .log_format = "val loss %.5f",
                .monitor = MonitorDirection::smaller_is_better,
                .curve = {"training_loss", "Loss", "Validation"}},
    EpochMetric{.name = "val_auc",
                .value = &EpochMetrics::val_auc,
                .log_format = "AUC %.5f",
                .monitor = MonitorDirection::larger_is_better,
                .curve = {"training_auc", "1 - AUC", "Validation", EpochScale::distance_to_one}},
    EpochMetric{.name = "val_purity_0.99",
                .value = &EpochMetrics::val_purity,
                .log_format = "purity at 99 %% %.4f",
                .monitor = MonitorDirection::larger_is_better,
                .curve = {"training_purity", "Purity at 99 % hit efficiency", "Validation"}},
    EpochMetric{.name = "learning_rate",
                .value = &EpochMetrics::learning_rate,
                .log_format = "lr %.2g",
                .curve = {"training_learning_rate", "Learning rate", "", EpochScale::logarithmic}},
    EpochMetric{"seconds", &EpochMetrics::seconds},
    EpochMetric{"loader_wait", &EpochMetrics::loader_wait},
    EpochMetric{"events_per_second", &EpochMetrics::events_per_second}};

// Names of the metrics that training.monitor may follow.
[[nodiscard]] inline std::vector<std::string> monitored_metrics() {
  std::vector<std::string> names;
  for (const EpochMetric& metric : epoch_metrics)
    if (metric.monitor != MonitorDirection::not_monitored) names.emplace_back(metric.name);
  return names;
}

// The metric with this name that training.monitor may follow; nullptr: there is none.
[[nodiscard]] const EpochMetric* find_monitored_metric(std::string_view name);

// Column of metrics.csv with the purity at a working point: "val_purity_0.985".
inline constexpr std::string_view purity_prefix = "val_purity_";
[[nodiscard]] inline std::string purity_name(double working_point) {
  return std::string(purity_prefix) + core::to_text(working_point);
}

// Names of the metrics by which epochs can be compared in a run with these working points.
[[nodiscard]] inline std::vector<std::string> comparable_metrics(
    std::span<const double> working_points) {
  std::vector<std::string> names = monitored_metrics();
  for (const double point : working_points) {
    std::string name = purity_name(point);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

// metrics.csv: a header and one line per epoch.
[[nodiscard]] std::string metrics_csv(std::span<const EpochMetrics> history);

// What a user reads after an epoch: lines of 80 columns at most, without the last line end.
[[nodiscard]] std::string epoch_line(const EpochMetrics& metrics);

}  // namespace stationhit::training
