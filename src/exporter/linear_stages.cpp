// Stages that work on every row by itself.
#include "network_writer.hpp"

namespace stationhit::exporter {

std::string write_linear(NetworkWriter& writer, const Stage& stage, const StageInputs& inputs) {
  return writer.activate(writer.linear(inputs.front(), stage.linear_layers.front()),
                         stage.activation.value());
}

std::string write_feed_forward(NetworkWriter& writer, const Stage& stage,
                               const StageInputs& inputs) {
  const std::string hidden = writer.activate(
      writer.linear(inputs.front(), stage.linear_layers.front()), stage.activation.value());
  return writer.linear(hidden, stage.linear_layers.back());
}

std::string write_concatenation(NetworkWriter& writer, const Stage& /*stage*/,
                                const StageInputs& inputs) {
  return writer.graph().node("Concat", inputs, {{"axis", std::int64_t{1}}});
}

std::string write_head(NetworkWriter& writer, const Stage& stage, const StageInputs& inputs) {
  std::string hidden = inputs.front();
  for (std::size_t i = 0; i + 1 < stage.linear_layers.size(); ++i)
    hidden =
        writer.activate(writer.linear(hidden, stage.linear_layers[i]), stage.activation.value());
  return writer.linear(hidden, stage.linear_layers.back(), writer.output_name(stage));
}

}  // namespace stationhit::exporter
