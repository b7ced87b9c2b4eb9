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
    const LeftFactor left =
        left_factor(*parts_.input, run, first, n, {&parts_.values, &parts_.target, &parts_.source});
    parts_.values.multiply(run, left, {}, rows_from(values, first, n));
    parts_.target.multiply(run, left, {}, rows_from(a, first, n));
    parts_.source.multiply(run, left, {}, rows_from(b, first, n));
  });
  kernels::Edges edges = memory.graphs[parts_.graph].table;
  if (parts_.neighborhood == Neighborhood::group) edges = kernels::NodeGroups{run.inputs().offsets};
  const kernels::AttentionScores<float> scores{a, b,
                                               static_cast<float>(architecture::attention_slope)};
  kernels::attend_to_neighbors(edges, scores, values, memory.attention, attended);
  const Matrix out = run.write(parts_.out);
  const ConstMatrix after = run.read(parts_.after);
  const bool is_slope = parts_.activation.is_slope();
  kernels::finish_rows(attended, repeated_row(parts_.bias), parts_.activation.slope(),
                       is_slope ? after : ConstMatrix(), is_slope ? out : attended);
  if (is_slope) return;
  parts_.activation.apply(attended);
  kernels::finish_rows(attended, {}, 1, after, out);
}

void SelfAttention::run(const Run& run) const {
  // Groups are taken together up to this number of rows.
  constexpr std::int64_t most_rows = 96;
  run.write(parts_.out);
  const auto offsets = run.inputs().offsets;
  for (std::size_t first = 0; first + 1 < offsets.size();) {
    std::size_t end = first + 1;
    while (end + 1 < offsets.size() && offsets[end + 1] - offsets[first] <= most_rows) ++end;
    run_groups(run, offsets.subspan(first, end - first + 1));
    first = end;
  }
}

void SelfAttention::run_groups(const Run& run, std::span<const std::int64_t> offsets) const {
  auto& memory = run.memory();
  memory.scratch.reset();
  const auto first = static_cast<std::size_t>(offsets.front());
  const std::size_t n = static_cast<std::size_t>(offsets.back()) - first, width = parts_.out.width;
  if (n == 0) return;
  memory.local_offsets.clear();
  for (const std::int64_t offset : offsets)
    memory.local_offsets.push_back(offset - offsets.front());
  // What a product writes behind its columns is written over by the next one.
  const Matrix projected = memory.scratch.matrix(n, 2 * width + kernels::padded_columns(width));
  const Matrix attended = memory.scratch.matrix(n, width);
  const auto panels = panels_of(*parts_.input, run, first, n);
  std::size_t column = 0;
  for (const LinearWeights& part : parts_.projections) {
    part.multiply(run, panels, {}, projected.columns_from(column, part.outputs()));
    column += part.outputs();
  }
  kernels::attend_in_groups({memory.local_offsets}, parts_.heads,
                            {projected.columns_from(0, width), projected.columns_from(width, width),
                             projected.columns_from(2 * width, width)},
                            memory.attention, attended);
  const ConstMatrix after = run.read(parts_.after);
  parts_.last.multiply(run, kernels::panel_of(attended), {.after = rows_from(after, first, n)},
                       rows_from(run.write(parts_.out), first, n));
}

std::size_t SelfAttention::bytes() const {
  std::size_t sum = parts_.last.bytes();
  for (const LinearWeights& part : parts_.projections) sum += part.bytes();
  return sum;
}

}  // namespace stationhit::engine
