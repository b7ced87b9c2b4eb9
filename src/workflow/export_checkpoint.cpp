// The file is written under another name, compared with the network, and then renamed: a model
// that gives other logits must not lie where somebody takes it.
#include <utility>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/output_file.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/workflow/export_checkpoint.hpp>
#include <stationhit/workflow/trained_network.hpp>

#include "exported_file_check.hpp"
#include "make_model_card.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

fs::path output_file(const ExportOptions& options, const fs::path& checkpoint) {
  if (!options.output.empty()) return options.output;
  std::string name = "model";
  if (options.interface != exporter::Interface::table)
    name.append("_").append(core::name(options.interface));
  return checkpoint.parent_path() / (name + ".onnx");
}

exporter::Provenance make_provenance(const training::CheckpointMetadata& metadata,
                                     const fs::path& checkpoint, std::string card) {
  const auto run = config::parse_text<config::RunConfig>(metadata.config_yaml, checkpoint.string());
  return {metadata.graph, metadata.thresholds, metadata.pos_weight, config::config_hash(run),
          std::move(card)};
}

void require_equal_logits(const metrics::LogitDifference& difference) {
  if (difference.largest_relative <= metrics::backend_tolerance) return;
  throw core::Error(core::ExitCode::internal,
                    "the exported model gives other logits than the network (difference " +
                        core::to_text(difference.largest_absolute) +
                        "); the file is not kept, please report this");
}

void warn_if_no_drop_in(const training::CheckpointMetadata& metadata, const core::Logger& log) {
  for (const std::string& obstacle :
       exporter::drop_in_obstacles(metadata.feature_names, metadata.graph))
    log.warning("the file is no drop-in for the inference tool of the experiment: " + obstacle);
}

std::nullopt_t stopped(const core::Logger& log) {
  log.warning("stopped: no ONNX file is written");
  return std::nullopt;
}

}  // namespace

std::optional<ExportedModel> export_checkpoint(const config::RunConfig& run,
                                               const ExportOptions& options,
                                               const RunOptions& run_options,
                                               const core::Observer& observer) {
  const auto [checkpoint, loaded] = load_trained_network(run);
  const fs::path output = output_file(options, checkpoint);
  if (observer.stop_requested()) return stopped(observer.log());
  core::require_no_input(output, {checkpoint, run_options.config_file});
  if (!run_options.debug) core::require_same_kind(output, core::FileKind::onnx);
  // A debug run also works where nothing can be written.
  auto file = std::make_shared<core::OutputFile>(
      run_options.debug ? fs::temp_directory_path() / output.filename() : output);
  std::string card = make_model_card(run, loaded.metadata, options.card, observer.log());
  file->write(exporter::export_network(
                  *loaded.network, make_provenance(loaded.metadata, checkpoint, std::move(card)),
                  options.interface)
                  .serialize());
  file->flush();
  const auto difference = check_exported_file(file->partial_path(), loaded, run, options.events,
                                              run_options.config_file, observer);
  if (observer.stop_requested()) return stopped(observer.log());
  if (difference) require_equal_logits(*difference);
  if (exporter::takes_edges(options.interface)) warn_if_no_drop_in(loaded.metadata, observer.log());
  ExportedModel model{
      output,     checkpoint, loaded.metadata.model.architecture, loaded.metadata.thresholds,
      difference, nullptr};
  if (run_options.debug) {
    model.file = file->partial_path();
    model.temporary = std::move(file);
  } else {
    file->publish();
  }
  return model;
}

}  // namespace stationhit::workflow
