// The networks as they are defined: every edge by itself, in double precision, from the named
// weights.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <stationhit/features/features.hpp>
#include <stationhit/models/network.hpp>

namespace stationhit::test {

using architecture::Activation;
using architecture::Aggregation;
using architecture::DiscreteEncoding;
using architecture::EncodingType;

using Values = std::vector<double>;
using Rows = std::vector<Values>;

// Nodes of 3 features with 0 to 4 neighbors each, padded with -1 on the right, in groups of 1, 2,
// 3, 1, 2, 3, ... nodes.
struct RandomGraph {
  Rows features;
  std::vector<std::size_t> group;  // of every node
  std::vector<std::vector<std::int64_t>> neighbors;
  bool fully_connected = false;

  RandomGraph(std::uint64_t seed, std::size_t nodes) {
    std::mt19937_64 engine(seed);
    std::normal_distribution<double> normal;
    for (std::size_t i = 0; i < nodes; ++i) {
      Values row;
      for (int f = 0; f < 3; ++f) row.push_back(static_cast<float>(normal(engine)));
      features.push_back(row);
      group.push_back(i / 6 * 3 + (i % 6 < 1 ? 0 : i % 6 < 3 ? 1 : 2));
      std::vector<std::int64_t> table(4, -1);
      const std::size_t degree = nodes < 2 ? 0 : engine() % 5;
      for (std::size_t n = 0; n < degree; ++n)
        table[n] = static_cast<std::int64_t>(engine() % nodes);
      neighbors.push_back(table);
    }
  }

  // The graph with the same nodes in which all nodes of a group are neighbors.
  [[nodiscard]] RandomGraph with_full_groups() const {
    RandomGraph full = *this;
    full.fully_connected = true;
    for (std::size_t i = 0; i < group.size(); ++i) {
      full.neighbors[i].clear();
      for (std::size_t j = 0; j < group.size(); ++j) {
        if (group[j] == group[i]) full.neighbors[i].push_back(static_cast<std::int64_t>(j));
      }
    }
    return full;
  }

  [[nodiscard]] models::GraphTensors tensors() const {
    const auto n = static_cast<std::int64_t>(features.size());
    models::GraphTensors graph{torch::zeros({n, 3}), {}};
    if (!fully_connected) graph.neighbors = torch::zeros({n, 4}, torch::kInt);
    for (std::size_t i = 0; i < features.size(); ++i) {
      graph.features[static_cast<std::int64_t>(i)] = torch::tensor(features[i]);
      if (!fully_connected)
        graph.neighbors[static_cast<std::int64_t>(i)] = torch::tensor(neighbors[i]);
    }
    std::vector<std::int64_t> offsets{0};
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (i + 1 == group.size() || group[i + 1] != group[i])
        offsets.push_back(static_cast<std::int64_t>(i) + 1);
    }
    graph.offsets = torch::tensor(offsets);
    return graph;
  }
};

class NaiveNetwork {
 public:
  explicit NaiveNetwork(const models::Network& network)
      : config_(network.config()), feature_names_(network.feature_names()) {
    for (const auto& item : network.named_parameters())
      weights_.insert(item.key(), item.value().detach().to(torch::kDouble));
    for (const auto& item : network.named_buffers())
      weights_.insert(item.key(), item.value().to(torch::kDouble));
  }

  [[nodiscard]] Values logits(const RandomGraph& graph) const {
    Rows encoded, hidden;
    for (const auto& row : graph.features) encoded.push_back(encode(row));
    if (config_.architecture == "edgeconv_attention") {
      hidden = bands(encoded, graph);
    } else {
      for (const auto& row : encoded) hidden.push_back(act(linear("input", row)));
    }
    for (int block = 0; block < config_.blocks; ++block)
      hidden = apply_block("blocks." + std::to_string(block), hidden, graph);
    Values result;
    for (auto row : hidden) {
      for (std::size_t i = 0; i < config_.head.size(); ++i)
        row = act(linear("head." + std::to_string(i), row));
      result.push_back(linear("head." + std::to_string(config_.head.size()), row).at(0));
    }
    return result;
  }

 private:
  [[nodiscard]] bool is_discrete(std::size_t feature) const {
    return config_.encoding.discrete != DiscreteEncoding::encoded &&
           features::codes_of(feature_names_[feature]).count > 0;
  }

  [[nodiscard]] double normalized(double x, std::size_t f) const {
    const double scaled =
        (x - number("normalization.mean", f)) * number("normalization.inv_std", f);
    const double limit = config_.encoding.limit;
    return limit > 0 ? std::clamp(scaled, -limit, limit) : scaled;
  }

  [[nodiscard]] Values encode(const Values& features) const {
    Values x;
    for (std::size_t f = 0; f < features.size(); ++f) {
      if (!is_discrete(f)) x.push_back(features[f]);
    }
    if (weights_.contains("normalization.mean")) {
      for (std::size_t f = 0; f < x.size(); ++f) x[f] = normalized(x[f], f);
    }
    Values encoded = encode_continuous(x);
    for (std::size_t f = 0; f < features.size(); ++f) {
      if (is_discrete(f)) append(encoded, code_vector(feature_names_[f], features[f]));
    }
    return encoded;
  }

  [[nodiscard]] Values encode_continuous(const Values& x) const {
    if (config_.encoding.type == EncodingType::none) return x;
    if (config_.encoding.type == EncodingType::linear) return linear("encoding", x);
    Values encoded = config_.encoding.type == EncodingType::hybrid ? x : Values{};
    for (std::size_t s = 0; s < config_.encoding.scales.size(); ++s) {
      for (const bool sine : {true, false}) {
        for (std::size_t f = 0; f < x.size(); ++f)
          encoded.push_back(sine ? std::sin(x[f] * frequency(s, f))
                                 : std::cos(x[f] * frequency(s, f)));
      }
    }
    return encoded;
  }

  [[nodiscard]] double frequency(std::size_t s, std::size_t f) const {
    if (config_.encoding.type == EncodingType::fourier)
      return static_cast<float>(std::pow(config_.encoding.base, -config_.encoding.scales[s]));
    return row_of(weights_["encoding.frequencies"], s)[f];
  }

  [[nodiscard]] Values code_vector(const std::string& feature, double value) const {
    const auto codes = features::codes_of(feature);
    const bool known =
        value >= codes.first && value < codes.first + codes.count && value == std::floor(value);
    const auto row = static_cast<std::size_t>(known ? value - codes.first : codes.count);
    if (config_.encoding.discrete == DiscreteEncoding::embedding)
      return row_of(weights_["encoding." + feature], row);
    Values one_hot(static_cast<std::size_t>(codes.count) + 1, 0.0);
    one_hot[row] = 1;
    return one_hot;
  }

  static void append(Values& to, const Values& values) {
    to.insert(to.end(), values.begin(), values.end());
  }

  static Values row_of(const torch::Tensor& matrix, std::size_t row) {
    const auto values = matrix[static_cast<std::int64_t>(row)].contiguous();
    return {values.const_data_ptr<double>(), values.const_data_ptr<double>() + values.numel()};
  }

  [[nodiscard]] double number(const std::string& name, std::size_t i) const {
    return weights_[name][static_cast<std::int64_t>(i)].item<double>();
  }

  // matrix x
  static Values product(const torch::Tensor& matrix, const Values& x) {
    Values out(static_cast<std::size_t>(matrix.size(0)), 0.0);
    const auto w = matrix.accessor<double, 2>();
    for (std::size_t o = 0; o < out.size(); ++o) {
      for (std::size_t i = 0; i < x.size(); ++i)
        out[o] += w[static_cast<std::int64_t>(o)][static_cast<std::int64_t>(i)] * x[i];
    }
    return out;
  }

  [[nodiscard]] Values linear(const std::string& name, const Values& x) const {
    Values out = product(weights_[name + ".weight"], x);
    for (std::size_t o = 0; o < out.size(); ++o) out[o] += number(name + ".bias", o);
    return out;
  }

  [[nodiscard]] Values act(Values x) const {
    for (double& v : x) {
      if (config_.activation == Activation::relu) v = v > 0 ? v : 0;
      if (config_.activation == Activation::leaky_relu) v = v > 0 ? v : 0.01 * v;
      if (config_.activation == Activation::gelu) v = 0.5 * v * (1 + std::erf(v / std::sqrt(2.0)));
      if (config_.activation == Activation::silu) v = v / (1 + std::exp(-v));
    }
    return x;
  }

  [[nodiscard]] Values norm(const std::string& name, const Values& x) const {
    if (!weights_.contains(name + ".weight")) return x;
    double mean = 0, variance = 0;
    for (const double v : x) mean += v / static_cast<double>(x.size());
    for (const double v : x) variance += (v - mean) * (v - mean) / static_cast<double>(x.size());
    Values out(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      out[i] = (x[i] - mean) / std::sqrt(variance + 1e-5) * number(name + ".weight", i) +
               number(name + ".bias", i);
    }
    return out;
  }

  // How the edge features of two nodes differ: sign(d) log(1 + |d|) / 4, d in percent of the
  // standard deviation.
  [[nodiscard]] Values edge_values(const Values& own, const Values& other) const {
    Values values;
    for (const std::string& name : config_.edge_features) {
      const auto place = std::ranges::find(feature_names_, name) - feature_names_.begin();
      const auto f = static_cast<std::size_t>(place);
      const double d = 100 * (normalized(other[f], f) - normalized(own[f], f));
      values.push_back((d < 0 ? -1 : 1) * std::log(1 + std::abs(d)) / 4);
    }
    return values;
  }

  // phi([h_i ; h_j - h_i]), with the edge values
  [[nodiscard]] Values message(const std::string& block, const Values& own, const Values& other,
                               const Values& of_edge) const {
    Values input = own;
    for (std::size_t i = 0; i < own.size(); ++i) input.push_back(other[i] - own[i]);
    Values sum = linear(block + ".message.0", input);
    if (!of_edge.empty()) {
      const Values term = product(weights_[block + ".edges.weight"], of_edge);
      for (std::size_t o = 0; o < sum.size(); ++o) sum[o] += term[o];
    }
    const Values first = act(sum);
    return config_.message_layers == 1 ? first : linear(block + ".message.1", first);
  }

  [[nodiscard]] Values aggregate(const Rows& messages, std::size_t width) const {
    Values out(width, 0.0);
    for (std::size_t c = 0; c < out.size() && !messages.empty(); ++c) {
      double sum = 0, largest = -std::numeric_limits<double>::infinity();
      for (const auto& row : messages) {
        sum += row[c];
        largest = std::max(largest, row[c]);
      }
      out[c] = config_.aggregation == Aggregation::max ? largest
               : config_.aggregation == Aggregation::sum
                   ? sum
                   : sum / static_cast<double>(messages.size());
    }
    return out;
  }

  [[nodiscard]] Rows edgeconv(const std::string& name, const Rows& values,
                              const RandomGraph& graph) const {
    const auto width = static_cast<std::size_t>(weights_[name + ".message.0.bias"].size(0));
    Rows result;
    for (std::size_t i = 0; i < values.size(); ++i) {
      Rows messages;
      for (const auto neighbor : graph.neighbors[i]) {
        if (neighbor < 0) continue;
        const auto j = static_cast<std::size_t>(neighbor);
        const Values of_edge = edge_values(graph.features[i], graph.features[j]);
        messages.push_back(message(name, values[i], values[j], of_edge));
      }
      result.push_back(aggregate(messages, width));
    }
    return result;
  }

  // The scales in config_.bands parts, the first ones larger by one; each part of the encoded input
  // and the discrete columns have an EdgeConv.
  [[nodiscard]] Rows bands(const Rows& encoded, const RandomGraph& graph) const {
    std::size_t continuous = 0;
    for (std::size_t f = 0; f < feature_names_.size(); ++f) continuous += is_discrete(f) ? 0 : 1;
    const std::size_t scales = config_.encoding.scales.size(),
                      n_bands = static_cast<std::size_t>(config_.bands);
    Rows hidden(encoded.size());
    std::size_t first = 0;
    for (std::size_t band = 0; band < n_bands; ++band) {
      const std::size_t last =
          first + 2 * continuous * (scales / n_bands + (band < scales % n_bands ? 1 : 0));
      Rows part;
      for (const auto& row : encoded) {
        Values columns(row.begin() + static_cast<std::ptrdiff_t>(first),
                       row.begin() + static_cast<std::ptrdiff_t>(last));
        columns.insert(columns.end(),
                       row.begin() + static_cast<std::ptrdiff_t>(2 * continuous * scales),
                       row.end());
        part.push_back(columns);
      }
      const Rows of_band = edgeconv("bands." + std::to_string(band), part, graph);
      for (std::size_t i = 0; i < hidden.size(); ++i) append(hidden[i], of_band[i]);
      first = last;
    }
    return hidden;
  }

  // Weighted mean of values, the weights being the softmax of scores.
  static Values softmax_mean(const Values& scores, const Rows& values) {
    const double largest = *std::max_element(scores.begin(), scores.end());
    double total = 0;
    Values mean(values.front().size(), 0.0);
    for (std::size_t n = 0; n < scores.size(); ++n) {
      const double weight = std::exp(scores[n] - largest);
      total += weight;
      for (std::size_t c = 0; c < mean.size(); ++c) mean[c] += weight * values[n][c];
    }
    for (double& value : mean) value /= total;
    return mean;
  }

  static Values part_of(const Values& row, std::size_t first, std::size_t n) {
    return {row.begin() + static_cast<std::ptrdiff_t>(first),
            row.begin() + static_cast<std::ptrdiff_t>(first + n)};
  }

  static double dot(const Values& a, const Values& b) {
    double sum = 0;
    for (std::size_t c = 0; c < a.size(); ++c) sum += a[c] * b[c];
    return sum;
  }

  [[nodiscard]] Rows graph_attention(const std::string& name, const Rows& normed,
                                     const RandomGraph& graph) const {
    const auto heads = static_cast<std::size_t>(config_.heads),
               d = static_cast<std::size_t>(config_.width) / heads;
    Rows values, result;
    for (const auto& row : normed) values.push_back(product(weights_[name + ".weight"], row));
    for (std::size_t i = 0; i < normed.size(); ++i) {
      Values out;
      for (std::size_t h = 0; h < heads; ++h) {
        const Values target = row_of(weights_[name + ".target"], h),
                     source = row_of(weights_[name + ".source"], h);
        Values scores;
        Rows attended;
        const auto attend = [&](std::size_t j) {
          const double score =
              dot(target, part_of(values[i], h * d, d)) + dot(source, part_of(values[j], h * d, d));
          scores.push_back(score > 0 ? score : 0.2 * score);
          attended.push_back(part_of(values[j], h * d, d));
        };
        if (!graph.fully_connected) attend(i);
        for (const auto j : graph.neighbors[i]) {
          if (j >= 0) attend(static_cast<std::size_t>(j));
        }
        append(out, softmax_mean(scores, attended));
      }
      for (std::size_t c = 0; c < out.size(); ++c) out[c] += number(name + ".bias", c);
      result.push_back(act(out));
    }
    return result;
  }

  [[nodiscard]] Rows self_attention(const std::string& name, const Rows& normed,
                                    const std::vector<std::size_t>& group) const {
    const auto heads = static_cast<std::size_t>(config_.heads),
               width = static_cast<std::size_t>(config_.width), d = width / heads;
    Rows qkv, result;
    for (const auto& row : normed) qkv.push_back(linear(name + ".in", row));
    for (std::size_t i = 0; i < normed.size(); ++i) {
      Values out;
      for (std::size_t h = 0; h < heads; ++h) {
        Values scores;
        Rows attended;
        for (std::size_t j = 0; j < normed.size(); ++j) {
          if (group[j] != group[i]) continue;
          scores.push_back(dot(part_of(qkv[i], h * d, d), part_of(qkv[j], width + h * d, d)) /
                           std::sqrt(static_cast<double>(d)));
          attended.push_back(part_of(qkv[j], 2 * width + h * d, d));
        }
        append(out, softmax_mean(scores, attended));
      }
      result.push_back(linear(name + ".out", out));
    }
    return result;
  }

  [[nodiscard]] Rows feed_forward(const std::string& name, const Rows& normed) const {
    Rows result;
    for (const auto& row : normed)
      result.push_back(linear(name + ".out", act(linear(name + ".in", row))));
    return result;
  }

  [[nodiscard]] Rows normed(const std::string& name, const Rows& hidden) const {
    Rows result;
    for (const auto& row : hidden) result.push_back(norm(name + ".norm", row));
    return result;
  }

  [[nodiscard]] Rows residual(const Rows& hidden, Rows change) const {
    for (std::size_t i = 0; i < hidden.size() && config_.residual; ++i) {
      for (std::size_t c = 0; c < hidden[i].size(); ++c) change[i][c] += hidden[i][c];
    }
    return change;
  }

  [[nodiscard]] Rows apply_block(const std::string& block, const Rows& hidden,
                                 const RandomGraph& graph) const {
    if (config_.architecture == "mlp") {
      Rows change;
      for (const auto& row : normed(block, hidden))
        change.push_back(act(linear(block + ".linear", row)));
      return residual(hidden, change);
    }
    if (config_.architecture == "edgeconv")
      return residual(hidden, edgeconv(block, normed(block, hidden), graph));
    const std::string attention = block + ".attention", first = block + ".edgeconv",
                      last = block + ".feed_forward";
    if (config_.architecture == "edgeconv_gat") {
      const Rows between = residual(hidden, edgeconv(first, normed(first, hidden), graph));
      return residual(between, graph_attention(attention, normed(attention, between), graph));
    }
    const Rows between =
        residual(hidden, self_attention(attention, normed(attention, hidden), graph.group));
    return residual(between, feed_forward(last, normed(last, between)));
  }

  architecture::ModelConfig config_;
  std::vector<std::string> feature_names_;
  torch::OrderedDict<std::string, torch::Tensor> weights_;
};

inline std::vector<double> to_vector(const torch::Tensor& tensor) {
  const auto flat = tensor.detach().to(torch::kDouble).contiguous().view(-1);
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

}  // namespace stationhit::test
