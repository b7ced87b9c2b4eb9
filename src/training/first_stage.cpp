// The first stage is trained before the second and does not change afterwards, so the second can be
// trained on what it keeps: less than a tenth of the hits with the recipe.
#include "first_stage.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>
#include <string>

#include <torch/torch.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/metrics/logit_difference.hpp>
#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/run_files.hpp>
#include <stationhit/training/scoring.hpp>
#include <stationhit/training/trainer.hpp>

#include "limits.hpp"

namespace stationhit::training {
namespace {

TrainingRun first_stage_run(const TrainingRun& run) {
  TrainingRun first = run;
  first.directory = first_stage_directory(run.directory);
  first.keeps_files = true;
  first.model = architecture::first_stage_model(run.model);
  first.training.epochs = run.training.first_stage_epochs;
  first.training.missing_stations = 0;  // it sees one bucket at a time
  first.working_points = {run.model.first_stage.signal_kept};
  first.training.monitor = "val_loss";  // what matters is far below any of the working points
  const auto metrics = comparable_metrics(first.working_points);
  if (std::ranges::find(metrics, first.training.keep_best.metric) == metrics.end())
    first.training.keep_best.metric = first.training.monitor;
  return first;
}

// In a debug run, which writes nothing, the last weights stand for the best.
std::shared_ptr<models::Network> best_network(const TrainingRun& first,
                                              const TrainingResult& result) {
  return first.debug ? result.network : load_network(result.best_checkpoint).network;
}

void copy_weights(const models::Network& first, models::Network& network) {
  const torch::NoGradGuard no_grad;
  const auto parameters = network.named_parameters(), buffers = network.named_buffers();
  for (const auto& item : first.named_parameters())
    parameters["first_stage." + item.key()].copy_(item.value());
  for (const auto& item : first.named_buffers())
    buffers["first_stage." + item.key()].copy_(item.value());
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g %%", 100 * share);
  return text;
}

// A first stage that has learned too little must let nearly everything pass to keep its share of
// the signal. In a debug run this is no surprise.
void warn_of_useless_threshold(const metrics::Counts& counts, const TrainingRun& run,
                               const core::Logger& log) {
  const double passing = metrics::ratio(counts.kept(), counts.signal() + counts.background());
  if (run.debug || passing <= 0.5) return;
  log.warning("first stage: " + percent(passing) +
              " of the hits of the validation split pass, so it hardly spares the second stage any "
              "work; raise training.first_stage_epochs, train on more events, or lower "
              "model.first_stage.signal_kept (" +
              core::to_text(run.model.first_stage.signal_kept) + ")");
}

// The few events of a debug run may have no signal: then all hits pass.
float choose_threshold(models::Network& first, const TrainingRun& run, const TrainingData& data,
                       const TrainingHooks& hooks) {
  const auto events = data.validation();
  const metrics::ScoredSample sample =
      score_sample(first, *events, validation_limit(run), run.threads);
  const metrics::RankedScores ranked(sample.score, metrics::hit_labels(sample));
  if (ranked.signal().empty()) {
    if (run.debug) return std::numeric_limits<float>::lowest();
    throw core::DataError(
        "the validation split has no signal hits, from which the threshold of the first stage "
        "follows; check val_path and the cuts of prepare");
  }
  const float threshold =
      metrics::below_rounding(ranked.working_point_threshold(run.model.first_stage.signal_kept));
  const metrics::Counts counts = ranked.counts_at(threshold);
  hooks.log.info("first stage: the threshold " + core::to_text(threshold) + " keeps " +
                 percent(counts.efficiency()) + " of the signal hits and " +
                 percent(counts.background_efficiency()) +
                 " of the background hits of the validation split");
  warn_of_useless_threshold(counts, run, hooks.log);
  return threshold;
}

}  // namespace

bool train_first_stage(models::Network& network, const TrainingRun& run, const TrainingData& data,
                       const TrainingHooks& hooks) {
  const TrainingRun first = first_stage_run(run);
  hooks.log.info("first stage: " + std::to_string(first.training.epochs) + " epochs on all hits");
  TrainingHooks hooks_of_stage = hooks;
  hooks_of_stage.callbacks.clear();
  if (hooks.first_stage_epoch_done) hooks_of_stage.epoch_done = hooks.first_stage_epoch_done;
  const TrainingResult result = train(first, data, hooks_of_stage);
  if (result.interrupted) return false;
  const auto best = best_network(first, result);
  copy_weights(*best, network);
  const float threshold = choose_threshold(*best, run, data, hooks);
  const torch::NoGradGuard no_grad;
  network.named_buffers()["first_stage_threshold"].fill_(threshold);
  hooks.log.info("second stage: " + std::to_string(run.training.epochs) +
                 " epochs on the hits that the first stage keeps");
  return true;
}

}  // namespace stationhit::training
