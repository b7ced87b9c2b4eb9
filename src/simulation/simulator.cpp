#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <stationhit/core/buckets.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/simulation/random.hpp>
#include <stationhit/simulation/readout.hpp>
#include <stationhit/simulation/simulator.hpp>

namespace stationhit::simulation {
namespace {

constexpr std::uint32_t run_number = 900000;
constexpr std::uint32_t events_per_lumi_block = 1000, bunch_crossings = 3564;
constexpr double muon_mass = 0.10566;

core::EventHeader make_header(std::uint64_t event_number, const HardEvent& hard, Random& random) {
  core::EventHeader header;
  header.run_number = run_number;
  header.event_number = event_number;
  header.lb_number = static_cast<std::uint32_t>(1 + event_number / events_per_lumi_block);
  header.bcid = random.below(bunch_crossings);
  header.mc_channel_number = hard.channel_number;
  header.mc_event_weight = hard.weight;
  return header;
}

core::MuonTable make_muons(const std::vector<TruthMuon>& truth) {
  core::MuonTable muons;
  for (const TruthMuon& muon : truth) {
    muons.pt.push_back(static_cast<float>(muon.pt));
    muons.eta.push_back(static_cast<float>(muon.eta));
    muons.phi.push_back(static_cast<float>(muon.phi));
    muons.q.push_back(muon.charge);
    muons.e.push_back(static_cast<float>(std::hypot(muon.pt * std::cosh(muon.eta), muon_mass)));
  }
  return muons;
}

void check_links(const std::vector<TruthMuon>& muons, std::uint64_t event_number) {
  constexpr std::size_t most = std::numeric_limits<std::int8_t>::max();
  if (muons.size() <= most) return;
  throw core::DataError("event " + std::to_string(event_number) + ": " + std::to_string(muons.size()) +
                        " muons are in the acceptance, truth links hold " + std::to_string(most) +
                        "; leave pile-up out of the file, the background of the toy simulation stands for it");
}

void check_source(const SimulationConfig& config) {
  core::require("source", config.source, rules::source);
  if (config.source == "hepmc" && config.hepmc_file.empty()) throw core::ConfigError("source = hepmc: hepmc_file is not set; give the file to read");
  if (config.source != "hepmc" && !config.hepmc_file.empty())
    throw core::ConfigError("hepmc_file = \"" + config.hepmc_file + "\" is read only with source = hepmc; set that, or leave hepmc_file out");
}

}  // namespace

void check(const SimulationConfig& config) {
  core::require("mu", config.mu, rules::mu);
  core::require("process", config.process, rules::process);
  check_source(config);
  if (config.events > std::numeric_limits<std::uint64_t>::max() - config.first_event)
    throw core::ConfigError("first_event = " + std::to_string(config.first_event) + " with events = " + std::to_string(config.events) +
                            ": the last event number does not fit 64 bits; choose a smaller first_event");
}

core::SampleInfo sample_info(const SimulationConfig& config) { return {"Toy simulation", {config.mu}}; }

struct Simulator::Stages {
  Stages(const SimulationConfig& settings, PhysicsConfig physics)
      : config(settings),
        small_wheel_probability(physics.small_wheel_probability),
        detector(std::move(physics.geometry)),
        recorded(physics.generator),
        generator(physics.generator),
        propagation(physics.propagation),
        digitizer(detector, physics.digitization),
        background(detector, digitizer, std::move(physics.background)),
        readout(detector, physics.digitization.mdt) {}
  Stages(const Stages&) = delete;
  Stages& operator=(const Stages&) = delete;

  [[nodiscard]] Process choose_process(Random& random) const {
    const auto names = process_names();
    const auto found = std::find(names.begin(), names.end(), config.process);
    const auto number =
        found != names.end() ? static_cast<std::uint32_t>(found - names.begin()) : random.below(static_cast<std::uint32_t>(names.size()));
    return static_cast<Process>(number);
  }

  void add_muon_hits(const std::vector<TruthMuon>& muons, std::uint64_t event, std::vector<Cell>& cells) const {
    Random path(config.seed, event, Stream::propagation), hits(config.seed, event, Stream::muon_hits);
    for (std::size_t m = 0; m < muons.size(); ++m) {
      const Trajectory trajectory = propagation(muons[m], path);
      Track track;
      track.truth_link = static_cast<std::int8_t>(m);
      track.in_small_wheel = hits.chance(small_wheel_probability);
      for (std::size_t frame = 0; frame < detector.frames().size(); ++frame) {
        const auto line = trajectory.crossing(detector.frames()[frame]);
        if (!line) continue;
        track.line = *line;
        digitizer.cross(frame, track, hits, cells);
      }
    }
  }

  const SimulationConfig config;
  const double small_wheel_probability;
  const Detector detector;
  const GeneratorConfig recorded;
  const Generator generator;
  const Propagation propagation;
  const Digitizer digitizer;
  const Background background;
  const Readout readout;
};

Simulator::Simulator(const SimulationConfig& config, PhysicsConfig physics) {
  check(config);
  stages_ = std::make_unique<const Stages>(config, std::move(physics));
}
Simulator::~Simulator() = default;
Simulator::Simulator(Simulator&&) noexcept = default;
Simulator& Simulator::operator=(Simulator&&) noexcept = default;

const Detector& Simulator::detector() const { return stages_->detector; }

HardEvent Simulator::hard_event(std::uint64_t event_number) const {
  Random kinematics(stages_->config.seed, event_number, Stream::generator);
  const Process process = stages_->choose_process(kinematics);
  return {stages_->generator(process, kinematics), channel_number(process), 1};
}

core::Event Simulator::generate(std::uint64_t event_number, HardEvent hard) const {
  const std::uint64_t seed = stages_->config.seed;
  Random header(seed, event_number, Stream::header), noise(seed, event_number, Stream::background);
  keep_recorded(hard.muons, stages_->recorded);
  check_links(hard.muons, event_number);
  std::vector<Cell> cells;
  stages_->add_muon_hits(hard.muons, event_number, cells);
  stages_->background(stages_->config.mu, noise, cells);

  core::Event event;
  event.header = make_header(event_number, hard, header);
  event.hits = stages_->readout(std::move(cells));
  event.muons = make_muons(hard.muons);
  event.buckets = core::build_buckets(event.hits);
  return event;
}

}  // namespace stationhit::simulation
