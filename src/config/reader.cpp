#include "reader.hpp"

#include <array>
#include <utility>

#include <stationhit/core/text.hpp>

namespace stationhit::config {
namespace {

// Keys as other training programs name them (PyTorch, Lightning), and ours.
constexpr std::array<std::pair<std::string_view, std::string_view>, 11> other_names{
    {{"lr", "learning_rate"},
     {"max_epochs", "epochs"},
     {"num_epochs", "epochs"},
     {"accumulate_grad_batches", "accumulate_batches"},
     {"gradient_clip_val", "gradient_clip"},
     {"num_sanity_val_steps", "sanity_val_batches"},
     {"lr_scheduler", "scheduler"},
     {"criterion", "loss"},
     {"accelerator", "devices"},
     {"default_root_dir", "experiment_dir"},
     {"logger", "trackers"}}};

std::string our_name(const std::string& key) {
  const auto found =
      std::ranges::find(other_names, key, [](const auto& names) { return names.first; });
  return found == other_names.end() ? key : std::string(found->second);
}

std::string leaf_of(const std::string& path) { return path.substr(path.rfind('.') + 1); }

// The path with this last key, empty: none.
std::string path_to(const std::string& leaf, const std::vector<std::string>& paths) {
  const auto path = std::ranges::find(paths, leaf, leaf_of);
  return path == paths.end() ? "" : *path;
}

// The known path that was probably meant: a misplaced key of the same name, else the nearest of the
// section, else a misplaced and mistyped one below it.
std::string nearest_path(const std::string& section, const std::string& given,
                         const KnownKeys& known) {
  const std::string key = our_name(given);
  const auto below = [&](const std::string& path) {
    return path.empty() ? "" : core::key_path(section, path);
  };
  if (const std::string same = path_to(key, known.paths); !same.empty()) return below(same);
  if (std::string same = path_to(key, known.anywhere); !same.empty()) return same;
  if (const std::string sibling = core::nearest(key, known.keys); !sibling.empty())
    return below(sibling);
  std::vector<std::string> leaves;
  std::ranges::transform(known.paths, std::back_inserter(leaves), leaf_of);
  return below(path_to(core::nearest(key, leaves), known.paths));
}

}  // namespace

std::string unknown_key_message(const Place& place, const std::string& section,
                                const std::string& key, const KnownKeys& known) {
  const std::string guess = nearest_path(section, key, known);
  return place.prefix() + "unknown key" + (guess.empty() ? "" : ", did you mean '" + guess + "'?") +
         "; " +
         (known.keys.empty() ? section + " has no keys below it"
                             : "expected one of " + core::join(known.keys));
}

std::string not_a_section_message(const Place& place, const std::vector<std::string>& keys,
                                  const YAML::Node& node) {
  return place.prefix() + "expected 'key: value' lines with keys " + core::join(keys) + ", found " +
         found_text(node);
}

std::string wrong_value_message(const Place& place, const std::string& expectation,
                                const YAML::Node& wrong, const std::string& step) {
  return place.prefix() + "expected " + expectation + ", found " + found_text(wrong) + step;
}

}  // namespace stationhit::config
