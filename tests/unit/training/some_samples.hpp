// Training samples of very different sizes, among them one without nodes and one with a single hit.
#pragma once

#include <memory>
#include <vector>

#include <stationhit/training/training_run.hpp>

#include "../../../src/training/sample.hpp"
#include "toy_run.hpp"

namespace stationhit::test {

inline std::vector<std::shared_ptr<const training::Sample>> some_samples(
    const training::TrainingRun& run) {
  std::vector<std::shared_ptr<const training::Sample>> samples;
  for (const std::size_t hits : {90U, 0U, 1U, 200U, 40U}) {
    samples.push_back(std::make_shared<const training::Sample>(training::make_sample(
        features::label_event(learnable_events(hits + 1, 1, hits)[0], run.graph, run.features))));
  }
  return samples;
}

}  // namespace stationhit::test
