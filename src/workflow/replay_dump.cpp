// One event at a time on one thread, as a trigger does it: a dump can be larger than the memory.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/input_files.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/inference/dumped_inputs.hpp>
#include <stationhit/inference/event_dump.hpp>
#include <stationhit/inference/load_warnings.hpp>
#include <stationhit/workflow/replay_dump.hpp>

#include "load_model.hpp"

namespace stationhit::workflow {
namespace {

using inference::DumpedEvent;
using inference::HitClassifier;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

void require_output(const ReplayOptions& options) {
  if (options.output.empty()) return;
  std::vector<std::filesystem::path> inputs{options.model, options.dump};
  if (!options.reference.empty()) inputs.push_back(options.reference);
  core::require_no_input(options.output, inputs);
  core::require_output_file(options.output);
  core::require_same_kind(options.output, core::FileKind::event_dump);
}

void require_model(const DumpedEvent& event, const ReplayOptions& options, const std::string& hash,
                   const std::string& where) {
  if (event.model_hash == hash || options.other_model == OtherModel::accept) return;
  throw core::DataError(
      where + ": the scores are of a model with XXH3 " + event.model_hash + ", " +
      options.model.string() + " has " + hash +
      "; give the model of the dump, or compare with this one with --other-model");
}

ReplayedNode describe(const DumpedEvent& event, std::size_t node, float score,
                      const std::string& where) {
  return {place_of(event, where) + ", node " + std::to_string(node), event.scores[node], score};
}

void compare(const DumpedEvent& event, const std::vector<float>& scores,
             const ReplayOptions& options, const std::string& where, ReplayResult& result) {
  for (std::size_t node = 0; node < scores.size(); ++node) {
    const double before = result.difference.largest_relative;
    result.difference.add(double{scores[node]}, double{event.scores[node]});
    if (result.difference.largest_relative > before)
      result.largest = describe(event, node, scores[node], where);
    if ((scores[node] > event.cut) == (event.kept[node] != 0)) continue;
    ++result.changed;
    if (!result.first_changed) result.first_changed = describe(event, node, scores[node], where);
    const double distance = std::abs(double{scores[node]} - double{event.cut});
    if (distance > options.tolerance * metrics::difference_unit(event.cut))
      ++result.changed_far_from_cut;
  }
  ++result.difference.events;
}

void rescore(DumpedEvent& event, const std::vector<float>& scores, const std::string& hash) {
  event.model_hash = hash;
  event.scores = scores;
  for (std::size_t node = 0; node < scores.size(); ++node)
    event.kept[node] = scores[node] > event.cut ? 1 : 0;
}

class Replay {
 public:
  Replay(const ReplayOptions& options, const HitClassifier& classifier, ReplayResult& result)
      : options_(options), classifier_(classifier), result_(result) {}

  // The new scores.
  std::vector<float> score(const DumpedEvent& event, const std::string& where) {
    auto start = Clock::now();
    const inference::PreparedEvents prepared = inference::prepare_dumped(classifier_, event, where);
    preparation_.push_back(milliseconds_since(start));
    std::vector<float> scores;
    for (std::size_t call = 0; call < options_.repetitions; ++call) {
      start = Clock::now();
      scores = inference::tool_scores(classifier_, prepared);
      network_.push_back(milliseconds_since(start));
    }
    ++result_.events;
    result_.nodes += event.n_nodes();
    result_.edges += event.edge_sources.size();
    for (const float one : scores) result_.kept += one > event.cut ? 1 : 0;
    return scores;
  }

  void finish() {
    result_.preparation = inference::percentiles(preparation_);
    result_.network = inference::percentiles(network_);
  }

 private:
  const ReplayOptions& options_;
  const HitClassifier& classifier_;
  ReplayResult& result_;
  std::vector<double> preparation_, network_;  // ms
};

// Where the graph is fully connected, tools give one direction or both.
std::optional<DumpReference> open_reference(const ReplayOptions& options,
                                            const HitClassifier& classifier) {
  if (options.reference.empty()) return std::nullopt;
  const bool directed = graph::has_table(classifier.model().graph());
  return std::make_optional<DumpReference>(
      options.reference, directed ? EdgeDirection::matters : EdgeDirection::is_ignored,
      options.tolerance);
}

}  // namespace

ReplayResult replay_dump(const ReplayOptions& options, const core::Observer& observer) {
  core::require_input_file(options.dump);
  require_output(options);
  const HitClassifier classifier = load_model(
      options.model, {options.backend, options.precision, {.changed_model = options.changed_model}},
      observer.log());
  ReplayResult result;
  result.model_hash = inference::hash_model_file(options.model);
  result.backend = core::name(classifier.model().backend());
  result.precision = inference::precision_of(classifier.model());
  inference::EventDumpReader reader(options.dump);
  std::optional<inference::EventDumpWriter> output;
  if (!options.output.empty()) output.emplace(options.output);
  std::optional<DumpReference> reference = open_reference(options, classifier);
  Replay replay(options, classifier, result);
  DumpedEvent event;
  while (result.events < options.events && reader.next(event)) {
    const std::string where = reader.where();
    require_model(event, options, result.model_hash, where);
    if (reference) reference->compare(event, where);
    const std::vector<float> scores = replay.score(event, where);
    if (options.comparison == DumpComparison::compare)
      compare(event, scores, options, where, result);
    if (output) {
      rescore(event, scores, result.model_hash);
      output->write(event);
    }
    if (observer.stop_requested()) {
      result.stopped = true;
      return result;
    }
  }
  if (result.events == 0)
    throw core::DataError(options.dump.string() + ": has no events; make the dump again");
  replay.finish();
  if (reference) result.inputs = reference->result();
  if (output) output->close();
  return result;
}

}  // namespace stationhit::workflow
