// One YAML per run: data, features, graph, network and training together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <stationhit/architecture/model_config.hpp>
#include <stationhit/graph/graph_config.hpp>
#include <stationhit/quantization/quantization_config.hpp>
#include <stationhit/training/prune_config.hpp>
#include <stationhit/training/training_config.hpp>

namespace stationhit::config {

struct RunConfig {
  std::string experiment_dir = "runs/default";  // run directory
  std::string train_path, val_path, test_path;  // folders of prepared or materialized splits
  std::string normalization_stats;  // statistics file (YAML) of the verb stats; empty (null) = no
                                    // internal normalization
  std::string
      checkpoint_path;  // checkpoint for test and export; empty = the best one of experiment_dir
  std::string
      sample_label;  // above every figure, where the prepared files do not say what they are
  std::string devices = "cpu";  // cpu
  bool use_comet = false;
  std::uint64_t seed = 42;
  unsigned threads = 0;  // 0 = all cores
  // Names of features::known_features().
  std::vector<std::string> features = {
      "localX",     "localY",       "localZ", "globX",     "globY",          "globZ",     "driftR",
      "technology", "stationIndex", "layer",  "neighbors", "relative_layer", "edgeLength"};
  graph::GraphConfig graph;
  architecture::ModelConfig model;
  training::TrainingConfig training;
  training::PruneConfig prune;
  quantization::QuantizationConfig quantization;
};

}  // namespace stationhit::config
