#include "checks.hpp"

#include <stationhit/core/errors.hpp>
#include <stationhit/data/splits.hpp>
#include <stationhit/features/features.hpp>
#include <stationhit/graph/graph_config.hpp>

namespace stationhit::config {
namespace {

using core::ConfigError;

// Runs a check of another module, which knows keys but not the file.
template <class Check>
void with_file(const std::string& where, Check check) {
  try {
    check();
  } catch (const ConfigError& error) {
    throw ConfigError(where + ": " + error.what());
  }
}

}  // namespace

void finish(simulation::SimulationConfig& config, const std::string& where) {
  if (config.output.empty())
    throw ConfigError(where + ": output is empty; give the ROOT file to write");
}

void finish(data::PrepareConfig& config, const std::string& where) {
  with_file(where, [&] { data::check(config.split); });
}

void finish(RunConfig& config, const std::string& where) {
  config.devices = "cpu";
  if (config.use_comet) {
    throw ConfigError(where +
                      ": use_comet: Comet logging is not available, metrics.csv is always written; "
                      "set use_comet: false");
  }
  with_file(where, [&] { features::check_feature_names(config.features); });
  with_file(where, [&] { graph::check(config.graph); });
  with_file(where, [&] { architecture::check(config.model); });
  with_file(where, [&] { training::check(config.training); });
  with_file(where, [&] { training::check(config.prune); });
  with_file(where, [&] { quantization::check(config.quantization); });
}

}  // namespace stationhit::config
