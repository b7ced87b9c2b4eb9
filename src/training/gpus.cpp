#include <torch/cuda.h>

#include <stationhit/training/gpus.hpp>

namespace stationhit::training {

std::uint32_t count_gpus() { return static_cast<std::uint32_t>(torch::cuda::device_count()); }

}  // namespace stationhit::training
