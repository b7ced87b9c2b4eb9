#include <algorithm>
#include <cmath>
#include <numeric>

#include <stationhit/workflow/study_summary.hpp>

namespace stationhit::workflow {
namespace {

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// NaN for fewer than two values.
double standard_deviation(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / (static_cast<double>(values.size()) - 1));
}

StudyEstimate estimate(const std::vector<double>& values, const std::vector<double>& replicas) {
  const auto n = static_cast<double>(values.size());
  if (values.size() > 1) return {mean_of(values), standard_deviation(values) / std::sqrt(n)};
  const double none = std::numeric_limits<double>::quiet_NaN();
  return {mean_of(values), replicas.size() > 1 ? standard_deviation(replicas) : none};
}

std::vector<double> subtract(const std::vector<double>& values, const std::vector<double>& base) {
  if (values.size() != base.size()) return {};
  std::vector<double> differences(values.size());
  std::ranges::transform(values, base, differences.begin(), std::minus<>());
  return differences;
}

StudyEntry summarize(const std::vector<const StudyRow*>& rows) {
  const StudyRow& first = *rows.front();
  StudyEntry entry{.name = first.name,
                   .label = first.label,
                   .method = first.method,
                   .seeds = rows.size(),
                   .values = {},
                   .differences = {},
                   .parameters = first.parameters,
                   .training_events = first.training_events};
  for (std::size_t i = 0; i < study_quantities.size(); ++i) {
    std::vector<double> values, differences;
    for (const StudyRow* row : rows) {
      values.push_back(row->measured[i].value);
      differences.push_back(row->measured[i].value - row->base[i].value);
    }
    const auto& replicas = first.measured[i].replicas;
    entry.values[i] = estimate(values, replicas);
    entry.differences[i] = estimate(differences, subtract(replicas, first.base[i].replicas));
  }
  std::vector<double> times;
  for (const StudyRow* row : rows) times.push_back(row->ms_per_event);
  entry.ms_per_event = estimate(times, {});
  return entry;
}

}  // namespace

std::vector<StudyEntry> summarize_study(const std::vector<StudyRow>& rows) {
  std::vector<std::vector<const StudyRow*>> groups;
  for (const StudyRow& row : rows) {
    const auto group = std::ranges::find_if(groups, [&](const auto& others) {
      return others.front()->name == row.name && others.front()->method == row.method;
    });
    if (group == groups.end())
      groups.push_back({&row});
    else
      group->push_back(&row);
  }
  std::vector<StudyEntry> entries;
  for (const auto& group : groups) entries.push_back(summarize(group));
  return entries;
}

}  // namespace stationhit::workflow
