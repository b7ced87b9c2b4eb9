// The features are computed one after another into a column, by the functions of the registry, and
// then interleaved into the table of rows that the network reads, a few rows at a time, so that a
// row is complete before it leaves the cache. What several features share
// (neighbor counts, densities) is computed once, in the context.
#include <algorithm>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>

#include "feature_builder.hpp"

namespace stationhit::features {
namespace {

constexpr std::size_t unknown = static_cast<std::size_t>(-1);

std::size_t place_of(const std::string& name) {
  const auto infos = known_features();
  const auto found = std::find_if(infos.begin(), infos.end(),
                                  [&](const FeatureInfo& info) { return info.name == name; });
  return found == infos.end() ? unknown : static_cast<std::size_t>(found - infos.begin());
}

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const FeatureInfo& info : known_features()) names.push_back(info.name);
  return names;
}

[[noreturn]] void fail_unknown(const std::string& name) {
  const std::vector<std::string> names = all_names();
  const std::string close = core::nearest(name, names);
  throw core::ConfigError("unknown feature \"" + name + "\"" +
                          (close.empty() ? "" : " (did you mean " + close + "?)") +
                          "; known: " + core::join(names));
}

}  // namespace

void check_feature_names(std::span<const std::string> names) {
  if (names.empty())
    throw core::ConfigError("the list of features is empty, give one or more of: " +
                            core::join(all_names()));
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (place_of(*name) == unknown) fail_unknown(*name);
    if (std::find(names.begin(), name, *name) != name)
      throw core::ConfigError("the feature " + *name + " is listed twice, list each once");
  }
}

FeatureBuilder::FeatureBuilder(std::span<const std::string> names)
    : names_(names.begin(), names.end()) {
  check_feature_names(names);
  for (const std::string& name : names_) functions_.push_back(feature_functions()[place_of(name)]);
}

void FeatureBuilder::build(const core::EventColumns& event, const graph::NodeTable& nodes,
                           FeatureTable& table) {
  constexpr std::size_t rows_at_once = 64;
  const std::size_t n = nodes.size(), n_features = names_.size();
  columns_.resize(n * n_features);
  context_.begin(event, nodes);
  for (std::size_t f = 0; f < n_features; ++f)
    functions_[f](context_, std::span(columns_).subspan(f * n, n));
  if (table.names != names_) table.names = names_;
  table.values.resize(n * n_features);
  for (std::size_t first = 0; first < n; first += rows_at_once) {
    const std::size_t last = std::min(first + rows_at_once, n);
    for (std::size_t f = 0; f < n_features; ++f) {
      for (std::size_t i = first; i < last; ++i)
        table.values[i * n_features + f] = columns_[f * n + i];
    }
  }
}

FeatureTable compute_features(const core::Event& event, const graph::NodeTable& nodes,
                              std::span<const std::string> names) {
  FeatureTable table;
  FeatureBuilder(names).build(event, nodes, table);
  return table;
}

}  // namespace stationhit::features
