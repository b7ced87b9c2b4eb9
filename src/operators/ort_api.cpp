#include "ort_api.hpp"

#include <algorithm>

namespace stationhit::operators {

void require(const OrtApi& api, OrtStatus* status) {
  if (status == nullptr) return;
  const std::string message = api.GetErrorMessage(status);
  api.ReleaseStatus(status);
  throw RuntimeError(message);
}

OrtStatus* status_of(const OrtApi& api, const std::exception& error) noexcept {
  // What the caller gave is named by std::invalid_argument; all else is a failure.
  const bool is_argument = dynamic_cast<const std::invalid_argument*>(&error) != nullptr;
  return api.CreateStatus(is_argument ? ORT_INVALID_ARGUMENT : ORT_FAIL, error.what());
}

std::string text_attribute(const OrtApi& api, const OrtKernelInfo& info, const char* name) {
  std::size_t size = 0;
  require(api, api.KernelInfoGetAttribute_string(&info, name, nullptr, &size));
  std::string text(size, '\0');
  require(api, api.KernelInfoGetAttribute_string(&info, name, text.data(), &size));
  text.resize(size - std::min<std::size_t>(size, 1));  // it ends with a zero
  return text;
}

Shape shape_of(const OrtApi& api, const OrtValue& value) {
  OrtTensorTypeAndShapeInfo* info = nullptr;
  require(api, api.GetTensorTypeAndShape(&value, &info));
  Shape shape;
  OrtStatus* status = api.GetTensorElementType(info, &shape.type);
  if (status == nullptr) status = api.GetDimensionsCount(info, &shape.rank);
  if (status == nullptr) {
    status = api.GetDimensions(info, shape.sizes.data(), std::min(shape.rank, shape.sizes.size()));
  }
  api.ReleaseTensorTypeAndShapeInfo(info);
  require(api, status);
  return shape;
}

}  // namespace stationhit::operators
