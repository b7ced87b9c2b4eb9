// What other shares of the signal hits that pass the first stage (model.first_stage.signal_kept)
// would give a trained `two_stage`: the hits that the second stage sees, the purity at 99 % hit
// efficiency, and the time of the network. The weights stay as they are; only the threshold
// changes. Arguments: the exported float32 file, the folder of a prepared split with labels, shares
// (0.9995 0.999 0.9985 0.998 0.997 0.996 0.995). All networks see the same events and take turns.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <stationhit/architecture/model_config_json.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/engine/engine.hpp>
#include <stationhit/graph/nodes.hpp>
#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/metrics/bootstrap.hpp>
#include <stationhit/metrics/logit_difference.hpp>
#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/onnx_file/constants.hpp>
#include <stationhit/workflow/event_input.hpp>

namespace {

using namespace stationhit;
using inference::HitClassifier;

constexpr const char* threshold_name = "first_stage_threshold";
constexpr std::string_view first_prefix = "first_stage.";

// The network of a file, with another threshold or its first stage alone.
class Networks {
 public:
  Networks(const std::string& path, const onnx_file::ModelMetadata& metadata)
      : features_(metadata.feature_names),
        config_(architecture::model_config_from_json(metadata.network_json)) {
    if (!architecture::has_first_stage(config_))
      throw core::UsageError(path + ": the network " + config_.architecture +
                             " has no first stage; give a file of two_stage");
    for (auto& constant : onnx_file::read_float_constants(core::read_text_file(path), path))
      weights_[constant.name] = {std::move(constant.shape), std::move(constant.values), {}};
  }

  [[nodiscard]] float threshold() const { return weights_.at(threshold_name).values.front(); }
  [[nodiscard]] engine::Engine with_threshold(float threshold) const {
    engine::Weights weights = weights_;
    weights.at(threshold_name).values = {threshold};
    return make(config_, weights);
  }
  [[nodiscard]] engine::Engine first_stage() const {
    engine::Weights weights;
    for (const auto& [name, weight] : weights_)
      if (name.starts_with(first_prefix)) weights[name.substr(first_prefix.size())] = weight;
    return make(architecture::first_stage_model(config_), weights);
  }

 private:
  [[nodiscard]] engine::Engine make(const architecture::ModelConfig& config,
                                    const engine::Weights& weights) const {
    return {architecture::describe_network(config, features_), weights,
            engine::Neighborhood::table};
  }

  std::vector<std::string> features_;
  architecture::ModelConfig config_;
  engine::Weights weights_;
};

// A network, and what it gives.
struct Candidate {
  double share = 0;
  float threshold = 0;
  engine::Engine network;
  engine::Workspace workspace = {};
  metrics::ScoredSample sample = {};
  std::vector<double> times = {};  // ms, of every event
};

std::vector<float> logits_of(const engine::Engine& network, engine::Workspace& workspace,
                             const inference::ModelInputs& inputs, std::size_t n_features) {
  const std::size_t n = inputs.n_nodes;
  std::vector<float> logits(n);
  const engine::Inputs of_engine{
      .features = {inputs.features.data(), n, n_features},
      .neighbors = {inputs.neighbors.data(), n, static_cast<std::size_t>(inputs.k)},
      .offsets = inputs.offsets,
      .event_of_node = {}};
  network.run(of_engine, workspace, logits);
  return logits;
}

// Calls visit(event, prepared inputs) for all events of the split.
template <class Visit>
void for_prepared(const HitClassifier& classifier, const char* split, const Visit& visit) {
  inference::PreparedEvents prepared;
  workflow::for_each_event(split, [&](const core::Event& event) {
    classifier.prepare({&event, 1}, prepared);
    visit(event, prepared);
    return true;
  });
}

void score(Candidate& candidate, const core::Event& event,
           const inference::PreparedEvents& prepared, std::size_t n_features) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto logits =
      logits_of(candidate.network, candidate.workspace, prepared.inputs, n_features);
  const std::chrono::duration<double, std::milli> elapsed = Clock::now() - start;
  candidate.times.push_back(elapsed.count());
  metrics::append(candidate.sample, core::truth_of(event),
                  graph::hit_scores(prepared.nodes.front(), logits, event.hits.size()));
}

void print(Candidate& candidate, const metrics::RankedScores& first, std::size_t n_events) {
  const metrics::Counts passing = first.counts_at(candidate.threshold);
  const metrics::RankedScores ranked(candidate.sample.score, hit_labels(candidate.sample));
  const double purity = metrics::reference_purity(ranked);
  const std::vector<metrics::ThresholdRule> rules(1);
  const auto replicas =
      metrics::count_replicas(candidate.sample, metrics::draw_replicas(n_events), rules);
  const metrics::Interval interval = metrics::replica_interval(
      replicas.of_rule(0), [](const metrics::KeptAtThreshold& kept) { return kept.hits.purity(); });
  std::ranges::sort(candidate.times);
  std::printf("| %.5g | %.3f | %.0f | %.4f [%.4f, %.4f] | %.2f | %.2f |\n", candidate.share,
              static_cast<double>(candidate.threshold),
              static_cast<double>(passing.kept()) / static_cast<double>(n_events), purity,
              interval.low, interval.high, candidate.times[n_events / 10],
              candidate.times[n_events / 2]);
}

void measure(const std::string& path, const char* split, const std::vector<double>& shares) {
  const HitClassifier classifier(path, {.backend = inference::BackendChoice::engine});
  const auto& metadata = classifier.model().metadata();
  const std::size_t n_features = metadata.feature_names.size();
  const Networks networks(path, metadata);
  metrics::ScoredSample of_first;
  const engine::Engine first = networks.first_stage();
  engine::Workspace workspace;
  for_prepared(classifier, split, [&](const core::Event& event, const auto& prepared) {
    const auto logits = logits_of(first, workspace, prepared.inputs, n_features);
    metrics::append(of_first, core::truth_of(event),
                    graph::hit_scores(prepared.nodes.front(), logits, event.hits.size()));
  });
  const metrics::RankedScores ranked(of_first.score, hit_labels(of_first));
  std::vector<std::unique_ptr<Candidate>> candidates;
  for (const double share : shares) {
    const float threshold = metrics::below_rounding(ranked.working_point_threshold(share));
    candidates.push_back(std::make_unique<Candidate>(
        Candidate{share, threshold, networks.with_threshold(threshold)}));
  }
  for_prepared(classifier, split, [&](const core::Event& event, const auto& prepared) {
    for (const auto& candidate : candidates) score(*candidate, event, prepared, n_features);
  });
  std::printf("%s, threshold %.3f; %zu events of %s\n\n", path.c_str(),
              static_cast<double>(networks.threshold()), of_first.n_events(), split);
  std::printf(
      "| signal that passes | threshold | hits/event that pass | purity at 99 %% | network, "
      "ms: 10 %% | median |\n|---|---|---|---|---|---|\n");
  for (const auto& candidate : candidates) print(*candidate, ranked, of_first.n_events());
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 3) {
    std::fprintf(stderr, "usage: first_stage_shares MODEL.onnx SPLIT [SHARE...]\n");
    return EXIT_FAILURE;
  }
  std::vector<double> shares;
  for (int i = 3; i < argc; ++i) shares.push_back(std::stod(argv[i]));
  if (shares.empty()) shares = {0.9995, 0.999, 0.9985, 0.998, 0.997, 0.996, 0.995};
  measure(argv[1], argv[2], shares);
  return EXIT_SUCCESS;
} catch (const std::exception& error) {
  std::fprintf(stderr, "error: %s\n", error.what());
  return EXIT_FAILURE;
}
