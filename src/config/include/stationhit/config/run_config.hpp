// One YAML per run: data, features, graph, network and training together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <stationhit/architecture/model_config.hpp>
#include <stationhit/config/devices.hpp>
#include <stationhit/config/study_config.hpp>
#include <stationhit/core/settings.hpp>
#include <stationhit/features/normalization.hpp>
#include <stationhit/graph/graph_config.hpp>
#include <stationhit/metrics/working_points.hpp>
#include <stationhit/quantization/quantization_config.hpp>
#include <stationhit/tracking/tracker_config.hpp>
#include <stationhit/training/prune_config.hpp>
#include <stationhit/training/training_config.hpp>

namespace stationhit::config {

struct RunConfig {
  std::string experiment_dir = "runs/default";  // run directory
  std::string train_path, val_path, test_path;  // folders of prepared or materialized splits
  std::string normalization_stats;  // statistics file (YAML) of the verb stats; empty (null) = no
                                    // internal normalization
  features::Normalization normalization = features::Normalization::standard;
  std::string
      checkpoint_path;  // checkpoint for test and export; empty = the best one of experiment_dir
  std::string
      sample_label;  // above every figure, where the prepared files do not say what they are
  Devices devices = "cpu";
  std::uint32_t rank_timeout = 600;  // s
  bool use_comet = false;
  // Names of tracking::known_trackers().
  std::vector<std::string> trackers = {};
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
  StudyConfig study;
  // Shares of the signal hits, ascending.
  std::vector<double> working_points = metrics::default_working_points();

  static void describe(auto& self, auto&& setting) {
    setting("experiment_dir", self.experiment_dir, "Run directory", core::path_text());
    setting("train_path", self.train_path, "Folder of the prepared or materialized training split",
            core::path_or_null());
    setting("val_path", self.val_path, "Folder of the prepared or materialized validation split",
            core::path_or_null());
    setting("test_path", self.test_path, "Folder of the prepared or materialized test split",
            core::path_or_null());
    setting("normalization_stats", self.normalization_stats,
            "Statistics file of the verb stats; null = no normalization in the network",
            core::path_or_null());
    setting("normalization", self.normalization,
            "standard = by mean and standard deviation; robust = by median and interquartile "
            "range, which long tails do not move; needs model.encoding.limit");
    setting("checkpoint_path", self.checkpoint_path,
            "Checkpoint for test and export; null = the best one of experiment_dir",
            core::path_or_null());
    setting("sample_label", self.sample_label,
            "Words above every figure where the prepared files do not say what they are (those of "
            "simulate do)",
            core::text_or_null());
    setting(
        "devices", self.devices,
        "Where to train: cpu; cpu:N = N ranks on it, each with training.batch_size events per "
        "step; N, -1 (all) or a list: GPUs, with a rank each (without a GPU, N = cpu:N); auto = "
        "all GPUs, or the CPU where there is none");
    setting("rank_timeout", self.rank_timeout,
            "Several ranks: seconds without an answer of a rank after which all end",
            core::between(1, 86400));
    setting("use_comet", self.use_comet,
            "Record the verb train on Comet with the key of the environment variable "
            "COMET_API_KEY; without a key everything stays in experiment_dir");
    setting("trackers", self.trackers,
            "Where the verb train records its metrics and figures besides metrics.csv: tensorboard "
            "= event files in experiment_dir/tensorboard, mlflow = the server of the environment "
            "variable MLFLOW_TRACKING_URI",
            core::one_of(tracking::known_trackers()));
    setting("seed", self.seed, "Seed of weights and shuffling");
    core::describe_threads(self.threads, setting);
    setting("features", self.features, "Input features by name");
    setting("graph", self.graph, "How the graph of an event is built");
    setting("model", self.model, "Architecture of the network");
    setting("training", self.training, "Training loop");
    setting("prune", self.prune, "Smaller networks out of a trained one (verb prune)");
    setting("quantization", self.quantization, "The int8 model of export -q");
    setting("study", self.study, "Variants of the run that are trained and compared (verb study)");
    setting("working_points", self.working_points,
            "Shares of the signal hits that thresholds keep: working points of the checkpoints, "
            "exported models and tables, in increasing order",
            core::inside(0, 1));
  }
};

}  // namespace stationhit::config
