// Settings of the verb study: which variants of a run are trained and compared.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/architecture/model_config.hpp>
#include <stationhit/core/settings.hpp>
#include <stationhit/graph/graph_config.hpp>

namespace stationhit::config {

// What a training leaves out: each group of features, or each single feature.
enum class LeftOut { groups, features };
constexpr auto names_of(LeftOut) { return std::to_array<std::string_view>({"groups", "features"}); }

// Whether the input of a block is added to its output.
enum class Residual { with, without };
constexpr auto names_of(Residual) { return std::to_array<std::string_view>({"with", "without"}); }

// Features that are permuted and left out together. What a run does not use has no part.
struct FeatureGroups {
  std::vector<std::string> local_position = {"localX", "localY", "localZ"};
  std::vector<std::string> global_position = {"globX", "globY", "globZ", "r",
                                              "theta", "phi",   "eta"};
  std::vector<std::string> detector = {"technology",  "stationIndex", "stationPhi",
                                       "stationEta",  "layer",        "channel",
                                       "readOutSide", "stationLayer", "relative_layer"};
  std::vector<std::string> element = {"edgeLength", "edgeDirX", "edgeDirY", "edgeDirZ"};
  std::vector<std::string> counts = {"neighbors", "bucket_density", "isolation",
                                     "nBuckets",  "nEtaInUse",      "nPhiInUse"};
  std::vector<std::string> time = {"time"};
  std::vector<std::string> drift = {"driftR"};
  std::vector<std::string> measurement = {"covX", "covY", "covXY", "measEta", "measPhi"};

  static void describe(auto& self, auto&& setting) {
    setting("local_position", self.local_position, "Positions in the chamber");
    setting("global_position", self.global_position, "Positions in the detector");
    setting("detector", self.detector, "Codes of technology, chamber, layer and channel");
    setting("element", self.element, "Length and direction of the sensitive element");
    setting("counts", self.counts, "Numbers and densities of hits around a hit");
    setting("time", self.time, "Time");
    setting("drift", self.drift, "Drift radius");
    setting("measurement", self.measurement, "Covariances, and which coordinates are measured");
  }
};

struct StudyConfig {
  std::vector<std::uint64_t> seeds = {1, 2, 3};
  // features
  std::int32_t permutations = 3;
  std::uint64_t permuted_events = 0;
  std::vector<LeftOut> leave_out = {LeftOut::groups, LeftOut::features};
  FeatureGroups groups = {};
  // graphs
  std::vector<std::int32_t> k = {4, 8, 16, 32};
  std::vector<double> radii = {5, 10, 20};  // cm
  bool fully_connected = true;
  std::vector<graph::Grouping> groupings = {graph::Grouping::bucket, graph::Grouping::sector,
                                            graph::Grouping::event};
  std::vector<std::string> wide_metric = {"globX", "globY", "globZ"};
  // encodings
  std::vector<architecture::EncodingType> encodings = {
      architecture::EncodingType::none, architecture::EncodingType::linear,
      architecture::EncodingType::learned, architecture::EncodingType::hybrid,
      architecture::EncodingType::fourier};
  std::vector<Residual> residual = {Residual::with, Residual::without};
  std::vector<std::int32_t> bases = {2, 3, 4};
  std::vector<std::string> scales = {"-2..2", "-4..4", "-6..6"};  // ranges, ends included
  // networks
  std::vector<std::string> networks = {};  // run configurations
  // events
  std::vector<std::uint64_t> events = {250, 500, 1000};

  static void describe(auto& self, auto&& setting) {
    setting("seeds", self.seeds,
            "Seeds in the place of that of the run: every variant is trained once with each; "
            "errors come from their spread, or with one seed from resampling of events");
    setting("permutations", self.permutations,
            "features: how often the values of a feature or group are permuted; 0 = not",
            core::between(0, 1000));
    setting("permuted_events", self.permuted_events,
            "features: first validation events whose values are permuted; 0 = all");
    setting("leave_out", self.leave_out,
            "features: what is left out in a training of its own: each group, each feature");
    setting("groups", self.groups, "features: which are permuted and left out together");
    setting("k", self.k, "graphs: numbers of nearest neighbors", core::between(1, 1024));
    setting("radii", self.radii, "graphs: radii, cm, with at most graph.k neighbors",
            core::above(0));
    setting("fully_connected", self.fully_connected,
            "graphs: whether fully connected groups are one of them");
    setting("groupings", self.groupings, "graphs: groupings, with the edges of the run");
    setting("wide_metric", self.wide_metric,
            "graphs: coordinates of the distance in sectors and events, where the local ones of "
            "different chambers do not belong together");
    setting("encodings", self.encodings, "encodings: types of the encoding of the features");
    setting("residual", self.residual, "encodings: each type with and without residual sums");
    setting("bases", self.bases, "encodings: bases, with the other settings of the run",
            core::between(2, 100));
    setting("scales", self.scales,
            "encodings: ranges of scales such as -6..6, with the other settings of the run");
    setting("networks", self.networks,
            "networks: run configurations whose sections model and graph are compared",
            core::path_text());
    setting("events", self.events,
            "events: numbers of events to train on, the first of the training split",
            core::at_least(1));
  }
};

// The scales of a range: "-1..1" is -1, 0, 1. Throws ConfigError for a text that is no range within
// -20..20.
[[nodiscard]] std::vector<std::int32_t> scales_of_range(const std::string& range);

// Throws ConfigError naming the key, its value and what is allowed.
void check(const StudyConfig& config);

}  // namespace stationhit::config
