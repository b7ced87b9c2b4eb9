// Files are made one after the other under a temporary name; one that has its final name and its
// number of events is finished, so going on after a stop means skipping those.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/config/load.hpp>
#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/hashing.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/core/version.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/simulation/output_files.hpp>
#include <stationhit/workflow/simulate_sample.hpp>
#include <stationhit/workflow/validation_sample.hpp>

#include "generate_until_stopped.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

using simulation::OutputFile;
using simulation::SimulationConfig;

void require_absent(const fs::path& output, ExistingResults existing) {
  if (existing == ExistingResults::keep && fs::exists(output))
    throw core::DataError(output.string() +
                          ": exists already and is kept; choose another output, remove the file, "
                          "or replace it with --force");
}

// One file is never replaced without a word: it may have taken days to make.
void check_single_file(const SimulationConfig& config, ExistingResults existing) {
  core::require_no_input(config.output, {config.hepmc_file});
  core::require_output_file(config.output);
  require_absent(config.output, existing);
}

// What decides the events of a file beside its name.
SimulationConfig production_of(SimulationConfig config) {
  const SimulationConfig defaults;
  config.output = defaults.output;
  config.events = defaults.events;
  config.first_event = defaults.first_event;
  config.threads = defaults.threads;
  return config;
}

std::string hash_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> block(std::size_t{1} << 20);
  core::Hasher hasher;
  do {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    hasher.add(std::string_view(block.data(), static_cast<std::size_t>(file.gcount())));
  } while (file);
  return hasher.hex();
}

std::string version_line() {
  return "# stationhit " + std::string(core::version()) + " simulate: all files of this folder\n";
}

// The events of a HepMC file are part of the production, whatever its name.
std::string hepmc_line(const SimulationConfig& config) {
  const bool has_file =
      config.source == simulation::MuonSource::hepmc && fs::is_regular_file(config.hepmc_file);
  if (!has_file) return "";
  return "# hepmc_file has the checksum " + hash_file(config.hepmc_file) + "\n";
}

// What differs from the production of a folder: settings, the HepMC file, or the program.
std::string describe_differences(const std::string& record, const fs::path& path,
                                 const SimulationConfig& now) {
  const auto before = config::parse_text<SimulationConfig>(record, path.string());
  std::string text = describe_changes(core::find_differences(before, production_of(now)));
  if (!text.empty()) return text;
  return record.starts_with(version_line()) ? "hepmc_file: its content is another one now"
                                            : "another version of stationhit";
}

// Files of a folder must be of one production: a run that goes on with another seed would give a
// sample that nobody can make again.
void check_production(const SimulationConfig& config) {
  if (config.events_per_file == 0) return;
  const fs::path path = fs::path(config.output) / "simulate.yaml";
  const std::string settings = config::dump(production_of(config));
  const std::string record = version_line() + hepmc_line(config) + settings;
  if (!fs::exists(path)) return core::write_text_file(path, record);
  const std::string found = core::read_text_file(path);
  // Records of older versions say nothing of the content of the HepMC file.
  if (found == record || found == version_line() + settings) return;
  throw core::ConfigError(path.string() +
                          ": the files of this folder were made with another configuration or "
                          "version (" +
                          describe_differences(found, path, config) +
                          "); choose another output, or remove the folder");
}

// A file that cannot be read or has another number of events is made again.
bool is_finished(const OutputFile& file) {
  if (!fs::exists(file.path)) return false;
  try {
    return root_io::count_events(file.path) == file.count;
  } catch (const core::DataError&) {
    return false;
  }
}

std::vector<OutputFile> files_to_make(const SimulationConfig& config,
                                      const std::optional<data::Piece>& piece,
                                      const core::Logger& log) {
  std::vector<OutputFile> files = simulation::output_files(config);
  if (config.events_per_file == 0) return files;
  if (piece) {
    const auto [first, end] = piece->range(files.size());
    files = {files.begin() + static_cast<std::ptrdiff_t>(first),
             files.begin() + static_cast<std::ptrdiff_t>(end)};
  }
  const std::size_t n_finished = std::erase_if(files, is_finished);
  if (n_finished > 0)
    log.info(std::to_string(n_finished) + " files are there already, they stay as they are");
  return files;
}

std::uint64_t count_events(const std::vector<OutputFile>& files) {
  std::uint64_t events = 0;
  for (const OutputFile& file : files) events += file.count;
  return events;
}

Generation write_files(const SimulationConfig& config, const std::vector<OutputFile>& files,
                       const core::Observer& observer, ExistingResults existing,
                       simulation::SampleStatistics& statistics) {
  const simulation::Simulator simulator(config);
  const simulation::HardEvents hard_events = simulation::make_hard_events(config, simulator);
  const unsigned threads = core::resolve_threads(config.threads);
  const auto progress = observer.start_progress("simulate", count_events(files));
  if (observer.stop_requested()) return Generation::stopped;
  for (const OutputFile& file : files) {
    root_io::MuonHitDumpWriter writer(file.path, {.sample = simulation::sample_info(config)});
    const auto write = [&](const simulation::SimulatedEvent& simulated) {
      writer.write(simulated.event);
      select_for_statistics(simulated.event, statistics);
      progress->update(statistics.events);
    };
    // An unfinished file is removed by its writer.
    if (generate_until_stopped(simulator, hard_events, file.first, file.count, threads, observer,
                               write) == Generation::stopped)
      return Generation::stopped;
    // Another program may have made it meanwhile.
    if (config.events_per_file == 0) require_absent(file.path, existing);
    writer.close();
    observer.log().info(file.path.string() + ": " + std::to_string(file.count) + " events");
  }
  return Generation::complete;
}

}  // namespace

SimulatedSample simulate_sample(const SimulationConfig& config, const core::Observer& observer,
                                ExistingResults existing, const std::optional<data::Piece>& piece) {
  const bool is_folder = config.events_per_file > 0;
  if (piece && !is_folder)
    throw core::UsageError(
        "--shard is for a folder of files; set events_per_file, the events of each");
  std::optional<data::PieceLock> lock;
  if (is_folder)
    lock.emplace(config.output, piece, observer.log());
  else
    check_single_file(config, existing);
  check_production(config);
  const std::vector<OutputFile> files = files_to_make(config, piece, observer.log());
  SimulatedSample sample;
  const auto start = std::chrono::steady_clock::now();
  sample.stopped =
      write_files(config, files, observer, existing, sample.statistics) == Generation::stopped;
  sample.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (sample.stopped)
    observer.log().warning(
        "stopped after " + std::to_string(sample.statistics.events) +
        " events; the unfinished file was removed, " +
        (config.events_per_file > 0
             ? "the same command continues after the finished ones"
             : "and the same command begins again (with events_per_file it continues "
               "after the finished files)"));
  return sample;
}

SimulatedSample try_simulation(const SimulationConfig& config, const core::Observer& observer) {
  const simulation::Simulator simulator(config);
  const simulation::HardEvents hard_events = simulation::make_hard_events(config, simulator);
  const auto progress = observer.start_progress("simulate", config.events);
  SimulatedSample sample;
  const auto start = std::chrono::steady_clock::now();
  const auto count = [&](const simulation::SimulatedEvent& simulated) {
    select_for_statistics(simulated.event, sample.statistics);
    progress->update(sample.statistics.events);
  };
  sample.stopped = generate_until_stopped(simulator, hard_events, config.first_event, config.events,
                                          core::resolve_threads(config.threads), observer,
                                          count) == Generation::stopped;
  sample.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return sample;
}

}  // namespace stationhit::workflow
