// The inputs of a training: its settings and its events. Free of Torch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/architecture/model_config.hpp>
#include <stationhit/features/labeled_events.hpp>
#include <stationhit/features/normalization.hpp>
#include <stationhit/graph/graph_config.hpp>
#include <stationhit/metrics/working_points.hpp>
#include <stationhit/training/ranks.hpp>
#include <stationhit/training/training_config.hpp>

namespace stationhit::training {

struct TrainingRun {
  std::filesystem::path directory;  // gets metrics.csv and checkpoints/{best,last}.safetensors
  std::string config_yaml;          // resolved configuration, stored in the checkpoints
  std::uint64_t seed = 42;
  unsigned threads = 0;  // 0 = all cores; the result does not depend on it
  std::vector<std::string> features;
  graph::GraphConfig graph;
  architecture::ModelConfig model;
  std::optional<features::NormalizationConstants> normalization;  // in the order of `features`
  TrainingConfig training;
  bool debug = false;  // 2 epochs of 3 batches, nothing is written
  // false: nothing is written and no checkpoint is continued. two_stage: of the second stage.
  bool keeps_files = true;
  // Checkpoint of this network to start from; empty = random weights.
  std::filesystem::path initial_weights = {};
  // Their thresholds on the validation split go into the checkpoints.
  std::vector<double> working_points = metrics::default_working_points();
  // The setting training.optimizer.learning_rate of the part of the run that is continued; nothing:
  // the same as now. Where they differ, the rate that the schedule had reached changes in the same
  // proportion.
  std::optional<double> earlier_learning_rate = std::nullopt;
  // Which events the splits hold, for the checkpoints: equal texts stand for equal events.
  std::string training_events = {}, validation_events = {};
  // The GPU to train on; nothing: the CPU.
  std::optional<std::uint32_t> gpu = std::nullopt;
  // As on a GPU, the events of a batch are one graph and the functions those of Torch.
  bool joins_events = false;
  // The processes that train together. Each takes training.batch_size events per step.
  Ranks ranks = {};
};

// The training and the validation split, with the features and the graph of the run.
struct TrainingData {
  // Events of the training split in an order that may depend on the epoch (1, 2, ...) but on
  // nothing else; the loop shuffles them further. Epoch 0 is the pass before training that counts
  // signal nodes and fills the memory cache.
  std::function<std::unique_ptr<features::LabeledEventStream>(std::uint64_t epoch)> train;
  std::function<std::unique_ptr<features::LabeledEventStream>()> validation;
};

}  // namespace stationhit::training
