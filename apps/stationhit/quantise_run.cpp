#include "quantise_run.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <string>
#include <vector>

#include <stationhit/config/load.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/evaluation/comparison.hpp>
#include <stationhit/inference/latency.hpp>
#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/onnx_file/model_editor.hpp>
#include <stationhit/quantization/quantise_model.hpp>

#include "event_input.hpp"

namespace stationhit::app {
namespace {

namespace fs = std::filesystem;
using inference::HitClassifier;
using metrics::ScoredSample;

constexpr std::uint64_t debug_events = 12;

std::uint64_t limited(const Program& program, std::uint64_t events) { return program.options.debug ? std::min(events, debug_events) : events; }

// Scores of each model for the events, which are prepared once: the models take the same inputs.
std::vector<std::vector<float>> scores_of(const core::Event& event, const std::vector<const HitClassifier*>& models) {
  const inference::PreparedEvents prepared = models.front()->prepare({&event, 1});
  std::vector<std::vector<float>> scores;
  for (const HitClassifier* model : models)
    scores.push_back(graph::hit_scores(prepared.nodes.front(), model->node_logits(prepared), event.hits.size()));
  return scores;
}

void append_all(std::vector<ScoredSample>& samples, const std::vector<core::Event>& events, const std::vector<const HitClassifier*>& models,
                unsigned threads) {
  std::vector<std::vector<std::vector<float>>> scores(events.size());
  core::parallel_for(events.size(), threads, [&](std::size_t i) { scores[i] = scores_of(events[i], models); });
  for (std::size_t i = 0; i < events.size(); ++i) {
    for (std::size_t m = 0; m < models.size(); ++m) metrics::append(samples[m], core::truth_of(events[i]), scores[i][m]);
  }
}

// One sample per model.
std::vector<ScoredSample> score(const Program& program, const std::string& label, const fs::path& input,
                                const std::vector<const HitClassifier*>& models, unsigned threads) {
  const std::size_t at_once = std::size_t{8} * threads;
  const std::uint64_t limit = limited(program, std::numeric_limits<std::uint64_t>::max());
  std::vector<ScoredSample> samples(models.size());
  std::vector<core::Event> waiting;
  ProgressBar progress = program.progress(label, 0);
  const auto work = [&] {
    append_all(samples, waiting, models, threads);
    waiting.clear();
    progress.update(samples.front().n_events());
  };
  for_each_event(input, [&](const core::Event& event) {
    waiting.push_back(event);
    if (waiting.size() == at_once) work();
    return samples.front().n_events() + waiting.size() < limit && !program.stop_requested();
  });
  work();
  return samples;
}

// The file with the thresholds that its own scores have on the validation split.
std::string with_own_thresholds(const Program& program, const std::string& content, const fs::path& path, const fs::path& validation,
                                unsigned threads) {
  const HitClassifier classifier(inference::OnnxModel(content, path));
  const ScoredSample sample = std::move(score(program, "thresholds", validation, {&classifier}, threads).front());
  if (program.stop_requested()) return content;
  const metrics::RankedScores ranked(sample.score, metrics::hit_labels(sample));
  onnx_file::ModelEditor editor(content, path.string());
  editor.set_metadata(onnx_file::thresholds_key, onnx_file::thresholds_text(metrics::working_point_thresholds(ranked)));
  return editor.serialise();
}

evaluation::ComparedModel compared(const std::string& name, const HitClassifier& classifier, ScoredSample sample,
                                   const inference::LatencyReport& latency, std::uint64_t bytes) {
  evaluation::ComparedModel model{name, std::move(sample), {}, latency.session.p50, latency.session.p99, latency.total.p50, latency.session_ms,
                                  bytes};
  for (const double point : metrics::working_points) model.validation_thresholds.push_back(classifier.threshold(core::to_text(point)));
  return model;
}

void warn_of_losses(const Program& program, const evaluation::Comparison& comparison, double tolerance) {
  const auto& before = comparison.before_result.working_points;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i].working_point != metrics::reference_working_point) continue;
    const double loss = 1 - comparison.after_result.working_points[i].purity.value / before[i].purity.value;
    if (loss <= tolerance) return;
    program.log().warning("int8 loses " + core::to_text(100 * loss) +
                          " % of the purity at the reference working point on the test split, more than quantization.tolerance; take more " +
                          "calibration_events and validation_events, or keep the worst products of the table in float32 (quantization.keep_float)");
  }
}

void say_stopped(const Program& program) { program.log().warning("stopped: nothing of int8 is written"); }

}  // namespace

void quantise_and_compare(const Program& program, const config::RunConfig& run, const fs::path& model, const fs::path& folder,
                          std::uint64_t latency_events) {
  const fs::path file = program.options.config_file;
  const fs::path train = config::require(run.train_path, "train_path", file), validation = config::require(run.val_path, "val_path", file),
                 test = config::require(run.test_path, "test_path", file);
  const unsigned threads = core::resolve_threads(run.threads);
  if (run.quantization.method == "dynamic") {
    program.log().warning("quantization.method: dynamic: the score of a hit will depend on what else is in the call; static does not do that");
  }
  const auto take = [&](const fs::path& input, std::int32_t events) {
    return read_events(input, limited(program, static_cast<std::uint64_t>(events)));
  };
  const auto proceed = [&](const std::string& what) {
    program.log().info("measuring the loss of " + what + " in int8");
    return !program.stop_requested();
  };
  const auto quantised = quantization::quantise_model(model, take(train, run.quantization.calibration_events),
                                                      take(validation, run.quantization.validation_events), run.quantization, threads, proceed);
  if (!quantised) return say_stopped(program);
  std::printf("int8, each product alone and what is int8 in the end, on validation events:\n%s", quantization::scan_table(quantised->scan).c_str());

  const fs::path int8_path = folder / (model.stem().string() + ".int8.onnx");
  const std::string content = with_own_thresholds(program, quantised->content, int8_path, validation, threads);
  const HitClassifier before(model), after(inference::OnnxModel(content, int8_path));
  std::vector<ScoredSample> samples = score(program, "test", test, {&before, &after}, threads);
  if (program.stop_requested()) return say_stopped(program);
  const auto [first, second] = inference::measure_interleaved(before, after, read_events(test, limited(program, latency_events)), {});
  const evaluation::Comparison comparison = evaluation::compare(compared("float32", before, std::move(samples[0]), first, fs::file_size(model)),
                                                                compared("int8", after, std::move(samples[1]), second, content.size()));
  std::fputs(evaluation::comparison_table(comparison).c_str(), stdout);
  warn_of_losses(program, comparison, run.quantization.tolerance);
  if (program.options.debug) return;
  evaluation::write_comparison(comparison, folder, sample_info_of(test), program.log());
  core::write_text_file(folder / model.filename(), core::read_text_file(model));
  core::write_text_file(int8_path, content);
  std::printf("%s: %ju bytes; table and figures beside it\n", int8_path.c_str(), static_cast<std::uintmax_t>(content.size()));
}

}  // namespace stationhit::app
