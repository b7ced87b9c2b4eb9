#include <gtest/gtest.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/onnx_file/model_file.hpp>

#include "tiny_model.hpp"

namespace stationhit {
namespace {

std::string refusal(std::string_view content) {
  try {
    (void)onnx_file::parse_model(content, "dir/model.onnx");
  } catch (const core::DataError& error) {
    return error.what();
  }
  return "";
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
  try {
    (void)onnx_file::read_model("nowhere/model.onnx");
    FAIL();
  } catch (const core::DataError& error) {
    EXPECT_NE(std::string(error.what()).find("nowhere/model.onnx: cannot be read"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace stationhit
