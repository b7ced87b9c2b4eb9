// The input stage before the first linear layer: normalisation and Fourier encoding (models/network.hpp).
#pragma once

#include <torch/types.h>

namespace stationhit::models {

struct InputConstants {
  torch::Tensor mean, inv_std;  // [F], both undefined without normalisation
  torch::Tensor frequencies;    // [|S|], undefined without encoding
};

// features: [N, F] -> [N, 2 F |S|] or [N, F]. On the CPU, in float and where no gradient of the features is wanted, in one pass by src/kernels; else
// through Torch's operations, differentiated by Torch.
[[nodiscard]] torch::Tensor encode(const InputConstants& constants, const torch::Tensor& features);

namespace aten {
// The same, always through Torch's operations.
[[nodiscard]] torch::Tensor encode(const InputConstants& constants, const torch::Tensor& features);
}  // namespace aten

}  // namespace stationhit::models
