#include "row_operations.hpp"

#include <algorithm>

namespace stationhit::engine {

void RowLayers::run(const Run& run) const {
  const Matrix out = run.write(out_);
  const ConstMatrix after = run.read(after_);
  for_blocks(run, out.rows, [&](std::size_t first, std::size_t n) {
    LeftFactor left = left_factor(*input_, run, first, n, {&layers_.front().weights});
    for (const Layer& layer : std::span(layers_).first(layers_.size() - 1)) {
      const Matrix hidden = run.memory().scratch.matrix(n, layer.weights.outputs());
      run_layer(run, left, layer.weights, layer.activation, {}, hidden);
      auto& panels = run.memory().panels;
      panels.assign(1, kernels::panel_of(hidden));
      left = std::span<const kernels::Panel>(panels);
    }
    const Layer& last = layers_.back();
    run_layer(run, left, last.weights, last.activation, rows_from(after, first, n),
              rows_from(out, first, n));
  });
}

std::size_t RowLayers::bytes() const {
  std::size_t sum = 0;
  for (const Layer& layer : layers_) sum += layer.weights.bytes();
  return sum;
}

void Concatenation::run(const Run& run) const {
  const Matrix out = run.write(out_);
  std::size_t column = 0;
  for (const Value& part : parts_) {
    const ConstMatrix values = run.read(part);
    for (std::size_t i = 0; i < out.rows; ++i)
      std::copy_n(values.row(i), part.width, out.row(i) + column);
    column += part.width;
  }
  for (std::size_t i = 0; i < out.rows; ++i)
    std::fill(out.row(i) + column, out.row(i) + out.stride, 0.0F);
}

}  // namespace stationhit::engine
