// The file is read three times. The first pass only counts the lines that begin an event, so that a
// file that is too short is refused early; the second parses events until one has a muon; the third
// delivers them. A number cut off at the end of the file would be read as another number, so an
// incomplete last line makes the last event an error.
#include <algorithm>
#include <cassert>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <HepMC3/Attribute.h>
#include <HepMC3/GenEvent.h>
#include <HepMC3/GenParticle.h>
#include <HepMC3/ReaderAscii.h>
#include <HepMC3/ReaderAsciiHepMC2.h>
#include <HepMC3/Setup.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/input_files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/simulation/hepmc_reader.hpp>

#include "compressed_input.hpp"

namespace stationhit::simulation {
namespace {

constexpr int final_state = 1, muon_id = 13;

struct FileSummary {
  bool version_2 = false;
  std::uint64_t events = 0;
  bool whole_lines =
      true;  // the last line has its end: HepMC reads a cut-off number as another number
};

std::string printable(const std::string& line) {
  std::string text = line.substr(0, 40);
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return std::isprint(c) == 0; }, '?');
  return text;
}

std::string read_first_line(CompressedInput& input) {
  std::string line;
  while (line.empty() && std::getline(input, line)) {
  }
  return line;
}

// Counts the events without parsing them, so that a file with too few events is refused before the
// first event is made.
FileSummary scan_file(const std::filesystem::path& path) {
  CompressedInput input(path);
  std::string line = read_first_line(input);
  if (input.damage().empty() && line.rfind("HepMC::", 0) != 0)
    throw core::DataError(path.string() + ": not a HepMC ascii file: it starts with \"" +
                          printable(line) + "\", not with \"HepMC::Version\"");
  FileSummary summary;
  while (std::getline(input, line)) {
    if (line.rfind("HepMC::IO_GenEvent-START", 0) == 0) summary.version_2 = true;
    if (line.rfind("E ", 0) == 0) ++summary.events;
    summary.whole_lines = !input.eof();
  }
  if (const std::string damage = input.damage(); !damage.empty())
    throw core::DataError(damage + ": the compressed file is truncated or damaged; make it again");
  return summary;
}

std::unique_ptr<HepMC3::Reader> make_reader(const FileSummary& summary, std::istream& input) {
  if (summary.version_2) return std::make_unique<HepMC3::ReaderAsciiHepMC2>(input);
  return std::make_unique<HepMC3::ReaderAscii>(input);
}

bool is_final_muon(const HepMC3::GenParticle& particle) {
  return particle.status() == final_state && std::abs(particle.pid()) == muon_id;
}

void check_finite(double value, const std::string& what, const std::string& where) {
  if (!std::isfinite(value))
    throw core::DataError(where + ": " + what + " is " + core::to_text(value) +
                          "; the file is damaged: make it again");
}

TruthMuon convert(const HepMC3::GenParticle& particle, const std::string& where) {
  const HepMC3::FourVector& momentum = particle.momentum();
  for (const double component : {momentum.px(), momentum.py(), momentum.pz()})
    check_finite(component, "a momentum component of particle " + std::to_string(particle.id()),
                 where);
  return muon_from_momentum(momentum.px(), momentum.py(), momentum.pz(),
                            particle.pid() > 0 ? -1 : 1);
}

HardEvent convert(const HepMC3::GenEvent& event, const std::string& where) {
  HardEvent hard;
  for (const auto& particle : event.particles())
    if (is_final_muon(*particle)) hard.muons.push_back(convert(*particle, where));
  if (const auto process = event.attribute<HepMC3::IntAttribute>("signal_process_id"))
    hard.channel_number = static_cast<std::uint32_t>(std::max(process->value(), 0));
  if (!event.weights().empty()) hard.weight = static_cast<float>(event.weights().front());
  check_finite(hard.weight, "the weight", where);
  return hard;
}

}  // namespace

struct HepmcReader::Impl {
  Impl(std::filesystem::path file, const FileSummary& found)
      : path(std::move(file)), summary(found), input(path), reader(make_reader(summary, input)) {}

  HardEvent next() {
    const std::string where = path.string() + ": event " + std::to_string(position);
    try {
      return parse_next(where);
    } catch (const core::Error&) {
      throw;
    } catch (const std::exception& error) {
      // HepMC3 throws what its containers and conversions throw, for example for more weights than
      // names.
      refuse(where, std::string(" (") + error.what() + ")");
    }
  }

  HardEvent parse_next(const std::string& where) {
    HepMC3::GenEvent event;
    const bool cut = !summary.whole_lines && position + 1 == summary.events;
    if (!reader->read_event(event) || cut) refuse(where, "");
    ++position;
    event.set_units(HepMC3::Units::GEV, HepMC3::Units::MM);
    return convert(event, where);
  }

  [[noreturn]] void refuse(const std::string& where, const std::string& reason) const {
    throw core::DataError(where + " of " + std::to_string(summary.events) + " cannot be parsed" +
                          reason +
                          ": the file is truncated or damaged there; make it again, or use the "
                          "events before it");
  }

  const std::filesystem::path path;
  const FileSummary summary;
  CompressedInput input;
  std::unique_ptr<HepMC3::Reader> reader;
  std::uint64_t position = 0;  // of the event that next() gives
};

namespace {

void require_file(const SimulationConfig& config) {
  if (core::is_remote(config.hepmc_file)) core::require_input_file(config.hepmc_file);
  if (!std::filesystem::exists(config.hepmc_file))
    throw core::DataError(config.hepmc_file +
                          ": cannot be read: No such file or directory; the key hepmc_file names "
                          "it, a relative path begins at the working folder");
}

void check_range(const SimulationConfig& config, std::uint64_t available) {
  const std::string has = config.hepmc_file + ": has " + std::to_string(available) + " events";
  const std::string first = ", but first_event = " + std::to_string(config.first_event);
  if (config.first_event >= available)
    throw core::DataError(has + first + " is behind its end; lower first_event");
  if (config.events > available - config.first_event)
    throw core::DataError(has + first + " and events = " + std::to_string(config.events) +
                          " ask for more; set events to at most " +
                          std::to_string(available - config.first_event));
}

}  // namespace

HepmcReader::HepmcReader(const SimulationConfig& config) {
  HepMC3::Setup::set_print_errors(false);
  HepMC3::Setup::set_print_warnings(false);
  HepMC3::Setup::set_debug_level(0);
  require_file(config);
  const FileSummary summary = scan_file(config.hepmc_file);
  if (summary.events == 0) throw core::DataError(config.hepmc_file + ": has no events");
  check_range(config, summary.events);
  Impl scout(config.hepmc_file, summary);
  while (scout.next().muons.empty())
    if (scout.position == summary.events)
      throw core::DataError(
          config.hepmc_file + ": none of its " + std::to_string(summary.events) +
          " events has a final-state muon (status 1, PDG id +-13); generate a process with muons");
  impl_ = std::make_unique<Impl>(config.hepmc_file, summary);
}
HepmcReader::~HepmcReader() = default;

HardEvent HepmcReader::read(std::uint64_t n) {
  assert(n >= impl_->position);
  while (impl_->position < n) static_cast<void>(impl_->next());
  return impl_->next();
}

}  // namespace stationhit::simulation
