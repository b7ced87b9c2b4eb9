// The first stage is a network of its own inside this one, and its weights do not change here. What
// it keeps becomes a graph with the table of the nodes, in which the numbers of dropped neighbors
// are gone. The logit of a hit is
//   kept:    max(logit of the second stage, survivor_floor)
//   dropped: dropped_ceiling + max(first logit - threshold, largest_lack)
// so that every dropped hit is below every kept one, in the order of the first stage.
#include <limits>

#include <stationhit/architecture/encoded_layout.hpp>
#include <stationhit/architecture/network_description.hpp>
#include <stationhit/architecture/numerical_constants.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/models/activations.hpp>

#include "layers.hpp"
#include "linear.hpp"

namespace stationhit::models {
namespace {

using torch::Tensor;

class StationMapBlock : public Block {
 public:
  explicit StationMapBlock(const ModelConfig& config)
      : Block(config, /*layer_norm=*/true), map_(*this, config) {}

  Tensor transform(const Tensor& normed, const Context& context) override {
    return map_(normed, *context.places);
  }

 private:
  StationMap map_;
};

std::shared_ptr<Layer> make_map_layer(const ModelConfig& config) {
  return std::make_shared<PairOfBlocks>("edgeconv", make_edgeconv_block(config), "map",
                                        std::make_shared<StationMapBlock>(config));
}

class TwoStageNetwork : public LayeredNetwork {
 public:
  TwoStageNetwork(const ModelConfig& config, const std::vector<std::string>& feature_names,
                  const std::optional<features::NormalizationConstants>& normalization)
      : LayeredNetwork(config, feature_names, normalization),
        first_(register_module("first_stage", build_network(architecture::first_stage_model(config),
                                                            feature_names, normalization))),
        // Until a training has chosen it, every hit passes.
        threshold_(
            register_buffer("first_stage_threshold",
                            torch::full({1}, std::numeric_limits<float>::lowest(), torch::kFloat))),
        input_(register_module(
            "input", torch::nn::Linear(
                         architecture::encoded_layout(config.encoding, feature_names).width() + 1,
                         config.width))),
        map_columns_(architecture::feature_columns(feature_names, architecture::map_features)) {
    for (const auto& parameter : first_->parameters()) parameter.set_requires_grad(false);
    add_layers(make_map_layer);
    last_ = register_module("last", make_edgeconv_block(config));
    add_head();
  }

  Tensor forward(const GraphTensors& graph) override {
    if (graph.first_logits.defined()) return second_stage(graph);
    const Tensor first = run_first_stage(graph);
    const Survivors kept = kept_of(graph, first);
    const Tensor lacking = (first - threshold_).clamp_min(architecture::largest_lack);
    return (lacking + architecture::dropped_ceiling)
        .index_copy(0, kept.rows, second_stage(kept.graph));
  }

  std::optional<Survivors> survivors(const GraphTensors& graph) override {
    return kept_of(graph, run_first_stage(graph));
  }

 private:
  Tensor run_first_stage(const GraphTensors& graph) {
    const torch::NoGradGuard fixed;
    return first_->forward(graph);
  }

  Tensor second_stage(const GraphTensors& graph) {
    return LayeredNetwork::forward(graph).clamp_min(architecture::survivor_floor);
  }

  // first: [N] logits of the first stage.
  [[nodiscard]] Survivors kept_of(const GraphTensors& graph, const Tensor& first) const {
    if (!graph.neighbors.defined()) {
      throw core::ConfigError("two_stage needs a neighbor table; set graph.edges: knn or radius");
    }
    const Tensor rows = (first > threshold_).nonzero().squeeze(1);
    const auto nodes = first.size(0);
    // One more place, for the padding of the table.
    Tensor place = torch::full({nodes + 1}, -1, graph.neighbors.options());
    place.index_copy_(0, rows, torch::arange(rows.size(0), place.options()));
    const Tensor table = graph.neighbors.index_select(0, rows).to(torch::kLong);
    GraphTensors result;
    result.features = graph.features.index_select(0, rows);
    result.neighbors = place.index_select(0, torch::where(table < 0, nodes, table).flatten())
                           .view({rows.size(0), table.size(1)});
    if (graph.events.defined()) result.events = graph.events.index_select(0, rows);
    result.first_logits = first.index_select(0, rows);
    result.dropout = graph.dropout;
    return {rows, result};
  }

  Tensor embed(const Tensor& encoded, const GraphTensors& graph,
               const Context& /*context*/) override {
    const Tensor first = graph.first_logits.to(encoded.scalar_type()).unsqueeze(1);
    return shown(*input_, "",
                 activate(config(), apply_linear(input_, torch::cat({encoded, first}, 1))));
  }

  Tensor run_layers(Tensor hidden, const GraphTensors& graph, const Context& context) override {
    const MapPlaces places = find_places(config().map, graph.features.to(hidden.scalar_type()),
                                         map_columns_, graph.events);
    Context with_places = context;
    with_places.places = &places;
    return last_->forward(LayeredNetwork::run_layers(hidden, graph, with_places), context);
  }

  std::shared_ptr<Network> first_;
  Tensor threshold_;
  torch::nn::Linear input_;
  std::vector<std::int64_t> map_columns_;
  std::shared_ptr<Block> last_;
};

}  // namespace

std::shared_ptr<Network> make_two_stage(
    const ModelConfig& config, const std::vector<std::string>& feature_names,
    const std::optional<features::NormalizationConstants>& normalization) {
  return std::make_shared<TwoStageNetwork>(config, feature_names, normalization);
}

}  // namespace stationhit::models
