#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>

#include "tiny_model.hpp"

namespace stationhit {
namespace {

using PropertyMap = std::map<std::string, std::string>;

PropertyMap tiny_properties() {
  const auto properties = onnx_file::to_properties(test::tiny_metadata());
  return {properties.begin(), properties.end()};
}

template <class ErrorType = core::DataError>
std::string refusal(const PropertyMap& properties) {
  return test::error_of<ErrorType>(
      [&] { (void)onnx_file::from_properties(properties, "model.onnx"); });
}

TEST(ModelMetadata, ReadsBackWhatWasWritten) {
  const onnx_file::ModelMetadata metadata =
      onnx_file::from_properties(tiny_properties(), "model.onnx");
  const onnx_file::ModelMetadata expected = test::tiny_metadata();
  EXPECT_EQ(metadata.feature_names, expected.feature_names);
  EXPECT_EQ(metadata.graph_json, expected.graph_json);
  EXPECT_EQ(metadata.thresholds, expected.thresholds);
  EXPECT_EQ(metadata.pos_weight, 171.5);
  EXPECT_EQ(metadata.architecture, "mlp");
  EXPECT_EQ(metadata.interface_name, "table");
  EXPECT_EQ(metadata.version, "0.1.0");
  EXPECT_EQ(metadata.config_hash, "0123456789abcdef");
}

TEST(ModelMetadata, AModelMadeElsewhereNeedsOnlyFeatureNames) {
  const onnx_file::ModelMetadata metadata =
      onnx_file::from_properties({{"feature_names", R"(["localX"])"}}, "model.onnx");
  EXPECT_EQ(metadata.feature_names, std::vector<std::string>{"localX"});
  EXPECT_TRUE(metadata.thresholds.empty());
  EXPECT_TRUE(metadata.version.empty());
}

TEST(ModelMetadata, NamesFileKeyAndNextStep) {
  EXPECT_EQ(refusal({}),
            "model.onnx: the metadata lack the key \"feature_names\" (names of the columns of the "
            "input \"features\"); export the model "
            "with stationhit export, or add the key to the file");
  EXPECT_NE(
      refusal({{"feature_names", "localX,localY"}})
          .find("key \"feature_names\" should hold a JSON array of names, not \"localX,localY\""),
      std::string::npos);
  EXPECT_NE(refusal({{"feature_names", "[]"}}).find("not \"[]\""), std::string::npos);
  EXPECT_NE(refusal({{"feature_names", R"(["localX"])"}, {"thresholds", R"({"0.99": null})"}})
                .find("key \"thresholds\""),
            std::string::npos);
  EXPECT_NE(refusal({{"feature_names", R"(["localX"])"}, {"pos_weight", "many"}})
                .find("key \"pos_weight\" should hold a number > 0, not \"many\""),
            std::string::npos);
}

TEST(ModelMetadata, AMissingKeyOfOursMeansATruncatedFile) {
  PropertyMap properties = tiny_properties();
  properties.erase("config_hash");
  EXPECT_NE(
      refusal(properties).find("10 metadata keys where 11 were written: the file is truncated"),
      std::string::npos)
      << refusal(properties);
}

TEST(ModelMetadata, RefusesANewerFormat) {
  PropertyMap properties = tiny_properties();
  properties["format_version"] = "99";
  EXPECT_NE(refusal(properties).find("\"format_version\" is 99, this program reads up to 1"),
            std::string::npos)
      << refusal(properties);
}

TEST(ModelMetadata, ThresholdsByWorkingPoint) {
  const onnx_file::ModelMetadata metadata = test::tiny_metadata();
  EXPECT_EQ(onnx_file::threshold(metadata, "0.99", "model.onnx"), -2.25F);
  EXPECT_EQ(onnx_file::threshold(metadata, "0.990", "model.onnx"), -2.25F);
  EXPECT_EQ(
      test::usage_error([&] { (void)onnx_file::threshold(metadata, "0.9", "model.onnx"); }),
      "model.onnx: the model has no threshold for working point 0.9; it has 0.985, 0.99, 0.995");
  EXPECT_EQ(test::usage_error([&] { (void)onnx_file::threshold({}, "0.99", "model.onnx"); }),
            "model.onnx: the model has no threshold for working point 0.99; it has none: give "
            "the cut itself with --cut");
}

}  // namespace
}  // namespace stationhit
