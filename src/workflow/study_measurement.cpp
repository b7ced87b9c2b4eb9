// Validation measures the same quantities after every epoch. Here they are measured once more with
// the best checkpoint, because replicas and permutations need the scores of all hits.
#include "study_measurement.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/json_text.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/data/safetensors.hpp>
#include <stationhit/metrics/bootstrap.hpp>
#include <stationhit/metrics/ranked_scores.hpp>
#include <stationhit/training/scoring.hpp>

#include "network_scorer.hpp"
#include "permuted_events.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// The scores of a split with the loss of each of its events.
struct ScoredSplit {
  metrics::ScoredSample sample;
  std::vector<double> loss, nodes;  // [n_events] sum over the nodes, number of nodes
};

std::optional<ScoredSplit> score_split(const MeasuredNetwork& measured,
                                       features::LabeledEventStream& events, std::uint64_t limit,
                                       const std::string& label, const core::Observer& observer) {
  const auto progress = observer.start_progress(label, limit);
  const auto& loaded = measured.network;
  ScoredSplit scored;
  const auto append = [&](const training::ScoredEvent& event) {
    metrics::append(scored.sample, event.event.truth, event.hit_scores);
    scored.loss.push_back(
        training::summed_loss(measured.run.training.loss, event, loaded.metadata.pos_weight));
    scored.nodes.push_back(static_cast<double>(event.node_logits.size()));
    progress->update(scored.sample.n_events());
    return scored.sample.n_events() < limit && !observer.stop_requested();
  };
  training::score_events(make_scorer(loaded, measured.split, observer.log()), events, append,
                         measured.run.threads);
  if (observer.stop_requested()) return std::nullopt;
  return scored;
}

// Loss per node; `times(event)` is how often an event counts.
double mean_loss(const ScoredSplit& scored, const auto& times) {
  double loss = 0, nodes = 0;
  for (std::size_t event = 0; event < scored.loss.size(); ++event) {
    loss += times(event) * scored.loss[event];
    nodes += times(event) * scored.nodes[event];
  }
  return loss / nodes;
}

void resample(const ScoredSplit& scored, StudyMeasurement& measurement) {
  const metrics::Replicas replicas = metrics::draw_replicas(scored.sample.n_events());
  measurement[auc_index].replicas =
      metrics::replica_aucs(scored.sample, replicas, measurement[auc_index].value);
  const std::array rules{metrics::ThresholdRule{metrics::reference_working_point, {}}};
  const auto counts = metrics::count_replicas(scored.sample, replicas, rules);
  for (std::uint32_t replica = 0; replica < counts.n_replicas; ++replica) {
    measurement[purity_index].replicas.push_back(counts.kept[replica].hits.purity());
    measurement[loss_index].replicas.push_back(mean_loss(scored, [&](std::size_t event) {
      return static_cast<double>(replicas.weights_of(event)[replica]);
    }));
  }
}

StudyMeasurement quantities_of(const ScoredSplit& scored, bool resampled) {
  const metrics::RankedScores ranked(scored.sample.score, metrics::hit_labels(scored.sample));
  StudyMeasurement measurement;
  measurement[auc_index].value = ranked.auc();
  measurement[purity_index].value = metrics::reference_purity(ranked);
  measurement[loss_index].value = mean_loss(scored, [](std::size_t) { return 1.0; });
  if (resampled) resample(scored, measurement);
  return measurement;
}

std::uint64_t limit_of(const LabeledSplit& split, std::uint64_t events) {
  return events == 0 ? split.n_events() : std::min(events, split.n_events());
}

// What identifies a measurement among those of a checkpoint.
std::string key_of(const MeasuredNetwork& measured, std::uint64_t limit, const std::string& how) {
  return std::to_string(limit) + " events" + (measured.resampled ? ", resampled" : "") + how;
}

void add_to(std::vector<double>& sums, const std::vector<double>& values) {
  sums.resize(values.size());
  std::ranges::transform(sums, values, sums.begin(), std::plus<>());
}

// Adds one of n measurements to their mean.
void add_share(StudyMeasurement& mean, StudyMeasurement one, std::int32_t n) {
  for (std::size_t i = 0; i < mean.size(); ++i) {
    one[i].value /= n;
    for (double& value : one[i].replicas) value /= n;
    mean[i].value = std::isnan(mean[i].value) ? one[i].value : mean[i].value + one[i].value;
    add_to(mean[i].replicas, one[i].replicas);
  }
}

std::vector<std::size_t> columns_of(const std::vector<std::string>& names,
                                    const std::vector<std::string>& of_run) {
  std::vector<std::size_t> columns;
  for (const std::string& name : names)
    columns.push_back(static_cast<std::size_t>(std::ranges::find(of_run, name) - of_run.begin()));
  return columns;
}

json to_json(const StudyMeasurement& measurement) {
  json values = json::array();
  for (const StudyValue& one : measurement) values.push_back({one.value, one.replicas});
  return values;
}

StudyMeasurement from_json(const json& values) {
  StudyMeasurement measurement;
  for (std::size_t i = 0; i < measurement.size(); ++i)
    measurement[i] = {values.at(i).at(0).get<double>(),
                      values.at(i).at(1).get<std::vector<double>>()};
  return measurement;
}

}  // namespace

MeasurementFile::MeasurementFile(const fs::path& run_directory, const fs::path& checkpoint,
                                 const std::string& events_id)
    : path_(run_directory / "measurements.json"),
      checkpoint_(data::SafetensorsFile(checkpoint).checksum()),
      events_(events_id) {
  if (!fs::exists(path_)) return;
  try {
    const auto file =
        core::parse_json_or_discard<json>(core::read_text_file(path_), path_.string());
    if (file.at("checkpoint") != checkpoint_ || file.at("events") != events_) return;
    for (const auto& [what, values] : file.at("measurements").items())
      measurements_[what] = from_json(values);
  } catch (const json::exception&) {
    measurements_.clear();
  } catch (const core::DataError&) {
    measurements_.clear();
  }
}

std::optional<StudyMeasurement> MeasurementFile::find(const std::string& what) const {
  const auto found = measurements_.find(what);
  return found == measurements_.end() ? std::nullopt : std::optional(found->second);
}

void MeasurementFile::add(const std::string& what, StudyMeasurement measurement) {
  measurements_[what] = std::move(measurement);
  write();
}

void MeasurementFile::write() const {
  json measurements = json::object();
  for (const auto& [what, measurement] : measurements_) measurements[what] = to_json(measurement);
  const json file{{"checkpoint", checkpoint_}, {"events", events_}, {"measurements", measurements}};
  core::write_text_file(path_, file.dump(1) + "\n");
}

std::optional<StudyMeasurement> measure(const MeasuredNetwork& measured, std::uint64_t events,
                                        MeasurementFile& file, const core::Observer& observer) {
  const std::uint64_t limit = limit_of(measured.split, events);
  const std::string key = key_of(measured, limit, "");
  if (auto known = file.find(key)) return known;
  const auto stream = measured.split.read_all();
  const auto scored = score_split(measured, *stream, limit, "validation split", observer);
  if (!scored) return std::nullopt;
  StudyMeasurement measurement = quantities_of(*scored, measured.resampled);
  file.add(key, measurement);
  return measurement;
}

std::optional<StudyMeasurement> measure_permuted(const MeasuredNetwork& measured,
                                                 const FeatureSet& set, MeasurementFile& file,
                                                 const core::Observer& observer) {
  const config::StudyConfig& study = measured.run.study;
  const std::uint64_t limit = limit_of(measured.split, study.permuted_events);
  const std::string key = key_of(
      measured, limit,
      ", " + std::to_string(study.permutations) + " permutations of " + core::join(set.features));
  if (auto known = file.find(key)) return known;
  const auto columns = columns_of(set.features, measured.network.metadata.feature_names);
  StudyMeasurement mean;
  for (std::int32_t n = 0; n < study.permutations; ++n) {
    const auto stream = permute_columns(measured.split.read_all(), columns, measured.run.seed,
                                        static_cast<std::uint64_t>(n));
    const auto scored = score_split(measured, *stream, limit, set.label + " permuted", observer);
    if (!scored) return std::nullopt;
    add_share(mean, quantities_of(*scored, measured.resampled), study.permutations);
  }
  file.add(key, mean);
  return mean;
}

}  // namespace stationhit::workflow
