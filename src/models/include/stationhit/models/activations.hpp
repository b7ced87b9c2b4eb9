// What the layers of a network give on the way to its logits, for those who look for the cause of a
// failure.
#pragma once

#include <functional>

#include <torch/nn/module.h>
#include <torch/types.h>

namespace stationhit::models {

// Called with the output of a layer, in the order in which they are computed. Where the layer is no
// module of its own, `part` names it inside `owner`; otherwise part is empty.
using ActivationObserver = std::function<void(const torch::nn::Module& owner, const char* part,
                                              const torch::Tensor& output)>;

// For its lifetime, networks that run in this thread show their activations to the observer.
class ObservedActivations {
 public:
  explicit ObservedActivations(const ActivationObserver& observer);
  ~ObservedActivations();
  ObservedActivations(const ObservedActivations&) = delete;
  ObservedActivations& operator=(const ObservedActivations&) = delete;

 private:
  const ActivationObserver* outer_;
};

// For layers: the output itself, after the observer of this thread (there is seldom one) has seen
// it.
torch::Tensor shown(const torch::nn::Module& owner, const char* part, torch::Tensor output);

}  // namespace stationhit::models
