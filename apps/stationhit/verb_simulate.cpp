// stationhit simulate: toy events as ROOT files, or their comparison with the published statistics.
#include <algorithm>
#include <array>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/simulation/validation.hpp>
#include <stationhit/workflow/simulate_sample.hpp>
#include <stationhit/workflow/validate_simulation.hpp>

#include "force_option.hpp"
#include "frame/choice.hpp"
#include "frame/verbs.hpp"

namespace stationhit::app {
namespace {

using simulation::SimulationConfig;

constexpr std::uint64_t debug_events = 10;

std::string speed_text(std::uint64_t events, double seconds) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << events << " events in " << seconds
       << " s: " << static_cast<double>(events) / std::max(seconds, 1e-9) << " events/s";
  return text.str();
}

void produce(const SimulationConfig& config, workflow::ExistingResults existing,
             const std::optional<std::string>& piece_text, const Program& program) {
  const bool debug = program.options.debug;
  std::optional<data::Piece> piece;
  if (piece_text) piece = data::parse_piece(*piece_text, "--shard");
  const workflow::SimulatedSample made =
      debug ? workflow::try_simulation(config, program)
            : workflow::simulate_sample(config, program, existing, piece);
  if (made.stopped) return;
  if (debug) program.log().info("debug run: nothing is written");
  if (made.statistics.events == 0) {
    std::cout << "no events to make: their files are there already, or the piece has none\n";
    return;
  }
  const core::SampleInfo sample = simulation::sample_info(config);
  std::cout << speed_text(made.statistics.events, made.seconds) << "\n\n"
            << sample.origin << ", " << core::pile_up_line(sample, "mu")
            << "; published values are for mu = 200\n"
            << simulation::check_table(simulation::validate(made.statistics, 0), false);
}

void print_quantity(const std::string& text, double value, int digits) {
  std::cout << std::left << std::setw(58) << text << std::right << std::fixed
            << std::setprecision(digits) << std::setw(10) << value << '\n';
}

void print_background(const simulation::StructureStatistics& structure) {
  std::cout << "\nbackground hits / event            all   muon-like, 3 or more in a bucket\n";
  for (std::size_t o = 0; o < simulation::n_origins; ++o) {
    const std::string origin = workflow::background_name(static_cast<simulation::Origin>(o));
    std::cout << std::left << std::setw(28) << origin << std::right << std::fixed
              << std::setprecision(2) << std::setw(10)
              << structure.per_event(structure.background_hits[o]) << std::setw(10)
              << structure.per_event(structure.muon_like_hits[o]) << '\n';
  }
}

void print_structure(const simulation::StructureStatistics& structure) {
  std::cout << "\nFrom the truth of the simulation, after the cuts\n";
  print_quantity("true hits with less than 3 others of their muon in a bucket, %",
                 100 * structure.lonely_share(), 2);
  print_quantity("buckets / event", structure.per_event(structure.buckets), 1);
  print_quantity("groups (station layer, sector, side) / event",
                 structure.per_event(structure.groups), 1);
  print_quantity("hits and their copies / bucket",
                 static_cast<double>(structure.nodes) /
                     static_cast<double>(std::max<std::uint64_t>(structure.buckets, 1)),
                 2);
  print_background(structure);
}

void print_segments(const simulation::SegmentStatistics& segments) {
  std::array<std::string, simulation::n_segment_kinds> names;
  for (std::size_t o = 0; o < simulation::n_origins; ++o)
    names[o] = workflow::background_name(static_cast<simulation::Origin>(o));
  names[simulation::signal_kind] = "signal muon";
  std::cout << "\nSegments (one particle in " << simulation::segment_layers
            << " or more layers of a bucket); confirmed: a segment of another station\nwithin "
            << simulation::confirming_phi << " rad in phi and " << simulation::confirming_theta[0]
            << " or " << simulation::confirming_theta[1] << " rad in theta\n"
            << simulation::segment_table(segments, names);
}

[[noreturn]] void report_failure(const std::vector<simulation::Check>& checks) {
  std::string failed;
  for (const simulation::Check& check : checks)
    if (!check.passed && !check.skipped) failed += (failed.empty() ? "" : ", ") + check.quantity;
  throw core::DataError(
      "the toy sample is outside the accepted ranges in: " + failed +
      "; the table above has the values, which pass in their range widened by --sigmas times their "
      "error; for fewer than 3000 events give --sigmas 3");
}

void validate(const SimulationConfig& config, const workflow::ValidationOptions& options,
              const Program& program) {
  const auto result = workflow::validate_simulation(config, options, program);
  if (!result) return;
  std::cout << "Toy simulation, mu = 200, process mix, seed " << config.seed << ", "
            << config.events << " events, " << result->sample.statistics().kept_events()
            << " of them with a muon after the cuts\n"
            << simulation::check_table(result->checks, true);
  if (const std::size_t skipped = simulation::count_skipped(result->checks))
    std::cout << skipped << " of " << result->checks.size()
              << " rows have too few values for a comparison; set events higher\n";
  print_structure(result->sample.structure());
  print_segments(result->sample.segments());
  if (!simulation::all_passed(result->checks)) report_failure(result->checks);
}

void run(const Program& program, const workflow::ValidationOptions& validation,
         workflow::ExistingResults existing, const std::optional<std::string>& piece) {
  auto config = config::load<SimulationConfig>(program.options.config_file, program.overrides());
  if (program.options.debug) config.events = std::min(config.events, debug_events);
  simulation::check(config);
  std::cout << config::dump(config);
  if (validation.folder.empty())
    produce(config, existing, piece, program);
  else
    validate(config, validation, program);
}

}  // namespace

void add_simulate(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("simulate", "Make toy events");
  add_common_options(*verb, program, false);
  const auto validation = std::make_shared<workflow::ValidationOptions>();
  const auto existing = add_force_option(
      *verb, "the file of this name (events_per_file = 0), which is kept otherwise");
  CLI::Option* validate_into = verb->add_option(
      "--validate", validation->folder,
      "Write no events: compare them with the published statistics, table and figures "
      "go to this folder (mu = 200, process mix)");
  verb->add_option("--sigmas", validation->sigmas,
                   "With --validate: statistical errors by which the accepted ranges are widened")
      ->needs(validate_into)
      ->check(not_negative())
      ->check(CLI::Range(0.0, 10.0));
  const auto piece = std::make_shared<std::optional<std::string>>();
  verb->add_option("--shard", *piece,
                   "Make only piece I of N of the files (events_per_file > 0), in the folder that "
                   "all of them share: for jobs side by side")
      ->option_text("I/N")
      ->excludes(validate_into);
  verb->callback(
      [&program, validation, existing, piece] { run(program, *validation, *existing, *piece); });
}

}  // namespace stationhit::app
