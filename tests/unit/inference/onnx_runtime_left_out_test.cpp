// A build without ONNX Runtime says why it cannot run a file, and what to do.
#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/inference/hit_classifier.hpp>

#include "known_network.hpp"

namespace stationhit {
namespace {

using inference::BackendChoice;
using inference::HitClassifier;

std::string refusal(const std::filesystem::path& path, const inference::LoadOptions& options = {}) {
  return test::data_error([&] { const HitClassifier classifier(path, options); });
}

TEST(WithoutOnnxRuntime, TheEngineIsTheOnlyBackend) {
  EXPECT_EQ(inference::built_backends(), std::vector<BackendChoice>{BackendChoice::engine});
}

TEST(WithoutOnnxRuntime, AFileThatTheEngineCannotRunIsRefusedWithTheReason) {
  const auto path = test::write_model(test::nodes_model());
  EXPECT_EQ(refusal(path),
            path.string() +
                ": the engine cannot run this file, because its metadata do not describe the "
                "network; export the model again, or use a build with ONNX Runtime "
                "(-DSTATIONHIT_WITH_ONNXRUNTIME=ON)");
  onnx_file::ModelMetadata metadata = test::known_network_metadata();
  metadata.quantization_json = "{}";
  EXPECT_CONTAINS(refusal(test::write_model(test::network_model(), metadata)),
                  "because its metadata do not say how it was quantized; export the model again, "
                  "or use a build with");
}

TEST(WithoutOnnxRuntime, AnEditedFileIsCalledSo) {
  const auto path = test::write_network();
  std::string content = core::read_text_file(path);
  content.replace(content.find("-5.0"), 4, "-6.0");
  core::write_text_file(path, content);
  EXPECT_CONTAINS(refusal(path), "the model was changed after it was written");
  EXPECT_CONTAINS(
      refusal(path, {.backend = BackendChoice::automatic,
                     .session = {.changed_model = onnx_file::ChangedModel::accept}}),
      "because it is not as it was written (checksum); export the model again, or use a build");
}

TEST(WithoutOnnxRuntime, AskingForItIsAWrongUse) {
  const auto path = test::write_network();
  EXPECT_EQ(test::usage_error([&] {
              const HitClassifier classifier(
                  path, {.backend = BackendChoice::onnxruntime, .session = {}});
            }),
            path.string() +
                ": this program has no ONNX Runtime; use the backend engine, which can run this "
                "file, or use a build with ONNX Runtime (-DSTATIONHIT_WITH_ONNXRUNTIME=ON)");
}

}  // namespace
}  // namespace stationhit
