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

std::vector<std::string> inputs_of_products(const onnx_file::ModelEditor& model, const std::string& where) {
  std::vector<std::string> names;
  for (const Product& product : find_products(model, where)) {
    if (std::ranges::find(names, product.input) == names.end()) names.push_back(product.input);
  }
  return names;
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

// Calls visit(number of the value, its numbers), one event at a time, for all events that have nodes.
void observe(const OnnxModel& model, const std::vector<std::string>& values, std::span<const ModelInputs> events, unsigned threads,
             const std::function<void(std::size_t, const std::vector<float>&)>& visit) {
  std::mutex one_at_a_time;
  core::parallel_for(events.size(), threads, [&](std::size_t event) {
    if (events[event].n_nodes == 0) return;
    const auto outputs = model.run(events[event], values);
    const std::lock_guard lock(one_at_a_time);
    for (std::size_t i = 0; i < outputs.size(); ++i) visit(i, outputs[i]);
  });
}

std::vector<Range> smallest_to_largest(const OnnxModel& model, const std::vector<std::string>& values, std::span<const ModelInputs> events,
                                       unsigned threads, const std::string& where) {
  std::vector<Range> ranges(values.size());
  observe(model, values, events, threads, [&](std::size_t i, const std::vector<float>& numbers) {
    for (const float number : numbers) {
      if (!std::isfinite(number)) {
        throw core::DataError(where + ": the value " + values[i] +
                              " is not finite on a calibration event; check the network, or leave the event out");
      }
      ranges[i] = {std::min(ranges[i].low, number), std::max(ranges[i].high, number)};
    }
  });
  return ranges;
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

std::vector<Range> without_tails(const OnnxModel& model, const std::vector<std::string>& values, std::span<const ModelInputs> events,
                                 unsigned threads, double percentile, const std::vector<Range>& full) {
  std::vector<Histogram> histograms(full.begin(), full.end());
  observe(model, values, events, threads, [&](std::size_t i, const std::vector<float>& numbers) { histograms[i].fill(numbers); });
  std::vector<Range> ranges;
  for (const Histogram& histogram : histograms) ranges.push_back(histogram.without((100 - percentile) / 200));
  return ranges;
}

}  // namespace

Ranges calibrate(std::string_view content, const std::string& where, std::span<const ModelInputs> events, const QuantizationConfig& config,
                 unsigned threads) {
  onnx_file::ModelEditor editor(content, where);
  const std::vector<std::string> values = inputs_of_products(editor, where);
  const OnnxModel model = observed_model(std::move(editor), values, where);
  check_inputs(model, events, where);
  std::vector<Range> ranges = smallest_to_largest(model, values, events, threads, where);
  if (config.calibration == "percentile") ranges = without_tails(model, values, events, threads, config.percentile, ranges);
  Ranges by_name;
  for (std::size_t i = 0; i < values.size(); ++i) by_name[values[i]] = ranges[i];
  return by_name;
}

}  // namespace stationhit::quantization
