// The settings of a network. Free of Torch: programs without Torch read and check configurations
// too. Which networks there are stands in architecture/known_networks.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/architecture/known_networks.hpp>
#include <stationhit/core/settings.hpp>

namespace stationhit::architecture {

// How the features that are taken as numbers become the encoded input; models/network.hpp has the
// formulas.
enum class EncodingType { fourier, learned, hybrid, linear, none };
constexpr auto names_of(EncodingType) {
  return std::to_array<std::string_view>({"fourier", "learned", "hybrid", "linear", "none"});
}

// How technology, stationIndex, stationPhi and stationEta enter the encoded input.
enum class DiscreteEncoding { encoded, one_hot, embedding };
constexpr auto names_of(DiscreteEncoding) {
  return std::to_array<std::string_view>({"encoded", "one_hot", "embedding"});
}

// How the messages of the neighbors of a node become one.
enum class Aggregation { max, mean, sum };
constexpr auto names_of(Aggregation) {
  return std::to_array<std::string_view>({"max", "mean", "sum"});
}

enum class Activation { relu, leaky_relu, gelu, silu };
constexpr auto names_of(Activation) {
  return std::to_array<std::string_view>({"relu", "leaky_relu", "gelu", "silu"});
}

struct EncodingConfig {
  EncodingType type = EncodingType::fourier;
  // Angles are x' * base^-s; with learned and hybrid this holds at the start of the training.
  std::int32_t base = 3;
  std::vector<std::int32_t> scales = {-6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6};
  DiscreteEncoding discrete = DiscreteEncoding::encoded;
  std::int32_t embedding_width = 4;  // numbers per discrete feature with embedding
  // Features that are encoded; empty: all. The others are there for what looks at single features.
  std::vector<std::string> features = {};
  double limit = 0;  // normalized features beyond +- limit become it; 0: none do

  bool operator==(const EncodingConfig&) const = default;

  static void describe(auto& self, auto&& setting) {
    setting("type", self.type,
            "fourier: sines and cosines of every feature at several scales; learned: with "
            "frequencies that are trained; hybrid: the features and learned; linear: a trained "
            "linear map; none: the features alone");
    setting("base", self.base, "Angles are feature * base^-scale (learned, hybrid: at the start)",
            core::between(2, 100));
    setting("scales", self.scales,
            "Scales of the angles; each gives a sine and a cosine per feature",
            core::between(-20, 20));
    setting("discrete", self.discrete,
            "technology, stationIndex, stationPhi and stationEta: encoded as the others, or "
            "one-hot, or a trained vector per code");
    setting("embedding_width", self.embedding_width,
            "Numbers per discrete feature with discrete: embedding", core::between(1, 64));
    setting("features", self.features,
            "Features that are encoded, from the list of features; empty = all of them");
    setting("limit", self.limit,
            "Normalized features beyond +- limit are set to it, also those of edge_features; 0 = "
            "none are",
            core::between(0, 1e6));
  }
};

// The first stage of two_stage: an edgeconv on all hits, without layer norm, that says which of
// them the second stage sees. Activation and residual sums are those of the network.
struct FirstStageConfig {
  EncodingConfig encoding{.type = EncodingType::hybrid, .scales = {0, -1, -2}};
  std::int32_t width = 16;
  std::int32_t blocks = 1;
  std::int32_t message_layers = 2;
  std::vector<std::string> edge_features = {};
  std::int32_t neighbors = 8;  // nearest columns of the neighbor table, 0: all
  Aggregation aggregation = Aggregation::max;
  std::vector<std::int32_t> head = {16};
  double signal_kept = 0.9995;  // share of the signal hits of the validation split that pass

  bool operator==(const FirstStageConfig&) const = default;

  static void describe(auto& self, auto&& setting) {
    const auto widths = core::between(1, 4096);
    setting("encoding", self.encoding, "Encoding of the normalized features");
    setting("width", self.width, "Hidden features per hit", widths);
    setting("blocks", self.blocks, "EdgeConv blocks", core::between(1, 64));
    setting("message_layers", self.message_layers, "Linear layers of the EdgeConv message",
            core::between(1, 2));
    setting("edge_features", self.edge_features,
            "Features whose differences enter the EdgeConv message, as in model.edge_features");
    setting("neighbors", self.neighbors, "Nearest neighbors of the table that it looks at; 0 = all",
            core::between(0, 1024));
    setting("aggregation", self.aggregation, "How the messages of the neighbors are combined");
    setting("head", self.head, "Hidden widths of the head; empty = one linear layer", widths);
    setting("signal_kept", self.signal_kept,
            "Share of the signal hits of the validation split that pass to the second stage; above "
            "all working points",
            core::between(0.9, 0.99999));
  }
};

// What two_stage knows of the rest of the event: maps of the station layers.
struct MapConfig {
  std::int32_t phi_cells = 48;
  std::int32_t theta_cells = 64;
  std::int32_t channels = 12;
  std::int32_t convolutions = 2;

  bool operator==(const MapConfig&) const = default;

  static void describe(auto& self, auto&& setting) {
    setting("phi_cells", self.phi_cells, "Cells in phi, -pi to pi", core::between(3, 1024));
    setting("theta_cells", self.theta_cells, "Cells in theta, 0 to pi", core::between(3, 1024));
    setting("channels", self.channels,
            "Numbers that a hit writes into its cells; the convolutions have twice as many",
            core::between(1, 256));
    setting("convolutions", self.convolutions, "Convolutions of 3 x 3 cells", core::between(1, 16));
  }
};

struct ModelConfig {
  std::string architecture = "edgeconv";  // a name of known_networks()
  EncodingConfig encoding;
  std::int32_t width = 64;  // hidden features per hit
  // Hidden layers, EdgeConv blocks, pairs of EdgeConv and graph attention, or attention blocks:
  // what the architecture is a row of.
  std::int32_t blocks = 3;
  std::int32_t message_layers = 1;  // linear layers of the EdgeConv message, 1 or 2
  Aggregation aggregation = Aggregation::max;
  // Features whose differences between neighbor and node enter the EdgeConv message.
  std::vector<std::string> edge_features = {};
  std::int32_t neighbors = 0;  // nearest columns of the neighbor table that are used, 0: all
  // One message layer with max: relu or leaky_relu.
  Activation activation = Activation::relu;
  bool residual = true;                 // add the input of a block to its output
  bool layer_norm = false;              // layer norm per hit at the input of a block
  std::vector<std::int32_t> head = {};  // hidden widths of the head, empty = one linear layer
  double dropout = 0.0;                 // after each block, training only
  std::int32_t heads = 4;               // attention heads, divide width
  std::int32_t bands = 4;               // edgeconv_attention: bands of Fourier scales, divide width
  // edgeconv_attention: hidden width of the feed-forward part of a block.
  std::int32_t feed_forward = 128;
  FirstStageConfig first_stage = {};  // two_stage
  MapConfig map = {};                 // two_stage

  bool operator==(const ModelConfig&) const = default;

  static void describe(auto& self, auto&& setting) {
    const auto widths = core::between(1, 4096);
    setting("architecture", self.architecture,
            "mlp uses no edges; edgeconv passes messages between neighbors; edgeconv_gat adds "
            "graph attention over neighbors, edgeconv_attention self-attention over buckets; "
            "two_stage lets a narrow edgeconv choose the hits that a wide one sees, together with "
            "their surroundings in other stations",
            core::one_of(known_networks()));
    setting("encoding", self.encoding,
            "Encoding of the normalized features at the input of the network");
    setting("width", self.width, "Hidden features per hit", widths);
    setting("blocks", self.blocks,
            "Hidden layers (mlp), EdgeConv blocks, pairs of EdgeConv and graph attention "
            "(edgeconv_gat), attention blocks (edgeconv_attention), or pairs of EdgeConv and map "
            "(two_stage)",
            core::between(0, 64));
    setting("message_layers", self.message_layers, "Linear layers of the EdgeConv message",
            core::between(1, 2));
    setting("edge_features", self.edge_features,
            "Features whose differences between neighbor and hit enter the EdgeConv message, on a "
            "logarithmic scale; from the list of features, empty = none");
    setting("neighbors", self.neighbors,
            "Nearest neighbors of the table that the network looks at; 0 = all graph.k of them",
            core::between(0, 1024));
    setting("aggregation", self.aggregation, "How the messages of the neighbors are combined");
    setting("activation", self.activation,
            "Activation; one message layer with max needs relu or leaky_relu");
    setting("residual", self.residual, "Add the input of a block to its output");
    setting("layer_norm", self.layer_norm, "Layer norm per hit at the input of a block");
    setting("head", self.head, "Hidden widths of the head; empty = one linear layer", widths);
    setting("dropout", self.dropout, "Share of activations dropped after each block, training only",
            core::between(0, 0.9));
    setting("heads", self.heads,
            "Attention heads of edgeconv_gat and edgeconv_attention; must divide width",
            core::between(1, 256));
    setting("bands", self.bands,
            "edgeconv_attention: bands into which the scales of the encoding are divided, each "
            "with an EdgeConv of its own; must divide width",
            core::between(1, 64));
    setting("feed_forward", self.feed_forward,
            "edgeconv_attention: hidden width of the feed-forward part of a block", widths);
    setting("first_stage", self.first_stage, "First stage of two_stage");
    setting("map", self.map, "Maps of the station layers, the context of two_stage");
  }
};

// Whether the network is two stages.
[[nodiscard]] bool has_first_stage(const ModelConfig& config);
// The first stage of two_stage as a network of its own.
[[nodiscard]] ModelConfig first_stage_model(const ModelConfig& config);

// Throws ConfigError naming the key, its value and what is allowed: single values first, then
// settings that contradict each other, for any network and for the one that is named.
void check(const ModelConfig& config);

// Throws ConfigError if an encoded feature is none of the features or is there twice, or if an edge
// feature is not encoded, is there twice, or is taken as a code.
void check_features(const ModelConfig& config, const std::vector<std::string>& feature_names);

}  // namespace stationhit::architecture
