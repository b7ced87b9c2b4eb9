// The optional parts of this build. The build writes built_parts.cpp.
#pragma once

namespace stationhit::app {

// Each is a version, "yes" where the version is not known, or "no".
struct BuiltParts {
  const char* root;
  const char* torch;
  const char* inference;  // by the engine at least
  const char* onnx_runtime;
};
extern const BuiltParts built_parts;

}  // namespace stationhit::app
