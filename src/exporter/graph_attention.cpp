// Graph attention: a score is a_i + b_j with a = target . W h and b = source . W h, whose vectors
// are multiplied into W here.
#include "neighbor_aggregation.hpp"

namespace stationhit::exporter {
namespace {

class GraphAttention {
 public:
  GraphAttention(NetworkWriter& writer, const Stage& stage) : writer_(writer), stage_(stage) {}

  std::string write(const std::string& normed) {
    const std::string weight = stage_.name + ".weight";
    const std::string values =
        product(normed, weight, writer_.weights().at(weight).values, stage_.width);
    const std::string own = score(normed, ".target"), other = score(normed, ".source");
    const Activation activation = stage_.activation.value();
    const std::string attended = make_aggregation(writer_, activation)
                                     ->attend({values, own, other, stage_.heads, head_width()});
    return writer_.activate(
        writer_.graph().node("Add", {attended, writer_.constant(stage_.name + ".bias")}),
        activation);
  }

 private:
  [[nodiscard]] std::int64_t head_width() const { return stage_.width / stage_.heads; }

  std::string score(const std::string& normed, const char* vectors) {
    return product(normed, stage_.name + vectors, score_weight(vectors), stage_.heads);
  }

  // [H, W] with rows vector_h . W_h
  [[nodiscard]] std::vector<float> score_weight(const char* vectors) const {
    const auto &weight = writer_.weights().at(stage_.name + ".weight").values,
               &vector = writer_.weights().at(stage_.name + vectors).values;
    std::vector<float> result;
    for (std::int64_t head = 0; head < stage_.heads; ++head) {
      for (std::int64_t column = 0; column < stage_.width; ++column) {
        double sum = 0;
        for (std::int64_t row = head * head_width(); row < (head + 1) * head_width(); ++row) {
          sum += static_cast<double>(vector[static_cast<std::size_t>(row)]) *
                 weight[static_cast<std::size_t>(row * stage_.width + column)];
        }
        result.push_back(static_cast<float>(sum));
      }
    }
    return result;
  }

  std::string product(const std::string& x, const std::string& name,
                      const std::vector<float>& weight, std::int64_t rows) {
    auto& graph = writer_.graph();
    const std::string constant =
        graph.constant(name, std::span<const float>(weight), {rows, stage_.width});
    return graph.node("Gemm", {x, constant}, {{"transB", std::int64_t{1}}});
  }

  NetworkWriter& writer_;
  const Stage& stage_;
};

}  // namespace

std::string write_graph_attention(NetworkWriter& writer, const Stage& stage,
                                  const StageInputs& inputs) {
  return GraphAttention(writer, stage).write(inputs.front());
}

}  // namespace stationhit::exporter
