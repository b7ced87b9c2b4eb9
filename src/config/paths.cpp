#include "paths.hpp"

#include <cstdlib>

namespace stationhit::config {
namespace {

void expand(const std::string& key, std::string& path, const std::string& where,
            ErrorList& errors) {
  const std::string prefix = where + ": " + key + ": ";
  if (path.find("${") != std::string::npos)
    return errors.add(prefix + "'" + path +
                      "': variables of the environment are not replaced here; write the path "
                      "itself, or give --set " +
                      key + "=... and let the shell replace them");
  if (!path.starts_with('~') || path == "~") return;
  if (path[1] != '/')
    return errors.add(prefix + "'" + path +
                      "': only the own home directory (~/...) is known here; write the path itself "
                      "(./~name where a file is really named like this)");
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0')
    return errors.add(prefix + "'" + path +
                      "': the variable HOME is not set; write the path itself");
  path = home + path.substr(1);
}

}  // namespace

void expand_paths(simulation::SimulationConfig& config, const std::string& where,
                  ErrorList& errors) {
  expand("output", config.output, where, errors);
  expand("hepmc_file", config.hepmc_file, where, errors);
}

void expand_paths(data::PrepareConfig& config, const std::string& where, ErrorList& errors) {
  for (std::string& input : config.input) expand("input", input, where, errors);
  expand("output", config.output, where, errors);
}

void expand_paths(RunConfig& config, const std::string& where, ErrorList& errors) {
  expand("experiment_dir", config.experiment_dir, where, errors);
  expand("train_path", config.train_path, where, errors);
  expand("val_path", config.val_path, where, errors);
  expand("test_path", config.test_path, where, errors);
  expand("normalization_stats", config.normalization_stats, where, errors);
  expand("checkpoint_path", config.checkpoint_path, where, errors);
}

}  // namespace stationhit::config
