// The operators of this project for ONNX Runtime: stationhit_ops::Network, a whole network run by
// the engine (onnx_file/fused_network.hpp). The library libstationhit_ops.so holds the same for
// programs that are not linked with this module.
//
// Works with ONNX Runtime 1.17 and newer, whichever the program has loaded: this module is linked
// with none of them.
#pragma once

struct OrtApiBase;
struct OrtSessionOptions;
struct OrtStatus;

namespace stationhit::operators {

// Makes the operators known to the sessions that are made with these options. base:
// OrtGetApiBase() of the ONNX Runtime that the options belong to. Null if all went well; else the
// caller releases the status.
[[nodiscard]] OrtStatus* register_operators(OrtSessionOptions* options,
                                            const OrtApiBase* base) noexcept;

}  // namespace stationhit::operators
