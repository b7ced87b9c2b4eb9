// Self-attention inside the groups. Linear layers run on the N nodes; only queries, keys and values
// are laid out as [groups, longest group].
#include <cmath>

#include "network_writer.hpp"

namespace stationhit::exporter {
namespace {

class SelfAttention {
 public:
  SelfAttention(NetworkWriter& writer, const Stage& stage) : writer_(writer), stage_(stage) {}

  std::string write(const std::string& normed) {
    auto& graph = writer_.graph();
    // The scale of the scores goes into the queries.
    const std::string query =
        projected(normed, 0, static_cast<float>(1 / std::sqrt(static_cast<double>(head_width()))));
    const std::string key = projected(normed, 1), value = projected(normed, 2);
    const auto heads = stage_.heads;
    const std::string attended =
        writer_.inputs().map_slots(stage_.width, [&](const GraphInputs::SizeClass& of_size) {
          const std::string keys = of_size.head_columns_of(key, heads, head_width());
          const std::string products =
              graph.node("MatMul", {of_size.heads_of(query, heads, head_width()), keys});
          const std::string scores = graph.node("Add", {products, of_size.missing_score()});
          return of_size.attend(scores, of_size.heads_of(value, heads, head_width()));
        });
    return writer_.linear(attended, stage_.linear_layers.back());
  }

 private:
  [[nodiscard]] std::int64_t head_width() const { return stage_.width / stage_.heads; }

  // Query (0), key (1) or value (2), times `scale`: [N, W] -> [N + 1, W]
  std::string projected(const std::string& normed, std::int64_t part, float scale = 1) {
    const auto part_of = [&](const std::string& tensor, std::int64_t size,
                             const std::vector<std::int64_t>& shape) {
      const auto begin = writer_.weights().at(tensor).values.begin() + part * size;
      std::vector<float> values(begin, begin + size);
      for (float& value : values) value *= scale;
      return writer_.graph().constant(tensor + "." + std::to_string(part),
                                      std::span<const float>(values), shape);
    };
    const std::int64_t width = stage_.width;
    const std::string& in = stage_.linear_layers.front();
    const std::string weight = part_of(in + ".weight", width * width, {width, width}),
                      bias = part_of(in + ".bias", width, {width});
    const std::string rows =
        writer_.graph().node("Gemm", {normed, weight, bias}, {{"transB", std::int64_t{1}}});
    return writer_.inputs().with_padding(rows, width, 0);
  }

  NetworkWriter& writer_;
  const Stage& stage_;
};

}  // namespace

std::string write_self_attention(NetworkWriter& writer, const Stage& stage,
                                 const StageInputs& inputs) {
  return SelfAttention(writer, stage).write(inputs.front());
}

}  // namespace stationhit::exporter
