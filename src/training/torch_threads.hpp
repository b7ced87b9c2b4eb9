// Events are spread over threads; the operations of Torch on one event then run on one thread each,
// which is faster (Torch's own threads wait for each other after every operation, spinning) and
// makes results independent of the number of threads.
#pragma once

#include <torch/torch.h>

namespace stationhit::training {

// Limits Torch to one thread for the lifetime of this object, in this thread and as the default of
// new ones. Matrix products do not ask for that default: a worker thread calls
// torch::set_num_threads(1) itself.
class OneTorchThread {
 public:
  OneTorchThread() : before_(torch::get_num_threads()) { torch::set_num_threads(1); }
  ~OneTorchThread() { torch::set_num_threads(before_); }
  OneTorchThread(const OneTorchThread&) = delete;
  OneTorchThread& operator=(const OneTorchThread&) = delete;

 private:
  int before_;
};

}  // namespace stationhit::training
