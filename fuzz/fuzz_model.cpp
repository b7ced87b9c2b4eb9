// ONNX files: description, metadata, and the engine that runs what it accepts. A checksum that does
// not fit is no obstacle here, as with --allow-modified.
#include <memory>

#include <support/random_event.hpp>

#include <stationhit/inference/engine_model.hpp>
#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>

#include "fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace stationhit;
  const std::string_view content = fuzz::as_text(data, size);
  static const core::Event event = test::random_event(1, 40, 2);
  fuzz::allow_refusal([&] {
    const auto file = onnx_file::parse_model(content, "input.onnx");
    const auto metadata = onnx_file::from_properties(file.metadata, "input.onnx");
    if (!inference::engine_obstacle(file, metadata).empty()) return;
    auto model = std::make_unique<inference::EngineModel>(content, "input.onnx", file);
    (void)inference::HitClassifier(std::move(model)).scores(event);
  });
  return 0;
}
