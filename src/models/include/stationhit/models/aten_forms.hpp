// The operations of networks have two equal forms: our kernels (src/kernels) for the CPU, and
// Torch's own functions for all other devices.
#pragma once

#include <torch/types.h>

namespace stationhit::models {

// For its lifetime, networks that this thread runs use Torch's functions on the CPU too: slower,
// but what a GPU computes, and open to autocast.
class AtenForms {
 public:
  AtenForms();
  ~AtenForms();
  AtenForms(const AtenForms&) = delete;
  AtenForms& operator=(const AtenForms&) = delete;

 private:
  bool before_;
};

// True where the kernels take these values.
[[nodiscard]] bool runs_in_kernels(const torch::Tensor& values);

}  // namespace stationhit::models
