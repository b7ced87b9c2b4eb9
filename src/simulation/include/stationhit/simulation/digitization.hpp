// Turns tracks and electrons into channels that fired.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include <stationhit/simulation/detector.hpp>
#include <stationhit/simulation/event_record.hpp>
#include <stationhit/simulation/propagation.hpp>
#include <stationhit/simulation/random.hpp>

namespace stationhit::simulation {

// Which part of the New Small Wheel (sTGC, MM) sees a track: all, nothing, or one of its two
// wedges.
enum class SmallWheelView : std::uint8_t { all, none, near_wedge, far_wedge };

// A track through a frame; only layers with local z in [z_low, z_high] see it.
struct Track {
  Line line;
  std::uint32_t particle = 0;
  bool in_time = true;   // with the bunch crossing: strips
  double late = 0;       // ns behind it: tubes
  bool is_muon = false;  // knocks out delta rays
  SmallWheelView small_wheel = SmallWheelView::all;
  double z_low = std::numeric_limits<double>::lowest(), z_high = std::numeric_limits<double>::max();
};

// A short straight path in one chamber, in its plane (y, z), starting in a layer.
struct Electron {
  std::uint32_t chamber = 0;
  double x = 0, y = 0, z = 0;         // mm, local
  double dy = 0, dz = 0, length = 0;  // direction (unit length) and path in the plane, mm
  std::uint32_t particle = 0;
  bool in_time = true;  // as in Track
  double late = 0;
};

struct MdtConfig {
  double radius = 14.6;       // mm, inner
  double efficiency = 0.962;  // of a long path through a tube
  double least_path = 0.6;  // mm: the efficiency falls as 1 - exp(-path / least_path) near the wall
  double resolution = 0.09;          // mm, as written into the covariance
  double resolution_factor = 1;      // of the true resolution relative to it
  double max_drift_time = 740;       // ns
  double tdc_bin = 0.78125;          // ns per count
  double tdc_offset = 600;           // counts at time 0 of the bunch crossing
  double signal_speed = 240;         // mm / ns along the wire
  double delta_probability = 0.036;  // that a muon knocks out an electron in a tube
  double delta_range = 14;           // mm, mean path of this electron
};

struct StripConfig {
  double efficiency = 0.95;  // of a layer
  double efficiency_eta = 0.99,
         efficiency_phi = 0.99;      // of the strips of a layer that saw the particle
  double cluster_probability = 0.2;  // that a neighboring strip fires as well
  double time_resolution = 0.6;      // ns
  double out_of_time_low = -12.5, out_of_time_high = 25;  // ns, of signals that are not in time
};

struct DigitizationConfig {
  MdtConfig mdt;
  StripConfig rpc{0.94, 0.99, 0.99, 0.15, 0.9, -12.5, 25};
  StripConfig tgc{0.97, 0.99, 0.99, 0.12, 0, 0, 0};
  StripConfig stgc{0.93, 1, 0.6, 0.20, 7, -20, 45};
  StripConfig mm{0.91, 1, 0, 0.02, 22, -60, 110};
  double late_share =
      0.12;  // of signals in time that get the time of those that are not (slow signals, electrons)
  double early_share = 0.35;  // of the others that get a time as if they were
};

// A line of the frame in the coordinates of a chamber's written position. They differ if the
// chamber is shifted.
[[nodiscard]] Line line_in_chamber(const Chamber& chamber, const Line& line);

// Tracks and random numbers in, fired channels out. Stateless; the detector must live as long.
class Digitizer {
 public:
  Digitizer(const Detector& detector, const DigitizationConfig& config)
      : detector_(&detector), config_(config) {}

  // All chambers of the frame.
  void cross(std::size_t frame, const Track& track, Random& random, EventRecord& record) const;
  // Fires every tube that the path touches, at its least distance from the wire, and strips where
  // the path starts and where it crosses a layer.
  void ionize(const Electron& electron, Random& random, EventRecord& record) const;
  // Shifts the time of a signal, to later ones if ns > 0, and, for a tube, the radius derived from
  // it. Has no effect on TGC, whose bits are too coarse.
  void delay(Cell& cell, double ns) const;
  [[nodiscard]] double tube_radius() const { return config_.mdt.radius; }  // mm, inner

 private:
  struct TubeSignal {
    std::uint32_t chamber = 0;
    std::uint8_t layer = 0;
    int channel = 0;
    double distance = 0;  // mm, least distance of the path from the wire
    double x = 0;         // mm, along the tube
    double late = 0;      // ns behind the bunch crossing
    std::uint32_t particle = 0;
  };
  struct StripSignal {
    std::uint32_t chamber = 0;
    std::uint8_t layer = 0;
    double x = 0, y = 0;
    bool in_time = true;
    std::uint32_t particle = 0;
  };
  void cross_tubes(std::uint32_t chamber, std::uint8_t layer, const Track& track, Random& random,
                   EventRecord& record) const;
  void ionize_tubes(const Electron& electron, Random& random, EventRecord& record) const;
  void ionize_strips(const Electron& electron, Random& random, EventRecord& record) const;
  void knock_out(std::uint32_t chamber, std::uint8_t layer, const Track& track, Random& random,
                 EventRecord& record) const;
  void fire_tube(const TubeSignal& signal, Random& random, EventRecord& record) const;
  void fire_strips(const StripSignal& signal, Random& random, EventRecord& record) const;
  [[nodiscard]] double drift_time(double radius) const;
  [[nodiscard]] double drift_radius(double time) const;
  [[nodiscard]] const StripConfig& strips(core::Technology technology) const;
  [[nodiscard]] double strip_time(core::Technology technology, bool in_time, Random& random) const;

  const Detector* detector_;
  DigitizationConfig config_;
};

}  // namespace stationhit::simulation
