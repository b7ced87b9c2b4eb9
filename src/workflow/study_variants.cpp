// Every variant is a copy of the run with a few other settings. It is checked as a configuration
// that was read from a file is: what contradicts itself is listed with the reason and not trained.
#include <algorithm>
#include <filesystem>
#include <functional>

#include <stationhit/config/load.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/settings.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/workflow/study_variants.hpp>

namespace stationhit::workflow {
namespace {

using architecture::EncodingType;
using config::RunConfig;
using Variants = std::vector<StudyVariant>;

constexpr const char* mlp = "mlp";

// Makes the change. Why that is not possible, on one line; empty: it is.
std::string find_contradiction(StudyVariant& variant,
                               const std::function<void(RunConfig&)>& change) {
  try {
    change(variant.run);
    (void)config::parse_text<RunConfig>(config::dump(variant.run), variant.name);
  } catch (const core::ConfigError& error) {
    std::string reason = error.what();
    const std::string prefix = variant.name + ": ";
    for (std::size_t at = 0; (at = reason.find('\n', at)) != std::string::npos;)
      reason.replace(at, 1, "; ");
    for (std::size_t at = 0; (at = reason.find(prefix, at)) != std::string::npos;)
      reason.erase(at, prefix.size());
    return reason;
  }
  return "";
}

void add(Variants& variants, const std::string& name, const std::string& label,
         const std::function<void(RunConfig&)>& change) {
  StudyVariant variant{name, label, variants.front().run};
  variant.not_possible = find_contradiction(variant, change);
  const graph::GraphConfig &now = variant.run.graph, &base = variants.front().run.graph;
  variant.own_statistics = now.grouping != base.grouping || now.buckets != base.buckets;
  const auto same = std::ranges::find_if(variants, [&](const StudyVariant& other) {
    return other.not_possible.empty() && core::find_differences(other.run, variant.run).empty();
  });
  if (variant.not_possible.empty() && same != variants.end()) variant.same_as = same->name;
  variants.push_back(std::move(variant));
}

// An empty list of encoded features means all of them.
void remove_encoded(std::vector<std::string>& encoded, const std::vector<std::string>& features,
                    const std::string& key) {
  if (encoded.empty()) return;
  std::erase_if(encoded, [&](const auto& name) { return std::ranges::count(features, name) > 0; });
  if (encoded.empty()) throw core::ConfigError(key + " would be empty");
}

void leave_out(RunConfig& run, const std::vector<std::string>& features) {
  const auto remove = [&](std::vector<std::string>& names) {
    std::erase_if(names, [&](const auto& name) { return std::ranges::count(features, name) > 0; });
  };
  architecture::ModelConfig& model = run.model;
  remove(run.features);
  remove(model.edge_features);
  remove(model.first_stage.edge_features);
  remove_encoded(model.encoding.features, features, "model.encoding.features");
  remove_encoded(model.first_stage.encoding.features, features,
                 "model.first_stage.encoding.features");
}

void add_feature_variants(Variants& variants) {
  const RunConfig run = variants.front().run;
  for (const FeatureSet& set : feature_sets(run)) {
    const auto kind =
        set.name.starts_with("group_") ? config::LeftOut::groups : config::LeftOut::features;
    if (std::ranges::count(run.study.leave_out, kind) == 0) continue;
    add(variants, "without_" + set.name, "without " + set.label,
        [&](RunConfig& changed) { leave_out(changed, set.features); });
  }
}

// The network looks at all neighbors that the table has.
void use_k(RunConfig& run, std::int32_t k) {
  run.graph.edges = graph::EdgeKind::knn;
  run.graph.k = k;
  run.model.neighbors = 0;
  run.model.first_stage.neighbors = std::min(run.model.first_stage.neighbors, k);
}

void use_grouping(RunConfig& run, graph::Grouping grouping) {
  run.graph.grouping = grouping;
  if (grouping != graph::Grouping::bucket) run.graph.metric = run.study.wide_metric;
}

void add_graph_variants(Variants& variants) {
  const RunConfig run = variants.front().run;
  if (run.model.architecture == mlp)
    throw core::ConfigError(
        "model.architecture: mlp looks at no neighbors, so all graphs give the same network; set "
        "another architecture");
  for (const std::int32_t k : run.study.k)
    add(variants, "knn_" + std::to_string(k), "k = " + std::to_string(k),
        [&](RunConfig& changed) { use_k(changed, k); });
  for (const double radius : run.study.radii)
    add(variants, "radius_" + core::to_text(radius), "radius " + core::to_text(radius) + " cm",
        [&](RunConfig& changed) {
          changed.graph.edges = graph::EdgeKind::radius;
          changed.graph.radius = radius;
        });
  if (run.study.fully_connected)
    add(variants, "fully_connected", "fully connected",
        [](RunConfig& changed) { changed.graph.edges = graph::EdgeKind::fully_connected; });
  for (const graph::Grouping grouping : run.study.groupings) {
    const std::string name(core::name(grouping));
    add(variants, "grouping_" + name, "grouping " + name,
        [&](RunConfig& changed) { use_grouping(changed, grouping); });
  }
}

bool has_scales(EncodingType type) { return type != EncodingType::none; }
bool has_base(EncodingType type) { return has_scales(type) && type != EncodingType::linear; }

void require_effect(bool effect, EncodingType type, const char* what) {
  if (effect) return;
  throw core::ConfigError("model.encoding.type: " + std::string(core::name(type)) + " has no " +
                          what);
}

void add_types(Variants& variants, const RunConfig& run, EncodingType type) {
  for (const config::Residual residual : run.study.residual) {
    const bool with = residual == config::Residual::with;
    const std::string name(core::name(type));
    add(variants, name + (with ? "" : "_without_residual"),
        name + (with ? "" : " without residual"), [&](RunConfig& changed) {
          changed.model.encoding.type = type;
          changed.model.residual = with;
        });
  }
}

void add_encoding_variants(Variants& variants) {
  const RunConfig run = variants.front().run;
  const EncodingType type = run.model.encoding.type;
  for (const EncodingType other : run.study.encodings) add_types(variants, run, other);
  for (const std::int32_t base : run.study.bases)
    add(variants, "base_" + std::to_string(base), "base " + std::to_string(base),
        [&](RunConfig& changed) {
          require_effect(has_base(type), type, "base");
          changed.model.encoding.base = base;
        });
  for (const std::string& range : run.study.scales)
    add(variants, "scales_" + range, "scales " + range, [&](RunConfig& changed) {
      require_effect(has_scales(type), type, "scales");
      changed.model.encoding.scales = config::scales_of_range(range);
    });
}

void require_new_name(const Variants& variants, const std::string& name, const std::string& file) {
  if (std::ranges::find(variants, name, &StudyVariant::name) == variants.end()) return;
  throw core::ConfigError("study.networks: " + file + " has the name of another variant, " + name +
                          "; rename the file, or take it out");
}

RunConfig load_network_of(const std::string& file) {
  try {
    return config::load<RunConfig>(file, {});
  } catch (const core::ConfigError& error) {
    throw core::ConfigError("study.networks: " + std::string(error.what()));
  }
}

void add_network_variants(Variants& variants) {
  const std::vector<std::string> files = variants.front().run.study.networks;
  if (files.empty())
    throw core::ConfigError(
        "study.networks is empty; list the run configurations whose networks are compared");
  for (const std::string& file : files) {
    const RunConfig other = load_network_of(file);
    const std::string name = std::filesystem::path(file).stem();
    require_new_name(variants, name, file);
    add(variants, name, name, [&](RunConfig& changed) {
      changed.model = other.model;
      changed.graph = other.graph;
    });
  }
}

void add_event_variants(Variants& variants) {
  const std::vector<std::uint64_t> numbers = variants.front().run.study.events;
  for (const std::uint64_t events : numbers)
    add(variants, "events_" + std::to_string(events), std::to_string(events) + " events",
        [&](RunConfig& changed) { changed.training.events = events; });
}

const char* keys_of_study(StudyKind kind) {
  switch (kind) {
    case StudyKind::features:
      return "study.leave_out or study.permutations";
    case StudyKind::graphs:
      return "study.k, study.radii, study.fully_connected or study.groupings";
    case StudyKind::encodings:
      return "study.encodings, study.bases or study.scales";
    case StudyKind::events:
      return "study.events";
    case StudyKind::networks:
      break;
  }
  return "study.networks";
}

void require_something_to_compare(const Variants& variants, StudyKind kind) {
  if (variants.size() > 1) return;
  throw core::ConfigError("the study " + std::string(core::name(kind)) +
                          " has nothing to compare; set " + keys_of_study(kind));
}

Variants list_variants(StudyKind kind, const RunConfig& run) {
  Variants variants{{base_variant, base_variant, run}};
  switch (kind) {
    case StudyKind::features:
      add_feature_variants(variants);
      if (run.study.permutations > 0) return variants;
      break;
    case StudyKind::graphs:
      add_graph_variants(variants);
      break;
    case StudyKind::encodings:
      add_encoding_variants(variants);
      break;
    case StudyKind::networks:
      add_network_variants(variants);
      break;
    case StudyKind::events:
      add_event_variants(variants);
      break;
  }
  require_something_to_compare(variants, kind);
  return variants;
}

}  // namespace

std::vector<FeatureSet> feature_sets(const RunConfig& run) {
  std::vector<FeatureSet> sets;
  config::FeatureGroups::describe(run.study.groups, [&](const char* key, const auto& names,
                                                        const char*) {
    FeatureSet set{"group_" + std::string(key), "group " + std::string(key), {}};
    std::ranges::replace(set.label, '_', ' ');
    std::ranges::copy_if(run.features, std::back_inserter(set.features),
                         [&](const std::string& name) { return std::ranges::count(names, name); });
    if (!set.features.empty()) sets.push_back(std::move(set));
  });
  for (const std::string& name : run.features) sets.push_back({name, name, {name}});
  return sets;
}

std::vector<StudyVariant> make_study_variants(StudyKind kind, const RunConfig& run,
                                              const std::filesystem::path& config_file) {
  try {
    return list_variants(kind, run);
  } catch (const core::ConfigError& error) {
    const std::string where = config_file.empty() ? "built-in defaults" : config_file.string();
    throw core::ConfigError(where + ": " + error.what());
  }
}

}  // namespace stationhit::workflow
