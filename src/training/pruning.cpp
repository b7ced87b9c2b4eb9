// The importance of a unit is the mean over events of (sum of gradient times weight)^2, a
// first-order estimate of the change of the loss if the unit were removed (Molchanov et al.,
// arXiv:1906.10771). The description of the network says which entries of which tensor belong to a
// unit; pruning then copies the entries of the units that stay into a smaller network.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <torch/torch.h>

#include <stationhit/architecture/encoded_layout.hpp>
#include <stationhit/architecture/network_description.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/training/pruning.hpp>

#include "batch_gradients.hpp"
#include "checkpoint_io.hpp"
#include "samples.hpp"
#include "survivors.hpp"

namespace stationhit::training {
namespace {

using architecture::AxisRole;
using architecture::AxisUse;
using architecture::NetworkDescription;
using architecture::NetworkOption;
using architecture::TensorDescription;
using torch::Tensor;

using TensorsByName = std::map<std::string, TensorDescription>;

TensorsByName tensors_of(const LoadedNetwork& network) {
  return tensors_by_name(describe_network(network.metadata.model, network.metadata.feature_names));
}

// Sums of gradient times weight of one event, by axis and unit.
class EventScores {
 public:
  EventScores(const LoadedNetwork& trained, Importance& total)
      : tensors_(tensors_of(trained)), total_(total) {}

  void add(const std::string& name, const Tensor& weight, const Tensor& gradient) {
    const TensorDescription& tensor = tensors_.at(name);
    for (const AxisUse& use : tensor.axes) {
      if (use.role != AxisRole::makes && use.axis != "scales") continue;
      const Tensor products =
          tensor.is_flattened ? (weight * gradient).flatten() : weight * gradient;
      // One sum per unit: its dimension goes first, all others are summed.
      const Tensor sums = products.transpose(0, use.dimension)
                              .flatten(1 < products.dim() ? 1 : 0)
                              .reshape({products.size(use.dimension), -1})
                              .sum(1);
      auto& units = of_event_[use.axis];
      for (std::size_t i = 0; i < use.units.size(); ++i) {
        const auto unit = use.units[i];
        if (unit < 0) continue;
        if (units.size() <= static_cast<std::size_t>(unit))
          units.resize(static_cast<std::size_t>(unit) + 1);
        units[static_cast<std::size_t>(unit)] += sums[static_cast<std::int64_t>(i)].item<double>();
      }
    }
  }

  void finish() {
    for (auto& [axis, units] : of_event_) {
      auto& sum = total_[axis];
      sum.resize(units.size());
      for (std::size_t i = 0; i < units.size(); ++i) sum[i] += units[i] * units[i];
      std::ranges::fill(units, 0.0);
    }
  }

 private:
  TensorsByName tensors_;
  Importance& total_;
  Importance of_event_;
};

std::int32_t share(std::int32_t size, double keep, std::int32_t multiple = 1) {
  const auto kept = static_cast<std::int32_t>(std::lround(size * keep)) / multiple * multiple;
  return std::max(kept, multiple);
}

bool has_part(const PruneConfig& config, PrunedPart part) {
  return std::ranges::find(config.parts, part) != config.parts.end();
}

std::string part_names(const PruneConfig& config) {
  std::vector<std::string> names;
  for (const PrunedPart part : config.parts) names.emplace_back(core::name(part));
  return core::join(names);
}

// The n most important of the units [first, end), ascending.
std::vector<std::int64_t> best_units(const std::vector<double>& score, std::int64_t first,
                                     std::int64_t end, std::int64_t n) {
  std::vector<std::int64_t> units(static_cast<std::size_t>(end - first));
  std::iota(units.begin(), units.end(), first);
  // Stable, so that of equally important units the first ones stay, on every machine.
  std::ranges::stable_sort(units, std::greater<>(), [&](std::int64_t unit) {
    return score[static_cast<std::size_t>(unit)];
  });
  units.resize(static_cast<std::size_t>(n));
  std::ranges::sort(units);
  return units;
}

// Keeps the most important units of every part of the axis: after[part] of before[part].
std::vector<std::int64_t> best_of_parts(const std::vector<double>& score,
                                        const std::vector<std::int64_t>& before,
                                        const std::vector<std::int64_t>& after) {
  std::vector<std::int64_t> kept;
  std::int64_t first = 0;
  for (std::size_t part = 0; part < before.size(); ++part) {
    const auto best = best_units(score, first, first + before[part], after[part]);
    kept.insert(kept.end(), best.begin(), best.end());
    first += before[part];
  }
  return kept;
}

// Keeps whole parts of equal size: those whose units matter most together.
std::vector<std::int64_t> best_parts(const std::vector<double>& score, std::int64_t parts,
                                     std::int64_t n_parts) {
  const auto size = static_cast<std::int64_t>(score.size()) / parts;
  std::vector<double> of_part(static_cast<std::size_t>(parts));
  for (std::size_t unit = 0; unit < score.size(); ++unit)
    of_part[unit / static_cast<std::size_t>(size)] += score[unit];
  std::vector<std::int64_t> kept;
  for (const auto part : best_units(of_part, 0, parts, n_parts)) {
    for (std::int64_t unit = part * size; unit < (part + 1) * size; ++unit) kept.push_back(unit);
  }
  return kept;
}

// The bands that divide the scales; 1 in networks that do not divide them.
std::int64_t bands_of(const architecture::ModelConfig& model, const NetworkDescription& network) {
  return has_option(network, NetworkOption::bands) ? model.bands : 1;
}

// The units of every axis that stay in the smaller network `to`.
std::map<std::string, std::vector<std::int64_t>> kept_units(const NetworkDescription& from,
                                                            const NetworkDescription& to,
                                                            const Importance& importance) {
  std::map<std::string, std::vector<std::int64_t>> kept;
  for (const auto& [axis, score] : importance) {
    const auto &before = find_axis(from, axis)->parts, &after = find_axis(to, axis)->parts;
    kept[axis] = after.size() < before.size()
                     ? best_parts(score, std::ssize(before), std::ssize(after))
                     : best_of_parts(score, before, after);
  }
  return kept;
}

// Scores of self-attention are divided by the root of the width of a head: queries make up for its
// change. rows: [3 W, ...], queries first.
void rescale_queries(Tensor& rows, const architecture::ModelConfig& from,
                     const architecture::ModelConfig& to) {
  const double before = static_cast<double>(from.width) / from.heads,
               after = static_cast<double>(to.width) / to.heads;
  rows.narrow(0, 0, to.width).mul_(std::sqrt(after / before));
}

// Nothing changes where the bands could not share the width that is left.
void keep_share_of_heads(architecture::ModelConfig& model, const NetworkDescription& network,
                         double keep) {
  const auto heads = share(model.heads, keep), width = model.width / model.heads * heads;
  if (width % bands_of(model, network) != 0) return;
  model.heads = heads;
  model.width = width;
}

void keep_share_of_scales(architecture::ModelConfig& model, const NetworkDescription& network,
                          double keep, const Importance& importance) {
  auto& scales = model.encoding.scales;
  const auto score = importance.find("scales");
  if (score == importance.end() || model.encoding.type == architecture::EncodingType::none) return;
  const auto bands = bands_of(model, network);
  const auto n =
      std::max<std::int64_t>(share(static_cast<std::int32_t>(scales.size()), keep), bands);
  std::vector<std::int32_t> kept;
  for (const auto scale :
       best_of_parts(score->second, architecture::scales_per_band(std::ssize(scales), bands),
                     architecture::scales_per_band(n, bands)))
    kept.push_back(scales[static_cast<std::size_t>(scale)]);
  scales = kept;
}

Tensor positions(const AxisUse& use, const std::vector<std::int64_t>& kept) {
  std::vector<std::int64_t> result;
  for (std::size_t i = 0; i < use.units.size(); ++i) {
    if (use.units[i] < 0 || std::ranges::binary_search(kept, use.units[i]))
      result.push_back(static_cast<std::int64_t>(i));
  }
  return torch::tensor(result, torch::kLong);
}

}  // namespace

Importance importance(const LoadedNetwork& trained, const TrainingRun& run,
                      const TrainingData& data, std::int32_t events) {
  Importance total;
  EventScores scores(trained, total);
  StepSettings settings;
  settings.loss = run.training.loss;
  settings.pos_weight = trained.metadata.pos_weight;
  settings.neighbor_columns = graph::table_columns(run.graph);
  settings.background_share = background_share_of(run);
  settings.seed = run.seed;
  const auto stream =
      (architecture::has_first_stage(trained.metadata.model) ? keep_survivors(data, trained.network)
                                                             : data)
          .train(1);
  std::int32_t done = 0;
  // Batches of one event: the square is taken per event, before the mean.
  for (; done < events; ++done) {
    const auto job = stream->next();
    if (!job) break;
    const std::vector<std::shared_ptr<const Sample>> batch{
        std::make_shared<const Sample>(make_sample((*job)()))};
    const auto gradients =
        batch_gradients(*trained.network, batch, settings, static_cast<std::uint64_t>(done))
            .gradients;
    std::size_t i = 0;
    for (const auto& item : trained.network->trained_parameters())
      scores.add(item.key(), item.value().detach(), gradients[i++]);
    scores.finish();
  }
  if (done == 0)
    throw core::DataError(
        "the training split has no events on which pruning could measure; check train_path");
  for (auto& [axis, units] : total) {
    for (double& unit : units) unit /= done;
  }
  return total;
}

void require_parts(const architecture::ModelConfig& model, const PruneConfig& config) {
  check(config);
  if (has_part(config, PrunedPart::heads) &&
      !has_option(describe_network(model, {}), NetworkOption::heads))
    throw core::ConfigError("prune.parts has heads, but " + model.architecture +
                            " has no attention heads; take channels or scales");
}

architecture::ModelConfig pruned_model(const architecture::ModelConfig& model,
                                       const PruneConfig& config, const Importance& importance) {
  require_parts(model, config);
  const NetworkDescription network = describe_network(model, {});
  architecture::ModelConfig result = model;
  if (has_part(config, PrunedPart::heads)) {
    keep_share_of_heads(result, network, config.keep);
  } else if (has_part(config, PrunedPart::channels)) {
    const auto multiple = std::lcm(has_option(network, NetworkOption::heads) ? model.heads : 1,
                                   static_cast<std::int32_t>(bands_of(model, network)));
    result.width = share(model.width, config.keep, multiple);
  }
  if (has_part(config, PrunedPart::channels)) {
    result.feed_forward = share(model.feed_forward, config.keep);
    for (auto& width : result.head) width = share(width, config.keep);
  }
  if (has_part(config, PrunedPart::scales))
    keep_share_of_scales(result, network, config.keep, importance);
  architecture::check(result);
  if (result == model) {
    throw core::ConfigError("prune: nothing is left to take away with keep " +
                            core::to_text(config.keep) + " of " + part_names(config) +
                            "; lower prune.keep or prune.steps, or name other prune.parts");
  }
  return result;
}

LoadedNetwork prune(const LoadedNetwork& trained, const architecture::ModelConfig& model,
                    const Importance& importance) {
  const auto& from = trained.metadata;
  const auto kept = kept_units(describe_network(from.model, from.feature_names),
                               describe_network(model, from.feature_names), importance);
  const TensorsByName tensors = tensors_of(trained);
  LoadedNetwork result{models::build_network(model, from.feature_names, from.normalization), from};
  result.metadata.model = model;
  const torch::NoGradGuard no_grad;
  const auto copy = [&](const std::string& name, Tensor values, Tensor target) {
    const TensorDescription& tensor = tensors.at(name);
    if (tensor.is_flattened) values = values.flatten();
    for (const AxisUse& use : tensor.axes) {
      const auto units = kept.find(use.axis);
      if (units != kept.end())
        values = values.index_select(use.dimension, positions(use, units->second));
    }
    target.copy_(values.reshape(target.sizes()));
    if (tensor.has_queries) rescale_queries(target, from.model, model);
  };
  const auto parameters = trained.network->named_parameters(),
             buffers = trained.network->named_buffers();
  for (const auto& item : result.network->named_parameters())
    copy(item.key(), parameters[item.key()].detach(), item.value());
  for (const auto& item : result.network->named_buffers())
    copy(item.key(), buffers[item.key()], item.value());
  result.network->eval();
  return result;
}

void write_network(const std::filesystem::path& path, const LoadedNetwork& network) {
  CheckpointMetadata metadata = network.metadata;
  metadata.optimizer.clear();
  metadata.history.clear();
  metadata.progress.reset();
  metadata.callbacks.clear();
  metadata.thresholds.clear();  // of the network before
  write_checkpoint(path, *network.network, {}, metadata);
}

}  // namespace stationhit::training
