// The networks as they are defined: every edge by itself, in double precision, from the named weights.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <stationhit/models/network.hpp>

namespace stationhit::test {

using Values = std::vector<double>;
using Rows = std::vector<Values>;

class NaiveNetwork {
 public:
  explicit NaiveNetwork(const models::Network& network) : config_(network.config()) {
    for (const auto& item : network.named_parameters()) weights_.insert(item.key(), item.value().detach().to(torch::kDouble));
    for (const auto& item : network.named_buffers()) weights_.insert(item.key(), item.value().to(torch::kDouble));
  }

  // features: [N, F]; neighbours: [N, k].
  [[nodiscard]] Values logits(const Rows& features, const std::vector<std::vector<std::int64_t>>& neighbours) const {
    Rows hidden;
    for (const auto& row : features) hidden.push_back(act(linear("input", encode(row))));
    for (int block = 0; block < config_.blocks; ++block) hidden = apply_block("blocks." + std::to_string(block), hidden, neighbours);
    Values result;
    for (auto row : hidden) {
      for (std::size_t i = 0; i < config_.head.size(); ++i) row = act(linear("head." + std::to_string(i), row));
      result.push_back(linear("head." + std::to_string(config_.head.size()), row).at(0));
    }
    return result;
  }

 private:
  [[nodiscard]] Values encode(Values x) const {
    if (weights_.contains("normalization.mean")) {
      for (std::size_t f = 0; f < x.size(); ++f) x[f] = (x[f] - number("normalization.mean", f)) * number("normalization.inv_std", f);
    }
    if (config_.encoding.type == "none") return x;
    Values encoded;
    for (const auto scale : config_.encoding.scales) {
      const double frequency = static_cast<float>(std::pow(config_.encoding.base, -scale));
      for (const double value : x) encoded.push_back(std::sin(value * frequency));
      for (const double value : x) encoded.push_back(std::cos(value * frequency));
    }
    return encoded;
  }

  [[nodiscard]] double number(const std::string& name, std::size_t i) const { return weights_[name][static_cast<std::int64_t>(i)].item<double>(); }

  [[nodiscard]] Values linear(const std::string& name, const Values& x) const {
    const auto weight = weights_[name + ".weight"], bias = weights_[name + ".bias"];
    Values out(static_cast<std::size_t>(weight.size(0)));
    const auto w = weight.accessor<double, 2>();
    for (std::size_t o = 0; o < out.size(); ++o) {
      out[o] = bias[static_cast<std::int64_t>(o)].item<double>();
      for (std::size_t i = 0; i < x.size(); ++i) out[o] += w[static_cast<std::int64_t>(o)][static_cast<std::int64_t>(i)] * x[i];
    }
    return out;
  }

  [[nodiscard]] Values act(Values x) const {
    for (double& v : x) {
      if (config_.activation == "relu") v = v > 0 ? v : 0;
      if (config_.activation == "leaky_relu") v = v > 0 ? v : 0.01 * v;
      if (config_.activation == "gelu") v = 0.5 * v * (1 + std::erf(v / std::sqrt(2.0)));
      if (config_.activation == "silu") v = v / (1 + std::exp(-v));
    }
    return x;
  }

  [[nodiscard]] Values norm(const std::string& name, const Values& x) const {
    if (!config_.layer_norm) return x;
    double mean = 0, variance = 0;
    for (const double v : x) mean += v / static_cast<double>(x.size());
    for (const double v : x) variance += (v - mean) * (v - mean) / static_cast<double>(x.size());
    Values out(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      out[i] = (x[i] - mean) / std::sqrt(variance + 1e-5) * number(name + ".weight", i) + number(name + ".bias", i);
    }
    return out;
  }

  // phi([h_i ; h_j - h_i])
  [[nodiscard]] Values message(const std::string& block, const Values& own, const Values& other) const {
    Values input = own;
    for (std::size_t i = 0; i < own.size(); ++i) input.push_back(other[i] - own[i]);
    const Values first = act(linear(block + ".message.0", input));
    return config_.message_layers == 1 ? first : linear(block + ".message.1", first);
  }

  [[nodiscard]] Values aggregate(const Rows& messages) const {
    Values out(static_cast<std::size_t>(config_.width), 0.0);
    for (std::size_t c = 0; c < out.size() && !messages.empty(); ++c) {
      double sum = 0, largest = -std::numeric_limits<double>::infinity();
      for (const auto& row : messages) {
        sum += row[c];
        largest = std::max(largest, row[c]);
      }
      out[c] = config_.aggregation == "max" ? largest : config_.aggregation == "sum" ? sum : sum / static_cast<double>(messages.size());
    }
    return out;
  }

  [[nodiscard]] Rows apply_block(const std::string& block, const Rows& hidden, const std::vector<std::vector<std::int64_t>>& neighbours) const {
    Rows normed, result;
    for (const auto& row : hidden) normed.push_back(norm(block + ".norm", row));
    for (std::size_t i = 0; i < hidden.size(); ++i) {
      Rows messages;
      if (config_.architecture == "edgeconv") {
        for (const auto j : neighbours[i]) {
          if (j >= 0) messages.push_back(message(block, normed[i], normed[static_cast<std::size_t>(j)]));
        }
      }
      Values row = config_.architecture == "mlp" ? act(linear(block + ".linear", normed[i])) : aggregate(messages);
      for (std::size_t c = 0; c < row.size() && config_.residual; ++c) row[c] += hidden[i][c];
      result.push_back(row);
    }
    return result;
  }

  models::ModelConfig config_;
  torch::OrderedDict<std::string, torch::Tensor> weights_;
};

// Nodes of 3 features with 0 to 4 neighbours each, padded with -1 on the right.
struct RandomGraph {
  Rows features;
  std::vector<std::vector<std::int64_t>> neighbours;

  RandomGraph(std::uint64_t seed, std::size_t nodes) {
    std::mt19937_64 engine(seed);
    std::normal_distribution<double> normal;
    for (std::size_t i = 0; i < nodes; ++i) {
      Values row;
      for (int f = 0; f < 3; ++f) row.push_back(static_cast<float>(normal(engine)));
      features.push_back(row);
      std::vector<std::int64_t> table(4, -1);
      const std::size_t degree = nodes < 2 ? 0 : engine() % 5;
      for (std::size_t n = 0; n < degree; ++n) table[n] = static_cast<std::int64_t>(engine() % nodes);
      neighbours.push_back(table);
    }
  }

  [[nodiscard]] models::GraphTensors tensors() const {
    const auto n = static_cast<std::int64_t>(features.size());
    models::GraphTensors graph{torch::zeros({n, 3}), torch::zeros({n, 4}, torch::kInt)};
    for (std::size_t i = 0; i < features.size(); ++i) {
      graph.features[static_cast<std::int64_t>(i)] = torch::tensor(features[i]);
      graph.neighbours[static_cast<std::int64_t>(i)] = torch::tensor(neighbours[i]);
    }
    return graph;
  }
};

inline std::vector<double> to_vector(const torch::Tensor& tensor) {
  const auto flat = tensor.detach().to(torch::kDouble).contiguous().view(-1);
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

}  // namespace stationhit::test
