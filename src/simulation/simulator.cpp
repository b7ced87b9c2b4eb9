// An event is a chain of stages on one EventRecord: muons, background and pile-up fill it with
// fired channels, the electronics add and remove some, the readout turns them into hits, and the
// bucket rule groups them. Every stage draws from its own stream of random numbers, so a change in
// one leaves the others alone.
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

constexpr const char* origin = "Toy simulation";
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
  throw core::DataError(
      "event " + std::to_string(event_number) + ": " + std::to_string(muons.size()) +
      " muons are in the acceptance, truth links hold " + std::to_string(most) +
      "; leave pile-up out of the file, the background of the toy simulation stands for it");
}

void check_source(const SimulationConfig& config) {
  if (config.source == MuonSource::hepmc && config.hepmc_file.empty())
    throw core::ConfigError("source = hepmc: hepmc_file is not set; give the file to read");
  if (config.source != MuonSource::hepmc && !config.hepmc_file.empty())
    throw core::ConfigError(
        "hepmc_file = \"" + config.hepmc_file +
        "\" is read only with source = hepmc; set that, or leave hepmc_file out");
}

}  // namespace

void check(const SimulationConfig& config) {
  core::check_settings(config);
  check_source(config);
  if (config.events > std::numeric_limits<std::uint64_t>::max() - config.first_event)
    throw core::ConfigError(
        "first_event = " + std::to_string(config.first_event) +
        " with events = " + std::to_string(config.events) +
        ": the last event number does not fit 64 bits; choose a smaller first_event");
}

core::SampleInfo sample_info(const SimulationConfig& config) { return {origin, {config.mu}}; }

std::map<std::uint32_t, std::string> process_names(const core::SampleInfo& sample) {
  std::map<std::uint32_t, std::string> names;
  if (sample.origin != origin) return names;
  for (std::uint32_t process = 0; process < n_processes; ++process)
    names.emplace(channel_number(static_cast<Process>(process)),
                  core::name(static_cast<ProcessChoice>(process)));
  return names;
}

struct Simulator::Stages {
  Stages(const SimulationConfig& settings, const PhysicsConfig& physics)
      : config(settings),
        activity_config(physics.activity),
        small_wheel_probability(physics.small_wheel_probability),
        detector(physics.geometry, physics.misalignment),
        recorded(physics.generator),
        generator(physics.generator),
        propagation(physics.propagation),
        digitizer(detector, physics.digitization),
        track_hits(detector, digitizer, physics.shower),
        background(detector, digitizer, physics.background),
        pile_up(propagation, track_hits, physics.pile_up),
        electronics(detector, digitizer, physics.electronics),
        readout(detector, physics.digitization.mdt) {}
  Stages(const Stages&) = delete;
  Stages& operator=(const Stages&) = delete;

  [[nodiscard]] Random random(std::uint64_t event, Stream stream) const {
    return {config.seed, event, stream};
  }

  [[nodiscard]] Process choose_process(Random& header) const {
    static_assert(static_cast<std::uint32_t>(ProcessChoice::mix) == n_processes,
                  "the choices are the processes in their order, then the mixture");
    return static_cast<Process>(config.process == ProcessChoice::mix
                                    ? header.below(n_processes)
                                    : static_cast<std::uint32_t>(config.process));
  }

  [[nodiscard]] SmallWheelView choose_view(Random& hits) const {
    if (!hits.chance(small_wheel_probability)) return SmallWheelView::none;
    return hits.chance(0.5) ? SmallWheelView::near_wedge : SmallWheelView::far_wedge;
  }

  void add_muons(const std::vector<TruthMuon>& muons, std::uint64_t event,
                 EventRecord& record) const {
    Random path = random(event, Stream::propagation), hits = random(event, Stream::muon_hits);
    record.n_muons = muons.size();
    // All muons are numbered before the first one makes secondary particles: particle m is muon m,
    // and the truth link of a hit is the number of its particle.
    for (std::size_t m = 0; m < muons.size(); ++m) record.add({Origin::muon, true});
    for (std::size_t m = 0; m < muons.size(); ++m) {
      Track track;
      track.particle = static_cast<std::uint32_t>(m);
      track.is_muon = true;
      track.small_wheel = choose_view(hits);
      track_hits(propagation(muons[m], path), track, muons[m].pt * std::cosh(muons[m].eta), {},
                 hits, record);
    }
  }

  void add_background(std::uint64_t event, EventRecord& record) const {
    Random noise = random(event, Stream::background), particles = random(event, Stream::pile_up);
    // The number of interactions fluctuates by itself; the activity adds that some bunch crossings
    // are busier than their number of interactions says.
    const double interactions = noise.poisson(config.mu) / activity_config.reference_mu;
    const double activity =
        interactions * std::clamp(1 + activity_config.sigma * noise.normal(),
                                  activity_config.lowest, activity_config.highest);
    background(activity, noise, record);
    pile_up(activity, particles, record);
  }

  const SimulationConfig config;
  const ActivityConfig activity_config;
  const double small_wheel_probability;
  const Detector detector;
  const GeneratorConfig recorded;
  const Generator generator;
  const Propagation propagation;
  const Digitizer digitizer;
  const TrackHits track_hits;
  const Background background;
  const PileUp pile_up;
  const Electronics electronics;
  const Readout readout;
};

Simulator::Simulator(const SimulationConfig& config, const PhysicsConfig& physics) {
  check(config);
  const PhysicsConfig chosen =
      config.correlated_background ? physics : remove_correlations(physics);
  stages_ = std::make_unique<const Stages>(config, vary(chosen, config.variation));
}
Simulator::~Simulator() = default;
Simulator::Simulator(Simulator&&) noexcept = default;
Simulator& Simulator::operator=(Simulator&&) noexcept = default;

const Detector& Simulator::detector() const { return stages_->detector; }

HardEvent Simulator::hard_event(std::uint64_t event_number) const {
  Random kinematics = stages_->random(event_number, Stream::generator);
  const Process process = stages_->choose_process(kinematics);
  return {stages_->generator(process, kinematics), channel_number(process), 1};
}

SimulatedEvent Simulator::simulate(std::uint64_t event_number, HardEvent hard) const {
  Random header = stages_->random(event_number, Stream::header),
         noise = stages_->random(event_number, Stream::electronics);
  keep_recorded(hard.muons, stages_->recorded);
  check_links(hard.muons, event_number);
  EventRecord record;
  stages_->add_muons(hard.muons, event_number, record);
  stages_->add_background(event_number, record);
  stages_->electronics(noise, record);
  ReadoutHits hits = stages_->readout(record);

  SimulatedEvent result;
  result.event.header = make_header(event_number, hard, header);
  result.event.hits = std::move(hits.table);
  result.event.muons = make_muons(hard.muons);
  result.event.buckets = core::build_buckets(result.event.hits);
  result.particles = std::move(record.particles);
  result.hit_particle = std::move(hits.particle);
  return result;
}

}  // namespace stationhit::simulation
