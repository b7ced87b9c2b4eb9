#include "description_text.hpp"

#include <cstdio>

#include <stationhit/config/load.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/text_encoding.hpp>

namespace stationhit::app {
namespace {

std::string text_of(const features::NormalizationStats& stats) {
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

std::string text_of(const config::RunConfig& run) {
  return resolved("run configuration", run) + describe_network(run);
}

std::string text_of(const data::PrepareConfig& config) {
  return resolved("configuration of prepare", config);
}

std::string text_of(const simulation::SimulationConfig& config) {
  return resolved("configuration of simulate", config);
}

std::string counts_text(const data::Counts& counts) {
  const double share = counts.hits > 0 ? 100.0 * static_cast<double>(counts.true_hits) /
                                             static_cast<double>(counts.hits)
                                       : 0;
  char percent[32];
  std::snprintf(percent, sizeof percent, "%.3f %%", share);
  return std::to_string(counts.events) + " events, " + std::to_string(counts.hits) + " hits, " +
         std::to_string(counts.true_hits) + " signal (" + percent + "), " +
         std::to_string(counts.muons) + " muons";
}

std::string sample_text(const core::SampleInfo& sample) {
  const std::string mu = core::mu_text(sample);
  return "  sample: " + (sample.origin.empty() ? "the files do not say" : sample.origin) +
         ", mean pile-up: " + (mu.empty() ? "unknown" : mu) + "\n";
}

std::string losses_text(const std::vector<core::UnfinishedFile>& files) {
  std::string text;
  for (const core::UnfinishedFile& file : files)
    text += "  " + file.file + " " + core::describe_loss(file) + "\n";
  return text;
}

std::string provenance_text(const data::Provenance& p) {
  return sample_text(p.sample) + "  made by version " + p.program_version + " from tree " + p.tree +
         ", split by " + p.split_method + " with seed " + std::to_string(p.split.seed) +
         "\n  cuts: pT >= " + core::to_text(p.selection.min_pt) +
         " GeV, |eta| <= " + core::to_text(p.selection.max_abs_eta) +
         ", hits >= " + std::to_string(p.selection.min_hits) + "\n" +
         losses_text(p.unfinished_inputs);
}

std::string text_of(const data::SplitManifest& manifest) {
  std::string text = "prepared split " + manifest.split + ": " + counts_text(manifest.counts) +
                     "\n" + provenance_text(manifest.provenance);
  for (const data::ShardInfo& shard : manifest.shards)
    text += "  " + shard.file + ": " + counts_text(shard.counts) + "\n";
  return text;
}

std::string text_of(const data::Manifest& manifest) {
  const data::InputCounts& in = manifest.input_counts;
  std::string text = "prepared set from " + std::to_string(manifest.inputs.size()) +
                     " files: " + std::to_string(in.kept_events) + " of " +
                     std::to_string(in.events) + " events kept, " + std::to_string(in.bad_events) +
                     " skipped as bad\n" + provenance_text(manifest.provenance);
  for (const auto& [name, counts] : manifest.splits)
    text += "  " + name + ": " + counts_text(counts) + "\n";
  return text;
}

std::string text_of(const materialized::Manifest& manifest) {
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

std::string text_of(const workflow::TensorFile& file) { return file_text(file); }
std::string text_of(const onnx_file::ModelFile& model) { return file_text(model); }
std::string text_of(const core::RootFileDescription& file) { return file_text(file); }

}  // namespace

std::string description_text(const workflow::FileDescription& description) {
  // Names and values of any file may stand in the text.
  return core::printable_text(
      std::visit([](const auto& content) { return text_of(content); }, description));
}

}  // namespace stationhit::app
