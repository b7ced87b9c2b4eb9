#include <utility>

#include <stationhit/features/features.hpp>
#include <stationhit/models/cost.hpp>

namespace stationhit::models {

using namespace architecture;
namespace {

std::uint64_t unsigned_size(std::int64_t value) { return static_cast<std::uint64_t>(value); }

NetworkCost linear(std::uint64_t in, std::uint64_t out,
                   std::uint64_t NetworkCost::*work = &NetworkCost::flops_per_node) {
  NetworkCost cost;
  cost.parameters = in * out + out;
  cost.*work = 2 * in * out;
  return cost;
}

NetworkCost operator+(NetworkCost a, const NetworkCost& b) { return a += b; }

NetworkCost norm(std::uint64_t width) {
  NetworkCost cost;
  cost.parameters = 2 * width;
  return cost;
}

std::string arrow(std::uint64_t in, std::uint64_t out) {
  return std::to_string(in) + " -> " + std::to_string(out);
}

std::string text(core::NamedEnum auto choice) { return std::string(core::name(choice)); }

class StageList {
 public:
  StageList(const ModelConfig& config, const EncodedLayout& layout)
      : config_(config), layout_(layout), width_(unsigned_size(config.width)) {}

  std::vector<Stage> result() && {
    if (config_.architecture == "edgeconv_attention") {
      add_bands();
    } else {
      const auto in = unsigned_size(layout_.width());
      add("input", "linear " + arrow(in, width_) + ", " + text(config_.activation),
          linear(in, width_));
    }
    for (std::int32_t block = 0; block < config_.blocks; ++block)
      add_block("blocks." + std::to_string(block));
    add_head();
    return std::move(stages_);
  }

 private:
  void add(std::string name, std::string description, const NetworkCost& cost) {
    stages_.push_back({std::move(name), std::move(description), cost});
  }

  [[nodiscard]] NetworkCost block_norm() const {
    return config_.layer_norm ? norm(width_) : NetworkCost{};
  }

  [[nodiscard]] NetworkCost message(std::uint64_t in, std::uint64_t out) const {
    const NetworkCost first = linear(2 * in, out);
    if (config_.message_layers < 2) return first;
    // Only the maximum does not commute with the second linear layer.
    return first + linear(out, out,
                          config_.aggregation == Aggregation::max ? &NetworkCost::flops_per_edge
                                                                  : &NetworkCost::flops_per_node);
  }

  [[nodiscard]] std::string edgeconv_text(std::uint64_t in, std::uint64_t out) const {
    return "EdgeConv " + arrow(in, out) + ", " +
           (config_.message_layers == 2 ? "two linear layers, " : "") + text(config_.aggregation) +
           " over the neighbors";
  }

  void add_bands() {
    const auto columns = band_columns(config_, layout_);
    for (std::size_t band = 0; band < columns.size(); ++band) {
      const auto in = unsigned_size(columns[band] + layout_.discrete),
                 out = width_ / columns.size();
      add("bands." + std::to_string(band), edgeconv_text(in, out), message(in, out));
    }
  }

  void add_graph_attention(const std::string& name) {
    const auto heads = unsigned_size(config_.heads);
    NetworkCost cost = block_norm();
    cost.parameters += width_ * width_ + 3 * width_;
    cost.flops_per_node += 2 * width_ * (width_ + 2 * heads);
    cost.flops_per_edge += 2 * width_;
    add(name,
        "graph attention, " + std::to_string(heads) + " heads over the neighbors, " +
            text(config_.activation),
        cost);
  }

  void add_self_attention(const std::string& name) {
    NetworkCost cost = norm(width_) + linear(width_, 3 * width_) + linear(width_, width_);
    cost.flops_per_pair = 4 * width_;
    add(name + ".attention",
        "self-attention, " + std::to_string(config_.heads) + " heads over the bucket", cost);
    const auto hidden = unsigned_size(config_.feed_forward);
    add(name + ".feed_forward",
        "linear " + arrow(width_, hidden) + ", " + text(config_.activation) + ", linear " +
            arrow(hidden, width_),
        norm(width_) + linear(width_, hidden) + linear(hidden, width_));
  }

  void add_block(const std::string& name) {
    if (config_.architecture == "edgeconv_attention") return add_self_attention(name);
    if (config_.architecture == "mlp") {
      return add(name, "linear " + arrow(width_, width_) + ", " + text(config_.activation),
                 block_norm() + linear(width_, width_));
    }
    const bool pair = config_.architecture == "edgeconv_gat";
    add(pair ? name + ".edgeconv" : name, edgeconv_text(width_, width_),
        block_norm() + message(width_, width_));
    if (pair) add_graph_attention(name + ".attention");
  }

  void add_head() {
    NetworkCost cost;
    std::string text = "linear " + std::to_string(width_);
    auto in = width_;
    for (const auto hidden : config_.head) {
      cost += linear(in, unsigned_size(hidden));
      in = unsigned_size(hidden);
      text += " -> " + std::to_string(in);
    }
    add("head", text + " -> 1", cost + linear(in, 1));
  }

  const ModelConfig& config_;
  const EncodedLayout& layout_;
  std::uint64_t width_;
  std::vector<Stage> stages_;
};

// Trained numbers of the encoding.
std::uint64_t encoding_parameters(const EncodingConfig& config, const EncodedLayout& layout,
                                  const std::vector<std::string>& feature_names) {
  const auto numbers = layout.numbers.size();
  std::uint64_t parameters = 0;
  if (config.type == EncodingType::learned || config.type == EncodingType::hybrid)
    parameters += numbers * config.scales.size();
  if (config.type == EncodingType::linear)
    parameters += (numbers + 1) * unsigned_size(layout.continuous);
  if (config.discrete != DiscreteEncoding::embedding) return parameters;
  for (const auto column : layout.codes) {
    const auto codes = features::codes_of(feature_names[static_cast<std::size_t>(column)]).count;
    parameters += unsigned_size((codes + 1) * config.embedding_width);
  }
  return parameters;
}

}  // namespace

EncodedLayout encoded_layout(const EncodingConfig& config,
                             const std::vector<std::string>& feature_names) {
  EncodedLayout layout;
  for (std::size_t i = 0; i < feature_names.size(); ++i) {
    const auto codes = features::codes_of(feature_names[i]).count;
    const bool by_code = config.discrete != DiscreteEncoding::encoded && codes > 0;
    (by_code ? layout.codes : layout.numbers).push_back(static_cast<std::int64_t>(i));
    if (by_code)
      layout.discrete +=
          config.discrete == DiscreteEncoding::one_hot ? codes + 1 : config.embedding_width;
  }
  const auto numbers = static_cast<std::int64_t>(layout.numbers.size());
  const auto waves = 2 * numbers * static_cast<std::int64_t>(config.scales.size());
  layout.continuous = config.type == EncodingType::none     ? numbers
                      : config.type == EncodingType::hybrid ? numbers + waves
                                                            : waves;
  return layout;
}

std::vector<std::int64_t> scales_per_band(std::int64_t scales, std::int64_t bands) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(bands), scales / bands);
  for (std::int64_t i = 0; i < scales % bands; ++i) ++sizes[static_cast<std::size_t>(i)];
  return sizes;
}

std::vector<std::int64_t> band_columns(const ModelConfig& config, const EncodedLayout& layout) {
  const auto scales = static_cast<std::int64_t>(config.encoding.scales.size());
  auto columns = scales_per_band(scales, config.bands);
  for (auto& n : columns) n *= layout.continuous / scales;
  return columns;
}

std::vector<Stage> stages(const ModelConfig& config,
                          const std::vector<std::string>& feature_names) {
  const EncodedLayout layout = encoded_layout(config.encoding, feature_names);
  std::vector<Stage> all = StageList(config, layout).result();
  NetworkCost encoding;
  encoding.parameters = encoding_parameters(config.encoding, layout, feature_names);
  all.insert(all.begin(), {"encoding",
                           std::string(core::name(config.encoding.type)) + ", " +
                               arrow(feature_names.size(), unsigned_size(layout.width())),
                           encoding});
  return all;
}

NetworkCost cost(const ModelConfig& config, const std::vector<std::string>& feature_names) {
  NetworkCost total;
  for (const Stage& stage : stages(config, feature_names)) total += stage.cost;
  return total;
}

NetworkCost& NetworkCost::operator+=(const NetworkCost& other) {
  parameters += other.parameters;
  flops_per_node += other.flops_per_node;
  flops_per_edge += other.flops_per_edge;
  flops_per_pair += other.flops_per_pair;
  return *this;
}

}  // namespace stationhit::models
