// The bands stand side by side: each reads its columns of the encoding and those of the codes, and
// makes its part of the width.
#include <utility>

#include <stationhit/core/errors.hpp>

#include "network_builder.hpp"
#include "networks.hpp"
#include "registry.hpp"

namespace stationhit::architecture {
namespace {

Side part_of(const Side& all, const std::vector<ColumnRange>& columns) {
  Side part{all.axis, {}};
  for (const auto& [first, end] : columns)
    part.units.insert(part.units.end(), all.units.begin() + first, all.units.begin() + end);
  return part;
}

std::vector<std::string> add_bands(NetworkBuilder& network, const ModelConfig& config) {
  const EncodedLayout& layout = network.layout();
  const Side all = network.encoded_columns();
  const std::int64_t size = config.width / config.bands;
  std::vector<std::string> bands;
  std::int64_t first = 0;
  for (const auto n : band_columns(config, layout)) {
    std::vector<ColumnRange> columns{{first, first + n}};
    if (layout.discrete > 0) columns.push_back({layout.continuous, layout.width()});
    const Side inputs = part_of(all, columns);
    const auto number = static_cast<std::int64_t>(bands.size());
    const Side outputs{"width", unit_range(size, number * size)};
    bands.push_back(network.add_edge_convolution("bands." + std::to_string(number), "encoding",
                                                 inputs, outputs));
    network.read_columns(std::move(columns));
    first += n;
  }
  return bands;
}

}  // namespace

void check_edgeconv_attention(const ModelConfig& config) {
  check_monotone(config);
  check_divides_width("heads", config.heads, config.width);
  check_divides_width("bands", config.bands, config.width);
  const EncodingType encoding = config.encoding.type;
  if (encoding != EncodingType::fourier && encoding != EncodingType::learned) {
    throw core::ConfigError("model.encoding.type is " + std::string(core::name(encoding)) +
                            ", but edgeconv_attention divides the scales of an encoding into "
                            "bands: set fourier or learned");
  }
  if (static_cast<std::size_t>(config.bands) <= config.encoding.scales.size()) return;
  throw core::ConfigError(
      "model.bands is " + std::to_string(config.bands) + ", but model.encoding.scales has only " +
      std::to_string(config.encoding.scales.size()) + " scales to divide; lower it");
}

NetworkDescription describe_edgeconv_attention(const ModelConfig& config,
                                               const std::vector<std::string>& feature_names) {
  const auto scales = static_cast<std::int64_t>(config.encoding.scales.size());
  const auto parts_of_width = [&](std::int32_t n) {
    return std::vector<std::int64_t>(static_cast<std::size_t>(n), config.width / n);
  };
  NetworkBuilder network(config, feature_names, parts_of_width(config.bands),
                         scales_per_band(scales, config.bands));
  std::string hidden = network.add_concatenation("bands", add_bands(network, config));
  for (std::int32_t i = 0; i < config.blocks; ++i) {
    const std::string number = std::to_string(i), block = "blocks." + number;
    network.add_axis("attention." + number, parts_of_width(config.heads));
    network.add_axis("feed_forward." + number, {config.feed_forward});
    hidden = network.add_self_attention(block + ".attention", "attention." + number, hidden);
    hidden = network.add_feed_forward(block + ".feed_forward", "feed_forward." + number, hidden);
  }
  network.add_head(hidden);
  return std::move(network).result({NetworkOption::message_layers, NetworkOption::aggregation,
                                    NetworkOption::heads, NetworkOption::bands,
                                    NetworkOption::feed_forward});
}

}  // namespace stationhit::architecture
