#include <algorithm>

#include <stationhit/architecture/cost.hpp>
#include <stationhit/architecture/drawing.hpp>
#include <stationhit/architecture/size_text.hpp>
#include <stationhit/config/load.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/output_target.hpp>

#include "description_text.hpp"

namespace stationhit::app {
namespace {

// The event for which work is stated: 220 buckets of 31 hits, every hit with k neighbors or, fully
// connected, with all hits of its bucket.
constexpr std::uint64_t n_buckets = 220, bucket_hits = 31, n_hits = n_buckets * bucket_hits;

architecture::EventSize reference_event(const architecture::NetworkDescription& network,
                                        const graph::GraphConfig& config) {
  architecture::EventSize event{n_hits, {}};
  for (const architecture::GraphDescription& described : network.graphs) {
    const std::int64_t columns = described.columns > 0 ? described.columns : config.k;
    const auto neighbors =
        graph::has_table(config)
            ? std::min<std::uint64_t>(static_cast<std::uint64_t>(columns), bucket_hits - 1)
            : bucket_hits;
    const std::uint64_t rows = architecture::count_rows(network, described.rows, event);
    event.graphs[described.name] = {rows * neighbors, rows * bucket_hits, n_buckets};
  }
  return event;
}

architecture::DrawingLabels labels_of(const config::RunConfig& run) {
  return {std::to_string(run.features.size()) + " numbers per hit, " +
              std::string(core::name(run.graph.edges)) + " graph in every " +
              std::string(core::name(run.graph.grouping)),
          "one per hit; " + std::string(run.model.residual ? "every block adds to its input"
                                                           : "no residual sums")};
}

}  // namespace

std::string describe_network(const config::RunConfig& run) {
  const auto network = architecture::describe_network(run.model, run.features);
  return "\n" + architecture::stage_table(network, reference_event(network, run.graph)) +
         "MFLOP: matrix products and attention of one event of " + std::to_string(n_hits) +
         " hits in " + std::to_string(n_buckets) + " buckets, as the networks run here\n";
}

std::string draw_network(const std::filesystem::path& config_file,
                         const std::filesystem::path& svg) {
  core::require_no_input(svg, {config_file});
  core::require_same_kind(svg, core::FileKind::svg);
  const auto run = config::load<config::RunConfig>(config_file, {});
  core::write_text_file(
      svg, architecture::draw_network(architecture::describe_network(run.model, run.features),
                                      labels_of(run)));
  return "wrote " + svg.string() + "\n";
}

}  // namespace stationhit::app
