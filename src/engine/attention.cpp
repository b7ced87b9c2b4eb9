#include "attention.hpp"

#include <algorithm>

#include <stationhit/architecture/numerical_constants.hpp>
#include <stationhit/kernels/group_attention.hpp>
#include <stationhit/kernels/neighbor_attention.hpp>
#include <stationhit/kernels/row_operations.hpp>

namespace stationhit::engine {

void GraphAttention::run(const Run& run) const {
  auto& memory = run.memory();
  const Matrix values = run.write(parts_.value_rows), a = run.write(parts_.target_rows),
               b = run.write(parts_.source_rows), attended = run.write(parts_.attended);
  for_blocks(run, values.rows, [&](std::size_t first, std::size_t n) {
    const auto panels = panels_of(*parts_.input, run, first, n);
    kernels::multiply(panels, parts_.values, {}, rows_from(values, first, n));
    kernels::multiply(panels, parts_.target, {}, rows_from(a, first, n));
    kernels::multiply(panels, parts_.source, {}, rows_from(b, first, n));
  });
  kernels::Edges edges = memory.graphs[parts_.graph].table;
  if (parts_.neighborhood == Neighborhood::group) edges = kernels::NodeGroups{run.inputs().offsets};
  const kernels::AttentionScores<float> scores{a, b,
                                               static_cast<float>(architecture::attention_slope)};
  kernels::attend_to_neighbors(edges, scores, values, memory.attention, attended);
  const Matrix out = run.write(parts_.out);
  const ConstMatrix after = parts_.after ? run.read(*parts_.after) : ConstMatrix();
  const bool is_slope = parts_.activation.is_slope();
  kernels::finish_rows(attended, repeated_row(parts_.bias), parts_.activation.slope(),
                       is_slope ? after : ConstMatrix(), is_slope ? out : attended);
  if (is_slope) return;
  parts_.activation.apply(attended);
  kernels::finish_rows(attended, {}, 1, after, out);
}

void SelfAttention::run(const Run& run) const {
  const Matrix projected = run.write(projected_), out = run.write(out_);
  for_blocks(run, projected.rows, [&](std::size_t first, std::size_t n) {
    kernels::multiply(panels_of(*input_, run, first, n), projection_, {},
                      rows_from(projected, first, n));
  });
  const std::size_t width = out_.width;
  const kernels::NodeGroups groups{run.inputs().offsets};
  kernels::attend_in_groups(groups, heads_,
                            {projected.columns_from(0, width), projected.columns_from(width, width),
                             projected.columns_from(2 * width, width)},
                            run.memory().attention, out);
}

}  // namespace stationhit::engine
