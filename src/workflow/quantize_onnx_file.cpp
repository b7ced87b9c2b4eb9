// The steps of the subcommand `export -q`: quantize, thresholds, scores, times, files. Everything
// is kept in memory until all is known, so that a stopped call leaves nothing behind.
#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/config/load.hpp>
#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/inference/load_warnings.hpp>
#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/onnx_file/model_editor.hpp>
#include <stationhit/quantization/quantize_model.hpp>
#include <stationhit/workflow/labeled_split.hpp>
#include <stationhit/workflow/quantize_onnx_file.hpp>

#include "load_model.hpp"
#include "score_onnx_models.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;
using inference::BackendChoice;
using inference::HitClassifier;
using metrics::ScoredSample;

constexpr std::uint64_t debug_events = 12;
constexpr std::size_t latency_passes = 10;

// What a call may use.
struct Limits {
  std::uint64_t events;  // of each split
  unsigned threads;
};

fs::path folder_for(const QuantizeOptions& options, const inference::Model& model) {
  if (!options.folder.empty()) return options.folder;
  const bool edges = model.interface() == inference::Interface::edges;
  return options.model.parent_path() / (edges ? "onnx_benchmarking_edges" : "onnx_benchmarking");
}

struct QuantizationSplits {
  std::unique_ptr<LabeledSplit> train, validation, test;
};

QuantizationSplits open_quantization_splits(const config::RunConfig& run,
                                            const inference::Model& model,
                                            const fs::path& config_file) {
  const materialized::Settings settings{model.metadata().feature_names, model.graph()};
  const auto open = [&](const std::string& path, const char* key) {
    return open_labeled_split(config::require(path, key, config_file), settings);
  };
  return {open(run.train_path, "train_path"), open(run.val_path, "val_path"),
          open(run.test_path, "test_path")};
}

std::optional<quantization::QuantizedModel> quantize(const config::RunConfig& run,
                                                     const QuantizeOptions& options,
                                                     const QuantizationSplits& splits,
                                                     const Limits& limits,
                                                     const core::Observer& observer) {
  if (run.quantization.method == quantization::QuantizationMethod::dynamic_scales) {
    observer.log().warning(
        "quantization.method: dynamic: the score of a hit will depend on what else is in the call; "
        "static does not do that");
  }
  const auto take = [&](const LabeledSplit& split, std::int32_t events) {
    return read_first_events(split, std::min(limits.events, static_cast<std::uint64_t>(events)),
                             limits.threads);
  };
  const auto proceed = [&](const std::string& what) {
    observer.log().info("measuring the loss of " + what + " in int8");
    return !observer.stop_requested();
  };
  return quantization::quantize_model(
      options.model, take(*splits.train, run.quantization.calibration_events),
      take(*splits.validation, run.quantization.validation_events), run.quantization,
      limits.threads, {proceed, observer.log()}, options.changed_model);
}

// The file with the thresholds that its own scores have on the validation split.
std::string set_own_thresholds(const std::string& content, const fs::path& path,
                               inference::Backend backend, const LabeledSplit& validation,
                               const Limits& limits, const core::Observer& observer) {
  const HitClassifier classifier(quantization::load_content(content, path, backend));
  const ScoredSample sample = std::move(score_onnx_models({&classifier}, validation, limits.events,
                                                          limits.threads, "thresholds", observer)
                                            .front());
  if (observer.stop_requested()) return content;
  const metrics::RankedScores ranked(sample.score, metrics::hit_labels(sample));
  const auto points = metrics::working_points_of(classifier.model().metadata().thresholds);
  onnx_file::ModelEditor editor(content, path.string());
  editor.set_metadata(
      onnx_file::thresholds_key,
      onnx_file::thresholds_text(metrics::working_point_thresholds(ranked, points)));
  return editor.serialize();
}

evaluation::ComparedModel describe_model(const std::string& name, const HitClassifier& classifier,
                                         ScoredSample sample, inference::SessionTimes times,
                                         std::uint64_t bytes) {
  evaluation::ComparedModel model{name,
                                  classifier.model().path().filename().string(),
                                  std::move(sample),
                                  {},
                                  times.ms.p50,
                                  times.ms.p99,
                                  std::move(times.ms_of_calls),
                                  bytes};
  model.working_points = metrics::working_points_of(classifier.model().metadata().thresholds);
  for (const double point : model.working_points)
    model.validation_thresholds.push_back(classifier.threshold(core::to_text(point)));
  return model;
}

void warn_of_losses(const evaluation::Comparison& comparison, double tolerance,
                    const core::Logger& log) {
  const std::size_t i = comparison.before_result.reference_index();
  const auto purity = [i](const evaluation::EvaluationResult& result) {
    return result.working_points[i].estimates["purity"].value;
  };
  const double loss = 1 - purity(comparison.after_result) / purity(comparison.before_result);
  if (loss <= tolerance) return;
  const bool significant = -comparison.changes[i]["purity"].interval.high > tolerance;
  log.warning("int8 loses " + core::to_text(100 * loss) +
              " % of the purity at the reference working point on the test split, more than "
              "quantization.tolerance; " +
              (significant
                   ? "take more calibration_events and validation_events, or keep products of "
                     "large rms in float32 "
                     "(quantization.keep_float)"
                   : "by the interval of the change, other events may as well give less"));
}

struct BothModels {
  HitClassifier before, after;

  [[nodiscard]] std::vector<const HitClassifier*> pointers() const { return {&before, &after}; }
};

// The float32 file is that of the options, the int8 file still in memory.
BothModels load_both(const QuantizeOptions& options, const std::string& int8, const fs::path& file,
                     inference::Backend backend) {
  const BackendChoice choice =
      backend == inference::Backend::engine ? BackendChoice::engine : BackendChoice::onnxruntime;
  return {HitClassifier(options.model,
                        {.backend = choice, .session = {.changed_model = options.changed_model}}),
          HitClassifier(quantization::load_content(int8, file, backend))};
}

// What both models give on the test split, scored by `scored` and timed by `timed`; empty if the
// observer asked to stop.
std::optional<evaluation::Comparison> compare_models(
    const BothModels& scored, const BothModels& timed, std::uint64_t bytes_after,
    const LabeledSplit& test, std::uint64_t latency_events, const Limits& limits,
    const core::Observer& observer) {
  auto samples =
      score_onnx_models(scored.pointers(), test, limits.events, limits.threads, "test", observer);
  if (observer.stop_requested()) return std::nullopt;
  auto times = time_onnx_models(timed.pointers(), test, std::min(limits.events, latency_events),
                                limits.threads, latency_passes);
  const std::uint64_t bytes_before = fs::file_size(scored.before.model().path());
  return evaluation::compare(describe_model("float32", scored.before, std::move(samples[0]),
                                            std::move(times[0]), bytes_before),
                             describe_model("int8", scored.after, std::move(samples[1]),
                                            std::move(times[1]), bytes_after));
}

std::nullopt_t stopped(const core::Logger& log) {
  log.warning("stopped: nothing of int8 is written");
  return std::nullopt;
}

}  // namespace

std::optional<QuantizedFile> quantize_onnx_file(const config::RunConfig& run,
                                                const QuantizeOptions& options,
                                                const RunOptions& run_options,
                                                const core::Observer& observer) {
  const HitClassifier model = load_model(
      options.model,
      {.backend = BackendChoice::onnxruntime, .session = {.changed_model = options.changed_model}},
      observer.log());
  const fs::path folder = folder_for(options, model.model());
  std::optional<core::DirectoryLock> lock;
  if (!run_options.debug) lock.emplace(folder, observer.log());
  const auto splits = open_quantization_splits(run, model.model(), run_options.config_file);
  const Limits limits{run_options.debug ? debug_events : std::numeric_limits<std::uint64_t>::max(),
                      core::resolve_threads(run.threads)};
  auto quantized = quantize(run, options, splits, limits, observer);
  if (!quantized) return stopped(observer.log());
  const fs::path file = folder / (options.model.stem().string() + ".int8.onnx");
  const std::string content = set_own_thresholds(quantized->content, file, quantized->backend,
                                                 *splits.validation, limits, observer);
  const BothModels scored = load_both(options, content, file, quantized->backend);
  const BothModels timed = load_both(options, content, file, inference::Backend::onnxruntime);
  for (const std::string& warning : inference::load_warnings(timed.after.model()))
    observer.log().warning(warning);
  auto comparison = compare_models(scored, timed, content.size(), *splits.test,
                                   options.latency_events, limits, observer);
  if (!comparison) return stopped(observer.log());
  warn_of_missing_places(comparison->before.sample, run.test_path, observer.log());
  warn_of_losses(*comparison, run.quantization.tolerance, observer.log());
  QuantizedFile result{std::move(quantized->scan), std::move(*comparison), {}};
  if (run_options.debug) return result;
  evaluation::write_comparison(result.comparison, folder,
                               label_sample(*splits.test, run.sample_label), observer.log());
  core::write_text_file(folder / options.model.filename(), core::read_text_file(options.model));
  core::write_text_file(file, content);
  result.file = file;
  return result;
}

}  // namespace stationhit::workflow
