// Some events are read ahead, scored on all threads and handed on in their order. The writer gives
// its file the name at the very end, so that a call that is stopped leaves none.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/event_truth.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/core/technology.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/data/implausible_values.hpp>
#include <stationhit/inference/dumped_inputs.hpp>
#include <stationhit/inference/event_dump.hpp>
#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/metrics/hit_pairs.hpp>
#include <stationhit/metrics/working_points.hpp>
#include <stationhit/workflow/model_inputs.hpp>
#include <stationhit/workflow/score_ntuple.hpp>

#include "load_model.hpp"
#include "required_branches.hpp"
#include "scored_output.hpp"

namespace stationhit::workflow {
namespace {

using inference::HitClassifier;

std::optional<root_io::ScoreCut> find_cut(const HitClassifier& classifier,
                                          const ScoringOptions& options) {
  if (options.cut && !std::isfinite(*options.cut))
    throw core::UsageError("--cut: expected a finite logit, found " + core::to_text(*options.cut));
  if (options.cut) return root_io::ScoreCut{*options.cut, "", options.mode};
  const bool needed = options.mode == root_io::ScoredMode::filter ||
                      !options.working_point.empty() || options.event_dump;
  const auto& thresholds = classifier.model().metadata().thresholds;
  if (!needed && thresholds.empty()) return std::nullopt;
  const double reference = metrics::reference_point_of(metrics::working_points_of(thresholds));
  const std::string point =
      options.working_point.empty() ? core::to_text(reference) : options.working_point;
  return root_io::ScoreCut{classifier.threshold(point), point, options.mode};
}

void require_event(const InputDump& dump, const std::filesystem::path& input,
                   std::uint64_t n_events) {
  if (dump.event < n_events) return;
  throw core::UsageError("--dump-event " + std::to_string(dump.event) + ": " + input.string() +
                         " has " + std::to_string(n_events) +
                         " events, counted from 0; no output is kept");
}

std::vector<std::uint8_t> above(const std::vector<float>& scores, float cut) {
  std::vector<std::uint8_t> keep(scores.size());
  std::transform(scores.begin(), scores.end(), keep.begin(),
                 [cut](float score) { return score > cut ? std::uint8_t{1} : std::uint8_t{0}; });
  return keep;
}

struct ScoredHits {
  std::vector<float> scores;
  std::uint64_t pairs = 0, pairs_kept = 0;  // with a cut only
};

ScoredHits score_hits(const HitClassifier& classifier, const core::Event& event,
                      const std::optional<float>& cut) {
  ScoredHits result{.scores = classifier.scores(event)};
  if (!cut) return result;
  metrics::ScoredSample sample;
  metrics::append(sample, core::truth_of(event), result.scores);
  const std::vector<std::uint64_t> pairs = metrics::count_hit_pairs(sample, 0, {&*cut, 1});
  result.pairs = pairs[0];
  result.pairs_kept = pairs[1];
  return result;
}

void count(ScoringResult& result, const core::Event& event, const ScoredHits& scored) {
  const std::vector<float>& scores = scored.scores;
  const auto bad = core::non_finite_hits(event.hits);
  ++result.events;
  result.hits += event.hits.size();
  result.non_finite += std::accumulate(bad.begin(), bad.end(), std::uint64_t{0});
  result.unknown_stations += static_cast<std::uint64_t>(std::ranges::count_if(
      event.hits.station_index, [](std::uint8_t code) { return !core::find_station(code); }));
  for (std::size_t hit = 0; hit < scores.size(); ++hit)
    result.no_logit += bad[hit] == 0 && scores[hit] == graph::score_without_node ? 1 : 0;
  if (!result.cut) return;
  result.pairs += scored.pairs;
  result.pairs_kept += scored.pairs_kept;
  result.kept += static_cast<std::uint64_t>(std::count_if(
      scores.begin(), scores.end(), [&](float score) { return score > *result.cut; }));
}

std::size_t fill(std::vector<core::Event>& events, core::EventReader& reader) {
  std::size_t n = 0;
  while (n < events.size() && reader.next(events[n])) ++n;
  return n;
}

using ScoreSink = std::function<void(const core::Event&, const ScoredHits&)>;

// Gives all events and their scores in the order of the reader. False: stopped.
bool score_all(const HitClassifier& classifier, const std::optional<float>& cut,
               core::EventReader& reader, unsigned threads, const core::Observer& observer,
               const ScoreSink& sink) {
  constexpr std::size_t events_ahead = 4;  // per thread
  std::vector<core::Event> events(events_ahead * threads);
  std::vector<ScoredHits> scored(events.size());
  const auto progress = observer.start_progress("infer", reader.size().value_or(0));
  std::uint64_t done = 0;
  while (const std::size_t n = fill(events, reader)) {
    core::parallel_for(n, threads,
                       [&](std::size_t i) { scored[i] = score_hits(classifier, events[i], cut); });
    for (std::size_t i = 0; i < n; ++i) sink(events[i], scored[i]);
    progress->update(done += n);
    if (observer.stop_requested()) return false;
  }
  return true;
}

void warn_of_missing_logits(const ScoringResult& result, const ScoringOptions& options,
                            const core::Logger& log) {
  if (result.no_logit == 0) return;
  log.warning(options.model.string() + " gives no finite logit for " +
              std::to_string(result.no_logit) + " of " + std::to_string(result.hits) +
              " hits: they count as " + core::to_text(graph::score_without_node) +
              " and pass no cut; check the model");
}

// So does a first stage whose threshold is too high: nothing else would show it.
void warn_of_empty_cut(const ScoringResult& result, const ScoringOptions& options,
                       const core::Logger& log) {
  if (!result.cut || result.kept > 0 || result.hits == 0) return;
  log.warning(options.model.string() + " gives none of " + std::to_string(result.hits) +
              " hits a logit above the cut " + core::to_text(*result.cut) +
              "; check the cut, whether the hits are like those of the training, and the model");
}

// Networks see the code as a number, so such hits get scores like all others.
void warn_of_unknown_stations(const ScoringResult& result, const ScoringOptions& options,
                              const core::Logger& log) {
  if (result.unknown_stations == 0) return;
  log.warning(options.input.string() + ": " + std::to_string(result.unknown_stations) + " of " +
              std::to_string(result.hits) +
              " hits have a spacePoint_stationIndex that stationhit does not know; their scores "
              "mean something only if the training sample had such hits");
}

// A file of that name is replaced if it is the result of an earlier call.
void require_scored_ntuple(const std::filesystem::path& output) {
  if (!std::filesystem::exists(output) || std::filesystem::is_empty(output)) return;
  core::require_same_kind(output, core::FileKind::root);
  if (root_io::has_scores(output)) return;
  throw core::DataError(output.string() +
                        ": is there already and has no scores, so it is kept; choose another "
                        "output or remove it");
}

// A file that is written beside the output.
struct SideFile {
  std::filesystem::path file;
  core::FileKind kind;
  const char* option;
};

void require_outputs(const ScoringOptions& options) {
  std::vector<SideFile> side_files;
  if (options.dump)
    side_files.push_back({options.dump->file, core::FileKind::safetensors, "--dump-inputs"});
  if (options.event_dump)
    side_files.push_back({options.event_dump->file, core::FileKind::event_dump, "--dump-events"});
  std::vector<std::filesystem::path> outputs{options.output};
  for (const SideFile& side : side_files) outputs.push_back(side.file);
  for (const auto& output : outputs) {
    core::require_no_input(output, {options.model, options.input});
    core::require_output_file(output);
  }
  require_scored_ntuple(options.output);
  std::vector<std::filesystem::path> taken{core::resolve_output(options.output)};
  for (const SideFile& side : side_files) {
    core::require_same_kind(side.file, side.kind);
    const auto place = core::resolve_output(side.file);
    if (std::ranges::find(taken, place) != taken.end())
      throw core::UsageError(std::string(side.option) + ": " + side.file.string() +
                             " is the file of another output; give another name");
    taken.push_back(place);
  }
}

// The first events as JSON lines, where that is asked for.
class DumpedEvents {
 public:
  DumpedEvents(const ScoringOptions& options, const HitClassifier& classifier,
               const std::optional<float>& cut)
      : classifier_(classifier) {
    if (!options.event_dump) return;
    most_ = options.event_dump->events;
    cut_ = cut.value();
    model_hash_ = inference::hash_model_file(options.model);
    writer_.emplace(options.event_dump->file);
  }

  void write(std::uint64_t entry, const core::Event& event) {
    if (writer_ && entry < most_)
      writer_->write(inference::dump_event(classifier_, event, model_hash_, cut_));
  }
  void close() {
    if (writer_) writer_->close();
  }

 private:
  const HitClassifier& classifier_;
  std::uint64_t most_ = 0;
  float cut_ = 0;
  std::string model_hash_;
  std::optional<inference::EventDumpWriter> writer_;
};

// What the file takes as inputs is what ONNX Runtime gets.
inference::LoadOptions load_options(const ScoringOptions& options) {
  using inference::BackendChoice;
  inference::LoadOptions load{
      options.backend, options.precision, {.changed_model = options.changed_model}};
  if (!options.dump) return load;
  const auto refuse = [](const std::string& option) {
    throw core::UsageError("--dump-inputs shows what ONNX Runtime gets; take " + option + " out");
  };
  if (options.backend == BackendChoice::engine) refuse("--backend engine");
  if (options.precision != inference::Precision::float32)
    refuse("--precision " + std::string(core::name(options.precision)));
  load.backend = BackendChoice::onnxruntime;
  return load;
}

}  // namespace

ScoringResult score_ntuple(const ScoringOptions& options, const core::Observer& observer) {
  require_outputs(options);
  const unsigned threads = core::resolve_threads(options.threads);
  const HitClassifier classifier = load_model(options.model, load_options(options), observer.log());
  ScoringResult result;
  const std::optional<root_io::ScoreCut> cut = find_cut(classifier, options);
  if (cut) result.cut = cut->logit;
  const ScoringInput input(options, observer.log());
  require_branches(options.input, input.missing_branches(),
                   classifier.model().metadata().feature_names, classifier.model().graph());
  if (options.dump) require_event(*options.dump, options.input, input.events().size().value());
  result.stopped = observer.stop_requested();
  if (result.stopped) return result;
  ScoredOutput output(options, input, observer.log());
  if (cut) output.record_cut(*cut);
  DumpedEvents dump(options, classifier, result.cut);
  const bool filter = options.mode == root_io::ScoredMode::filter;
  data::ImplausibleCounts implausible;
  const auto start = std::chrono::steady_clock::now();
  const auto take = [&](const core::Event& event, const ScoredHits& scored) {
    const std::uint64_t entry = result.events;
    if (options.dump && entry == options.dump->event)
      write_model_inputs(classifier, event, options.dump->file);
    dump.write(entry, event);
    count(result, event, scored);
    data::add_implausible(event, implausible);
    output.write(entry, event, scored.scores,
                 filter ? above(scored.scores, *result.cut) : std::vector<std::uint8_t>());
  };
  result.stopped = !score_all(classifier, result.cut, input.events(), threads, observer, take);
  if (result.stopped) return result;
  output.close();
  dump.close();
  warn_of_missing_logits(result, options, observer.log());
  warn_of_empty_cut(result, options, observer.log());
  warn_of_unknown_stations(result, options, observer.log());
  data::warn_of_implausible(implausible, options.input.string(), observer.log());
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  result.seconds = elapsed.count();
  return result;
}

}  // namespace stationhit::workflow
