// Every output of a layer is an independent problem: choose integers q and a scale s that make e^T
// C e small, with e = w - s q. For each of a few scales the integers start at the nearest ones;
// then one at a time is set to its exact optimum while the others stay (coordinate descent). The
// gradient C e is kept up to date, so a change costs O(inputs) and a sweep O(inputs^2). The first
// scale starts from plain rounding, and the error never grows: the result is never worse than that.
#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numeric>

#include <stationhit/quantization/rounding.hpp>

namespace stationhit::quantization {
namespace {

using onnx_file::FloatTensor;

constexpr std::array<float, 5> scale_factors{1, 0.94F, 0.88F, 0.82F,
                                             0.76F};  // of the scale that holds the largest weight
constexpr int most_sweeps = 20;

std::size_t outputs_of(const FloatTensor& weights, bool outputs_first) {
  return static_cast<std::size_t>(weights.shape[outputs_first ? 0 : 1]);
}
std::size_t inputs_of(const FloatTensor& weights, bool outputs_first) {
  return static_cast<std::size_t>(weights.shape[outputs_first ? 1 : 0]);
}

// Index of a weight in the values.
std::size_t place(const FloatTensor& weights, bool outputs_first, std::size_t output,
                  std::size_t input) {
  const auto columns = static_cast<std::size_t>(weights.shape[1]);
  return outputs_first ? output * columns + input : input * columns + output;
}

std::vector<float> weights_of(const FloatTensor& weights, bool outputs_first, std::size_t output) {
  std::vector<float> row(inputs_of(weights, outputs_first));
  for (std::size_t input = 0; input < row.size(); ++input)
    row[input] = weights.values[place(weights, outputs_first, output, input)];
  return row;
}

float scale_of_largest(const std::vector<float>& row, std::int32_t largest) {
  float scale = 0;
  for (const float weight : row) scale = std::max(scale, std::fabs(weight));
  return scale / static_cast<float>(largest);
}

// Raises the scale to the smallest one; 1 for an output whose weights are all 0.
float allowed(float scale, float smallest) {
  scale = std::max(scale, smallest);
  return scale > 0 ? scale : 1;
}

std::int32_t nearest(double number, std::int32_t largest) {
  return static_cast<std::int32_t>(std::clamp<double>(std::nearbyint(number), -largest, largest));
}

std::vector<std::int32_t> nearest(const std::vector<float>& row, float scale,
                                  std::int32_t largest) {
  std::vector<std::int32_t> numbers;
  for (const float weight : row)
    numbers.push_back(nearest(double{weight} / double{scale}, largest));
  return numbers;
}

// The gradient C e of the error of one output, updated as its levels change.
class Gradient {
 public:
  Gradient(const std::vector<float>& row, float scale, const std::vector<std::int32_t>& numbers,
           std::span<const double> mean_products)
      : products_(mean_products), errors_(row.size()), gradient_(row.size(), 0.0) {
    for (std::size_t i = 0; i < row.size(); ++i)
      errors_[i] = double{row[i]} - double{scale} * numbers[i];
    for (std::size_t i = 0; i < row.size(); ++i) add(i, errors_[i]);
  }

  [[nodiscard]] double operator[](std::size_t i) const { return gradient_[i]; }
  [[nodiscard]] double curvature(std::size_t i) const { return products_[i * errors_.size() + i]; }
  [[nodiscard]] double error() const {
    return std::inner_product(errors_.begin(), errors_.end(), gradient_.begin(), 0.0);
  }

  void change_error(std::size_t i, double by) {
    errors_[i] += by;
    add(i, by);
  }

 private:
  void add(std::size_t i, double factor) {
    const double* row = products_.data() + i * gradient_.size();
    for (std::size_t j = 0; j < gradient_.size(); ++j) gradient_[j] += factor * row[j];
  }

  std::span<const double> products_;
  std::vector<double> errors_, gradient_;
};

struct Fit {
  std::vector<std::int32_t> numbers;
  float scale = 1;
  double error = 0;
};

// Sets each level to its optimum while the others stay, until a sweep changes none.
Fit descend(const std::vector<float>& row, float scale, std::int32_t largest,
            std::span<const double> mean_products) {
  Fit fit{nearest(row, scale, largest), scale, 0};
  Gradient gradient(row, scale, fit.numbers, mean_products);
  bool changed = true;
  for (int sweep = 0; changed && sweep < most_sweeps; ++sweep) {
    changed = false;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (gradient.curvature(i) <= 0) continue;
      const std::int32_t best =
          nearest(fit.numbers[i] + gradient[i] / (double{scale} * gradient.curvature(i)), largest);
      if (best == fit.numbers[i]) continue;
      gradient.change_error(i, double{scale} * (fit.numbers[i] - best));
      fit.numbers[i] = best;
      changed = true;
    }
  }
  fit.error = gradient.error();
  return fit;
}

Fit best_fit(const std::vector<float>& row, std::int32_t largest, float smallest_scale,
             std::span<const double> mean_products) {
  const float usual = scale_of_largest(row, largest);
  Fit best;
  for (const float factor : scale_factors) {
    Fit fit = descend(row, allowed(factor * usual, smallest_scale), largest, mean_products);
    if (factor == scale_factors.front() || fit.error < best.error) best = std::move(fit);
  }
  return best;
}

// Calls fit_row(weights of the output, smallest scale) for every output and collects levels and
// scales.
template <class FitRow>
QuantisedWeights fit_rows(const FloatTensor& weights, bool outputs_first,
                          std::span<const float> smallest_scales, FitRow&& fit_row) {
  QuantisedWeights result{std::vector<std::int8_t>(weights.values.size()), {}};
  for (std::size_t output = 0; output < outputs_of(weights, outputs_first); ++output) {
    const std::vector<float> row = weights_of(weights, outputs_first, output);
    const Fit fit = fit_row(row, smallest_scales.empty() ? 0.0F : smallest_scales[output]);
    for (std::size_t i = 0; i < row.size(); ++i)
      result.values[place(weights, outputs_first, output, i)] =
          static_cast<std::int8_t>(fit.numbers[i]);
    result.scales.push_back(fit.scale);
  }
  return result;
}

}  // namespace

QuantisedWeights quantise_weights(const FloatTensor& weights, bool outputs_first,
                                  std::int32_t largest, std::span<const float> smallest_scales) {
  return fit_rows(weights, outputs_first, smallest_scales,
                  [&](const std::vector<float>& row, float smallest) {
                    const float scale = allowed(scale_of_largest(row, largest), smallest);
                    return Fit{nearest(row, scale, largest), scale, 0};
                  });
}

QuantisedWeights fit_weights(const FloatTensor& weights, bool outputs_first, std::int32_t largest,
                             std::span<const double> mean_products,
                             std::span<const float> smallest_scales) {
  assert(mean_products.size() ==
         inputs_of(weights, outputs_first) * inputs_of(weights, outputs_first));
  return fit_rows(weights, outputs_first, smallest_scales,
                  [&](const std::vector<float>& row, float smallest) {
                    return best_fit(row, largest, smallest, mean_products);
                  });
}

double error_of_outputs(const FloatTensor& weights, bool outputs_first,
                        const QuantisedWeights& quantised, std::span<const double> mean_products) {
  double sum = 0;
  for (std::size_t output = 0; output < outputs_of(weights, outputs_first); ++output) {
    const std::vector<float> row = weights_of(weights, outputs_first, output);
    std::vector<std::int32_t> numbers;
    for (std::size_t i = 0; i < row.size(); ++i)
      numbers.push_back(quantised.values[place(weights, outputs_first, output, i)]);
    sum += Gradient(row, quantised.scales[output], numbers, mean_products).error();
  }
  return sum;
}

}  // namespace stationhit::quantization
