// One pass over the validation split sums the loss and collects the scores of all hits; the metrics
// and the thresholds of the working points are computed at its end, from the events of all ranks.
// The loss is that of the training, with the same weight of signal nodes and without thinning.
#include "validation.hpp"

#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/training/scoring.hpp>

#include "evaluation_mode.hpp"
#include "limits.hpp"
#include "own_events.hpp"
#include "validation_part.hpp"

namespace stationhit::training {
namespace {

void add_hit_metrics(Validation& result, const ValidationPart& sample,
                     const std::vector<double>& working_points) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  result.metrics.val_auc = result.metrics.val_purity = nan;
  const metrics::RankedScores ranked(sample.score, sample.label);
  const bool has_signal = !ranked.signal().empty();
  const auto purity_at = [&](double working_point) {
    return has_signal ? ranked.counts_at(ranked.working_point_threshold(working_point)).purity()
                      : nan;
  };
  for (const double point : working_points)
    if (find_monitored_metric(purity_name(point)) == nullptr)
      result.metrics.val_purities.emplace(purity_name(point), purity_at(point));
  if (!has_signal) return;
  result.thresholds = metrics::working_point_thresholds(ranked, working_points);
  result.metrics.val_purity = metrics::reference_purity(ranked);
  if (!ranked.background().empty()) result.metrics.val_auc = ranked.auc();
}

void append(ValidationPart& part, const ScoredEvent& scored, double loss) {
  part.loss.push_back(loss);
  part.nodes.push_back(scored.node_logits.size());
  part.hits.push_back(scored.hit_scores.size());
  part.score.insert(part.score.end(), scored.hit_scores.begin(), scored.hit_scores.end());
  for (const auto muon : scored.event.truth.truth_link) part.label.push_back(muon >= 0 ? 1 : 0);
}

// Mean over the nodes; the terms are added in the order of the split.
double mean_loss(const ValidationPart& sample) {
  const double loss = std::accumulate(sample.loss.begin(), sample.loss.end(), 0.0);
  const auto nodes = std::accumulate(sample.nodes.begin(), sample.nodes.end(), std::uint64_t{0});
  return loss / static_cast<double>(nodes);
}

NodeScorer scorer_of(models::Network& network, const TrainingRun& run, const TrainingHooks& hooks) {
  NodeScorer scorer;
  if (hooks.make_scorer && !run.gpu) scorer = hooks.make_scorer(network);
  return scorer ? scorer : torch_scorer(network);
}

}  // namespace

std::optional<Validation> validate(models::Network& network, const TrainingRun& run,
                                   std::unique_ptr<features::LabeledEventStream> events,
                                   double pos_weight, std::int32_t epoch,
                                   const TrainingHooks& hooks) {
  const auto own_events = take_own_events(std::move(events), run.ranks, validation_limit(run));
  const auto total = own_events->size().value_or(0);
  ValidationPart own;
  bool stopped = false;
  double loss = 0;
  std::uint64_t nodes = 0;
  const auto add = [&](const ScoredEvent& scored) {
    append(own, scored, summed_loss(run.training.loss, scored, pos_weight));
    loss += own.loss.back();
    nodes += own.nodes.back();
    if (hooks.progress) {
      hooks.progress({Phase::validation, epoch, epochs_of(run), own.loss.size(), total,
                      loss / static_cast<double>(nodes)});
    }
    stopped = hooks.stop_requested();
    return !stopped;
  };
  Validation result;
  const EvaluationMode mode(network);
  result.loader_wait = score_events(scorer_of(network, run, hooks), *own_events, add, run.threads);
  own.stopped.push_back(stopped ? 1 : 0);
  const ValidationPart all = gather_parts(run.ranks, std::move(own));
  if (all.stopped.front() != 0) return std::nullopt;
  result.metrics.val_loss = mean_loss(all);
  result.events = all.loss.size();
  add_hit_metrics(result, all, run.working_points);
  return result;
}

}  // namespace stationhit::training
