// Matrix products and convolutions in bfloat16, the rest in float32.
#pragma once

#include <ATen/autocast_mode.h>
#include <torch/types.h>

namespace stationhit::training {

// Torch's autocast for the lifetime of this object, in this thread and on this kind of device.
class Autocast {
 public:
  explicit Autocast(const torch::Device& device)
      : device_(device.type()),
        was_enabled_(at::autocast::is_autocast_enabled(device_)),
        type_before_(at::autocast::get_autocast_dtype(device_)) {
    at::autocast::set_autocast_enabled(device_, true);
    at::autocast::set_autocast_dtype(device_, torch::kBFloat16);
    at::autocast::increment_nesting();
  }
  ~Autocast() {
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    at::autocast::set_autocast_dtype(device_, type_before_);
    at::autocast::set_autocast_enabled(device_, was_enabled_);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  torch::DeviceType device_;
  bool was_enabled_;
  torch::ScalarType type_before_;
};

}  // namespace stationhit::training
