// One list (epoch_metrics.hpp) describes every metric of an epoch; the CSV, the log line and the
// choice of the monitored metric are loops over it.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iomanip>
#include <set>
#include <sstream>

#include <stationhit/training/epoch_metrics.hpp>

namespace stationhit::training {
namespace {

template <class... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), pattern, values...);
  return text.data();
}

// The parts behind the first text, two blanks between them. Where a line would be longer than 80
// columns, the next one begins below the first part.
std::string fold(const std::string& first, std::span<const std::string> parts) {
  constexpr std::size_t columns = 80;
  std::string text, line = first;
  for (const std::string& part : parts) {
    if (line.size() + 2 + part.size() > columns) {
      text += line + "\n";
      line = std::string(first.size(), ' ');
    }
    line += "  " + part;
  }
  return text + line;
}

// The working points can have changed in the course of a training.
std::set<std::string> list_purities(std::span<const EpochMetrics> history) {
  std::set<std::string> names;
  for (const EpochMetrics& row : history)
    for (const auto& [name, purity] : row.val_purities) names.insert(name);
  return names;
}

// 0 / 0 is -nan on some machines.
double without_sign_of_nan(double value) { return std::isnan(value) ? std::abs(value) : value; }

}  // namespace

const EpochMetric* find_monitored_metric(std::string_view name) {
  const auto found = std::ranges::find_if(epoch_metrics, [name](const EpochMetric& metric) {
    return metric.name == name && metric.monitor != MonitorDirection::not_monitored;
  });
  return found == epoch_metrics.end() ? nullptr : &*found;
}

std::string metrics_csv(std::span<const EpochMetrics> history) {
  const std::set<std::string> purities = list_purities(history);
  std::ostringstream text;
  text << "epoch";
  for (const EpochMetric& metric : epoch_metrics) text << ',' << metric.name;
  for (const std::string& purity : purities) text << ',' << purity;
  // Nine digits identify a float32 exactly and keep the file readable.
  text << '\n' << std::setprecision(9);
  for (const EpochMetrics& row : history) {
    text << row.epoch;
    for (const EpochMetric& metric : epoch_metrics)
      text << ',' << without_sign_of_nan(row.*metric.value);
    for (const std::string& purity : purities) {
      const auto found = row.val_purities.find(purity);
      text << ','
           << (found == row.val_purities.end() ? std::nan("") : without_sign_of_nan(found->second));
    }
    text << '\n';
  }
  return text.str();
}

std::string epoch_line(const EpochMetrics& metrics) {
  const std::string epoch = format("epoch %3d", metrics.epoch);
  std::vector<std::string> parts;
  for (const EpochMetric& metric : epoch_metrics) {
    if (metric.log_format != nullptr)
      parts.push_back(format(metric.log_format, without_sign_of_nan(metrics.*metric.value)));
  }
  parts.push_back(format("%.1f s, %.1f events/s", metrics.seconds, metrics.events_per_second));
  parts.push_back(format("waited %.1f s", metrics.loader_wait));
  return fold(epoch, parts);
}

}  // namespace stationhit::training
