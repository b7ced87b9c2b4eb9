// The variants of a run that a study compares.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/config/run_config.hpp>

namespace stationhit::workflow {

enum class StudyKind { features, graphs, encodings, networks, events };
constexpr auto names_of(StudyKind) {
  return std::to_array<std::string_view>({"features", "graphs", "encodings", "networks", "events"});
}

inline constexpr const char* base_variant = "base";

struct StudyVariant {
  std::string name;       // of its folder: "without_group_time"
  std::string label;      // "without group time"
  config::RunConfig run;  // without its seed and its folder
  // Its nodes are others than those of the base, so its normalization has statistics of its own.
  bool own_statistics = false;
  std::string not_possible = {};  // why it cannot be trained; empty: it can
  std::string same_as = {};       // name of the variant with the same settings before it
};

// A feature, or the features of a group (study.groups) that the run has.
struct FeatureSet {
  std::string name;   // "driftR", "group_time"
  std::string label;  // "driftR", "group time"
  std::vector<std::string> features;
};

// The groups, then the features of the run.
[[nodiscard]] std::vector<FeatureSet> feature_sets(const config::RunConfig& run);

// The base (the run as it is) and its variants, one difference each:
//   features: without each group or feature of study.leave_out, also as an encoded or edge feature;
//   graphs: study.k, radii, fully_connected and groupings;
//   encodings: study.encodings with study.residual, bases and scales;
//   networks: the sections model and graph of study.networks;
//   events: the first study.events events of the training split (the learning curve).
// Throws ConfigError where nothing can be compared, and for files of study.networks that cannot be
// read. config_file: of the run, for these messages.
[[nodiscard]] std::vector<StudyVariant> make_study_variants(
    StudyKind kind, const config::RunConfig& run, const std::filesystem::path& config_file = {});

}  // namespace stationhit::workflow
