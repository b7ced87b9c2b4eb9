#include <cstdio>

#include <nlohmann/json.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/data/manifest.hpp>
#include <stationhit/materialized/manifest.hpp>

#include "describe.hpp"

namespace stationhit::app {
namespace {

std::string describe_statistics(const std::filesystem::path& path) {
  const features::NormalizationStats stats = config::load_normalization_stats(path);
  std::string text = "statistics of " + std::to_string(stats.features.size()) + " features from " +
                     std::to_string(stats.events) + " events\n";
  char line[256];
  std::snprintf(line, sizeof line, "%-18s %12s %12s %12s %12s %12s %12s\n", "feature", "mean",
                "std", "min", "median", "max", "values");
  text += line;
  for (const features::FeatureStatistics& f : stats.features) {
    std::snprintf(line, sizeof line, "%-18.60s %12.5g %12.5g %12.5g %12.5g %12.5g %12llu\n",
                  f.name.c_str(), f.mean, f.std, f.min, f.median, f.max,
                  static_cast<unsigned long long>(f.count));
    text += line;
  }
  return text;
}

template <class C>
std::string resolved(const std::string& title, const C& config) {
  return title + ", resolved:\n" + config::dump(config);
}

std::string describe_run(const std::filesystem::path& path) {
  const auto run = config::load<config::RunConfig>(path, {});
  return resolved("run configuration", run) + describe_network(run);
}

std::string counts_text(const data::Counts& counts) {
  const double share = counts.hits > 0 ? 100.0 * static_cast<double>(counts.true_hits) /
                                             static_cast<double>(counts.hits)
                                       : 0;
  char percent[32];
  std::snprintf(percent, sizeof percent, "%.3f %%", share);
  return std::to_string(counts.events) + " events, " + std::to_string(counts.hits) + " hits, " +
         std::to_string(counts.true_hits) + " true (" + percent + "), " +
         std::to_string(counts.muons) + " muons";
}

std::string sample_text(const core::SampleInfo& sample) {
  const std::string mu = core::mu_text(sample);
  return "  sample: " + (sample.origin.empty() ? "the files do not say" : sample.origin) +
         ", mean pile-up: " + (mu.empty() ? "unknown" : mu) + "\n";
}

std::string provenance_text(const data::Provenance& p) {
  return sample_text(p.sample) + "  made by version " + p.program_version + " from tree " + p.tree +
         ", split by " + p.split_method + " with seed " + std::to_string(p.split.seed) +
         "\n  cuts: pT >= " + core::to_text(p.selection.min_pt) +
         " GeV, |eta| <= " + core::to_text(p.selection.max_abs_eta) +
         ", hits >= " + std::to_string(p.selection.min_hits) + "\n";
}

std::string describe_split(const std::filesystem::path& folder) {
  const data::SplitManifest manifest = data::read_split_manifest(folder);
  std::string text = "prepared split " + manifest.split + ": " + counts_text(manifest.counts) +
                     "\n" + provenance_text(manifest.provenance);
  for (const data::ShardInfo& shard : manifest.shards)
    text += "  " + shard.file + ": " + counts_text(shard.counts) + "\n";
  return text;
}

std::string describe_set(const std::filesystem::path& folder) {
  const data::Manifest manifest = data::read_manifest(folder);
  const data::InputCounts& in = manifest.input_counts;
  std::string text = "prepared set from " + std::to_string(manifest.inputs.size()) +
                     " files: " + std::to_string(in.kept_events) + " of " +
                     std::to_string(in.events) + " events kept, " + std::to_string(in.bad_events) +
                     " skipped as bad\n" + provenance_text(manifest.provenance);
  for (const auto& [name, counts] : manifest.splits)
    text += "  " + name + ": " + counts_text(counts) + "\n";
  return text;
}

std::string describe_materialized(const std::filesystem::path& folder) {
  const materialized::Manifest manifest = materialized::read_manifest(folder);
  const auto counts = [](const materialized::Counts& c) {
    return std::to_string(c.events) + " events, " + std::to_string(c.hits) + " hits, " +
           std::to_string(c.nodes) + " nodes, " + std::to_string(c.signal_nodes) +
           " signal nodes, " + std::to_string(c.muons) + " muons";
  };
  std::string text = "materialized split of " + manifest.source_split + ": " +
                     counts(manifest.counts) + "\n" + sample_text(manifest.sample) +
                     "  made by version " + manifest.program_version +
                     "\n  features: " + core::join(manifest.settings.features) +
                     "\n  graph: " + graph::to_json(manifest.settings.graph) + "\n";
  for (const auto& part : manifest.parts)
    text += "  " + part.file + ": " + counts(part.counts) + "\n";
  return text;
}

}  // namespace

std::string describe_yaml(const std::filesystem::path& path) {
  switch (config::recognize(path)) {
    case config::FileKind::statistics:
      return describe_statistics(path);
    case config::FileKind::run:
      return describe_run(path);
    case config::FileKind::preparation:
      return resolved("configuration of prepare", config::load<data::PrepareConfig>(path, {}));
    case config::FileKind::simulation:
      return resolved("configuration of simulate",
                      config::load<simulation::SimulationConfig>(path, {}));
    case config::FileKind::unknown:
      break;
  }
  throw core::DataError(
      path.string() +
      ": YAML without any key of a run, prepare or simulate configuration or of a statistics file");
}

std::string describe_prepared(const std::filesystem::path& folder) {
  if (materialized::is_materialized_split(folder)) return describe_materialized(folder);
  const auto document = nlohmann::json::parse(
      core::read_text_file(folder / data::manifest_file_name), nullptr, false);
  const bool split = document.is_object() && document.contains("split");
  return split ? describe_split(folder) : describe_set(folder);
}

}  // namespace stationhit::app
