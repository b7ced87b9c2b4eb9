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
#include <stationhit/quantization/products.hpp>

namespace stationhit::quantization {
namespace {

using inference::ModelInputs;
using inference::OnnxModel;

constexpr std::size_t n_bins = 4096;
constexpr std::size_t most_rows = 1024;  // per event, for means and second moments

// The inputs of the linear layers, each listed once, with their numbers of columns.
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

// The model with the given values as additional outputs.
OnnxModel observed_model(onnx_file::ModelEditor model, const std::vector<std::string>& values,
                         const std::string& where) {
  for (const std::string& value : values) model.add_output(value);
  return OnnxModel(model.serialise(), where);
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
struct Statistics {
  Range range;
  double rows = 0;
  std::vector<double> sum, products;  // [columns], [columns, columns] lower triangle

  explicit Statistics(std::size_t columns) : sum(columns), products(columns * columns) {}

  void add_row(const float* row) {
    const std::size_t columns = sum.size();
    for (std::size_t i = 0; i < columns; ++i) {
      sum[i] += double{row[i]};
      for (std::size_t j = 0; j <= i; ++j)
        products[i * columns + j] += double{row[i]} * double{row[j]};
    }
    ++rows;
  }

  void add(const Statistics& other) {
    range = {std::min(range.low, other.range.low), std::max(range.high, other.range.high)};
    rows += other.rows;
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += other.sum[i];
    for (std::size_t i = 0; i < products.size(); ++i) products[i] += other.products[i];
  }

  [[nodiscard]] Activation means() const {
    Activation result{range, sum, products};
    const std::size_t columns = sum.size();
    for (std::size_t i = 0; i < columns; ++i) {
      result.mean[i] /= rows;
      for (std::size_t j = 0; j <= i; ++j)
        result.mean_products[i * columns + j] = result.mean_products[j * columns + i] =
            products[i * columns + j] / rows;
    }
    return result;
  }
};

Range range_of(const std::vector<float>& numbers, const std::string& value,
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
Statistics statistics_of(const std::vector<float>& numbers, std::size_t columns,
                         const std::string& value, const std::string& where) {
  Statistics statistics(columns);
  statistics.range = range_of(numbers, value, where);
  const std::size_t rows = numbers.size() / columns,
                    step = std::max<std::size_t>(1, (rows + most_rows - 1) / most_rows);
  for (std::size_t row = 0; row < rows; row += step)
    statistics.add_row(numbers.data() + row * columns);
  return statistics;
}

std::vector<Activation> measured(const OnnxModel& model, const Observed& values,
                                 std::span<const ModelInputs> events, unsigned threads,
                                 const std::string& where) {
  std::vector<Statistics> statistics(values.columns.begin(), values.columns.end());
  const auto work = [&](const std::vector<std::vector<float>>& outputs) {
    std::vector<Statistics> of_event;
    for (std::size_t i = 0; i < outputs.size(); ++i)
      of_event.push_back(statistics_of(outputs[i], values.columns[i], values.names[i], where));
    return of_event;
  };
  observe(model, values.names, events, threads, work, [&](const std::vector<Statistics>& of_event) {
    for (std::size_t i = 0; i < statistics.size(); ++i) statistics[i].add(of_event[i]);
  });
  std::vector<Activation> activations;
  for (const Statistics& of_value : statistics) activations.push_back(of_value.means());
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
  [[nodiscard]] Range without(double cut) const {
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

void leave_tails_out(std::vector<Activation>& activations, const OnnxModel& model,
                     const std::vector<std::string>& values, std::span<const ModelInputs> events,
                     unsigned threads, double percentile) {
  std::vector<Histogram> histograms;
  for (const Activation& activation : activations) histograms.emplace_back(activation.range);
  observe(model, values, events, threads, std::identity(),
          [&](const std::vector<std::vector<float>>& outputs) {
            for (std::size_t i = 0; i < outputs.size(); ++i) histograms[i].fill(outputs[i]);
          });
  for (std::size_t i = 0; i < activations.size(); ++i)
    activations[i].range = histograms[i].without((100 - percentile) / 200);
}

}  // namespace

Activations calibrate(std::string_view content, const std::string& where,
                      std::span<const ModelInputs> events, const QuantizationConfig& config,
                      unsigned threads) {
  onnx_file::ModelEditor editor(content, where);
  const Observed values = inputs_of_products(editor, where);
  const OnnxModel model = observed_model(std::move(editor), values.names, where);
  check_inputs(model, events, where);
  std::vector<Activation> activations = measured(model, values, events, threads, where);
  if (config.calibration == "percentile")
    leave_tails_out(activations, model, values.names, events, threads, config.percentile);
  Activations by_name;
  for (std::size_t i = 0; i < activations.size(); ++i) by_name[values.names[i]] = activations[i];
  return by_name;
}

}  // namespace stationhit::quantization
