// The C interface of ONNX Runtime. The C++ headers of ONNX Runtime are not used here: some of their
// functions call entries that older versions do not have, and they bring the version that a program
// was built with into the one that has loaded this library.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include <onnxruntime_c_api.h>

namespace stationhit::operators {

// The interface of ONNX Runtime 1.17. Nothing newer is called.
inline constexpr std::uint32_t api_version = 17;

// What a call of ONNX Runtime reported.
class RuntimeError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws RuntimeError for a status that is not null, and releases it.
void require(const OrtApi& api, OrtStatus* status);

// An exception of this module as the status that its caller gets.
[[nodiscard]] OrtStatus* status_of(const OrtApi& api, const std::exception& error) noexcept;

// A text of the node. Throws RuntimeError naming it where there is none.
[[nodiscard]] std::string text_attribute(const OrtApi& api, const OrtKernelInfo& info,
                                         const char* name);

struct Shape {
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  std::size_t rank = 0;
  std::array<std::int64_t, 4> sizes{};  // of the first dimensions
};

[[nodiscard]] Shape shape_of(const OrtApi& api, const OrtValue& value);

template <class T>
[[nodiscard]] T* data_of(const OrtApi& api, const OrtValue& value) {
  void* data = nullptr;
  // The entry that only reads is newer than this interface.
  require(api, api.GetTensorMutableData(const_cast<OrtValue*>(&value), &data));
  return static_cast<T*>(data);
}

}  // namespace stationhit::operators
