#include "export_int8.hpp"

#include <cstdio>

#include <stationhit/quantization/quantize_model.hpp>
#include <stationhit/workflow/quantize_onnx_file.hpp>

#include "frame/model_library.hpp"

namespace stationhit::app {

void require_int8_support() {}

void export_int8(const Program& program, const config::RunConfig& run, const Int8Options& options) {
  // Empty: beside the model.
  const char* folder = is_of_library(options.model) ? "onnx_benchmarking" : "";
  const auto result = workflow::quantize_onnx_file(
      run, {options.model, folder, options.latency_events, options.changed_model},
      {program.options.config_file, program.options.debug}, program);
  if (!result) return;
  std::printf("int8, each product alone and what is int8 in the end, on validation events:\n%s",
              quantization::scan_table(result->scan).c_str());
  std::fputs(evaluation::comparison_table(result->comparison).c_str(), stdout);
  if (result->file.empty()) return program.log().info("debug run: nothing is written");
  std::printf("%s: %ju bytes; table and figures beside it\n", result->file.c_str(),
              static_cast<std::uintmax_t>(result->comparison.after.file_bytes));
}

}  // namespace stationhit::app
