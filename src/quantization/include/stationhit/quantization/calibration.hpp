// Ranges, means and second moments of the activations of a float32 model, measured on events.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/inference/onnx_model.hpp>
#include <stationhit/quantization/quantization_config.hpp>

namespace stationhit::quantization {

// Always contains 0, which U8 must represent exactly because relu produces many zeros.
struct Range {
  float low = 0, high = 0;
};

// The input of a linear layer: its range, the means of its columns, [in], and the second moments of
// pairs of columns, [in, in]. Means and moments are empty if they are not known.
struct Activation {
  Range range;
  std::vector<double> mean = {}, second_moments = {};
};
using Activations = std::map<std::string, Activation>;  // by name of the value in the graph

// Measures the inputs of all linear layers. With `minmax` a range goes from the smallest to the
// largest value; with `percentile` it leaves out (100 - percentile) / 2 percent of the values at
// each end, using a histogram of 4096 bins. Means and second moments come from at most 1024 evenly
// spaced rows of every event. The result does not depend on the number of threads. Throws DataError
// if the events have no nodes, if their number of features differs from that of the model, or if a
// value is not finite; also throws what find_linear_layers throws.
[[nodiscard]] Activations calibrate(std::string_view content, const std::string& where,
                                    std::span<const inference::ModelInputs> events,
                                    const QuantizationConfig& config, unsigned threads);

}  // namespace stationhit::quantization
