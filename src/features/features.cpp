// The features are computed one after another into a column, by the functions of the registry, and
// then interleaved into the table of rows that the network reads. What several features share
// (neighbor counts, densities) is computed once, in the context.
#include <algorithm>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/features/features.hpp>

#include "registry.hpp"

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

FeatureTable compute_features(const core::Event& event, const graph::NodeTable& nodes,
                              std::span<const std::string> names) {
  check_feature_names(names);
  FeatureTable table{{names.begin(), names.end()}, std::vector<float>(nodes.size() * names.size())};
  NodeContext context(event, nodes);
  std::vector<float> values(nodes.size());
  for (std::size_t f = 0; f < names.size(); ++f) {
    feature_functions()[place_of(names[f])](context, values);
    for (std::size_t i = 0; i < values.size(); ++i) table.values[i * names.size() + f] = values[i];
  }
  return table;
}

}  // namespace stationhit::features
