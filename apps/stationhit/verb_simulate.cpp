// stationhit simulate: toy events as ROOT files.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/core/version.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/simulation/generate_events.hpp>
#include <stationhit/simulation/output_files.hpp>
#include <stationhit/simulation/validation.hpp>

#include "frame/verbs.hpp"
#include "simulate/validate.hpp"
#include "simulate/validation_sample.hpp"

namespace stationhit::app {
namespace {

using simulation::SimulationConfig;

constexpr std::uint64_t debug_events = 10;

// Unwinds from the middle of a file: its writer removes what was written, finished files stay.
struct Stopped {};

void make_folder(const SimulationConfig& config) {
  if (config.events_per_file == 0) return;
  std::error_code error;
  std::filesystem::create_directories(config.output, error);
  if (error)
    throw core::DataError(config.output +
                          ": cannot make this folder for the files: " + error.message());
}

std::string speed_text(std::uint64_t events, double seconds) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << events << " events in " << seconds
       << " s: " << static_cast<double>(events) / std::max(seconds, 1e-9) << " events/s";
  return text.str();
}

// What decides the events of a file beside its name.
std::string production_text(SimulationConfig config) {
  const SimulationConfig defaults;
  config.output = defaults.output;
  config.events = defaults.events;
  config.first_event = defaults.first_event;
  config.threads = defaults.threads;
  return "# stationhit " + std::string(core::version()) + " simulate: all files of this folder\n" +
         config::dump(config);
}

// Files of a folder must be of one production: a run that goes on with another seed would give a
// sample that nobody can make again.
void check_production(const SimulationConfig& config) {
  if (config.events_per_file == 0) return;
  const std::filesystem::path record = std::filesystem::path(config.output) / "simulate.yaml";
  const std::string text = production_text(config);
  if (!std::filesystem::exists(record)) return core::write_text_file(record, text);
  if (core::read_text_file(record) != text)
    throw core::ConfigError(record.string() +
                            ": the files of this folder were made with another configuration or "
                            "version; choose another output, or remove the folder");
}

// Finished files have their final name; one that cannot be read or has another number of events is
// made again.
bool is_finished(const simulation::OutputFile& file) {
  if (!std::filesystem::exists(file.path)) return false;
  try {
    return root_io::count_events(file.path) == file.count;
  } catch (const core::DataError&) {
    return false;
  }
}

std::vector<simulation::OutputFile> files_to_make(const SimulationConfig& config,
                                                  const Program& program) {
  std::vector<simulation::OutputFile> files = simulation::output_files(config);
  if (config.events_per_file == 0) return files;
  const std::size_t n_finished = std::erase_if(files, is_finished);
  if (n_finished > 0)
    program.log().info(std::to_string(n_finished) +
                       " files are there already, they stay as they are");
  return files;
}

std::uint64_t count(const std::vector<simulation::OutputFile>& files) {
  std::uint64_t events = 0;
  for (const simulation::OutputFile& file : files) events += file.count;
  return events;
}

void write_files(const SimulationConfig& config, const std::vector<simulation::OutputFile>& files,
                 const Program& program, simulation::SampleStatistics& statistics) {
  const simulation::Simulator simulator(config);
  const simulation::HardEvents hard_events = simulation::make_hard_events(config, simulator);
  const unsigned threads = core::resolve_threads(config.threads);
  const core::SampleInfo sample = simulation::sample_info(config);
  auto progress = program.start_progress("simulate", count(files));
  for (const simulation::OutputFile& file : files) {
    root_io::MuonHitDumpWriter writer(file.path, {.sample = sample});
    simulation::generate_events(simulator, hard_events, file.first, file.count, threads,
                                [&](const simulation::SimulatedEvent& simulated) {
                                  if (program.stop_requested()) throw Stopped{};
                                  writer.write(simulated.event);
                                  select_for_statistics(simulated.event, statistics);
                                  progress->update(statistics.events);
                                });
    writer.close();
    program.log().info(file.path.string() + ": " + std::to_string(file.count) + " events");
  }
  progress.reset();
}

void produce(const SimulationConfig& config, const Program& program) {
  make_folder(config);
  check_production(config);
  const std::vector<simulation::OutputFile> files = files_to_make(config, program);
  simulation::SampleStatistics statistics;
  const auto start = std::chrono::steady_clock::now();
  try {
    write_files(config, files, program, statistics);
  } catch (const Stopped&) {
    program.log().warning("stopped after " + std::to_string(statistics.events) +
                          " events; the unfinished file was removed, the same command goes on "
                          "behind the finished ones");
    return;
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  const core::SampleInfo sample = simulation::sample_info(config);
  std::cout << speed_text(statistics.events, elapsed.count()) << "\n\n"
            << sample.origin << ", " << core::pile_up_line(sample, "mu")
            << "; published values are for mu = 200\n"
            << simulation::check_table(simulation::validate(statistics, 0), false);
}

void run(const Program& program, const ValidationOptions& validation) {
  auto config = config::load<SimulationConfig>(program.options.config_file, program.overrides());
  if (program.options.debug) config.events = std::min(config.events, debug_events);
  simulation::check(config);
  std::cout << config::dump(config);
  if (validation.folder.empty())
    produce(config, program);
  else
    validate_simulation(config, validation, program);
}

}  // namespace

void add_simulate(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("simulate", "Make toy events");
  add_common_options(*verb, program, false);
  const auto validation = std::make_shared<ValidationOptions>();
  verb->add_option("--validate", validation->folder,
                   "Write no events: compare them with the published statistics, table and figures "
                   "go to this folder (mu = 200, process mix)");
  verb->add_option("--sigmas", validation->sigmas,
                   "With --validate: statistical errors by which the accepted ranges are widened")
      ->check(CLI::Range(0.0, 10.0));
  verb->callback([&program, validation] { run(program, *validation); });
}

}  // namespace stationhit::app
