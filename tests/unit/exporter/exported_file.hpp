// Networks and files that the tests of the exporter share.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include <gtest/gtest.h>
#include <support/scratch_folder.hpp>

#include <stationhit/architecture/model_config.hpp>
#include <stationhit/core/named_enum.hpp>
#include <stationhit/exporter/exporter.hpp>
#include <stationhit/models/network.hpp>

namespace stationhit::test {

using architecture::ModelConfig;

inline constexpr std::int32_t few = 5, many = 80;  // columns of the table

inline graph::GraphConfig knn(std::int32_t k = few) {
  graph::GraphConfig config;
  config.k = k;
  return config;
}

inline graph::GraphConfig full_groups() {
  graph::GraphConfig config;
  config.edges = graph::EdgeKind::fully_connected;
  return config;
}

inline exporter::Provenance provenance(const graph::GraphConfig& graph = knn()) {
  exporter::Provenance result;
  result.graph = graph;
  result.thresholds = {{"0.985", -1.0F}, {"0.99", -2.0F}, {"0.995", -3.5F}};
  result.pos_weight = 171.25;
  result.config_hash = "feedbeef";
  return result;
}

inline std::filesystem::path export_file(
    const models::Network& network, const graph::GraphConfig& graph = knn(),
    exporter::Interface interface = exporter::Interface::table) {
  static int count = 0;
  static const test::ScratchFolder folder;
  std::filesystem::path path = folder / ("model_" + std::to_string(count++) + ".onnx");
  exporter::export_network(network, provenance(graph), interface).write(path);
  return path;
}

// With the same inputs.
inline exporter::Interface fused(exporter::Interface interface) {
  return exporter::takes_edges(interface) ? exporter::Interface::fused_edges
                                          : exporter::Interface::fused;
}

inline std::string text(core::NamedEnum auto choice) { return std::string(core::name(choice)); }

inline ModelConfig small(const std::string& architecture) {
  ModelConfig config;
  config.architecture = architecture;
  config.width = 16;
  config.blocks = 2;
  config.encoding.scales = {-2, -1, 0, 1, 2};
  return config;
}

inline std::string text(const ModelConfig& config) {
  return config.architecture + " layers " + std::to_string(config.message_layers) + " " +
         text(config.aggregation) + " " + text(config.activation) +
         (config.residual ? " residual" : "") + (config.layer_norm ? " norm" : "") + " head " +
         std::to_string(config.head.size()) + " encoding " + text(config.encoding.type);
}

// Logits that differ by this part of their size, or of 1 where they are smaller.
inline void expect_close(std::span<const float> logits, std::span<const float> expected,
                         float tolerance) {
  ASSERT_EQ(logits.size(), expected.size());
  for (std::size_t i = 0; i < logits.size(); ++i) {
    ASSERT_LE(std::abs(logits[i] - expected[i]), tolerance * std::max(1.0F, std::abs(expected[i])))
        << "node " << i << " of " << logits.size();
  }
}

}  // namespace stationhit::test
