#include <algorithm>

#include <stationhit/architecture/encoded_layout.hpp>
#include <stationhit/features/features.hpp>

namespace stationhit::architecture {
namespace {

std::int64_t continuous_columns(EncodingType type, std::int64_t numbers, std::int64_t scales) {
  const std::int64_t waves = 2 * numbers * scales;
  switch (type) {
    case EncodingType::none:
      return numbers;
    case EncodingType::hybrid:
      return numbers + waves;
    case EncodingType::fourier:
    case EncodingType::learned:
    case EncodingType::linear:
      break;
  }
  return waves;
}

bool is_encoded(const EncodingConfig& config, const std::string& feature) {
  return config.features.empty() ||
         std::ranges::find(config.features, feature) != config.features.end();
}

}  // namespace

EncodedLayout encoded_layout(const EncodingConfig& config,
                             const std::vector<std::string>& feature_names) {
  EncodedLayout layout;
  for (std::size_t i = 0; i < feature_names.size(); ++i) {
    if (!is_encoded(config, feature_names[i])) continue;
    const auto codes = features::codes_of(feature_names[i]).count;
    const bool by_code = config.discrete != DiscreteEncoding::encoded && codes > 0;
    (by_code ? layout.codes : layout.numbers).push_back(static_cast<std::int64_t>(i));
    if (by_code) {
      layout.discrete +=
          config.discrete == DiscreteEncoding::one_hot ? codes + 1 : config.embedding_width;
    }
  }
  layout.continuous =
      continuous_columns(config.type, static_cast<std::int64_t>(layout.numbers.size()),
                         static_cast<std::int64_t>(config.scales.size()));
  return layout;
}

std::vector<std::int64_t> edge_columns(const ModelConfig& config,
                                       const std::vector<std::string>& feature_names) {
  const EncodedLayout layout = encoded_layout(config.encoding, feature_names);
  std::vector<std::int64_t> columns;
  for (const std::string& name : config.edge_features) {
    const auto feature = std::ranges::find(feature_names, name) - feature_names.begin();
    columns.push_back(std::ranges::find(layout.numbers, feature) - layout.numbers.begin());
  }
  return columns;
}

std::vector<std::int64_t> feature_columns(const std::vector<std::string>& feature_names,
                                          std::span<const char* const> wanted) {
  std::vector<std::int64_t> columns;
  for (const std::string name : wanted)
    columns.push_back(std::ranges::find(feature_names, name) - feature_names.begin());
  return columns;
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

}  // namespace stationhit::architecture
