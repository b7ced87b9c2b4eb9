// What pruning costs and brings: one point per network, as numbers, table and figures. Only in
// builds with ROOT and Torch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <stationhit/architecture/model_config.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/evaluation/evaluation.hpp>
#include <stationhit/metrics/working_points.hpp>

namespace stationhit::workflow {

struct PrunedNetwork {
  std::filesystem::path folder;  // its run directory
  architecture::ModelConfig model;
  std::uint64_t parameters = 0;
  std::string sizes;  // what pruning changes: "width 48, 5 scales, head 16"
};

struct PrunePoint {
  PrunedNetwork network;
  evaluation::Estimate purity;  // at the reference working point, on the test split
  double milliseconds = 0;      // per event, ONNX Runtime, one thread, median
  // Hit efficiency at which the purity is given.
  double working_point = metrics::reference_working_point;
  std::uint64_t n_events = 0;  // of the test split; 0: unknown
};

// A working point in percent: "99 %".
[[nodiscard]] std::string describe_working_point(double working_point);

// Writes curve.csv and the figures purity_and_latency and purity_and_parameters into `folder`.
// Gives the path of the table. Throws DataError naming the file that cannot be written.
std::filesystem::path write_prune_curve(const std::vector<PrunePoint>& points,
                                        const std::filesystem::path& folder,
                                        const core::SampleInfo& sample);

}  // namespace stationhit::workflow
