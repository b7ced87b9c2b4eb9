// One pass over the validation split sums the loss and collects the scores of all hits; the metrics
// and the thresholds of the working points are computed at its end. The loss is that of the
// training, with the same weight of signal nodes and without thinning.
#include "validation.hpp"

#include <cmath>
#include <limits>

#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/training/scoring.hpp>

#include "limits.hpp"

namespace stationhit::training {
namespace {

void add_hit_metrics(Validation& result, const metrics::ScoredSample& sample,
                     const std::vector<double>& working_points) {
  result.metrics.val_auc = result.metrics.val_purity = std::numeric_limits<double>::quiet_NaN();
  const metrics::RankedScores ranked(sample.score, metrics::hit_labels(sample));
  if (ranked.signal().empty()) return;
  result.thresholds = metrics::working_point_thresholds(ranked, working_points);
  result.metrics.val_purity =
      ranked.counts_at(ranked.working_point_threshold(metrics::reference_working_point)).purity();
  if (!ranked.background().empty()) result.metrics.val_auc = ranked.auc();
}

}  // namespace

std::optional<Validation> validate(models::Network& network, const TrainingRun& run,
                                   features::LabeledEventStream& events, double pos_weight,
                                   std::int32_t epoch, const TrainingHooks& hooks) {
  Validation result;
  metrics::ScoredSample sample;
  double loss = 0;
  std::size_t nodes = 0;
  bool stopped = false;
  const auto total = events.size().value_or(0);
  const auto add = [&](const ScoredEvent& scored) {
    loss += summed_loss(run.training.loss, scored, pos_weight);
    nodes += scored.node_logits.size();
    metrics::append(sample, scored.event.truth, scored.hit_scores);
    if (hooks.progress) {
      hooks.progress({Phase::validation, epoch, epochs_of(run), sample.n_events(), total,
                      loss / static_cast<double>(nodes)});
    }
    stopped = hooks.stop_requested();
    return !stopped && sample.n_events() < events_limit(run);
  };
  result.loader_wait = score_events(network, events, add, run.threads);
  if (stopped) return std::nullopt;
  result.metrics.val_loss = loss / static_cast<double>(nodes);
  add_hit_metrics(result, sample, run.working_points);
  return result;
}

}  // namespace stationhit::training
