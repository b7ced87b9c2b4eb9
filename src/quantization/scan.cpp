// Every candidate is quantized alone, which costs one run over the first 100 events each. Errors of
// layers add in square, so rms^2 per saved multiplication ranks them. The highest-ranked ones
// return to float32 until the purity of the rest, measured on all validation events, is within the
// tolerance.
#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/quantization/scan.hpp>

namespace stationhit::quantization {
namespace {

constexpr int n_efficiencies = 11;
constexpr std::size_t events_for_rms = 100;

}  // namespace

Validation::Validation(const inference::HitClassifier& classifier,
                       std::vector<features::LabeledEvent> events, unsigned threads)
    : threads_(threads),
      working_points_(metrics::working_points_of(classifier.model().metadata().thresholds)) {
  for (features::LabeledEvent& event : events) {
    prepared_.push_back(classifier.prepare(std::move(event.inputs)));
    n_hits_.push_back(event.truth.n_hits());
    for (const std::int8_t link : event.truth.truth_link) labels_.push_back(link >= 0 ? 1 : 0);
  }
  const auto n_true = std::ranges::count(labels_, std::uint8_t{1});
  if (n_true == 0 || n_true == std::ssize(labels_)) {
    throw core::DataError(
        std::to_string(events.size()) + " validation events with " + std::to_string(n_true) +
        " true hits of " + std::to_string(labels_.size()) +
        ": a purity needs true and background hits; give a validation split with both");
  }
  float_scores_ = scores(classifier.model(), prepared_.size());
  float_purities_ = purities(float_scores_);
}

std::vector<float> Validation::scores(const inference::Model& model, std::size_t n_events) const {
  std::vector<std::vector<float>> of_events(n_events);
  core::parallel_for(n_events, threads_, [&](std::size_t i) {
    const inference::PreparedEvents& event = prepared_[i];
    const std::vector<float> logits =
        event.inputs.n_nodes == 0 ? std::vector<float>() : model.run(event.inputs);
    of_events[i] = graph::hit_scores(event.nodes.front(), logits, n_hits_[i]);
  });
  std::vector<float> all;
  for (const auto& scores : of_events) all.insert(all.end(), scores.begin(), scores.end());
  return all;
}

// The purity at a single efficiency depends on the logit of a single signal hit; the mean over
// nearby efficiencies is stable.
std::vector<double> Validation::purities(const std::vector<float>& scores) const {
  const metrics::RankedScores ranked(scores, labels_);
  const double first = working_points_.front(),
               step = (working_points_.back() - first) / (n_efficiencies - 1);
  std::vector<double> purities;
  for (int i = 0; i < n_efficiencies; ++i)
    purities.push_back(ranked.counts_at(ranked.working_point_threshold(first + i * step)).purity());
  return purities;
}

Loss Validation::loss(const inference::Model& model) const {
  const std::vector<float> other = scores(model, prepared_.size());
  const std::vector<double> other_purities = purities(other);
  double loss = 0;
  for (std::size_t i = 0; i < other_purities.size(); ++i)
    loss += 1 - other_purities[i] / float_purities_[i];
  return {loss / static_cast<double>(other_purities.size()), rms(other)};
}

double Validation::rms(const inference::Model& model) const {
  return rms(scores(model, std::min(events_for_rms, prepared_.size())));
}

// Compares the first scores.size() hits.
double Validation::rms(const std::vector<float>& scores) const {
  double sum = 0;
  for (std::size_t i = 0; i < scores.size(); ++i)
    sum += std::pow(double{scores[i]} - double{float_scores_[i]}, 2);
  return std::sqrt(sum / static_cast<double>(scores.size()));
}

namespace {

// Indices of the layers that are currently int8, the worst first.
std::vector<std::size_t> rank_worst_first(const std::vector<LayerLoss>& layers) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!layers[i].in_float) order.push_back(i);
  }
  const auto error_per_work = [&](std::size_t i) {
    return std::pow(layers[i].rms_alone, 2) / layers[i].work;
  };
  std::ranges::stable_sort(order, std::greater<>(), error_per_work);
  return order;
}

// The worst layers that together make up less than a twentieth of the multiplications stay float32:
// int8 would save too little there to justify its error.
void keep_cheap_layers_in_float(std::vector<LayerLoss>& layers) {
  constexpr double negligible = 0.05;
  double total = 0, left = 0;
  for (const LayerLoss& layer : layers) total += layer.work;
  for (const std::size_t worst : rank_worst_first(layers)) {
    if (left + layers[worst].work > negligible * total) continue;
    left += layers[worst].work;
    layers[worst].in_float = true;
  }
}

std::set<std::string> int8_layers(const std::vector<LayerLoss>& layers) {
  std::set<std::string> names;
  for (const LayerLoss& layer : layers) {
    if (!layer.in_float) names.insert(layer.name);
  }
  return names;
}

}  // namespace

std::optional<ScanResult> scan(const Validation& validation,
                               const std::vector<Candidate>& candidates,
                               const std::set<std::string>& keep_float, double tolerance,
                               const MakeQuantized& make_quantized, const Proceed& proceed) {
  const auto may_proceed = [&](const std::string& what) { return !proceed || proceed(what); };
  ScanResult result;
  for (const auto& [name, work] : candidates) {
    if (!may_proceed(name)) return std::nullopt;
    result.layers.push_back(
        {name, validation.rms(*make_quantized({name})), work, keep_float.contains(name)});
  }
  keep_cheap_layers_in_float(result.layers);
  for (const std::size_t worst : rank_worst_first(result.layers)) {
    const std::set<std::string> in_int8 = int8_layers(result.layers);
    if (!may_proceed(std::to_string(in_int8.size()) + " layers together")) return std::nullopt;
    result.total = validation.loss(*make_quantized(in_int8));
    if (result.total.purity <= tolerance) return result;
    result.layers[worst].in_float = true;
  }
  result.total = {};
  return result;
}

}  // namespace stationhit::quantization
