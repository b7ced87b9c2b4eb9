#include "leave_out_stations.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>

#include <stationhit/architecture/encoded_layout.hpp>
#include <stationhit/architecture/network_description.hpp>
#include <stationhit/core/technology.hpp>

#include "sample_groups.hpp"

namespace stationhit::training {
namespace {

using core::n_sectors;
constexpr auto n_station_layers = static_cast<std::size_t>(architecture::n_station_layers);

std::size_t sector_of(float phi) {
  const double width = 2 * std::numbers::pi / n_sectors;
  const auto sector = static_cast<std::int64_t>(std::floor(phi / width + 0.5));
  return static_cast<std::size_t>(sector + static_cast<std::int64_t>(n_sectors)) % n_sectors;
}

}  // namespace

std::optional<StationColumns> find_station_columns(const std::vector<std::string>& feature_names) {
  constexpr std::array wanted{"phi", "stationLayer"};
  const auto columns = architecture::feature_columns(feature_names, wanted);
  if (std::ranges::max(columns) == std::ssize(feature_names)) return std::nullopt;
  return StationColumns{static_cast<std::size_t>(columns[0]), static_cast<std::size_t>(columns[1])};
}

Sample leave_out_stations(const Sample& sample, const StationColumns& columns, double share,
                          std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> uniform;
  std::array<bool, n_sectors * n_station_layers> missing{};
  std::ranges::generate(missing, [&] { return uniform(engine) < share; });
  Sample kept;
  kept.offsets.push_back(0);
  for (std::size_t group = 0; group + 1 < sample.offsets.size(); ++group) {
    const std::uint32_t begin = sample.offsets[group], end = sample.offsets[group + 1];
    const float* node =
        sample.features.data() + begin * (sample.features.size() / sample.labels.size());
    const auto layer = static_cast<std::size_t>(node[columns.station_layer]);
    if (!missing[sector_of(node[columns.phi]) * n_station_layers + layer])
      append_group(sample, begin, end, 1.0F, kept);
  }
  return kept;
}

}  // namespace stationhit::training
