#include "quantize_run.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/config/load.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/pipeline.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/evaluation/comparison.hpp>
#include <stationhit/inference/latency.hpp>
#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/onnx_file/model_editor.hpp>
#include <stationhit/quantization/quantize_model.hpp>
#include <stationhit/workflow/labeled_split.hpp>

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;
using inference::HitClassifier;
using metrics::ScoredSample;

constexpr std::uint64_t debug_events = 12;
constexpr std::size_t latency_passes = 10;

std::uint64_t limited(const Program& program, std::uint64_t events) {
  return program.options.debug ? std::min(events, debug_events) : events;
}

// Scores of all hits of an event by each model.
struct ScoresOfEvent {
  core::EventTruth truth;
  std::vector<std::vector<float>> of_models;
};

// The event is prepared once: the models take the same inputs.
ScoresOfEvent scores_of(features::LabeledEvent event,
                        const std::vector<const HitClassifier*>& models) {
  const inference::PreparedEvents prepared = models.front()->prepare(std::move(event.inputs));
  ScoresOfEvent scores{std::move(event.truth), {}};
  for (const HitClassifier* model : models) {
    scores.of_models.push_back(graph::hit_scores(
        prepared.nodes.front(), model->node_logits(prepared), scores.truth.n_hits()));
  }
  return scores;
}

// One sample per model, of all events of the split.
std::vector<ScoredSample> score(const Program& program, const std::string& label,
                                const workflow::LabeledSplit& split,
                                const std::vector<const HitClassifier*>& models, unsigned threads) {
  constexpr std::size_t events_ahead = 4;  // per thread
  using Scored = core::Pipeline<ScoresOfEvent>;
  const auto events = split.read_verified();
  Scored scored(threads, events_ahead * threads, [&]() -> std::optional<Scored::Job> {
    auto event = events->next();
    if (!event) return std::nullopt;
    return [&models, make = std::move(*event)] { return scores_of(make(), models); };
  });
  const std::uint64_t limit = limited(program, split.n_events());
  std::vector<ScoredSample> samples(models.size());
  const auto progress = program.start_progress(label, limit);
  for (std::uint64_t done = 0; done < limit && !program.stop_requested();
       progress->update(++done)) {
    const auto next = scored.next();
    if (!next) break;
    for (std::size_t m = 0; m < models.size(); ++m)
      metrics::append(samples[m], next->truth, next->of_models[m]);
  }
  return samples;
}

// The file with the thresholds that its own scores have on the validation split.
std::string with_own_thresholds(const Program& program, const std::string& content,
                                const fs::path& path, const workflow::LabeledSplit& validation,
                                unsigned threads) {
  const HitClassifier classifier(inference::OnnxModel(content, path));
  const ScoredSample sample =
      std::move(score(program, "thresholds", validation, {&classifier}, threads).front());
  if (program.stop_requested()) return content;
  const metrics::RankedScores ranked(sample.score, metrics::hit_labels(sample));
  onnx_file::ModelEditor editor(content, path.string());
  editor.set_metadata(onnx_file::thresholds_key,
                      onnx_file::thresholds_text(metrics::working_point_thresholds(ranked)));
  return editor.serialize();
}

evaluation::ComparedModel compared(const std::string& name, const HitClassifier& classifier,
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
  for (const double point : metrics::working_points)
    model.validation_thresholds.push_back(classifier.threshold(core::to_text(point)));
  return model;
}

void warn_of_losses(const Program& program, const evaluation::Comparison& comparison,
                    double tolerance) {
  const auto& before = comparison.before_result.working_points;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].working_point != metrics::reference_working_point) continue;
    const double loss = 1 - comparison.after_result.working_points[i].estimates["purity"].value /
                                before[i].estimates["purity"].value;
    if (loss <= tolerance) return;
    const bool significant = -comparison.changes[i]["purity"].interval.high > tolerance;
    program.log().warning(
        "int8 loses " + core::to_text(100 * loss) +
        " % of the purity at the reference working point on the test split, more than "
        "quantization.tolerance; " +
        (significant ? "take more calibration_events and validation_events, or keep products of "
                       "large rms in float32 "
                       "(quantization.keep_float)"
                     : "by the interval of the change, other events may as well give less"));
  }
}

void say_stopped(const Program& program) {
  program.log().warning("stopped: nothing of int8 is written");
}

}  // namespace

void quantize_and_compare(const Program& program, const config::RunConfig& run,
                          const fs::path& model, const fs::path& folder,
                          std::uint64_t latency_events) {
  const HitClassifier before(model);
  const materialized::Settings settings{before.model().metadata().feature_names,
                                        before.model().graph()};
  const auto open = [&](const std::string& path, const char* key) {
    return workflow::open_labeled_split(config::require(path, key, program.options.config_file),
                                        settings);
  };
  const auto train = open(run.train_path, "train_path"),
             validation = open(run.val_path, "val_path"), test = open(run.test_path, "test_path");
  const unsigned threads = core::resolve_threads(run.threads);
  const auto take = [&](const workflow::LabeledSplit& split, std::uint64_t events) {
    return workflow::read_first_events(split, limited(program, events), threads);
  };
  if (run.quantization.method == "dynamic") {
    program.log().warning(
        "quantization.method: dynamic: the score of a hit will depend on what else is in the call; "
        "static does not do that");
  }
  const auto proceed = [&](const std::string& what) {
    program.log().info("measuring the loss of " + what + " in int8");
    return !program.stop_requested();
  };
  const auto n_calibration = static_cast<std::uint64_t>(run.quantization.calibration_events),
             n_validation = static_cast<std::uint64_t>(run.quantization.validation_events);
  const auto quantized = quantization::quantize_model(model, take(*train, n_calibration),
                                                      take(*validation, n_validation),
                                                      run.quantization, threads, proceed);
  if (!quantized) return say_stopped(program);
  std::printf("int8, each product alone and what is int8 in the end, on validation events:\n%s",
              quantization::scan_table(quantized->scan).c_str());

  const fs::path int8_path = folder / (model.stem().string() + ".int8.onnx");
  const std::string content =
      with_own_thresholds(program, quantized->content, int8_path, *validation, threads);
  const HitClassifier after(inference::OnnxModel(content, int8_path));
  const std::vector<const HitClassifier*> both{&before, &after};
  std::vector<ScoredSample> samples = score(program, "test", *test, both, threads);
  if (program.stop_requested()) return say_stopped(program);
  std::vector<inference::PreparedEvents> timed;
  for (features::LabeledEvent& event : take(*test, latency_events))
    timed.push_back(before.prepare(std::move(event.inputs)));
  const auto times = inference::measure_sessions(both, timed, latency_passes);
  const evaluation::Comparison comparison = evaluation::compare(
      compared("float32", before, std::move(samples[0]), times[0], fs::file_size(model)),
      compared("int8", after, std::move(samples[1]), times[1], content.size()));
  std::fputs(evaluation::comparison_table(comparison).c_str(), stdout);
  warn_of_losses(program, comparison, run.quantization.tolerance);
  if (program.options.debug) return;
  evaluation::write_comparison(comparison, folder, workflow::label_sample(*test, run.sample_label),
                               program.log());
  core::write_text_file(folder / model.filename(), core::read_text_file(model));
  core::write_text_file(int8_path, content);
  std::printf("%s: %ju bytes; table and figures beside it\n", int8_path.c_str(),
              static_cast<std::uintmax_t>(content.size()));
}

}  // namespace stationhit::app
