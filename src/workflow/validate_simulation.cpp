#include "simulate/validate.hpp"

#include <algorithm>
#include <iomanip>
#include <iostream>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/simulation/generate_events.hpp>
#include <stationhit/simulation/validation.hpp>

#include "event_display.hpp"
#include "simulate/validation_figures.hpp"

namespace stationhit::app {
namespace {

constexpr double published_mu = 200;

void check_sample(const simulation::SimulationConfig& config) {
  if (config.mu == published_mu && config.process == "mix" && config.source == "generator") return;
  throw core::ConfigError("--validate with mu = " + core::to_text(config.mu) +
                          ", source = " + config.source + " and process = " + config.process +
                          ": the published statistics are those of mu = 200, source = generator "
                          "and process = mix; set these");
}

void print_structure(const simulation::StructureStatistics& structure) {
  const auto line = [](const std::string& text, double value, int digits) {
    std::cout << std::left << std::setw(58) << text << std::right << std::fixed
              << std::setprecision(digits) << std::setw(10) << value << '\n';
  };
  std::cout << "\nFrom the truth of the simulation, after the cuts\n";
  line("true hits with less than 3 others of their muon in a bucket, %",
       100 * structure.lonely_share(), 2);
  line("buckets / event", structure.per_event(structure.buckets), 1);
  line("groups (station layer, sector, side) / event", structure.per_event(structure.groups), 1);
  line("hits and their copies / bucket",
       static_cast<double>(structure.nodes) /
           static_cast<double>(std::max<std::uint64_t>(structure.buckets, 1)),
       2);
  std::cout << "\nbackground hits / event            all   muon-like, 3 or more in a bucket\n";
  for (std::size_t o = 0; o < simulation::n_origins; ++o) {
    const std::string origin = background_name(static_cast<simulation::Origin>(o));
    std::cout << std::left << std::setw(28) << origin << std::right << std::fixed
              << std::setprecision(2) << std::setw(10)
              << structure.per_event(structure.background_hits[o]) << std::setw(10)
              << structure.per_event(structure.muon_like_hits[o]) << '\n';
  }
}

void draw(const ValidationSample& sample, const simulation::Detector& detector,
          const core::SampleInfo& info, const std::filesystem::path& folder) {
  if (sample.statistics().kept_events() == 0) return;
  std::vector<plots::Figure> figures = validation_figures(sample, detector);
  if (sample.display_event()) {
    for (plots::Figure& figure : event_display(*sample.display_event()))
      figures.push_back(std::move(figure));
  }
  const plots::Style style = plots::style_of(info);
  for (const plots::Figure& figure : figures) plots::write_figure(figure, style, folder);
}

[[noreturn]] void report_failure(const std::vector<simulation::Check>& checks) {
  std::string failed;
  for (const simulation::Check& check : checks)
    if (!check.passed) failed += (failed.empty() ? "" : ", ") + check.quantity;
  throw core::DataError(
      "the toy sample is outside the accepted ranges in: " + failed +
      "; the table above has the values; for less than 3000 events give --sigmas 3");
}

}  // namespace

void validate_simulation(const simulation::SimulationConfig& config,
                         const ValidationOptions& options, const Program& program) {
  check_sample(config);
  std::filesystem::create_directories(options.folder);
  const simulation::Simulator simulator(config);
  ValidationSample sample;
  auto progress = program.start_progress("validate", config.events);
  simulation::generate_events(
      simulator, simulation::make_hard_events(config, simulator), config.first_event, config.events,
      core::resolve_threads(config.threads), [&](const simulation::SimulatedEvent& event) {
        sample.add(event);
        progress->update(sample.statistics().events);
      });
  progress.reset();
  const std::vector<simulation::Check> checks =
      simulation::validate(sample.statistics(), options.sigmas);
  std::cout << "Toy simulation, mu = 200, process mix, seed " << config.seed << ", "
            << config.events << " events, " << sample.statistics().kept_events()
            << " of them with a muon after the cuts\n"
            << simulation::check_table(checks, true);
  print_structure(sample.structure());
  core::write_text_file(options.folder / "validation.csv", simulation::check_csv(checks));
  draw(sample, simulator.detector(), simulation::sample_info(config), options.folder);
  program.log().info("wrote validation.csv and the figures to " + options.folder.string());
  if (!simulation::all_passed(checks)) report_failure(checks);
}

}  // namespace stationhit::app
