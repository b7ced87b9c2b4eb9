// From tracks and single charges to channels that fired.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include <stationhit/simulation/detector.hpp>
#include <stationhit/simulation/propagation.hpp>
#include <stationhit/simulation/random.hpp>

namespace stationhit::simulation {

// A tube or strip that fired.
struct Cell {
  std::uint32_t chamber = 0;
  std::uint8_t layer = 0;            // 0 ..
  bool measures_phi = false;         // strip of the second coordinate (RPC, TGC)
  std::uint16_t channel = 0;         // 1 ..
  std::int16_t second_channel = -1;  // sTGC: phi channel of the same charge
  float drift_r = 0;                 // mm
  float time = 0;                    // unit by technology as in core::HitTable
  std::int8_t truth_link = -1;
};

// A track through a frame: only layers with local z in [z_low, z_high] see it.
struct Track {
  Line line;
  std::int8_t truth_link = -1;
  bool prompt = true;          // in time with the bunch crossing
  bool in_small_wheel = true;  // whether sTGC and MM see it
  double z_low = std::numeric_limits<double>::lowest(), z_high = std::numeric_limits<double>::max();
};

struct MdtConfig {
  double radius = 14.6;         // mm, inner
  double efficiency = 0.945;    // of a crossed tube
  double resolution = 0.09;     // mm
  double max_drift_time = 740;  // ns
  double tdc_bin = 0.78125;     // ns per count
  double tdc_offset = 700;      // counts at drift time 0
  double tdc_jitter = 6;        // counts: flight and signal propagation
};

struct StripConfig {
  double efficiency_eta = 0.95, efficiency_phi = 0.95;
  double cluster_probability = 0.2;                       // that a neighbouring strip fires as well
  double time_resolution = 0.6;                           // ns
  double out_of_time_low = -12.5, out_of_time_high = 25;  // ns, of charges that are not prompt
};

struct DigitizationConfig {
  MdtConfig mdt;
  StripConfig rpc{0.94, 0.92, 0.09, 0.9, -12.5, 25};
  StripConfig tgc{0.95, 0.93, 0.08, 0, 0, 0};
  StripConfig stgc{0.93, 0.55, 0, 7, -20, 45};
  StripConfig mm{0.92, 0, 0, 22, -60, 110};
  double late_prompt = 0.12;  // share of prompt charges with the time of those that are not (delta electrons, slow signals)
  double early_other = 0.35;  // share of the others with a prompt time
};

// Tracks and random numbers in, fired channels out. Stateless; the detector must live as long.
class Digitizer {
 public:
  Digitizer(const Detector& detector, const DigitizationConfig& config) : detector_(&detector), config_(config) {}

  // All chambers of the frame.
  void cross(std::size_t frame, const Track& track, Random& random, std::vector<Cell>& cells) const;
  // One charge at (x, y) of a layer, not prompt. Tubes: with a drift radius anywhere in the tube.
  void deposit(std::size_t chamber, std::size_t layer, double x, double y, Random& random, std::vector<Cell>& cells) const;

 private:
  void cross_tubes(std::size_t chamber, std::size_t layer, const Track& track, Random& random, std::vector<Cell>& cells) const;
  void fire_tube(std::size_t chamber, std::size_t layer, int channel, double radius, std::int8_t link, Random& random,
                 std::vector<Cell>& cells) const;
  void fire_strips(std::size_t chamber, std::size_t layer, double x, double y, std::int8_t link, bool prompt, Random& random,
                   std::vector<Cell>& cells) const;
  [[nodiscard]] const StripConfig& strips(core::Technology technology) const;
  [[nodiscard]] double time(core::Technology technology, bool prompt, Random& random) const;

  const Detector* detector_;
  DigitizationConfig config_;
};

}  // namespace stationhit::simulation
