// The first stage gives a logit to every hit, and hits below its threshold end there. The second
// stage works on the hits that are left, with their logits of the first stage as one more input:
// EdgeConv inside the buckets, between them maps of the station layers.
#include <utility>

#include <stationhit/core/errors.hpp>

#include "nesting.hpp"
#include "network_builder.hpp"
#include "networks.hpp"
#include "registry.hpp"

namespace stationhit::architecture {
namespace {

constexpr const char* first_part = "first_stage";
constexpr const char* survivors = "survivors";
constexpr const char* first_logits = "first_logits";
// For estimates of the cost: what the recipe keeps of the toy simulation.
constexpr double usual_share_of_survivors = 0.2;

// Keeps the rows of `input` whose first logit reaches the threshold.
Stage compaction(const std::string& name, const std::string& what, const std::string& input,
                 std::int64_t width) {
  return Stage{.name = name,
               .kind = StageKind::compaction,
               .text = what + " of the kept hits",
               .inputs = {input, std::string(first_part) + ".head"},
               .width = width,
               .rows = survivors};
}

std::string add_block(NetworkBuilder& network, const std::string& name, const std::string& input) {
  const std::string hidden = network.add_edge_convolution_block(name + ".edgeconv", input);
  return network.add_station_map(name + ".map", hidden);
}

NetworkDescription describe_second_stage(const ModelConfig& config,
                                         const std::vector<std::string>& feature_names) {
  NetworkBuilder network(config, feature_names, {}, {},
                         {.features = survivors,
                          .rows = survivors,
                          .graph = survivors,
                          .more_inputs = first_logits,
                          .more_columns = 1});
  std::string hidden = network.add_input();
  for (std::int32_t i = 0; i < config.blocks; ++i)
    hidden = add_block(network, "blocks." + std::to_string(i), hidden);
  hidden = network.add_edge_convolution_block("last", hidden);
  network.add_head(hidden);
  return std::move(network).result({NetworkOption::message_layers, NetworkOption::aggregation});
}

}  // namespace

bool has_first_stage(const ModelConfig& config) { return config.architecture == "two_stage"; }

ModelConfig first_stage_model(const ModelConfig& config) {
  const FirstStageConfig& first = config.first_stage;
  ModelConfig model;
  model.encoding = first.encoding;
  model.width = first.width;
  model.blocks = first.blocks;
  model.message_layers = first.message_layers;
  model.edge_features = first.edge_features;
  model.neighbors = first.neighbors;
  model.aggregation = first.aggregation;
  model.activation = config.activation;
  model.residual = config.residual;
  model.head = first.head;
  return model;
}

void check_two_stage(const ModelConfig& config) {
  check_monotone(config);
  check_monotone(first_stage_model(config));
}

NetworkDescription describe_two_stage(const ModelConfig& config,
                                      const std::vector<std::string>& feature_names) {
  NetworkDescription network =
      nested(describe_network(first_stage_model(config), feature_names), first_part);
  network.name = config.architecture;
  network.row_sets.push_back({survivors, RowSetKind::kept, "nodes", usual_share_of_survivors});
  network.stages.push_back(
      compaction(survivors, "features", features_stage, std::ssize(feature_names)));
  network.stages.back().tensors = {{"first_stage_threshold", {1}, TensorKind::buffer}};
  network.stages.push_back(
      compaction(first_logits, "logits", std::string(first_part) + ".head", 1));
  append(network, describe_second_stage(config, feature_names));
  network.stages.push_back({.name = "logits",
                            .kind = StageKind::merge,
                            .text = "logits of the second stage; below all of them the others",
                            .inputs = {std::string(first_part) + ".head", "head"},
                            .width = 1});
  return network;
}

}  // namespace stationhit::architecture
