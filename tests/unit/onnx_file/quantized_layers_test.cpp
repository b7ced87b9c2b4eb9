// tests/unit/quantization/quantizer_test.cpp reads the layers of int8 files.
#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/onnx_file/quantized_layers.hpp>

#include "tiny_model.hpp"

namespace stationhit::onnx_file {
namespace {

TEST(QuantizedLayers, TheNamesOfTheirConstantsSayWhoseWeightsTheyAre) {
  const std::string prefix = quantized_layer_prefix("blocks.0.message.0.own", "gemm_12");
  EXPECT_EQ(layer_of_weights(prefix + quantized_weights_suffix), "blocks.0.message.0.own");
  EXPECT_EQ(layer_of_weights("gemm_12/weights_int8"), std::nullopt);  // of older versions
  EXPECT_EQ(layer_of_weights(prefix + "/bias_int32"), std::nullopt);
}

TEST(QuantizedLayers, AFloatFileHasNoneAndOtherContentIsRefused) {
  EXPECT_TRUE(read_quantized_layers(test::tiny_model().serialize(), "tiny.onnx").empty());
  EXPECT_CONTAINS(test::data_error([] { (void)read_quantized_layers("no protobuf", "text.onnx"); }),
                  "text.onnx: not an ONNX model");
}

}  // namespace
}  // namespace stationhit::onnx_file
