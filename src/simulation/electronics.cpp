// Dead and weak channels are properties of the detector and not of an event: they follow from a
// hash of the channel's address and the detector seed, so no table is stored and every event and
// thread sees the same detector. Cross-talk is drawn per event.
#include <algorithm>
#include <array>

#include <stationhit/simulation/electronics.hpp>

namespace stationhit::simulation {
namespace {

double uniform_of(std::uint32_t word) { return (static_cast<double>(word) + 0.5) * 0x1p-32; }

}  // namespace

void Electronics::operator()(Random& random, EventRecord& record) const {
  add_cross_talk(random, record);
  std::erase_if(record.cells, [&](const Cell& cell) {
    const double share = efficiency(cell);
    return share < 1 && !random.chance(share);
  });
  if (config_.time_offset == 0) return;
  for (Cell& cell : record.cells) digitizer_->delay(cell, config_.time_offset);
}

bool Electronics::is_missing(const Cell& cell) const {
  const Frame& frame = detector_->frames()[detector_->chambers()[cell.chamber].frame];
  return frame.layer == config_.missing_layer && frame.sector == config_.missing_sector;
}

double Electronics::efficiency(const Cell& cell) const {
  if (is_missing(cell)) return 0;
  const std::array<std::uint32_t, 2> key{static_cast<std::uint32_t>(config_.detector_seed),
                                         static_cast<std::uint32_t>(config_.detector_seed >> 32U)};
  // Eta and phi strips of one layer are different planes of electronics.
  const std::uint32_t plane = cell.layer * 2U + (cell.measures_phi ? 1U : 0U);
  const std::uint32_t region = cell.channel / static_cast<std::uint32_t>(config_.region_channels);
  const auto words = philox4x32({cell.chamber, plane, region, cell.channel}, key);
  if (uniform_of(words[0]) < config_.dead_channels) return 0;
  const double quality = uniform_of(philox4x32({cell.chamber, plane, region, 0}, key)[1]);
  if (quality < config_.dead_regions) return 0;
  return quality < config_.dead_regions + config_.weak_regions ? config_.weak_efficiency : 1;
}

void Electronics::add_cross_talk(Random& random, EventRecord& record) const {
  // Cross-talk of cross-talk is left out: only the signals that were there before are considered.
  const std::size_t n_signals = record.cells.size();
  for (std::size_t i = 0; i < n_signals; ++i) {
    if (!random.chance(config_.cross_talk_probability)) continue;
    Cell cell = record.cells[i];
    const Chamber& chamber = detector_->chambers()[cell.chamber];
    const int channel = cell.channel + (random.chance(0.5) ? 1 : -1);
    if (channel < 1 || channel > (cell.measures_phi ? chamber.n_phi_channels : chamber.n_channels))
      continue;
    cell.channel = static_cast<std::uint16_t>(channel);
    cell.particle = record.add({Origin::cross_talk});
    digitizer_->delay(cell, random.exponential(config_.cross_talk_delay));
    record.cells.push_back(cell);
  }
}

}  // namespace stationhit::simulation
