// The cells are sorted by channel and signal, and only the first signal of every channel is kept.
// Then each layer of a chamber is written in order: a technology with two coordinates gives one hit
// per pair of eta and phi channels, ghosts included, and a channel without a partner gives a hit
// with one coordinate.
#include <algorithm>
#include <span>
#include <tuple>

#include <stationhit/simulation/readout.hpp>

namespace stationhit::simulation {
namespace {

using core::Technology;

bool same_layer(const Cell& a, const Cell& b) {
  return a.chamber == b.chamber && a.layer == b.layer;
}

// All fields take part in the order, so the result does not depend on the order in which the stages
// added the cells.
void keep_first_signals(std::vector<Cell>& cells) {
  const auto key = [](const Cell& c) {
    return std::tuple(c.chamber, c.layer, c.measures_phi, c.channel, c.drift_r, c.time,
                      c.second_channel, c.particle);
  };
  std::sort(cells.begin(), cells.end(),
            [&](const Cell& a, const Cell& b) { return key(a) < key(b); });
  const auto same_channel = [](const Cell& a, const Cell& b) {
    return same_layer(a, b) && a.measures_phi == b.measures_phi && a.channel == b.channel;
  };
  cells.erase(std::unique(cells.begin(), cells.end(), same_channel), cells.end());
}

// The sensitive element and its measurement errors, in the chamber frame.
struct SensitiveElement {
  Vector3 position, low, high;
  double variance_x = 0, variance_y = 0;
};

double square(double value) { return value * value; }

class HitWriter {
 public:
  HitWriter(const Detector& detector, const MdtConfig& mdt, std::size_t n_muons,
            std::uint32_t ghost, ReadoutHits& out)
      : detector_(detector),
        mdt_(mdt),
        n_muons_(n_muons),
        ghost_(ghost),
        hits_(out.table),
        particle_(out.particle) {}

  void add(const Cell* eta, const Cell* phi, int second_channel, std::size_t eta_uses,
           std::size_t phi_uses) {
    const Cell& cell = eta != nullptr ? *eta : *phi;
    const Chamber& chamber = detector_.chambers()[cell.chamber];
    add_geometry(chamber, element(chamber, cell, eta != nullptr, second_channel));
    hits_.time.push_back(cell.time);
    hits_.drift_r.push_back(cell.drift_r);
    hits_.read_out_side.push_back(cell.layer % 2 == 0 ? std::int8_t{1} : std::int8_t{-1});
    hits_.meas_eta.push_back(eta != nullptr ? 1 : 0);
    hits_.meas_phi.push_back(second_channel > 0 ? 1 : 0);
    hits_.n_eta_in_use.push_back(static_cast<std::uint32_t>(eta_uses));
    hits_.n_phi_in_use.push_back(static_cast<std::uint32_t>(phi_uses));
    hits_.technology.push_back(static_cast<std::uint8_t>(chamber.technology));
    hits_.station_index.push_back(chamber.station_index);
    hits_.station_eta.push_back(chamber.station_eta);
    hits_.station_phi.push_back(chamber.station_phi);
    hits_.layer.push_back(static_cast<std::uint8_t>(cell.layer + 1));
    hits_.channel.push_back(cell.channel);
    hits_.sec_channel.push_back(static_cast<std::int16_t>(eta != nullptr ? second_channel : -1));
    // A pair of channels fired by different particles is a ghost, which belongs to neither.
    const bool one_particle = eta == nullptr || phi == nullptr || eta->particle == phi->particle;
    particle_.push_back(one_particle ? cell.particle : ghost_);
    hits_.truth_link.push_back(static_cast<std::int8_t>(
        particle_.back() < n_muons_ ? static_cast<std::int32_t>(particle_.back()) : core::no_muon));
  }

 private:
  // Tubes and eta strips end at the sides of the chamber, phi strips at its ends. A coordinate that
  // is not measured is set to the middle of the element.
  SensitiveElement element(const Chamber& chamber, const Cell& cell, bool has_eta,
                           int phi_channel) const {
    const double z = detector_.layers(chamber)[cell.layer];
    const double y = has_eta ? detector_.channel_y(chamber, cell.layer, cell.channel)
                             : (chamber.y_low + chamber.y_high) / 2;
    const double x = phi_channel > 0 ? chamber.phi_strip_x(phi_channel, y)
                                     : (chamber.x_low(y) + chamber.x_high(y)) / 2;
    const double width = chamber.x_high(y) - chamber.x_low(y),
                 length = chamber.y_high - chamber.y_low;
    const double phi_width = phi_channel > 0 ? width / chamber.n_phi_channels : width;
    // Variance of a uniform distribution over the width of a strip; for tubes it is replaced below
    // by the drift resolution, which is worse near the wire.
    SensitiveElement result{
        {x, y, z}, {}, {}, square(phi_width) / 12, square(has_eta ? chamber.pitch : length) / 12};
    if (chamber.technology == Technology::mdt)
      result.variance_y = square(mdt_.resolution) * (1 + square(1 - cell.drift_r / mdt_.radius));
    if (has_eta) {
      result.low = {chamber.x_low(y), y, z};
      result.high = {chamber.x_high(y), y, z};
    } else {
      result.low = {chamber.phi_strip_x(phi_channel, chamber.y_low), chamber.y_low, z};
      result.high = {chamber.phi_strip_x(phi_channel, chamber.y_high), chamber.y_high, z};
    }
    return result;
  }

  void add_geometry(const Chamber& chamber, const SensitiveElement& element) {
    const Frame& frame = detector_.frames()[chamber.frame];
    push(element.position, hits_.local_x, hits_.local_y, hits_.local_z);
    push(frame.to_global(element.position), hits_.glob_x, hits_.glob_y, hits_.glob_z);
    push(frame.to_global(element.low), hits_.edge_low_x, hits_.edge_low_y, hits_.edge_low_z);
    push(frame.to_global(element.high), hits_.edge_high_x, hits_.edge_high_y, hits_.edge_high_z);
    hits_.cov_xx.push_back(static_cast<float>(element.variance_x));
    hits_.cov_xy.push_back(0.0F);
    hits_.cov_yx.push_back(0.0F);
    hits_.cov_yy.push_back(static_cast<float>(element.variance_y));
  }

  static void push(const Vector3& v, std::vector<float>& x, std::vector<float>& y,
                   std::vector<float>& z) {
    x.push_back(static_cast<float>(v.x));
    y.push_back(static_cast<float>(v.y));
    z.push_back(static_cast<float>(v.z));
  }

  const Detector& detector_;
  const MdtConfig& mdt_;
  std::size_t n_muons_;
  std::uint32_t ghost_;
  core::HitTable& hits_;
  std::vector<std::uint32_t>& particle_;
};

// Writes all cells of one layer of a chamber; eta cells come before phi cells.
void add_layer(std::span<const Cell> cells, HitWriter& writer) {
  const auto first_phi =
      std::find_if(cells.begin(), cells.end(), [](const Cell& c) { return c.measures_phi; });
  const std::span eta(cells.begin(), first_phi), phi(first_phi, cells.end());
  for (const Cell& cell : eta) {
    if (phi.empty()) writer.add(&cell, nullptr, cell.second_channel, 0, 0);
    for (const Cell& partner : phi)
      writer.add(&cell, &partner, partner.channel, phi.size() - 1, eta.size() - 1);
  }
  if (!eta.empty()) return;
  for (const Cell& cell : phi) writer.add(nullptr, &cell, cell.channel, 0, 0);
}

}  // namespace

ReadoutHits Readout::operator()(EventRecord& record) const {
  keep_first_signals(record.cells);
  const std::vector<Cell>& cells = record.cells;
  ReadoutHits hits;
  core::for_each_hit_column([&](const char*, auto member) {
    (hits.table.*member).reserve(cells.size() + cells.size() / 4);
  });
  HitWriter writer(*detector_, mdt_, record.n_muons, record.add({Origin::ghost}), hits);
  for (auto begin = cells.begin(); begin != cells.end();) {
    const auto end =
        std::find_if(begin, cells.end(), [&](const Cell& c) { return !same_layer(*begin, c); });
    add_layer(std::span(begin, end), writer);
    begin = end;
  }
  return hits;
}

}  // namespace stationhit::simulation
