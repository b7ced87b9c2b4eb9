#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/onnx_file/model_editor.hpp>
#include <stationhit/onnx_file/model_file.hpp>

#include "tiny_model.hpp"

namespace stationhit {
namespace {

std::string refusal(std::string_view content) {
  return test::error_of<core::DataError>(
      [&] { (void)onnx_file::parse_model(content, "dir/model.onnx"); });
}

TEST(ModelFile, EveryCutIsNoticed) {
  const std::string content = test::tiny_model().serialize();
  for (std::size_t length = 0; length < content.size(); ++length) {
    const std::string message = refusal(std::string_view(content).substr(0, length));
    EXPECT_NE(message.find("dir/model.onnx: "), std::string::npos)
        << "cut at " << length << " of " << content.size();
    EXPECT_NE(message.find("stationhit export"), std::string::npos) << message;
  }
  EXPECT_EQ(refusal(content), "");
}

TEST(ModelFile, RefusesWhatIsNotOnnx) {
  EXPECT_NE(refusal("this is a text file, not a model\n").find("not an ONNX model"),
            std::string::npos);
  EXPECT_NE(refusal(std::string(4096, '\xff')).find("not an ONNX model"), std::string::npos);
  EXPECT_NE(refusal("").find("the file is empty"), std::string::npos);
}

TEST(ModelFile, FlippedBytesNeverCrash) {
  const std::string content = test::tiny_model().serialize();
  for (std::size_t at = 0; at < content.size(); ++at) {
    std::string damaged = content;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    (void)refusal(damaged);
  }
}

TEST(ModelFile, AFlippedBitAnywhereIsFoundOrChangesNothing) {
  const std::string content = test::tiny_model().serialize();
  const std::string expected = onnx_file::ModelEditor(content, "tiny").serialize();
  const std::size_t key = content.find(onnx_file::checksum_key);
  for (std::size_t bit = 0; bit < 8 * content.size(); ++bit) {
    std::string damaged = content;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    try {
      switch (onnx_file::parse_model(damaged, "tiny").integrity) {
        case onnx_file::Integrity::changed:
          break;
        case onnx_file::Integrity::unchanged:
          EXPECT_EQ(onnx_file::ModelEditor(damaged, "tiny").serialize(), expected);
          break;
        case onnx_file::Integrity::unknown:  // the entry of the checksum itself was hit
          EXPECT_TRUE(bit / 8 + 4 >= key && bit / 8 < key + 25) << "bit " << bit;
          break;
      }
    } catch (const core::DataError&) {
    }
  }
}

TEST(ModelFile, KnowsWhetherItWasChanged) {
  const std::string content = test::tiny_model().serialize();
  const auto file = onnx_file::parse_model(content, "tiny.onnx");
  EXPECT_EQ(file.integrity, onnx_file::Integrity::unchanged);
  EXPECT_NO_THROW(onnx_file::require_unchanged(file, "tiny.onnx"));
  std::string changed = content;
  changed.replace(changed.find("-2.25"), 5, "-3.25");
  const auto edited = onnx_file::parse_model(changed, "tiny.onnx");
  EXPECT_EQ(edited.integrity, onnx_file::Integrity::changed);
  EXPECT_EQ(test::data_error([&] { onnx_file::require_unchanged(edited, "tiny.onnx"); }),
            "tiny.onnx: the model was changed after it was written, by hand or by damage (its "
            "checksum differs); export it again, or accept it as it is with --allow-modified (C++: "
            "SessionOptions::changed_model)");
}

TEST(ModelFile, AModelOfAnotherProgramHasNoChecksum) {
  onnx_file::GraphBuilder graph("foreign");
  const std::string x = graph.input("x", onnx_file::ElementType::float32, {"n", 1});
  graph.node("Relu", {x}, {}, "y");
  graph.output("y", onnx_file::ElementType::float32, {"n", 1});
  graph.metadata({{"feature_names", "[\"localX\"]"}});
  const auto file = onnx_file::parse_model(graph.serialize(), "foreign.onnx");
  EXPECT_EQ(file.integrity, onnx_file::Integrity::unknown);
  EXPECT_NO_THROW(onnx_file::require_unchanged(file, "foreign.onnx"));
}

TEST(ModelFile, NamesAFileThatIsNotThere) {
  EXPECT_CONTAINS(
      test::data_error([&] { (void)onnx_file::read_model("nowhere/model.onnx"); }),
      "nowhere/model.onnx: no such model; give an ONNX file, which stationhit export makes");
}

}  // namespace
}  // namespace stationhit
