// The GPUs of this machine. Free of Torch.
#pragma once

#include <cstdint>

namespace stationhit::training {

// GPUs that this LibTorch can use: 0 where its build has no CUDA, or the machine no GPU.
[[nodiscard]] std::uint32_t count_gpus();

}  // namespace stationhit::training
