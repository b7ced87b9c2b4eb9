// Every kind of input is a stream of labeled events. Some are made at a time by all threads and
// counted in their order.
#include <algorithm>
#include <memory>
#include <numeric>

#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/missing_columns.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/data/prepared_split.hpp>
#include <stationhit/features/needed_branches.hpp>
#include <stationhit/materialized/materialized_split.hpp>
#include <stationhit/plots/figure.hpp>
#include <stationhit/simulation/simulator.hpp>
#include <stationhit/workflow/event_input.hpp>
#include <stationhit/workflow/overview_figures.hpp>
#include <stationhit/workflow/overview_sample.hpp>
#include <stationhit/workflow/plot_overview.hpp>
#include <stationhit/workflow/root_formats.hpp>

#include "required_branches.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

// What is drawn, whatever it is read from.
struct OverviewInput {
  std::unique_ptr<data::PreparedSplit> split;  // the stream refers to it
  std::unique_ptr<features::LabeledEventStream> events;
  core::SampleInfo sample;
};

// Nodes and features are drawn, neighbors are not.
graph::GraphConfig make_graph() {
  graph::GraphConfig graph;
  graph.edges = graph::EdgeKind::fully_connected;
  return graph;
}

// The features that can be computed from the branches that all files have.
std::vector<std::string> find_features(const std::vector<data::MissingBranches>& missing) {
  const graph::GraphConfig graph = make_graph();
  std::vector<std::string> names;
  for (const features::FeatureInfo& info : features::known_features()) {
    const std::vector<std::string> name{info.name};
    const bool is_missing = std::ranges::any_of(missing, [&](const data::MissingBranches& file) {
      return features::find_missing_input(name, graph, file.branches).has_value();
    });
    if (!is_missing) names.push_back(info.name);
  }
  return names;
}

// Inputs without the columns of buckets and of the ends of the tubes have no node of any kind.
std::vector<std::string> require_features(const fs::path& input,
                                          const std::vector<data::MissingBranches>& missing) {
  std::vector<std::string> names = find_features(missing);
  if (names.empty())
    throw core::DataError(input.string() +
                          ": has neither bucket_spacePoints nor spacePoint_globEdge*, from which "
                          "buckets are made; give files that have one of them");
  return names;
}

// By these the figures tell hits apart and say where they are.
void require_columns(const fs::path& input, const std::vector<data::MissingBranches>& missing) {
  for (const data::MissingBranches& file : missing)
    for (const std::string name : {"spacePoint_technology", core::whole_events})
      if (std::ranges::find(file.branches, name) != file.branches.end())
        throw core::DataError(input.string() + ": has no " + name_missing(name) +
                              ", which the figures show; give the MuonHitDump of the events");
}

OverviewInput open_materialized(const fs::path& input) {
  const materialized::MaterializedSplit split(input);
  std::vector<std::size_t> parts(split.n_parts());
  std::iota(parts.begin(), parts.end(), std::size_t{0});
  return {.split = {}, .events = split.read(parts), .sample = split.manifest().sample};
}

OverviewInput open_events(const fs::path& input, const NtupleAccess& access) {
  OverviewInput result;
  const auto missing = read_missing_branches(input, access);
  require_columns(input, missing);
  std::unique_ptr<core::EventReader> reader;
  if (fs::is_directory(input)) {
    result.split = std::make_unique<data::PreparedSplit>(data::open_split(input));
    reader = data::read_split(*result.split, open_shard);
  } else {
    reader = open_ntuple_to_score(input, access.tree, TruthReading::if_there, access.unfinished);
  }
  result.sample = read_sample_info(input, access);
  result.events =
      features::label_events(std::move(reader), make_graph(), require_features(input, missing));
  return result;
}

// False: stopped.
bool count_events(features::LabeledEventStream& events, const OverviewOptions& options,
                  const core::Observer& observer, OverviewSample& sample) {
  const unsigned threads = core::resolve_threads(options.threads);
  const std::uint64_t n = std::min(options.max_events, events.size().value_or(options.max_events));
  const auto progress = observer.start_progress("events", n);
  for (std::uint64_t done = 0; done < n;) {
    std::vector<features::LabeledEventStream::Job> jobs;
    while (jobs.size() < threads && done + jobs.size() < n) {
      auto job = events.next();
      if (!job) break;
      jobs.push_back(std::move(*job));
    }
    if (jobs.empty()) break;
    std::vector<features::LabeledEvent> made(jobs.size());
    core::parallel_for(jobs.size(), threads, [&](std::size_t i) { made[i] = jobs[i](); });
    for (features::LabeledEvent& event : made) sample.add(std::move(event));
    progress->update(done += jobs.size());
    if (observer.stop_requested()) return false;
  }
  sample.finish();
  return true;
}

}  // namespace

std::vector<fs::path> plot_overview(const fs::path& input, const fs::path& folder,
                                    const OverviewOptions& options,
                                    const core::Observer& observer) {
  core::require_output_folder(folder);
  const NtupleAccess access{options.tree, options.unfinished};
  const bool is_materialized = materialized::is_materialized_split(input);
  if (!is_materialized) warn_of_unfinished(input, access, observer.log());
  const OverviewInput data =
      is_materialized ? open_materialized(input) : open_events(input, access);
  OverviewSample sample;
  if (!count_events(*data.events, options, observer, sample)) {
    observer.log().warning("stopped: no figure is drawn");
    return {};
  }
  if (sample.events() == 0)
    throw core::DataError(input.string() + ": has no events; give another input");
  const core::DirectoryLock lock(folder, observer.log());
  const plots::Style style =
      plots::style_of(label_for_figures(data.sample), std::to_string(sample.events()) + " events");
  std::vector<fs::path> drawn;
  for (const plots::Figure& figure :
       make_overview_figures(sample, simulation::process_names(data.sample))) {
    if (observer.stop_requested()) break;
    plots::write_figure(figure, style, folder);
    drawn.push_back(folder / figure.stem);
  }
  return drawn;
}

}  // namespace stationhit::workflow
