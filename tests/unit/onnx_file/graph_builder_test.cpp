#include <array>
#include <filesystem>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/onnx_file/graph_builder.hpp>
#include <stationhit/onnx_file/model_file.hpp>

#include "tiny_model.hpp"

namespace stationhit {
namespace {

TEST(GraphBuilder, WhatIsBuiltIsRead) {
  const onnx_file::ModelFile file = onnx_file::parse_model(test::tiny_model().serialize(), "tiny");
  EXPECT_EQ(file.ir_version, 8);
  EXPECT_EQ(file.opset, 18);
  EXPECT_EQ(file.producer, "stationhit");
  ASSERT_EQ(file.inputs.size(), 1U);
  EXPECT_EQ(file.inputs[0].name, "features");
  EXPECT_EQ(file.inputs[0].type, "float32");
  EXPECT_EQ(file.inputs[0].shape, (std::vector<std::string>{"n_nodes", "2"}));
  ASSERT_EQ(file.outputs.size(), 1U);
  EXPECT_EQ(file.outputs[0].name, "output");
  EXPECT_EQ(file.operators, (std::map<std::string, std::uint64_t>{{"Gemm", 1}, {"Relu", 1}}));
  ASSERT_EQ(file.initializers.size(), 2U);
  EXPECT_EQ(file.initializers[0].name, "w");
  EXPECT_EQ(file.initializers[0].elements, 2U);
  EXPECT_EQ(file.parameter_bytes(), 12U);
  EXPECT_EQ(file.metadata.at("architecture"), "mlp");
  EXPECT_TRUE(file.problems.empty());
}

std::string problems_of(const onnx_file::GraphBuilder& graph) {
  try {
    (void)graph.serialize();
  } catch (const core::Error& error) {
    EXPECT_EQ(error.code(), core::ExitCode::internal);
    return error.what();
  }
  return "";
}

TEST(GraphBuilder, RefusesAValueThatNobodyMakes) {
  onnx_file::GraphBuilder graph("broken");
  graph.node("Relu", {"ghost"}, {}, "output");
  graph.output("output", onnx_file::ElementType::float32, {"n"});
  EXPECT_NE(problems_of(graph).find("uses \"ghost\" before it is made"), std::string::npos);
}

TEST(GraphBuilder, RefusesAnOutputThatNobodyMakes) {
  onnx_file::GraphBuilder graph("broken");
  graph.output("output", onnx_file::ElementType::float32, {"n"});
  EXPECT_NE(problems_of(graph).find("the output list uses \"output\""), std::string::npos);
}

TEST(GraphBuilder, RefusesAValueMadeTwice) {
  onnx_file::GraphBuilder graph("broken");
  const std::string x = graph.input("x", onnx_file::ElementType::float32, {"n"});
  graph.node("Relu", {x}, {}, "output");
  graph.node("Sigmoid", {x}, {}, "output");
  graph.output("output", onnx_file::ElementType::float32, {"n"});
  EXPECT_NE(problems_of(graph).find("makes \"output\", which exists already"), std::string::npos);
}

TEST(GraphBuilder, WritesAsideAndNamesAPathItCannotWrite) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / "graph_builder_test";
  std::filesystem::create_directories(folder);
  test::tiny_model().write(folder / "tiny.onnx");
  EXPECT_TRUE(std::filesystem::exists(folder / "tiny.onnx"));
  EXPECT_FALSE(std::filesystem::exists(folder / "tiny.onnx.partial"));
  EXPECT_CONTAINS(
      test::data_error([&] { test::tiny_model().write(folder / "missing" / "tiny.onnx"); }),
      "missing/tiny.onnx");
}

}  // namespace
}  // namespace stationhit
