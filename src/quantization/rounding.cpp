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
std::size_t index_of_weight(const FloatTensor& weights, bool outputs_first, std::size_t output,
                            std::size_t input) {
  const auto columns = static_cast<std::size_t>(weights.shape[1]);
  return outputs_first ? output * columns + input : input * columns + output;
}

std::vector<float> weights_of(const FloatTensor& weights, bool outputs_first, std::size_t output) {
  std::vector<float> row(inputs_of(weights, outputs_first));
  for (std::size_t input = 0; input < row.size(); ++input)
    row[input] = weights.values[index_of_weight(weights, outputs_first, output, input)];
  return row;
}

float scale_of_largest(const std::vector<float>& row, std::int32_t largest) {
  float scale = 0;
  for (const float weight : row) scale = std::max(scale, std::fabs(weight));
  return scale / static_cast<float>(largest);
}

// Raises the scale to the smallest one; 1 for an output whose weights are all 0.
float raise_to_allowed(float scale, float smallest) {
  scale = std::max(scale, smallest);
  return scale > 0 ? scale : 1;
}

std::int32_t nearest_level(double number, std::int32_t largest) {
  return static_cast<std::int32_t>(std::clamp<double>(std::nearbyint(number), -largest, largest));
}

std::vector<std::int32_t> nearest_levels(const std::vector<float>& row, float scale,
                                         std::int32_t largest) {
  std::vector<std::int32_t> levels;
  for (const float weight : row)
    levels.push_back(nearest_level(double{weight} / double{scale}, largest));
  return levels;
}

// The gradient C e of the error of one output, updated as its levels change.
class ErrorGradient {
 public:
  ErrorGradient(const std::vector<float>& row, float scale, const std::vector<std::int32_t>& levels,
                std::span<const double> second_moments)
      : moments_(second_moments), errors_(row.size()), gradient_(row.size(), 0.0) {
    for (std::size_t i = 0; i < row.size(); ++i)
      errors_[i] = double{row[i]} - double{scale} * levels[i];
    for (std::size_t i = 0; i < row.size(); ++i) add(i, errors_[i]);
  }

  [[nodiscard]] double operator[](std::size_t i) const { return gradient_[i]; }
  [[nodiscard]] double curvature(std::size_t i) const { return moments_[i * errors_.size() + i]; }
  [[nodiscard]] double error() const {
    return std::inner_product(errors_.begin(), errors_.end(), gradient_.begin(), 0.0);
  }

  void change_error(std::size_t i, double by) {
    errors_[i] += by;
    add(i, by);
  }

 private:
  void add(std::size_t i, double factor) {
    const double* row = moments_.data() + i * gradient_.size();
    for (std::size_t j = 0; j < gradient_.size(); ++j) gradient_[j] += factor * row[j];
  }

  std::span<const double> moments_;
  std::vector<double> errors_, gradient_;
};

struct FittedLevels {
  std::vector<std::int32_t> levels;
  float scale = 1;
  double error = 0;
};

// Sets each level to its optimum while the others stay, until a sweep changes none.
FittedLevels optimize_levels(const std::vector<float>& row, float scale, std::int32_t largest,
                             std::span<const double> second_moments) {
  FittedLevels fit{nearest_levels(row, scale, largest), scale, 0};
  ErrorGradient gradient(row, scale, fit.levels, second_moments);
  bool changed = true;
  for (int sweep = 0; changed && sweep < most_sweeps; ++sweep) {
    changed = false;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (gradient.curvature(i) <= 0) continue;
      const std::int32_t best = nearest_level(
          fit.levels[i] + gradient[i] / (double{scale} * gradient.curvature(i)), largest);
      if (best == fit.levels[i]) continue;
      gradient.change_error(i, double{scale} * (fit.levels[i] - best));
      fit.levels[i] = best;
      changed = true;
    }
  }
  fit.error = gradient.error();
  return fit;
}

FittedLevels find_best_levels(const std::vector<float>& row, std::int32_t largest,
                              float smallest_scale, std::span<const double> second_moments) {
  const float usual = scale_of_largest(row, largest);
  FittedLevels best;
  for (const float factor : scale_factors) {
    FittedLevels fit = optimize_levels(row, raise_to_allowed(factor * usual, smallest_scale),
                                       largest, second_moments);
    if (factor == scale_factors.front() || fit.error < best.error) best = std::move(fit);
  }
  return best;
}

// Calls fit_row(weights of the output, smallest scale) for every output and collects levels and
// scales.
template <class FitRow>
QuantizedWeights fit_rows(const FloatTensor& weights, bool outputs_first,
                          std::span<const float> smallest_scales, FitRow&& fit_row) {
  QuantizedWeights result{std::vector<std::int8_t>(weights.values.size()), {}};
  for (std::size_t output = 0; output < outputs_of(weights, outputs_first); ++output) {
    const std::vector<float> row = weights_of(weights, outputs_first, output);
    const FittedLevels fit = fit_row(row, smallest_scales.empty() ? 0.0F : smallest_scales[output]);
    for (std::size_t i = 0; i < row.size(); ++i)
      result.values[index_of_weight(weights, outputs_first, output, i)] =
          static_cast<std::int8_t>(fit.levels[i]);
    result.scales.push_back(fit.scale);
  }
  return result;
}

}  // namespace

QuantizedWeights quantize_weights(const FloatTensor& weights, bool outputs_first,
                                  std::int32_t largest, std::span<const float> smallest_scales) {
  return fit_rows(weights, outputs_first, smallest_scales,
                  [&](const std::vector<float>& row, float smallest) {
                    const float scale = raise_to_allowed(scale_of_largest(row, largest), smallest);
                    return FittedLevels{nearest_levels(row, scale, largest), scale, 0};
                  });
}

QuantizedWeights fit_weights(const FloatTensor& weights, bool outputs_first, std::int32_t largest,
                             std::span<const double> second_moments,
                             std::span<const float> smallest_scales) {
  assert(second_moments.size() ==
         inputs_of(weights, outputs_first) * inputs_of(weights, outputs_first));
  return fit_rows(weights, outputs_first, smallest_scales,
                  [&](const std::vector<float>& row, float smallest) {
                    return find_best_levels(row, largest, smallest, second_moments);
                  });
}

double error_of_outputs(const FloatTensor& weights, bool outputs_first,
                        const QuantizedWeights& quantized, std::span<const double> second_moments) {
  double sum = 0;
  for (std::size_t output = 0; output < outputs_of(weights, outputs_first); ++output) {
    const std::vector<float> row = weights_of(weights, outputs_first, output);
    std::vector<std::int32_t> levels;
    for (std::size_t i = 0; i < row.size(); ++i)
      levels.push_back(quantized.values[index_of_weight(weights, outputs_first, output, i)]);
    sum += ErrorGradient(row, quantized.scales[output], levels, second_moments).error();
  }
  return sum;
}

}  // namespace stationhit::quantization
