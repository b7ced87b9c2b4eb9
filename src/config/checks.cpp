#include "checks.hpp"

#include <stationhit/core/text.hpp>
#include <stationhit/data/splits.hpp>
#include <stationhit/features/features.hpp>
#include <stationhit/graph/graph_config.hpp>

namespace stationhit::config {

namespace {

void check_two_stage(const RunConfig& config, const std::string& prefix, ErrorList& errors) {
  const architecture::FirstStageConfig& first = config.model.first_stage;
  if (!graph::has_table(config.graph)) {
    errors.add(prefix +
               "model.architecture: two_stage needs a neighbor table, but graph.edges is "
               "fully_connected; set graph.edges: knn or radius");
  } else if (first.neighbors > config.graph.k) {
    errors.add(prefix + "model.first_stage.neighbors is " + std::to_string(first.neighbors) +
               ", but the table has only graph.k = " + std::to_string(config.graph.k) +
               " of them; lower it, or raise graph.k");
  }
  for (const double point : config.working_points) {
    if (point < first.signal_kept) continue;
    errors.add(prefix + "working_points has " + core::to_text(point) +
               ", but the first stage keeps only model.first_stage.signal_kept = " +
               core::to_text(first.signal_kept) + " of the signal hits; raise it");
  }
}

// Without a limit, the largest values of a feature with long tails are 1e8 interquartile ranges
// away from its median.
void check_normalization(const RunConfig& config, const std::string& prefix, ErrorList& errors) {
  if (config.normalization != features::Normalization::robust) return;
  const auto require_limit = [&](const std::string& section, double limit) {
    if (limit > 0) return;
    errors.add(prefix + "normalization: robust needs " + section +
               ".limit, because features with long tails reach far beyond their interquartile "
               "range; set it, to 10 for example");
  };
  require_limit("model.encoding", config.model.encoding.limit);
  if (architecture::has_first_stage(config.model))
    require_limit("model.first_stage.encoding", config.model.first_stage.encoding.limit);
}

}  // namespace

void finish(simulation::SimulationConfig& config, const KeyPlaces& places, ErrorList& errors) {
  if (config.output.empty())
    errors.add(places.whole() + ": output is empty; give the ROOT file to write");
}

void finish(data::PrepareConfig& config, const KeyPlaces& places, ErrorList& errors) {
  errors.collect(places.whole() + ": ", [&] { data::check(config.split); });
}

void finish(RunConfig& config, const KeyPlaces& places, ErrorList& errors) {
  // The checks of the modules know keys but not the file.
  const std::string prefix = places.whole() + ": ";
  errors.collect(places.of("features") + ": features: ",
                 [&] { features::check_feature_names(config.features); });
  errors.collect(prefix, [&] { graph::check(config.graph); });
  check_normalization(config, prefix, errors);
  errors.collect(prefix, [&] { architecture::check(config.model); });
  errors.collect(prefix, [&] { architecture::check_features(config.model, config.features); });
  if (!config.model.edge_features.empty() && !graph::has_table(config.graph)) {
    errors.add(prefix +
               "model.edge_features needs a neighbor table, but graph.edges is fully_connected; "
               "set graph.edges: knn or radius, or take the edge features out");
  }
  if (architecture::has_first_stage(config.model)) {
    check_two_stage(config, prefix, errors);
  } else if (config.training.missing_stations > 0) {
    errors.add(prefix + "training.missing_stations is for two_stage only, because " +
               config.model.architecture +
               " does not see other stations; take it out, or set model.architecture: two_stage");
  }
  if (graph::has_table(config.graph) && config.model.neighbors > config.graph.k) {
    errors.add(prefix + "model.neighbors is " + std::to_string(config.model.neighbors) +
               ", but the table has only graph.k = " + std::to_string(config.graph.k) +
               " of them; lower it, or raise graph.k");
  }
  errors.collect(prefix, [&] { tracking::check_trackers(config.trackers); });
  errors.collect(prefix, [&] { training::check(config.training); });
  const auto check_metric = [&](const char* key, const std::string& metric) {
    errors.collect(places.of(key) + ": ",
                   [&] { training::check_metric(key, metric, config.working_points); });
  };
  check_metric(training::monitor_key, config.training.monitor);
  check_metric(training::keep_best_metric_key, config.training.keep_best.metric);
  errors.collect(prefix, [&] { training::check(config.prune); });
  errors.collect(prefix, [&] { quantization::check(config.quantization); });
  errors.collect(prefix, [&] { check(config.study); });
  errors.collect(prefix,
                 [&] { metrics::check_working_points("working_points", config.working_points); });
}

}  // namespace stationhit::config
