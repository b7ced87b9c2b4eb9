#include <stationhit/features/features.hpp>
#include <stationhit/models/cost.hpp>

namespace stationhit::models {
namespace {

std::uint64_t unsigned_size(std::int64_t value) { return static_cast<std::uint64_t>(value); }

class CostSum {
 public:
  CostSum(const ModelConfig& config, const EncodedLayout& layout) : config_(config), layout_(layout), width_(unsigned_size(config.width)) {}

  NetworkCost result() {
    if (config_.architecture == "edgeconv_attention") {
      add_bands();
    } else {
      linear(unsigned_size(layout_.width()), width_, &NetworkCost::flops_per_node);
    }
    for (std::int32_t block = 0; block < config_.blocks; ++block) add_block();
    add_head();
    return total_;
  }

 private:
  void linear(std::uint64_t in, std::uint64_t out, std::uint64_t NetworkCost::*work) {
    total_.parameters += in * out + out;
    total_.*work += 2 * in * out;
  }

  void add_message(std::uint64_t in, std::uint64_t out) {
    linear(2 * in, out, &NetworkCost::flops_per_node);
    if (config_.message_layers < 2) return;
    // Only the maximum does not commute with the second linear layer.
    linear(out, out, config_.aggregation == "max" ? &NetworkCost::flops_per_edge : &NetworkCost::flops_per_node);
  }

  void add_norm() { total_.parameters += config_.layer_norm ? 2 * width_ : 0; }

  void add_bands() {
    const auto sizes = band_sizes(config_);
    const auto per_scale = layout_.continuous / static_cast<std::int64_t>(config_.encoding.scales.size());
    for (const auto scales : sizes) add_message(unsigned_size(scales * per_scale + layout_.discrete), width_ / sizes.size());
  }

  void add_graph_attention() {
    const auto heads = unsigned_size(config_.heads);
    add_norm();
    total_.parameters += width_ * width_ + 3 * width_;
    total_.flops_per_node += 2 * width_ * (width_ + 2 * heads);
    total_.flops_per_edge += 2 * width_;
  }

  void add_self_attention() {
    total_.parameters += 4 * width_;  // two layer norms
    linear(width_, 3 * width_, &NetworkCost::flops_per_node);
    linear(width_, width_, &NetworkCost::flops_per_node);
    total_.flops_per_pair += 4 * width_;
    const auto hidden = unsigned_size(config_.feed_forward);
    linear(width_, hidden, &NetworkCost::flops_per_node);
    linear(hidden, width_, &NetworkCost::flops_per_node);
  }

  void add_block() {
    if (config_.architecture == "edgeconv_attention") return add_self_attention();
    add_norm();
    if (config_.architecture == "mlp") return linear(width_, width_, &NetworkCost::flops_per_node);
    add_message(width_, width_);
    if (config_.architecture == "edgeconv_gat") add_graph_attention();
  }

  void add_head() {
    auto in = width_;
    for (const auto hidden : config_.head) {
      linear(in, unsigned_size(hidden), &NetworkCost::flops_per_node);
      in = unsigned_size(hidden);
    }
    linear(in, 1, &NetworkCost::flops_per_node);
  }

  const ModelConfig& config_;
  const EncodedLayout& layout_;
  std::uint64_t width_;
  NetworkCost total_;
};

// Trained numbers of the encoding.
std::uint64_t encoding_parameters(const EncodingConfig& config, const EncodedLayout& layout, const std::vector<std::string>& feature_names) {
  std::uint64_t continuous = 0, parameters = 0;
  for (const auto& name : feature_names) {
    const auto codes = features::codes_of(name).count;
    const bool encoded = config.discrete == "encoded" || codes == 0;
    continuous += encoded ? 1 : 0;
    if (!encoded && config.discrete == "embedding") parameters += unsigned_size((codes + 1) * config.embedding_width);
  }
  if (config.type == "learned" || config.type == "hybrid") parameters += continuous * config.scales.size();
  if (config.type == "linear") parameters += (continuous + 1) * unsigned_size(layout.continuous);
  return parameters;
}

}  // namespace

EncodedLayout encoded_layout(const EncodingConfig& config, const std::vector<std::string>& feature_names) {
  EncodedLayout layout;
  std::int64_t continuous = 0;
  for (const auto& name : feature_names) {
    const auto codes = features::codes_of(name).count;
    if (config.discrete == "encoded" || codes == 0) {
      ++continuous;
    } else {
      layout.discrete += config.discrete == "one_hot" ? codes + 1 : config.embedding_width;
    }
  }
  const auto waves = 2 * continuous * static_cast<std::int64_t>(config.scales.size());
  layout.continuous = config.type == "none" ? continuous : config.type == "hybrid" ? continuous + waves : waves;
  return layout;
}

std::vector<std::int64_t> band_sizes(const ModelConfig& config) {
  const auto scales = static_cast<std::int64_t>(config.encoding.scales.size());
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(config.bands), scales / config.bands);
  for (std::int64_t i = 0; i < scales % config.bands; ++i) ++sizes[static_cast<std::size_t>(i)];
  return sizes;
}

NetworkCost cost(const ModelConfig& config, const std::vector<std::string>& feature_names) {
  const EncodedLayout layout = encoded_layout(config.encoding, feature_names);
  NetworkCost total = CostSum(config, layout).result();
  total.parameters += encoding_parameters(config.encoding, layout, feature_names);
  return total;
}

}  // namespace stationhit::models
