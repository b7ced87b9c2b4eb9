// Rows are compared in the order of both dumps. Where that shows a difference, sorting tells
// whether the same rows stand in another order; then the edges are compared by what rows they join.
#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <span>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/metrics/logit_difference.hpp>
#include <stationhit/workflow/dump_reference.hpp>

namespace stationhit::workflow {
namespace {

using inference::DumpedEvent;
using Edge = std::pair<std::int64_t, std::int64_t>;
using Edges = std::vector<Edge>;
using NodeMap = std::vector<std::size_t>;     // [N] nodes in some order
using NodeNames = std::vector<std::int64_t>;  // [N]; empty: every node has its own number

std::string describe(const DumpedEvent& event) {
  return "run " + std::to_string(event.run_number) + ", event " +
         std::to_string(event.event_number);
}

std::span<const float> row(const DumpedEvent& event, std::size_t node) {
  const std::size_t width = event.feature_names.size();
  return std::span(event.features).subspan(node * width, width);
}

NodeMap sorted_nodes(const DumpedEvent& event) {
  NodeMap nodes(event.n_nodes());
  std::iota(nodes.begin(), nodes.end(), std::size_t{0});
  std::stable_sort(nodes.begin(), nodes.end(), [&](std::size_t a, std::size_t b) {
    return std::ranges::lexicographical_compare(row(event, a), row(event, b));
  });
  return nodes;
}

// The same name for nodes with equal rows, that of the first one in the reference: nothing else
// tells them apart there. Nothing where the rows are other ones.
std::optional<std::pair<NodeNames, NodeNames>> names_by_rows(const DumpedEvent& event,
                                                             const DumpedEvent& reference) {
  const NodeMap from = sorted_nodes(event), to = sorted_nodes(reference);
  NodeNames names(from.size()), reference_names(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (!std::ranges::equal(row(event, from[i]), row(reference, to[i]))) return std::nullopt;
    const bool same = i > 0 && std::ranges::equal(row(reference, to[i - 1]), row(reference, to[i]));
    const std::int64_t name = same ? reference_names[to[i - 1]] : static_cast<std::int64_t>(to[i]);
    names[from[i]] = reference_names[to[i]] = name;
  }
  return std::pair(std::move(names), std::move(reference_names));
}

// By the names of the nodes, sorted. An edge that is there twice counts twice, unless it is the
// same one in both directions.
Edges edges_of(const DumpedEvent& event, const NodeNames& names, EdgeDirection direction) {
  Edges edges;
  edges.reserve(event.edge_sources.size());
  for (std::size_t i = 0; i < event.edge_sources.size(); ++i) {
    const Edge edge{event.edge_sources[i], event.edge_destinations[i]};
    edges.push_back(
        direction == EdgeDirection::matters ? edge : Edge(std::minmax(edge.first, edge.second)));
  }
  std::sort(edges.begin(), edges.end());
  if (direction == EdgeDirection::is_ignored)
    edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  if (names.empty()) return edges;
  const auto name = [&](std::int64_t node) { return names[static_cast<std::size_t>(node)]; };
  for (auto& [from, to] : edges) {
    from = name(from);
    to = name(to);
    if (direction == EdgeDirection::is_ignored && from > to) std::swap(from, to);
  }
  std::sort(edges.begin(), edges.end());
  return edges;
}

// The edges of a that b lacks.
Edges missing_edges(const Edges& a, const Edges& b) {
  Edges missing;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(missing));
  return missing;
}

}  // namespace

std::string place_of(const DumpedEvent& event, const std::string& where) {
  return where + ", event " + std::to_string(event.event_number);
}

bool InputComparison::agrees() const {
  return other_counts == 0 && missing_edges == 0 && additional_edges == 0 &&
         std::ranges::all_of(features, [](const FeatureDifference& one) { return one.nodes == 0; });
}

void DumpReference::find(const DumpedEvent& event, const std::string& where) {
  while (reader_.next(reference_)) {
    if (reference_.run_number != event.run_number || reference_.event_number != event.event_number)
      continue;
    if (reference_.feature_names == event.feature_names) return;
    throw core::DataError(reader_.where() + ": feature_names are " +
                          core::join(reference_.feature_names) + ", those of " + where + " are " +
                          core::join(event.feature_names) + "; make both dumps with one model");
  }
  throw core::DataError(where + ": " + describe(event) + " does not follow in " + path_.string() +
                        "; make both dumps of the same events, in the same order");
}

void DumpReference::compare_features(const DumpedEvent& event, const std::string& where) {
  for (std::size_t node = 0; node < event.n_nodes(); ++node) {
    const auto values = row(event, node), expected = row(reference_, node);
    for (std::size_t f = 0; f < values.size(); ++f) {
      if (values[f] == expected[f]) continue;
      FeatureDifference& feature = result_.features[f];
      const double difference =
          std::abs(double{values[f]} - double{expected[f]}) / metrics::difference_unit(expected[f]);
      feature.nodes += difference > tolerance_ ? 1 : 0;
      if (difference <= feature.largest) continue;
      feature = {feature.nodes, difference,
                 place_of(event, where) + ", node " + std::to_string(node), values[f], expected[f]};
    }
  }
}

void DumpReference::compare_edges(const DumpedEvent& event, const NodeNames& names,
                                  const NodeNames& reference_names, const std::string& where) {
  const Edges found = edges_of(event, names, direction_),
              expected = edges_of(reference_, reference_names, direction_);
  const Edges missing = missing_edges(expected, found), additional = missing_edges(found, expected);
  result_.missing_edges += missing.size();
  result_.additional_edges += additional.size();
  if (!result_.first_other_edge.empty() || missing.size() + additional.size() == 0) return;
  const auto [from, to] = missing.empty() ? additional.front() : missing.front();
  result_.first_other_edge = place_of(event, where) +
                             (missing.empty() ? " has an edge that " : " lacks the edge of ") +
                             reader_.where() + (missing.empty() ? " lacks," : "") + " from node " +
                             std::to_string(from) + " to " + std::to_string(to) + " there";
}

void DumpReference::compare(const DumpedEvent& event, const std::string& where) {
  find(event, where);
  if (result_.features.empty()) {
    result_.feature_names = event.feature_names;
    result_.features.resize(event.feature_names.size());
  }
  ++result_.events;
  if (event.n_nodes() != reference_.n_nodes()) {
    if (result_.other_counts++ == 0) {
      result_.first_other_count = place_of(event, where) + " has " +
                                  std::to_string(event.n_nodes()) + " nodes, " + reader_.where() +
                                  " has " + std::to_string(reference_.n_nodes());
    }
    return;
  }
  result_.nodes += event.n_nodes();
  const auto by_rows =
      event.features == reference_.features ? std::nullopt : names_by_rows(event, reference_);
  if (by_rows) {
    ++result_.reordered_events;
    return compare_edges(event, by_rows->first, by_rows->second, where);
  }
  compare_features(event, where);
  compare_edges(event, {}, {}, where);
}

}  // namespace stationhit::workflow
