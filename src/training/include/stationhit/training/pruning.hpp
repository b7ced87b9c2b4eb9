// Structured pruning: a smaller dense network of the same architecture, made of the units of a
// trained one that matter most. Free of Torch.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/prune_config.hpp>
#include <stationhit/training/training_run.hpp>

namespace stationhit::training {

// Importance of every unit by the axis it belongs to: "width" [W] (the features that the blocks
// pass on), "scales" [S], "head.<i>" (hidden widths of the head), "attention.<l>" [W] (what
// queries, keys and values of block l are made of), "feed_forward.<l>".
using Importance = std::map<std::string, std::vector<double>>;

// First-order Taylor score (Molchanov et al., arXiv:1906.10771): the squared change of the loss if
// a unit were 0, to first order, (sum of gradient times weight over the weights that make the
// unit)^2, averaged over events of the training split. Of a scale: over the weights that read its
// columns. Throws DataError if the split has no events.
[[nodiscard]] Importance importance(const LoadedNetwork& trained, const TrainingRun& run,
                                    const TrainingData& data, std::int32_t events);

// Throws ConfigError unless the network has the parts that are to be pruned.
void require_parts(const architecture::ModelConfig& model, const PruneConfig& config);

// The architecture that one step leaves. channels: widths times `keep`, equally many of every
// attention head and band; heads: heads times `keep`, whole heads with their channels; scales:
// scales times `keep`, of those that matter least, so that the bands of edgeconv_attention keep
// theirs. At least one unit stays. Throws ConfigError: parts that the network does not have, or a
// step that would change nothing.
[[nodiscard]] architecture::ModelConfig pruned_model(const architecture::ModelConfig& model,
                                                     const PruneConfig& config,
                                                     const Importance& importance);

// The network of `model`, with the weights of the units that stay.
[[nodiscard]] LoadedNetwork prune(const LoadedNetwork& trained,
                                  const architecture::ModelConfig& model,
                                  const Importance& importance);

// The checkpoint as a file, from which TrainingRun::initial_weights starts.
void write_network(const std::filesystem::path& path, const LoadedNetwork& network);

}  // namespace stationhit::training
