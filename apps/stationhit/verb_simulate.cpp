// stationhit simulate: toy events as ROOT files.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <sstream>
#include <system_error>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/simulation/generate_events.hpp>
#include <stationhit/simulation/output_files.hpp>
#include <stationhit/simulation/sample_statistics.hpp>

#include "frame/verbs.hpp"

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
  if (error) throw core::DataError(config.output + ": cannot make this folder for the files: " + error.message());
}

std::string speed_text(std::uint64_t events, double seconds) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << events << " events in " << seconds << " s: " << static_cast<double>(events) / std::max(seconds, 1e-9)
       << " events/s";
  return text.str();
}

void write_files(const SimulationConfig& config, const Program& program, simulation::SampleStatistics& statistics) {
  const simulation::Simulator simulator(config);
  const simulation::HardEvents hard_events = simulation::make_hard_events(config, simulator);
  const unsigned threads = core::resolve_threads(config.threads);
  const core::SampleInfo sample = simulation::sample_info(config);
  ProgressBar progress = program.progress("simulate", config.events);
  for (const simulation::OutputFile& file : simulation::output_files(config)) {
    root_io::MuonHitDumpWriter writer(file.path, {.sample = sample});
    simulation::generate_events(simulator, hard_events, file.first, file.count, threads, [&](const core::Event& event) {
      if (program.stop_requested()) throw Stopped{};
      writer.write(event);
      statistics.add(event);
      progress.update(statistics.events);
    });
    writer.close();
    program.log().info(file.path.string() + ": " + std::to_string(file.count) + " events");
  }
  progress.finish();
}

void run(const Program& program) {
  auto config = config::load<SimulationConfig>(program.options.config_file, program.overrides());
  if (program.options.debug) config.events = std::min(config.events, debug_events);
  simulation::check(config);
  std::cout << config::dump(config);
  make_folder(config);
  simulation::SampleStatistics statistics;
  const auto start = std::chrono::steady_clock::now();
  try {
    write_files(config, program, statistics);
  } catch (const Stopped&) {
    program.log().warning("stopped after " + std::to_string(statistics.events) + " events; the unfinished file was removed");
    return;
  }
  const core::SampleInfo sample = simulation::sample_info(config);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  std::cout << speed_text(config.events, elapsed.count()) << "\n\n"
            << sample.origin << ", mu = " << core::mu_text(sample) << "; published values are for mu = 200\n"
            << statistics.table();
}

}  // namespace

void add_simulate(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand("simulate", "Make toy events");
  add_common_options(*verb, program, false);
  verb->callback([&program] { run(program); });
}

}  // namespace stationhit::app
