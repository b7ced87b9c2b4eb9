// Ranges and means of the activations of a float32 model, measured on events.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/inference/onnx_model.hpp>
#include <stationhit/quantization/quantization_config.hpp>

namespace stationhit::quantization {

// 0 is always inside: U8 must hold it exactly, because relu makes many of them.
struct Range {
  float low = 0, high = 0;
};

// The input of a product. May be empty where they are not known: the means of its columns, [in],
// and the means of the products of two columns, [in, in].
struct Activation {
  Range range;
  std::vector<double> mean = {}, mean_products = {};
};
using Activations = std::map<std::string, Activation>;  // by name of the value in the graph

// Of the inputs of all products. minmax: smallest to largest value; percentile: without (100 -
// percentile) / 2 percent of the values at each end, by a histogram of 4096 bins. The means are
// those of at most 1024 evenly spaced rows of every event. The result does not depend on the number
// of threads. Throws DataError: no nodes in the events, inputs that are not those of the model (the
// number of features is named), values that are not finite; and what find_products throws.
[[nodiscard]] Activations calibrate(std::string_view content, const std::string& where,
                                    std::span<const inference::ModelInputs> events,
                                    const QuantizationConfig& config, unsigned threads);

}  // namespace stationhit::quantization
