#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
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

TEST(ModelFile, NamesAFileThatIsNotThere) {
  EXPECT_CONTAINS(test::data_error([&] { (void)onnx_file::read_model("nowhere/model.onnx"); }),
                  "nowhere/model.onnx: cannot be read");
}

}  // namespace
}  // namespace stationhit
