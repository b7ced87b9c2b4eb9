#include <algorithm>
#include <cmath>
#include <cstdint>
#include <mutex>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/onnx_file/model_editor.hpp>
#include <stationhit/quantization/calibration.hpp>
#include <stationhit/quantization/products.hpp>

namespace stationhit::quantization {
namespace {

using inference::ModelInputs;
using inference::OnnxModel;

constexpr std::size_t n_bins = 4096;

// Inputs of products, each once, and their columns.
struct Observed {
  std::vector<std::string> names;
  std::vector<std::size_t> columns;
};

Observed inputs_of_products(const onnx_file::ModelEditor& model, const std::string& where) {
  Observed observed;
  for (const Product& product : find_products(model, where)) {
    if (std::ranges::find(observed.names, product.input) != observed.names.end()) continue;
    observed.names.push_back(product.input);
    observed.columns.push_back(static_cast<std::size_t>(product.inputs));
  }
  return observed;
}

// The model with the given values as outputs.
OnnxModel observed_model(onnx_file::ModelEditor model, const std::vector<std::string>& values, const std::string& where) {
  for (const std::string& value : values) model.add_output(value);
  return OnnxModel(model.serialise(), where);
}

void check_inputs(const OnnxModel& model, std::span<const ModelInputs> events, const std::string& where) {
  const std::vector<std::string>& names = model.metadata().feature_names;
  std::size_t nodes = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const ModelInputs& event = events[i];
    nodes += event.n_nodes;
    if (event.features.size() == event.n_nodes * names.size()) continue;
    throw core::DataError(where + ": calibration event " + std::to_string(i) + " has " + std::to_string(event.features.size()) + " values for " +
                          std::to_string(event.n_nodes) + " nodes, the model takes the " + std::to_string(names.size()) + " features " +
                          core::join(names) + " of each; prepare the events with the features of the model");
  }
  if (nodes > 0) return;
  throw core::DataError(where + ": " + std::to_string(events.size()) +
                        " calibration events without a hit to measure the ranges on; give a training split with hits");
}

// Calls visit(event, number of the value, its numbers), one event at a time in any order, for all events that have nodes.
void observe(const OnnxModel& model, const std::vector<std::string>& values, std::span<const ModelInputs> events, unsigned threads,
             const std::function<void(std::size_t, std::size_t, const std::vector<float>&)>& visit) {
  std::mutex one_at_a_time;
  core::parallel_for(events.size(), threads, [&](std::size_t event) {
    if (events[event].n_nodes == 0) return;
    const auto outputs = model.run(events[event], values);
    const std::lock_guard lock(one_at_a_time);
    for (std::size_t i = 0; i < outputs.size(); ++i) visit(event, i, outputs[i]);
  });
}

// Sums of one value over an event, column by column.
struct Sums {
  double rows = 0;
  std::vector<double> sum, square;
};

Sums sums_of(const std::vector<float>& numbers, std::size_t columns) {
  Sums sums{static_cast<double>(numbers.size() / columns), std::vector<double>(columns), std::vector<double>(columns)};
  for (std::size_t row = 0; row < numbers.size() / columns; ++row) {
    for (std::size_t column = 0; column < columns; ++column) {
      const double number = numbers[row * columns + column];
      sums.sum[column] += number;
      sums.square[column] += number * number;
    }
  }
  return sums;
}

Range extended(const Range& range, const std::vector<float>& numbers, const std::string& value, const std::string& where) {
  Range result = range;
  for (const float number : numbers) {
    if (!std::isfinite(number)) {
      throw core::DataError(where + ": the value " + value + " is not finite on a calibration event; check the network, or leave the event out");
    }
    result = {std::min(result.low, number), std::max(result.high, number)};
  }
  return result;
}

// Of the sums of all events, added in the order of the events: threads change nothing.
void set_means(Activation& activation, const std::vector<Sums>& events, std::size_t columns) {
  double rows = 0;
  activation.mean.assign(columns, 0);
  activation.mean_square.assign(columns, 0);
  for (const Sums& event : events) {
    rows += event.rows;
    for (std::size_t column = 0; column < event.sum.size(); ++column) {
      activation.mean[column] += event.sum[column];
      activation.mean_square[column] += event.square[column];
    }
  }
  for (double& mean : activation.mean) mean /= rows;
  for (double& mean : activation.mean_square) mean /= rows;
}

std::vector<Activation> measured(const OnnxModel& model, const Observed& values, std::span<const ModelInputs> events, unsigned threads,
                                 const std::string& where) {
  std::vector<Activation> activations(values.names.size());
  std::vector<std::vector<Sums>> sums(values.names.size(), std::vector<Sums>(events.size()));
  observe(model, values.names, events, threads, [&](std::size_t event, std::size_t i, const std::vector<float>& numbers) {
    activations[i].range = extended(activations[i].range, numbers, values.names[i], where);
    sums[i][event] = sums_of(numbers, values.columns[i]);
  });
  for (std::size_t i = 0; i < activations.size(); ++i) set_means(activations[i], sums[i], values.columns[i]);
  return activations;
}

// Entries of one value between the ends of its range.
class Histogram {
 public:
  explicit Histogram(const Range& range) : range_(range), width_((double{range.high} - double{range.low}) / n_bins), entries_(n_bins) {}

  void fill(const std::vector<float>& numbers) {
    if (width_ <= 0) return;
    for (const float number : numbers) ++entries_[std::min(n_bins - 1, static_cast<std::size_t>((double{number} - double{range_.low}) / width_))];
    total_ += numbers.size();
  }

  // Without at most the share `cut` of the entries at each end.
  [[nodiscard]] Range without(double cut) const {
    const double allowed = cut * static_cast<double>(total_);
    std::size_t first = 0, last = n_bins;
    for (double below = 0; first < last && (below += static_cast<double>(entries_[first])) <= allowed;) ++first;
    for (double above = 0; last > first && (above += static_cast<double>(entries_[last - 1])) <= allowed;) --last;
    const auto edge = [&](std::size_t bin) { return static_cast<float>(double{range_.low} + static_cast<double>(bin) * width_); };
    return {std::min(0.0F, edge(first)), std::max(0.0F, last == n_bins ? range_.high : edge(last))};
  }

 private:
  Range range_;
  double width_;
  std::vector<std::uint64_t> entries_;
  std::uint64_t total_ = 0;
};

void leave_tails_out(std::vector<Activation>& activations, const OnnxModel& model, const std::vector<std::string>& values,
                     std::span<const ModelInputs> events, unsigned threads, double percentile) {
  std::vector<Histogram> histograms;
  for (const Activation& activation : activations) histograms.emplace_back(activation.range);
  observe(model, values, events, threads, [&](std::size_t, std::size_t i, const std::vector<float>& numbers) { histograms[i].fill(numbers); });
  for (std::size_t i = 0; i < activations.size(); ++i) activations[i].range = histograms[i].without((100 - percentile) / 200);
}

}  // namespace

Activations calibrate(std::string_view content, const std::string& where, std::span<const ModelInputs> events, const QuantizationConfig& config,
                      unsigned threads) {
  onnx_file::ModelEditor editor(content, where);
  const Observed values = inputs_of_products(editor, where);
  const OnnxModel model = observed_model(std::move(editor), values.names, where);
  check_inputs(model, events, where);
  std::vector<Activation> activations = measured(model, values, events, threads, where);
  if (config.calibration == "percentile") leave_tails_out(activations, model, values.names, events, threads, config.percentile);
  Activations by_name;
  for (std::size_t i = 0; i < activations.size(); ++i) by_name[values.names[i]] = activations[i];
  return by_name;
}

}  // namespace stationhit::quantization
