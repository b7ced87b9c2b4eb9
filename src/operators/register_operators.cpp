// The description of the operator for ONNX Runtime, whose C interface asks for it by functions.
#include <map>
#include <memory>
#include <mutex>

#include <stationhit/onnx_file/fused_network.hpp>
#include <stationhit/operators/register_operators.hpp>

#include "network_kernel.hpp"

namespace stationhit::operators {
namespace {

// Runs what an operator does and turns an exception into a status: none may reach ONNX Runtime.
template <class Work>
OrtStatus* guarded(const OrtApi& api, const Work& work) noexcept {
  try {
    work();
    return nullptr;
  } catch (const std::exception& error) {
    return status_of(api, error);
  }
}

OrtStatus* create_kernel(const OrtCustomOp* /*op*/, const OrtApi* api, const OrtKernelInfo* info,
                         void** kernel) noexcept {
  return guarded(*api, [&] { *kernel = std::make_unique<NetworkKernel>(*api, *info).release(); });
}

OrtStatus* compute(void* kernel, OrtKernelContext* context) noexcept {
  const auto& of_node = *static_cast<const NetworkKernel*>(kernel);
  return guarded(of_node.api(), [&] { of_node.compute(*context); });
}

void destroy_kernel(void* kernel) noexcept { delete static_cast<NetworkKernel*>(kernel); }

// All inputs together are one variadic input of any types: how many there are, and which, differs
// from network to network.
OrtCustomOp network_operator() {
  OrtCustomOp op{};
  op.version = api_version;
  op.GetName = [](const OrtCustomOp*) { return onnx_file::network_operator; };
  op.GetExecutionProviderType = [](const OrtCustomOp*) -> const char* { return nullptr; };
  op.GetInputTypeCount = [](const OrtCustomOp*) { return std::size_t{1}; };
  op.GetInputType = [](const OrtCustomOp*, std::size_t) {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  };
  op.GetInputCharacteristic = [](const OrtCustomOp*, std::size_t) { return INPUT_OUTPUT_VARIADIC; };
  op.GetInputMemoryType = [](const OrtCustomOp*, std::size_t) { return OrtMemTypeDefault; };
  op.GetVariadicInputMinArity = [](const OrtCustomOp*) { return 1; };
  op.GetVariadicInputHomogeneity = [](const OrtCustomOp*) { return 0; };
  op.GetOutputTypeCount = [](const OrtCustomOp*) { return std::size_t{1}; };
  op.GetOutputType = [](const OrtCustomOp*, std::size_t) {
    return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
  };
  op.GetOutputCharacteristic = [](const OrtCustomOp*, std::size_t) {
    return INPUT_OUTPUT_REQUIRED;
  };
  op.GetVariadicOutputMinArity = [](const OrtCustomOp*) { return 1; };
  op.GetVariadicOutputHomogeneity = [](const OrtCustomOp*) { return 1; };
  op.CreateKernelV2 = create_kernel;
  op.KernelComputeV2 = compute;
  op.KernelDestroy = destroy_kernel;
  return op;
}

// A domain with the operator, made once per loaded ONNX Runtime: sessions refer to it as long as
// they live, so it is never released.
OrtCustomOpDomain* domain_of(const OrtApi& api) {
  static const OrtCustomOp op = network_operator();
  static std::mutex mutex;
  static std::map<const OrtApi*, OrtCustomOpDomain*> domains;
  const std::lock_guard lock(mutex);
  OrtCustomOpDomain*& domain = domains[&api];
  if (domain == nullptr) {
    OrtCustomOpDomain* made = nullptr;
    require(api, api.CreateCustomOpDomain(onnx_file::operator_domain, &made));
    require(api, api.CustomOpDomain_Add(made, &op));
    domain = made;
  }
  return domain;
}

}  // namespace

OrtStatus* register_operators(OrtSessionOptions* options, const OrtApiBase* base) noexcept {
  const OrtApi* api = base->GetApi(api_version);
  if (api == nullptr) {
    const OrtApi* first = base->GetApi(1);
    if (first == nullptr) return nullptr;
    return first->CreateStatus(ORT_FAIL,
                               "stationhit: its operators need ONNX Runtime 1.17 or newer");
  }
  return guarded(*api, [&] { require(*api, api->AddCustomOpDomain(options, domain_of(*api))); });
}

}  // namespace stationhit::operators
