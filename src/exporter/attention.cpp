// Multi-headed EdgeConv by bands of scales, then self-attention inside the groups. Linear layers
// run on the N nodes; only queries, keys and values are laid out as [groups, longest group].
#include <cmath>

#include <stationhit/models/cost.hpp>

#include "edgeconv_writer.hpp"

namespace stationhit::exporter {
namespace {

class AttentionWriter {
 public:
  explicit AttentionWriter(Stages& stages)
      : stages_(stages),
        graph_(stages.graph()),
        inputs_(stages.inputs()),
        width_(stages.config().width),
        heads_(stages.config().heads) {}

  // One EdgeConv per band, their outputs beside each other.
  std::string embed() {
    const auto& config = stages_.config();
    const auto layout = models::encoded_layout(config.encoding, stages_.weights().feature_names);
    const std::string encoded = stages_.encoded_input();
    EdgeConvWriter edgeconv(stages_);
    std::vector<std::string> outputs;
    std::int64_t first = 0, band = 0;
    for (const auto columns : models::band_columns(config, layout)) {
      std::string part = slice(encoded, first, first + columns);
      if (layout.discrete > 0) {
        const std::string codes = slice(encoded, layout.continuous, layout.width());
        part = graph_.node("Concat", {part, codes}, {{"axis", std::int64_t{1}}});
      }
      outputs.push_back(edgeconv.transform(part, "bands." + std::to_string(band++)));
      first += columns;
    }
    return graph_.node("Concat", outputs, {{"axis", std::int64_t{1}}});
  }

  std::string self_attention(const std::string& normed, const std::string& name) {
    // The scale of the scores goes into the queries.
    const std::string query = projected(
        normed, name, 0, static_cast<float>(1 / std::sqrt(static_cast<double>(head_width()))));
    const std::string key = projected(normed, name, 1), value = projected(normed, name, 2);
    const std::string attended =
        inputs_.map_slots(width_, [&](const GraphInputs::SizeClass& of_size) {
          const std::string keys = of_size.head_columns_of(key, heads_, head_width());
          const std::string products =
              graph_.node("MatMul", {of_size.heads_of(query, heads_, head_width()), keys});
          const std::string scores = graph_.node("Add", {products, of_size.missing_score()});
          return of_size.attend(scores, of_size.heads_of(value, heads_, head_width()));
        });
    return stages_.linear(attended, name + ".out");
  }

  std::string feed_forward(const std::string& normed, const std::string& name) {
    return stages_.linear(stages_.activate(stages_.linear(normed, name + ".in")), name + ".out");
  }

 private:
  [[nodiscard]] std::int64_t head_width() const { return width_ / heads_; }

  std::string slice(const std::string& rows, std::int64_t first, std::int64_t end) {
    return graph_.node("Slice",
                       {rows, graph_.indices({first}), graph_.indices({end}), graph_.indices({1})});
  }

  // Query (0), key (1) or value (2), times `scale`: [N, W] -> [N + 1, W]
  std::string projected(const std::string& normed, const std::string& name, std::int64_t part,
                        float scale = 1) {
    const auto part_of = [&](const std::string& tensor, std::int64_t size,
                             const std::vector<std::int64_t>& shape) {
      const auto begin = stages_.weights().at(name + tensor).values.begin() + part * size;
      std::vector<float> values(begin, begin + size);
      for (float& value : values) value *= scale;
      return graph_.constant(name + tensor + "." + std::to_string(part),
                             std::span<const float>(values), shape);
    };
    const std::string weight = part_of(".in.weight", width_ * width_, {width_, width_}),
                      bias = part_of(".in.bias", width_, {width_});
    const std::string rows =
        graph_.node("Gemm", {normed, weight, bias}, {{"transB", std::int64_t{1}}});
    return inputs_.with_padding(rows, width_, 0);
  }

  Stages& stages_;
  onnx_file::GraphBuilder& graph_;
  GraphInputs& inputs_;
  std::int64_t width_, heads_;
};

}  // namespace

std::string attention_network(Stages& stages) {
  AttentionWriter writer(stages);
  return stages.blocks(writer.embed(), [&](const std::string& hidden, const std::string& name) {
    const std::string first = name + ".attention", second = name + ".feed_forward";
    const std::string between = stages.block(hidden, first, [&](const std::string& normed) {
      return writer.self_attention(normed, first);
    });
    return stages.block(between, second, [&](const std::string& normed) {
      return writer.feed_forward(normed, second);
    });
  });
}

}  // namespace stationhit::exporter
