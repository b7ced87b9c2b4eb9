// The inputs of all linear layers become extra outputs of the float32 model, which then runs over
// the calibration events, several at a time; results are added in the order of the events, so that
// the number of threads changes no sum. One pass gives ranges, means and second moments.
// `percentile` needs a second pass, which fills histograms between the ends of the ranges found in
// the first.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/pipeline.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/onnx_file/model_editor.hpp>
#include <stationhit/quantization/calibration.hpp>
#include <stationhit/quantization/linear_layers.hpp>

namespace stationhit::quantization {
namespace {

using inference::ModelInputs;
using inference::OnnxModel;

constexpr std::size_t n_bins = 4096;
constexpr std::size_t most_rows = 1024;  // per event, for means and second moments

// The inputs of the linear layers, each listed once, with their numbers of columns.
struct ObservedValues {
  std::vector<std::string> names;
  std::vector<std::size_t> columns;
};

ObservedValues find_layer_inputs(const onnx_file::ModelEditor& model, const std::string& where) {
  ObservedValues observed;
  for (const LinearLayer& layer : find_linear_layers(model, where)) {
    if (std::ranges::find(observed.names, layer.input) != observed.names.end()) continue;
    observed.names.push_back(layer.input);
    observed.columns.push_back(static_cast<std::size_t>(layer.inputs));
  }
  return observed;
}

// The model with the given values as additional outputs.
OnnxModel make_observed_model(onnx_file::ModelEditor model, const std::vector<std::string>& values,
                              const std::string& where) {
  for (const std::string& value : values) model.add_output(value);
  return OnnxModel(model.serialize(), where);
}

void check_inputs(const OnnxModel& model, std::span<const ModelInputs> events,
                  const std::string& where) {
  const std::vector<std::string>& names = model.metadata().feature_names;
  std::size_t nodes = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const ModelInputs& event = events[i];
    nodes += event.n_nodes;
    if (event.features.size() == event.n_nodes * names.size()) continue;
    throw core::DataError(where + ": calibration event " + std::to_string(i) + " has " +
                          std::to_string(event.features.size()) + " values for " +
                          std::to_string(event.n_nodes) + " nodes, the model takes the " +
                          std::to_string(names.size()) + " features " + core::join(names) +
                          " of each; prepare the events with the features of the model");
  }
  if (nodes > 0) return;
  throw core::DataError(where + ": " + std::to_string(events.size()) +
                        " calibration events without a hit to measure the ranges on; give a "
                        "training split with hits");
}

// Calls visit(work(observed values of an event)) for all events that have nodes. work runs in
// several threads; visit is called in the order of the events.
template <class Work, class Visit>
void observe(const OnnxModel& model, const std::vector<std::string>& values,
             std::span<const ModelInputs> events, unsigned threads, const Work& work,
             const Visit& visit) {
  using Result = std::decay_t<std::invoke_result_t<Work, std::vector<std::vector<float>>>>;
  using Results = core::Pipeline<Result>;
  auto event = events.begin();
  Results results(threads, std::size_t{2} * threads, [&]() -> std::optional<typename Results::Job> {
    while (event != events.end() && event->n_nodes == 0) ++event;
    if (event == events.end()) return std::nullopt;
    return [&model, &values, &work, &inputs = *event++] { return work(model.run(inputs, values)); };
  });
  while (auto result = results.next()) visit(std::move(*result));
}

// Range, sums and second moments of one value.
struct ValueStatistics {
  Range range;
  double rows = 0;
  std::vector<double> sum, moments;  // [columns], [columns, columns] lower triangle

  explicit ValueStatistics(std::size_t columns) : sum(columns), moments(columns * columns) {}

  void add_row(const float* row) {
    const std::size_t columns = sum.size();
    for (std::size_t i = 0; i < columns; ++i) {
      sum[i] += double{row[i]};
      for (std::size_t j = 0; j <= i; ++j)
        moments[i * columns + j] += double{row[i]} * double{row[j]};
    }
    ++rows;
  }

  void add(const ValueStatistics& other) {
    range = {std::min(range.low, other.range.low), std::max(range.high, other.range.high)};
    rows += other.rows;
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += other.sum[i];
    for (std::size_t i = 0; i < moments.size(); ++i) moments[i] += other.moments[i];
  }

  [[nodiscard]] Activation to_activation() const {
    Activation result{range, sum, moments};
    const std::size_t columns = sum.size();
    for (std::size_t i = 0; i < columns; ++i) {
      result.mean[i] /= rows;
      for (std::size_t j = 0; j <= i; ++j)
        result.second_moments[i * columns + j] = result.second_moments[j * columns + i] =
            moments[i * columns + j] / rows;
    }
    return result;
  }
};

Range find_range(const std::vector<float>& numbers, const std::string& value,
                 const std::string& where) {
  Range result;
  for (const float number : numbers) {
    if (!std::isfinite(number)) {
      throw core::DataError(
          where + ": the value " + value +
          " is not finite on a calibration event; check the network, or leave the event out");
    }
    result = {std::min(result.low, number), std::max(result.high, number)};
  }
  return result;
}

// The range covers all numbers; the moments use at most most_rows evenly spaced rows.
ValueStatistics collect_statistics(const std::vector<float>& numbers, std::size_t columns,
                                   const std::string& value, const std::string& where) {
  ValueStatistics statistics(columns);
  statistics.range = find_range(numbers, value, where);
  const std::size_t rows = numbers.size() / columns,
                    step = std::max<std::size_t>(1, (rows + most_rows - 1) / most_rows);
  for (std::size_t row = 0; row < rows; row += step)
    statistics.add_row(numbers.data() + row * columns);
  return statistics;
}

std::vector<Activation> measure_activations(const OnnxModel& model, const ObservedValues& values,
                                            std::span<const ModelInputs> events, unsigned threads,
                                            const std::string& where) {
  std::vector<ValueStatistics> statistics(values.columns.begin(), values.columns.end());
  const auto work = [&](const std::vector<std::vector<float>>& outputs) {
    std::vector<ValueStatistics> event_statistics;
    for (std::size_t i = 0; i < outputs.size(); ++i)
      event_statistics.push_back(
          collect_statistics(outputs[i], values.columns[i], values.names[i], where));
    return event_statistics;
  };
  observe(model, values.names, events, threads, work,
          [&](const std::vector<ValueStatistics>& event_statistics) {
            for (std::size_t i = 0; i < statistics.size(); ++i)
              statistics[i].add(event_statistics[i]);
          });
  std::vector<Activation> activations;
  for (const ValueStatistics& value_statistics : statistics)
    activations.push_back(value_statistics.to_activation());
  return activations;
}

// How often a value falls into each of n_bins bins between the ends of its range.
class Histogram {
 public:
  explicit Histogram(const Range& range)
      : range_(range),
        width_((double{range.high} - double{range.low}) / n_bins),
        entries_(n_bins) {}

  void fill(const std::vector<float>& numbers) {
    if (width_ <= 0) return;
    for (const float number : numbers)
      ++entries_[std::min(
          n_bins - 1, static_cast<std::size_t>((double{number} - double{range_.low}) / width_))];
    total_ += numbers.size();
  }

  // The range without the tails: at most the fraction `cut` of the entries is left out at each end.
  [[nodiscard]] Range range_without_tails(double cut) const {
    const double allowed = cut * static_cast<double>(total_);
    std::size_t first = 0, last = n_bins;
    for (double below = 0;
         first < last && (below += static_cast<double>(entries_[first])) <= allowed;)
      ++first;
    for (double above = 0;
         last > first && (above += static_cast<double>(entries_[last - 1])) <= allowed;)
      --last;
    const auto edge = [&](std::size_t bin) {
      return static_cast<float>(double{range_.low} + static_cast<double>(bin) * width_);
    };
    return {std::min(0.0F, edge(first)), std::max(0.0F, last == n_bins ? range_.high : edge(last))};
  }

 private:
  Range range_;
  double width_;
  std::vector<std::uint64_t> entries_;
  std::uint64_t total_ = 0;
};

void cut_tails(std::vector<Activation>& activations, const OnnxModel& model,
               const std::vector<std::string>& values, std::span<const ModelInputs> events,
               unsigned threads, double percentile) {
  std::vector<Histogram> histograms;
  for (const Activation& activation : activations) histograms.emplace_back(activation.range);
  observe(model, values, events, threads, std::identity(),
          [&](const std::vector<std::vector<float>>& outputs) {
            for (std::size_t i = 0; i < outputs.size(); ++i) histograms[i].fill(outputs[i]);
          });
  for (std::size_t i = 0; i < activations.size(); ++i)
    activations[i].range = histograms[i].range_without_tails((100 - percentile) / 200);
}

}  // namespace

Activations calibrate(std::string_view content, const std::string& where,
                      std::span<const ModelInputs> events, const QuantizationConfig& config,
                      unsigned threads) {
  onnx_file::ModelEditor editor(content, where);
  const ObservedValues values = find_layer_inputs(editor, where);
  const OnnxModel model = make_observed_model(std::move(editor), values.names, where);
  check_inputs(model, events, where);
  std::vector<Activation> activations = measure_activations(model, values, events, threads, where);
  if (config.calibration == CalibrationRange::percentile)
    cut_tails(activations, model, values.names, events, threads, config.percentile);
  Activations by_name;
  for (std::size_t i = 0; i < activations.size(); ++i) by_name[values.names[i]] = activations[i];
  return by_name;
}

}  // namespace stationhit::quantization
