#include <algorithm>
#include <array>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/onnx_file/model_editor.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>

#include "tiny_model.hpp"

namespace stationhit::onnx_file {
namespace {

ModelEditor editor() { return ModelEditor(test::tiny_model().serialize(), "tiny.onnx"); }

TEST(ModelEditor, ShowsNodesAndConstants) {
  const ModelEditor model = editor();
  const std::vector<NodeView> nodes = model.nodes();
  ASSERT_EQ(nodes.size(), 2U);
  EXPECT_EQ(nodes[0].operator_name, "Gemm");
  EXPECT_EQ(nodes[0].inputs, (std::vector<std::string>{"features", "w", "b"}));
  EXPECT_EQ(nodes[0].number("alpha", 5), 1);
  EXPECT_EQ(nodes[0].number("transB", 5), 0);
  EXPECT_EQ(nodes[0].number("beta", 5), 5);
  const FloatTensor weights = model.float_constant("w").value();
  EXPECT_EQ(weights.shape, (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(weights.values, (std::vector<float>{0.5F, -2.0F}));
  EXPECT_FALSE(model.float_constant("features"));
  EXPECT_EQ(model.opset(), opset_version);
}

TEST(ModelEditor, WritesAFileOfTheChangedGraph) {
  ModelEditor model = editor();
  const std::array<float, 1> two{2.0F};
  const std::string factor = model.constant("two", std::span<const float>(two), {});
  model.rewrite([&](const NodeView& node, NodeWriter& writer) {
    if (node.operator_name != "Gemm") return writer.keep();
    writer.add("Mul", {node.inputs[0], factor}, {"doubled"});
    writer.keep_with_inputs({"doubled", node.inputs[1]});
  });
  model.remove_unused_constants();
  model.add_output("doubled");
  model.set_metadata("quantization", "{}");
  model.set_metadata("architecture", "other");
  const ModelFile file =
      parse_model(model.serialize(), "changed.onnx");  // checks the count of keys
  EXPECT_TRUE(file.problems.empty());
  EXPECT_EQ(file.operators,
            (std::map<std::string, std::uint64_t>{{"Gemm", 1}, {"Mul", 1}, {"Relu", 1}}));
  EXPECT_TRUE(std::ranges::none_of(
      file.initializers, [](const InitializerInfo& tensor) { return tensor.name == "b"; }));
  ASSERT_EQ(file.outputs.size(), 2U);
  EXPECT_EQ(file.outputs[1].name, "doubled");
  EXPECT_EQ(file.metadata.at("architecture"), "other");
  EXPECT_EQ(file.metadata.at("quantization"), "{}");
  EXPECT_EQ(file.metadata.at("property_count"), std::to_string(file.metadata.size()));
  EXPECT_EQ(file.integrity, Integrity::unchanged);
}

TEST(ModelEditor, RefusesAChangedModelInsteadOfHidingTheChange) {
  std::string content = test::tiny_model().serialize();
  content.replace(content.find("-2.25"), 5, "-3.25");
  EXPECT_CONTAINS(test::data_error([&] { const ModelEditor model(content, "tiny.onnx"); }),
                  "tiny.onnx: the model was changed after it was written");
}

TEST(ModelEditor, AnEditedModelDescribesItsNetworkNoMore) {
  ModelEditor described = editor();
  described.set_metadata(network_key, "{}");
  std::string content = described.serialize();
  const auto properties = [&] {
    const std::string written = ModelEditor(content, "tiny.onnx", ChangedModel::accept).serialize();
    const ModelFile file = parse_model(written, "tiny.onnx");  // checks the count of keys
    EXPECT_EQ(file.integrity, Integrity::unchanged);
    return file.metadata;
  };
  EXPECT_TRUE(properties().contains(network_key));
  content.replace(content.find("-2.25"), 5, "-3.25");
  EXPECT_FALSE(properties().contains(network_key));
}

TEST(ModelEditor, RefusesDamagedFilesAndGraphs) {
  const std::string content = test::tiny_model().serialize();
  EXPECT_THROW(ModelEditor(content.substr(0, content.size() / 2), "tiny.onnx"), core::DataError);
  ModelEditor model = editor();
  model.rewrite([](const NodeView& node, NodeWriter& writer) {
    if (node.operator_name == "Relu") writer.keep();
  });
  EXPECT_THROW((void)model.serialize(), core::Error);
}

}  // namespace
}  // namespace stationhit::onnx_file
