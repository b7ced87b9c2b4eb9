// What HitClassifier::scores keeps from call to call, for those that measure its steps.
#pragma once

#include <vector>

#include <stationhit/inference/hit_classifier.hpp>

namespace stationhit::inference {

struct CallMemory {
  PreparedEvents prepared;
  std::vector<float> logits, scores;
};

}  // namespace stationhit::inference
