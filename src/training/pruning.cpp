// The importance of a unit is the mean over events of (sum of gradient times weight)^2, a
// first-order estimate of the change of the loss if the unit were removed (Molchanov et al.,
// arXiv:1906.10771). prune_axes.hpp says which entries of which tensor belong to a unit; pruning
// then copies the entries of the units that stay into a smaller network.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <torch/torch.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/models/cost.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/training/pruning.hpp>

#include "batch_gradients.hpp"
#include "checkpoint_io.hpp"
#include "prune_axes.hpp"
#include "samples.hpp"

namespace stationhit::training {
namespace {

using torch::Tensor;

// Sums of gradient times weight of one event, by axis and unit.
class EventScores {
 public:
  EventScores(const LoadedNetwork& trained, Importance& total) : trained_(trained), total_(total) {}

  void add(const std::string& name, const Tensor& weight, const Tensor& gradient) {
    for (const AxisUse& use :
         axes_of(name, trained_.metadata.model, trained_.metadata.feature_names)) {
      if (!use.makes_units && use.axis != "scales") continue;
      const Tensor products =
          is_flattened(name) ? (weight * gradient).flatten() : weight * gradient;
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
  const LoadedNetwork& trained_;
  Importance& total_;
  Importance of_event_;
};

std::int32_t share(std::int32_t size, double keep, std::int32_t multiple = 1) {
  const auto kept = static_cast<std::int32_t>(std::lround(size * keep)) / multiple * multiple;
  return std::max(kept, multiple);
}

bool has_part(const PruneConfig& config, const char* part) {
  return std::ranges::find(config.parts, part) != config.parts.end();
}

bool has_heads(const architecture::ModelConfig& model) {
  return model.architecture == "edgeconv_gat" || model.architecture == "edgeconv_attention";
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

// Keeps equally many units of each of `groups` equal parts of the axis.
std::vector<std::int64_t> best_of_groups(const std::vector<double>& score, std::int64_t groups,
                                         std::int64_t n) {
  const auto size = static_cast<std::int64_t>(score.size()) / groups;
  std::vector<std::int64_t> kept;
  for (std::int64_t group = 0; group < groups; ++group) {
    const auto best = best_units(score, group * size, (group + 1) * size, n / groups);
    kept.insert(kept.end(), best.begin(), best.end());
  }
  return kept;
}

// Keeps whole groups: those whose units matter most together.
std::vector<std::int64_t> best_groups(const std::vector<double>& score, std::int64_t groups,
                                      std::int64_t n_groups) {
  const auto size = static_cast<std::int64_t>(score.size()) / groups;
  std::vector<double> of_group(static_cast<std::size_t>(groups));
  for (std::size_t unit = 0; unit < score.size(); ++unit)
    of_group[unit / static_cast<std::size_t>(size)] += score[unit];
  std::vector<std::int64_t> kept;
  for (const auto group : best_units(of_group, 0, groups, n_groups)) {
    for (std::int64_t unit = group * size; unit < (group + 1) * size; ++unit) kept.push_back(unit);
  }
  return kept;
}

// Bands share the scales of the encoding in order, so each keeps as many as it will have
// afterwards.
std::vector<std::int64_t> best_scales(const std::vector<double>& score, std::int64_t bands,
                                      std::int64_t n) {
  const auto before = models::scales_per_band(static_cast<std::int64_t>(score.size()), bands),
             after = models::scales_per_band(n, bands);
  std::vector<std::int64_t> kept;
  std::int64_t first = 0;
  for (std::size_t band = 0; band < before.size(); ++band) {
    const auto best = best_units(score, first, first + before[band], after[band]);
    kept.insert(kept.end(), best.begin(), best.end());
    first += before[band];
  }
  return kept;
}

std::int64_t bands_of(const architecture::ModelConfig& model) {
  return model.architecture == "edgeconv_attention" ? model.bands : 1;
}

// The units of every axis that stay on the way to `model`.
std::map<std::string, std::vector<std::int64_t>> kept_units(const architecture::ModelConfig& from,
                                                            const architecture::ModelConfig& to,
                                                            const Importance& importance) {
  std::map<std::string, std::vector<std::int64_t>> kept;
  for (const auto& [axis, score] : importance) {
    // Channels of attention are shared out over heads, so every head must keep equally many.
    const bool of_heads =
        axis.starts_with("attention.") || (axis == "width" && from.architecture == "edgeconv_gat");
    if (axis == "scales") {
      kept[axis] =
          best_scales(score, bands_of(from), static_cast<std::int64_t>(to.encoding.scales.size()));
    } else if (of_heads) {
      kept[axis] = to.heads < from.heads ? best_groups(score, from.heads, to.heads)
                                         : best_of_groups(score, from.heads, to.width);
    } else if (axis == "width") {
      kept[axis] = best_of_groups(score, bands_of(from), to.width);
    } else if (axis.starts_with("head.")) {
      const auto n = to.head[static_cast<std::size_t>(std::stoi(axis.substr(5)))];
      kept[axis] = best_units(score, 0, static_cast<std::int64_t>(score.size()), n);
    } else {
      kept[axis] = best_units(score, 0, static_cast<std::int64_t>(score.size()), to.feed_forward);
    }
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
  settings.background_share = run.training.background_share;
  settings.seed = run.seed;
  const auto stream = data.train(1);
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
    for (const auto& item : trained.network->named_parameters())
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

architecture::ModelConfig pruned_model(const architecture::ModelConfig& model,
                                       const PruneConfig& config, const Importance& importance) {
  check(config);
  architecture::ModelConfig result = model;
  const bool heads = has_part(config, "heads"), channels = has_part(config, "channels");
  if (heads && !has_heads(model)) {
    throw core::ConfigError("prune.parts has heads, but " + model.architecture +
                            " has no attention heads; take channels or scales");
  }
  if (heads) {
    result.heads = share(model.heads, config.keep);
    result.width = model.width / model.heads * result.heads;
    if (result.width % bands_of(model) != 0)
      result = model;  // the bands could not share what is left
  } else if (channels) {
    // Heads and bands must divide the width evenly.
    const auto multiple =
        std::lcm(has_heads(model) ? model.heads : 1, static_cast<std::int32_t>(bands_of(model)));
    result.width = share(model.width, config.keep, multiple);
  }
  if (channels) {
    result.feed_forward = share(model.feed_forward, config.keep);
    for (auto& width : result.head) width = share(width, config.keep);
  }
  if (has_part(config, "scales") && importance.contains("scales") &&
      model.encoding.type != architecture::EncodingType::none) {
    const auto n = std::max<std::int64_t>(
        share(static_cast<std::int32_t>(model.encoding.scales.size()), config.keep),
        bands_of(model));
    result.encoding.scales.clear();
    for (const auto scale : best_scales(importance.at("scales"), bands_of(model), n)) {
      result.encoding.scales.push_back(model.encoding.scales[static_cast<std::size_t>(scale)]);
    }
  }
  architecture::check(result);
  if (result == model) {
    throw core::ConfigError("prune: nothing is left to take away with keep " +
                            core::to_text(config.keep) + " of " + core::join(config.parts) +
                            "; lower prune.keep or prune.steps, or name other prune.parts");
  }
  return result;
}

LoadedNetwork prune(const LoadedNetwork& trained, const architecture::ModelConfig& model,
                    const Importance& importance) {
  const auto& from = trained.metadata;
  const auto kept = kept_units(from.model, model, importance);
  LoadedNetwork result{models::build_network(model, from.feature_names, from.normalization), from};
  result.metadata.model = model;
  const torch::NoGradGuard no_grad;
  const auto copy = [&](const std::string& name, Tensor values, Tensor target) {
    if (is_flattened(name)) values = values.flatten();
    for (const AxisUse& use : axes_of(name, from.model, from.feature_names)) {
      const auto units = kept.find(use.axis);
      if (units != kept.end())
        values = values.index_select(use.dimension, positions(use, units->second));
    }
    target.copy_(values.reshape(target.sizes()));
    if (name.find(".attention.in.") != std::string::npos)
      rescale_queries(target, from.model, model);
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
  metadata.thresholds.clear();  // of the network before
  write_checkpoint(path, *network.network, {}, metadata);
}

}  // namespace stationhit::training
