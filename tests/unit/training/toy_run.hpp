// A tiny learnable sample and a run on it.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include <support/known_networks.hpp>
#include <support/random_event.hpp>

#include <stationhit/core/event_stream.hpp>
#include <stationhit/training/training_run.hpp>

namespace stationhit::test {

// Hits of muon 0 are those with a small drift radius and a negative local z: a network can learn it
// exactly.
inline std::vector<core::Event> learnable_events(std::uint64_t seed, std::size_t n,
                                                 std::size_t hits = 120) {
  std::vector<core::Event> events;
  for (std::size_t i = 0; i < n; ++i) {
    events.push_back(random_event(seed + i, hits, 1));
    auto& table = events.back().hits;
    for (std::size_t h = 0; h < table.size(); ++h)
      table.truth_link[h] = table.drift_r[h] < 5.0F && table.local_z[h] < -60.0F ? 0 : -1;
  }
  return events;
}

inline training::TrainingRun toy_run(const std::filesystem::path& directory) {
  training::TrainingRun run;
  run.directory = directory;
  run.config_yaml = "seed: 1\n";
  run.seed = 1;
  run.threads = 1;
  run.features = {"localZ", "driftR"};
  run.graph.k = 4;
  run.model.width = 16;
  run.model.blocks = 1;
  run.model.encoding.scales = {-1, 0, 1};
  run.normalization = features::NormalizationConstants{{0.0F, 5.0F}, {0.01F, 0.2F}};
  run.training.epochs = 2;
  run.training.batch_size = 2;
  run.training.optimizer.learning_rate = 5e-3;
  return run;
}

// The features that networks with maps of the station layers need; they are not encoded.
inline void add_map_features(training::TrainingRun& run) {
  run.model.encoding.features = run.model.first_stage.encoding.features = run.features;
  run.features = with_map_features(run.features);
  run.normalization->mean.resize(run.features.size(), 0);
  run.normalization->inv_std.resize(run.features.size(), 1);
}

// Events with the features and the graph of the run; they must outlive the stream.
inline std::unique_ptr<features::LabeledEventStream> labeled(
    std::span<const core::Event> events, const training::TrainingRun& run = toy_run({})) {
  return features::label_events(std::make_unique<core::MemoryReader>(events), run.graph,
                                run.features);
}

struct ToyData {
  std::vector<core::Event> train = learnable_events(100, 7), validation = learnable_events(500, 3);

  [[nodiscard]] training::TrainingData sources(
      const training::TrainingRun& run = toy_run({})) const {
    return {[this, run](std::uint64_t) { return labeled(train, run); },
            [this, run] { return labeled(validation, run); }};
  }
};

}  // namespace stationhit::test
