// A network in evaluation mode for a while.
#pragma once

#include <stationhit/models/network.hpp>

namespace stationhit::training {

// For the lifetime of this object: nothing is dropped at random.
class EvaluationMode {
 public:
  explicit EvaluationMode(models::Network& network)
      : network_(network), was_training_(network.is_training()) {
    network_.eval();
  }
  ~EvaluationMode() { network_.train(was_training_); }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  models::Network& network_;
  bool was_training_;
};

}  // namespace stationhit::training
