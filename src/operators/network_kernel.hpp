// The kernel of the operator stationhit_ops::Network: one per node of a session.
#pragma once

#include <vector>

#include "fused_network.hpp"
#include "ort_api.hpp"

namespace stationhit::operators {

class NetworkKernel {
 public:
  // Reads attributes and weights of the node. Throws std::exception saying what is wrong with them.
  NetworkKernel(const OrtApi& api, const OrtKernelInfo& info);

  [[nodiscard]] const OrtApi& api() const { return api_; }
  // Several calls may run at once. Throws std::exception.
  void compute(OrtKernelContext& context) const;

 private:
  // An input of the node before its weights, as the contract has it.
  struct NodeInput {
    InputRole role;
    ONNXTensorElementDataType type;
    std::size_t rank;
  };

  [[nodiscard]] static std::vector<NodeInput> node_inputs(const std::vector<InputRole>& roles);
  [[nodiscard]] CallInputs inputs_of(const OrtKernelContext& context) const;

  const OrtApi& api_;
  std::vector<NodeInput> inputs_;
  FusedNetwork network_;
};

}  // namespace stationhit::operators
