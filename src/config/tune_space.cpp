// Every value of a parameter goes through the parser of run configurations, as --set would bring it
// there: the space has no rules of its own about keys and values. Only what a search adds (ranges,
// steps, which settings stay) is checked here.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <utility>

#include <stationhit/config/settings_without_effect.hpp>
#include <stationhit/config/tune_space.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/key_path.hpp>
#include <stationhit/core/numbers.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/features/features.hpp>
#include <stationhit/training/training_config.hpp>

#include "dumper.hpp"
#include "error_list.hpp"
#include "file_kind.hpp"
#include "key_places.hpp"
#include "paths.hpp"
#include "reader.hpp"

namespace stationhit::config {
namespace {

// The file without its parameters, whose keys are those of a run.
struct SearchFile {
  TuneSettings search;

  static void describe(auto& self, auto&& setting) {
    setting("search", self.search, "How the values are searched");
  }
};

// The range of a number. Texts, because the setting says what numbers it takes.
struct Range {
  std::string low, high, step;
  bool log = false;

  static void describe(auto& self, auto&& setting) {
    setting("low", self.low, "Smallest value");
    setting("high", self.high, "Largest value");
    setting("step", self.step, "Distance of values");
    setting("log", self.log, "Whether the logarithm is drawn");
  }
};

struct FixedSetting {
  std::string_view key, reason;
};
constexpr std::array fixed_settings{
    FixedSetting{"experiment_dir", "every trial has a folder of its own"},
    FixedSetting{"train_path", "all trials share one data set"},
    FixedSetting{"val_path", "all trials share one data set"},
    FixedSetting{"test_path", "all trials share one data set"},
    FixedSetting{"training.events", "all trials share one data set"},
    FixedSetting{"training.overfit_batches", "all trials share one data set"},
    FixedSetting{"training.limit_train_batches", "all trials share one data set"},
    FixedSetting{"training.limit_val_batches", "all trials share one data set"},
    FixedSetting{"normalization_stats", "all trials share one data set"},
    FixedSetting{"checkpoint_path", "it is for test and export"},
    FixedSetting{"seed", "a search would choose a lucky seed; repeat the best trial with others"},
    FixedSetting{"training.monitor", "it follows search.objectives"},
    FixedSetting{"training.resume", "trials that were interrupted go on"}};

// A value on one line, as --set takes it.
std::string flow_text(const YAML::Node& node) {
  if (node.IsScalar()) return node.Scalar();
  if (node.IsNull()) return "null";
  YAML::Emitter out;
  out.SetMapFormat(YAML::Flow);
  out.SetSeqFormat(YAML::Flow);
  out << node;
  return out.c_str();
}

// A choice: the setting takes no numbers, or is unknown.
TuneKind kind_of_setting(const std::string& key) {
  TuneKind kind = TuneKind::choice;
  const RunConfig run;
  core::visit_settings(
      run, "",
      [&](const std::string& path, const auto& value, const char*, const core::SettingRule&) {
        using Value = std::remove_cvref_t<decltype(value)>;
        if (path != key) return;
        if constexpr (std::integral<Value> && !std::same_as<Value, bool>)
          kind = TuneKind::integer;
        else if constexpr (std::floating_point<Value> || core::AutoOrNumber<Value>)
          kind = TuneKind::number;
      });
  return kind;
}

class SpaceReader {
 public:
  SpaceReader(const std::string& where, const RunConfig& run, ErrorList& errors)
      : where_(where), run_(run), errors_(errors) {}

  std::vector<TuneParameter> read(const YAML::Node& parameters) {
    if (!parameters.IsMap() || parameters.size() == 0) {
      errors_.add(where_ + ": parameters: expected lines such as 'model.width: [32, 64]', found " +
                  found_text(parameters));
      return {};
    }
    for (const auto& item : parameters) read_parameter(item.first, item.second);
    return std::move(parameters_);
  }

 private:
  void read_parameter(const YAML::Node& key, const YAML::Node& values) {
    const Place place{where_, flow_text(key), line_of(key)};
    if (!seen_.insert(place.path).second)
      return errors_.add(place.prefix() + "this key is there twice");
    const auto* const fixed = std::ranges::find(fixed_settings, place.path, &FixedSetting::key);
    if (fixed != fixed_settings.end())
      return errors_.add(place.prefix() + "cannot be searched: " + std::string(fixed->reason));
    TuneParameter parameter{.key = place.path, .kind = kind_of_setting(place.path)};
    const YAML::Node body = take_conditions(parameter, values, place);
    if (body.IsSequence())
      read_choice(parameter, body, place);
    else
      read_range(parameter, body, place);
    parameters_.push_back(std::move(parameter));
  }

  // What is left: a range, or the list that stands under `values` where there is a condition.
  YAML::Node take_conditions(TuneParameter& parameter, const YAML::Node& node, const Place& place) {
    if (!node.IsMap() || !(node["when"] || node["values"])) return node;
    if (node["when"]) read_conditions(parameter, node["when"], place);
    YAML::Node rest(YAML::NodeType::Map);
    for (const auto& item : node)
      if (flow_text(item.first) != "when") rest.force_insert(item.first, item.second);
    const YAML::Node list = node["values"];
    return list && list.IsSequence() && rest.size() == 1 ? list : rest;
  }

  void read_conditions(TuneParameter& parameter, const YAML::Node& node, const Place& place) {
    if (!node.IsMap() || node.size() == 0)
      return errors_.add(place.prefix() +
                         "when: expected {parameter: value} or {parameter: [value, ...]}, found " +
                         found_text(node));
    for (const auto& item : node) {
      TuneCondition condition{flow_text(item.first), {}};
      if (item.second.IsSequence()) {
        for (const YAML::Node& value : item.second) condition.values.push_back(flow_text(value));
      } else {
        condition.values = {flow_text(item.second)};
      }
      check_condition(condition, place);
      parameter.when.push_back(std::move(condition));
    }
  }

  void check_condition(const TuneCondition& condition, const Place& place) {
    const std::string prefix = place.prefix() + "when: " + condition.key + " ";
    const auto choice = std::ranges::find(parameters_, condition.key, &TuneParameter::key);
    if (choice == parameters_.end() || choice->kind != TuneKind::choice)
      return errors_.add(prefix +
                         "is no parameter with a list of values above this one; move it up, or "
                         "give it a list");
    const auto refuse_value = [&](const std::string& value) {
      errors_.add(prefix + "has no value " + value + ", only " + core::join(choice->values));
    };
    for (const std::string& value : condition.values)
      if (std::ranges::find(choice->values, value) == choice->values.end()) refuse_value(value);
    const auto is_named = [&](const std::string& value) {
      return std::ranges::find(condition.values, value) != condition.values.end();
    };
    if (!choice->values.empty() && std::ranges::all_of(choice->values, is_named))
      errors_.add(prefix + "has no other value, so that this always holds; leave it out");
  }

  // Whether a run takes the value; if not, the errors say why.
  bool check_value(const std::string& key, const std::string& value, const Place& place) {
    ErrorList wrong;
    RunConfig run = run_;
    wrong.collect("", [&] { set_by_path<RunConfig>(run, "", key, value, place, wrong); });
    if (key == "features" && wrong.empty())
      wrong.collect(place.prefix(), [&] { features::check_feature_names(run.features); });
    errors_.collect("", [&] { wrong.throw_if_any(); });
    return wrong.empty();
  }

  void read_choice(TuneParameter& parameter, const YAML::Node& values, const Place& place) {
    parameter.kind = TuneKind::choice;
    for (const YAML::Node& node : values) {
      std::string text = flow_text(node);
      if (!check_value(parameter.key, text, place)) return;
      if (std::ranges::find(parameter.values, text) != parameter.values.end())
        return errors_.add(place.prefix() + "has the value " + text + " twice");
      parameter.values.push_back(std::move(text));
    }
    if (parameter.values.size() < 2)
      errors_.add(place.prefix() + "expected two values or more, found " +
                  std::to_string(parameter.values.size()));
  }

  void read_range(TuneParameter& parameter, const YAML::Node& node, const Place& place) {
    // A key that does not exist is more important than how its values are written.
    if (parameter.kind == TuneKind::choice) {
      const auto paths = core::all_paths_of<RunConfig>();
      if (std::ranges::find(paths, parameter.key) == paths.end())
        return void(check_value(parameter.key, "null", place));
      return errors_.add(place.prefix() + "expected a list of values, such as [a, b], found " +
                         found_text(node));
    }
    ErrorList wrong;
    Range range;
    read_section<Range>(range, node, place, wrong);
    errors_.collect("", [&] { wrong.throw_if_any(); });
    if (!wrong.empty()) return;
    if (range.low.empty() || range.high.empty())
      return errors_.add(place.prefix() + "expected {low: ..., high: ...} or a list of values");
    if (!check_value(parameter.key, range.low, place) ||
        !check_value(parameter.key, range.high, place))
      return;
    take_range(parameter, range, place);
  }

  void take_range(TuneParameter& parameter, const Range& range, const Place& place) {
    const auto low = core::parse_number<double>(range.low),
               high = core::parse_number<double>(range.high);
    if (!low || !high)
      return errors_.add(place.prefix() + "expected numbers as low and high, found '" + range.low +
                         "' and '" + range.high + "'");
    parameter.low = *low;
    parameter.high = *high;
    parameter.log = range.log;
    if (*low >= *high)
      errors_.add(place.prefix() + "low must be below high, found " + range.low + " and " +
                  range.high);
    if (range.log && *low <= 0)
      errors_.add(place.prefix() + "log: true needs low > 0, found " + range.low);
    if (!range.step.empty()) take_step(parameter, range, place);
  }

  void take_step(TuneParameter& parameter, const Range& range, const Place& place) {
    const auto step = core::parse_number<double>(range.step);
    const bool whole = parameter.kind == TuneKind::integer;
    if (!step || *step <= 0 || (whole && *step != std::floor(*step)))
      return errors_.add(place.prefix() + "expected " + (whole ? "an integer" : "a number") +
                         " > 0 as step, found '" + range.step + "'");
    if (range.log)
      return errors_.add(place.prefix() + "step and log: true exclude each other; leave one out");
    parameter.step = *step;
  }

  const std::string& where_;
  const RunConfig& run_;
  ErrorList& errors_;
  std::vector<TuneParameter> parameters_;
  std::set<std::string> seen_;
};

// The metrics of the validation split that training.monitor may follow, and latency_objective.
std::vector<std::string> find_objectives(const RunConfig& run) {
  std::vector<std::string> names = training::comparable_metrics(run.working_points);
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("val_"); });
  names.emplace_back(latency_objective);
  return names;
}

void check_objectives(TuneSettings& settings, const RunConfig& run, const KeyPlaces& places,
                      ErrorList& errors) {
  auto& objectives = settings.objectives;
  const std::string prefix = places.whole() + ": ", key = "search.objectives";
  const std::vector<std::string> known = find_objectives(run);
  const core::SettingRule rule = core::one_of(known);
  for (const std::string& objective : objectives)
    errors.collect(places.of(key) + ": ", [&] { core::require(key, objective, rule); });
  if (!errors.empty()) return;
  if (objectives.empty()) objectives = {run.training.monitor};
  if (objectives.front() == latency_objective ||
      std::ranges::find(known, objectives.front()) == known.end())
    errors.add(prefix + "search.objectives must begin with a metric of the validation split, not " +
               objectives.front() + "; give [val_purity_0.99] for example");
  if (objectives.size() > 2 || (objectives.size() == 2 && objectives[1] != latency_objective))
    errors.add(prefix + "search.objectives may have " + latency_objective +
               " behind one metric and no others, found " + core::value_text(objectives));
  if (objectives.size() < 2) return;
  if (settings.pruner != Pruner::none)
    errors.add(prefix + "search.pruner: " + std::string(core::name(settings.pruner)) +
               " cannot compare trials by two objectives; set search.pruner: none");
  if (settings.sampler == Sampler::cmaes)
    errors.add(prefix + "search.sampler: cmaes has one objective; set search.sampler: nsga2");
}

// Settings that define what the loss of the validation split is.
bool changes_loss(std::string_view key) {
  return core::below_section("training.loss", key) || key == "graph.grouping" ||
         key == "graph.buckets";
}

void check_comparable(const TuneSpace& space, const std::string& prefix, ErrorList& errors) {
  if (space.settings.objectives.front() != "val_loss") return;
  for (const TuneParameter& parameter : space.parameters)
    if (changes_loss(parameter.key))
      errors.add(prefix + parameter.key +
                 ": changes what val_loss is, so that losses of trials cannot be compared; set "
                 "search.objectives: [val_purity_0.99] or [val_auc]");
}

void check_sampler(const TuneSpace& space, const std::string& prefix, ErrorList& errors) {
  const auto is_number = [](const TuneParameter& one) {
    return one.kind != TuneKind::choice && one.when.empty();
  };
  if (space.settings.sampler == Sampler::cmaes &&
      std::ranges::count_if(space.parameters, is_number) < 2)
    errors.add(prefix +
               "search.sampler: cmaes needs two or more parameters with low and high and without "
               "when; set "
               "search.sampler: tpe");
  if (space.settings.sampler != Sampler::grid) return;
  for (const TuneParameter& parameter : space.parameters)
    if (!parameter.n_values())
      errors.add(prefix + parameter.key +
                 ": search.sampler: grid needs a list of values, or a step and no log: true");
}

// Whether one of the values of the choice gives the setting an effect.
bool gives_effect(const TuneParameter& choice, std::string_view key, const RunConfig& run) {
  return std::ranges::any_of(choice.values, [&](const std::string& value) {
    RunConfig changed = run;
    ErrorList ignored;  // the values have been checked
    set_by_path<RunConfig>(changed, "", choice.key, value, Place{"", choice.key, 0}, ignored);
    return has_effect(changed, key);
  });
}

using ChosenValues = std::map<std::string, std::string>;

bool holds(const TuneCondition& condition, const ChosenValues& chosen) {
  const auto value = chosen.find(condition.key);
  return value != chosen.end() &&
         std::ranges::find(condition.values, value->second) != condition.values.end();
}

// Of what is left to choose. Only values on which another parameter depends are told apart.
std::uint64_t count_combinations(std::span<const TuneParameter> left, const ChosenValues& chosen) {
  if (left.empty()) return 1;
  const TuneParameter& first = left.front();
  const auto others = left.subspan(1);
  if (!std::ranges::all_of(first.when, [&](const auto& one) { return holds(one, chosen); }))
    return count_combinations(others, chosen);
  const bool decides = std::ranges::any_of(others, [&](const TuneParameter& other) {
    return std::ranges::find(other.when, first.key, &TuneCondition::key) != other.when.end();
  });
  if (!decides) return first.n_values().value_or(1) * count_combinations(others, chosen);
  std::uint64_t n = 0;
  for (const std::string& value : first.values) {
    ChosenValues with = chosen;
    with[first.key] = value;
    n += count_combinations(others, with);
  }
  return n;
}

}  // namespace

std::optional<std::uint64_t> TuneParameter::n_values() const {
  if (kind == TuneKind::choice) return values.size();
  if (log || (kind == TuneKind::number && !step)) return std::nullopt;
  // The last value may be missed by rounding.
  return static_cast<std::uint64_t>(std::floor((high - low) / step.value_or(1) + 1e-9)) + 1;
}

std::optional<std::uint64_t> TuneSpace::n_combinations() const {
  if (!std::ranges::all_of(parameters,
                           [](const TuneParameter& one) { return one.n_values().has_value(); }))
    return std::nullopt;
  return count_combinations(parameters, {});
}

TuneSpace parse_tune_space(std::string_view yaml, const std::string& where, const RunConfig& run) {
  ErrorList errors;
  TuneSpace space;
  const YAML::Node document = parse_document(yaml, where);
  if (!document.IsMap() || !document["parameters"])
    throw core::ConfigError(where +
                            ": expected the sections 'parameters' and, optionally, 'search'");
  YAML::Node rest(YAML::NodeType::Map);
  for (const auto& item : document)
    if (flow_text(item.first) != "parameters") rest.force_insert(item.first, item.second);
  SearchFile file;
  KeyPlaces places(where);
  places.add_document(rest);
  read_section<SearchFile>(file, rest, Place{where, "", 0}, errors);
  expand_paths(file, where, errors);
  space.settings = std::move(file.search);
  space.parameters = SpaceReader(where, run, errors).read(document["parameters"]);
  errors.throw_if_any();
  check_objectives(space.settings, run, places, errors);
  errors.throw_if_any();
  check_comparable(space, where + ": ", errors);
  check_sampler(space, where + ": ", errors);
  errors.throw_if_any();
  return space;
}

std::vector<std::string> find_parameters_without_effect(const TuneSpace& space,
                                                        const RunConfig& run) {
  std::vector<std::string> texts;
  for (const TuneParameter& parameter : space.parameters) {
    const auto reason = find_deciding_choice(run, parameter.key);
    if (!reason) continue;
    const auto choice = std::ranges::find(space.parameters, reason->setting, &TuneParameter::key);
    if (choice == space.parameters.end())
      texts.push_back(parameter.key + ": has no effect with " + reason->setting + ": " +
                      reason->value);
    else if (!gives_effect(*choice, parameter.key, run))
      texts.push_back(parameter.key + ": has no effect with any value of " + reason->setting);
  }
  return texts;
}

TuneSpace load_tune_space(const std::filesystem::path& file, const RunConfig& run) {
  return parse_tune_space(read_config_file(file), file.string(), run);
}

std::string tune_settings_markdown() { return to_markdown_rows(SearchFile{}); }

}  // namespace stationhit::config
