#include "edge_convolution.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <stationhit/architecture/numerical_constants.hpp>
#include <stationhit/kernels/neighbor_combination.hpp>
#include <stationhit/kernels/row_operations.hpp>

namespace stationhit::engine {
namespace {

using architecture::Aggregation;
using kernels::Panel;

// Messages that are visited together.
constexpr std::size_t batch_edges = 96;

// As many rows of numbers that take half of the memory, behind one more.
MatrixView<kernels::OrderedBfloat16> rounded(const Matrix& q) {
  auto* first = reinterpret_cast<kernels::OrderedBfloat16*>(q.data);
  return {first + q.stride, q.rows, q.columns, q.stride};
}

}  // namespace

// sign(d) log(1 + |d|) edge_factor with d = x_j / resolution - x_i / resolution
void EdgeValues::run(const Run& run) const {
  constexpr auto per_resolution = static_cast<float>(1 / architecture::edge_resolution);
  const kernels::NeighborTable table = run.memory().graphs[graph_].table;
  const std::size_t rows = table.rows, width = numbers_.size();
  const std::size_t all = rows * table.columns * width;
  auto& buffers = run.memory().buffers;
  float* out = buffers[static_cast<std::size_t>(buffer_)].reserve(kernels::padded_columns(all));
  float* own = run.memory().edge_numbers.reserve(rows * width);
  for_blocks(run, rows, [&](std::size_t first, std::size_t n) {
    const float* numbers = numbers_.of_rows(run, first, n);
    std::transform(numbers, numbers + n * width, own + first * width,
                   [](float x) { return x * per_resolution; });
  });
  kernels::subtract_own(table, {own, rows, width}, out);
  std::fill(out + all, out + kernels::padded_columns(all), 0.0F);
  kernels::apply_signed_logarithm({out, kernels::padded_columns(all)},
                                  static_cast<float>(architecture::edge_factor));
}

bool EdgeConvolution::visits_edges(const architecture::Stage& stage) {
  const bool two_under_max =
      stage.linear_layers.size() > 1 && stage.aggregation == Aggregation::max;
  return two_under_max || !stage.edge_columns.empty() ||
         !ActivationStep(stage.activation).is_slope();
}

std::size_t EdgeConvolution::bytes() const {
  std::size_t sum = parts_.own.bytes() + parts_.other.bytes();
  if (parts_.second) sum += parts_.second->bytes();
  if (parts_.of_edges) sum += parts_.of_edges->bytes();
  return sum;
}

void EdgeConvolution::run(const Run& run) const {
  if (parts_.totals.buffer >= 0) {
    fill_q(run, /*with_p=*/true);
    visit_edges(run);
  } else if (!is_max() && !by_table()) {
    fill_q(run, /*with_p=*/true);
    sum_groups(run);
  } else {
    fill_q(run, /*with_p=*/!parts_.input->is_free());
    combine(run);
  }
}

// q of all rows, and p with it where the input would have to be made a second time.
void EdgeConvolution::fill_q(const Run& run, bool with_p) const {
  const Matrix q = run.write(parts_.q);
  const Matrix p = with_p ? run.write(parts_.p) : Matrix();
  if (rounds_q()) std::fill_n(rounded(q).data - q.stride, q.stride, kernels::lowest_ordered);
  for_blocks(run, q.rows, [&](std::size_t first, std::size_t n) {
    const auto panels = panels_of(*parts_.input, run, first, n);
    if (rounds_q()) {
      parts_.other.multiply_rounded(run, panels, rows_from(rounded(q), first, n));
    } else {
      parts_.other.multiply(run, panels, {}, rows_from(q, first, n));
    }
    if (with_p) parts_.own.multiply(run, panels, {}, rows_from(p, first, n));
  });
}

// Messages without anything of their own. In groups the maximum is the same for all rows: it is the
// one neighbor of each of them.
void EdgeConvolution::combine(const Run& run) const {
  auto& memory = run.memory();
  ConstMatrix q = run.read(parts_.q);
  const std::size_t rows = run.rows(parts_.out);
  run.write(parts_.out);
  kernels::NeighborTable table = memory.graphs[parts_.graph].table;
  if (!by_table()) {
    const kernels::NodeGroups groups{run.inputs().offsets};
    const std::size_t n_groups = groups.offsets.empty() ? 0 : groups.offsets.size() - 1;
    const Matrix largest{memory.attention.reserve(n_groups * q.stride), n_groups, q.columns,
                         q.stride};
    kernels::largest_of_groups(groups, q, largest);
    q = largest;
    table = {memory.group_of_node.data(), rows, 1};
  }
  const bool has_p = !parts_.input->is_free();
  for_blocks(run, rows, [&](std::size_t first, std::size_t n) {
    Matrix p;
    if (!has_p) {
      p = memory.scratch.matrix(n, parts_.p.width);
      parts_.own.multiply(run, panels_of(*parts_.input, run, first, n), {}, p);
    }
    const ConstMatrix own = has_p ? rows_from(run.read(parts_.p), first, n) : ConstMatrix(p);
    combine_block(run, rows_from(table, first, n), own, q, first, n);
  });
}

void EdgeConvolution::combine_block(const Run& run, kernels::NeighborTable table, ConstMatrix p,
                                    ConstMatrix q, std::size_t first, std::size_t n) const {
  const ConstMatrix after = rows_from(run.read(parts_.after), first, n);
  const Matrix out = rows_from(run.write(parts_.out), first, n);
  const float slope = parts_.activation.slope();
  if (rounds_q()) {
    const kernels::RoundedMessages messages{p, rounded(run.write(parts_.q)), after, slope, out};
    return kernels::add_largest(table, messages);
  }
  if (is_max()) return kernels::add_largest(table, kernels::Messages{p, q, after, slope, out});
  if (!parts_.second) return kernels::add_sums(table, {p, q, after, slope, out}, reduction());
  const Matrix sums = run.memory().scratch.matrix(n, out.columns);
  kernels::add_sums(table, {p, q, {}, slope, sums}, reduction());
  add_second(run, sums, first);
}

void EdgeConvolution::sum_groups(const Run& run) const {
  const kernels::NodeGroups groups{run.inputs().offsets};
  const ConstMatrix p = run.read(parts_.p), q = run.read(parts_.q);
  const ConstMatrix after = run.read(parts_.after);
  const Matrix out = run.write(parts_.out);
  const float slope = parts_.activation.slope();
  if (!parts_.second) return kernels::add_sums(groups, {p, q, after, slope, out}, reduction());
  // The sum of a node may take the place of its p.
  const Matrix sums = run.write(parts_.p);
  kernels::add_sums(groups, {p, q, {}, slope, sums}, reduction());
  for_blocks(run, sums.rows, [&](std::size_t first, std::size_t n) {
    add_second(run, rows_from(sums, first, n), first);
  });
}

// The second layer commutes with a sum; its bias counts once per edge (mean: once if there is one).
void EdgeConvolution::add_second(const Run& run, const Matrix& sums, std::size_t first) const {
  const Matrix out = rows_from(run.write(parts_.out), first, sums.rows);
  const Matrix biases = run.memory().scratch.matrix(sums.rows, out.columns);
  for (std::size_t i = 0; i < sums.rows; ++i) {
    const float count = count_of(run, first + i);
    const float times = parts_.aggregation == Aggregation::mean ? std::min(count, 1.0F) : count;
    std::ranges::transform(parts_.second_bias, biases.row(i),
                           [times](float bias) { return times * bias; });
  }
  const ConstMatrix after = rows_from(run.read(parts_.after), first, sums.rows);
  parts_.second->multiply(run, kernels::panel_of(sums), {.before = biases, .after = after}, out);
}

float EdgeConvolution::count_of(const Run& run, std::size_t row) const {
  if (!by_table()) {
    const auto group = static_cast<std::size_t>(run.memory().group_of_node[row]);
    const auto offsets = run.inputs().offsets;
    return static_cast<float>(offsets[group + 1] - offsets[group]);
  }
  const kernels::NeighborTable table = run.memory().graphs[parts_.graph].table;
  const std::span neighbors(table.row(row), table.columns);
  return static_cast<float>(std::ranges::count_if(neighbors, [](auto j) { return j >= 0; }));
}

// The edges of all rows in batches. By table there are k places for every row, also
// where there is no neighbor, in the order of the EdgeValues.
void EdgeConvolution::visit_edges(const Run& run) const {
  auto& memory = run.memory();
  const Matrix totals = run.write(parts_.totals);
  std::fill_n(totals.data, totals.rows * totals.stride,
              is_max() ? -std::numeric_limits<float>::infinity() : 0.0F);
  if (by_table()) {
    visit_table(run);
  } else {
    visit_groups(run);
  }
  finish_totals(run);
}

// Whole rows of the table at a time.
void EdgeConvolution::visit_table(const Run& run) const {
  auto& memory = run.memory();
  const kernels::NeighborTable table = memory.graphs[parts_.graph].table;
  const std::size_t rows_at_once = std::max<std::size_t>(1, batch_edges / table.columns);
  auto &sources = memory.edge_sources, &targets = memory.edge_targets;
  for (std::size_t first = 0; first < table.rows; first += rows_at_once) {
    const std::size_t end = std::min(first + rows_at_once, table.rows);
    sources.clear();
    targets.clear();
    for (std::size_t i = first; i < end; ++i) {
      sources.insert(sources.end(), table.row(i), table.row(i) + table.columns);
      targets.insert(targets.end(), table.columns, static_cast<std::int32_t>(i));
    }
    memory.scratch.reset();
    visit_batch(run, {sources, targets}, first * table.columns);
  }
}

void EdgeConvolution::visit_groups(const Run& run) const {
  auto& memory = run.memory();
  auto &sources = memory.edge_sources, &targets = memory.edge_targets;
  sources.clear();
  targets.clear();
  const auto flush = [&] {
    memory.scratch.reset();
    visit_batch(run, {sources, targets}, 0);  // groups have no values of edges
    sources.clear();
    targets.clear();
  };
  const auto offsets = run.inputs().offsets;
  for (std::size_t i = 0; i < run.rows(parts_.totals); ++i) {
    const auto group = static_cast<std::size_t>(memory.group_of_node[i]);
    for (auto j = offsets[group]; j < offsets[group + 1]; ++j) {
      sources.push_back(static_cast<std::int32_t>(j));
      targets.push_back(static_cast<std::int32_t>(i));
      if (sources.size() == batch_edges) flush();
    }
  }
  if (!sources.empty()) flush();
}

void EdgeConvolution::visit_batch(const Run& run, const kernels::EdgeList& edges,
                                  std::size_t first_edge) const {
  auto& memory = run.memory();
  const ConstMatrix q = run.read(parts_.q);
  // p and the activation can wait for the maximum, unless a second layer follows.
  const bool whole = !is_max() || parts_.second;
  const ConstMatrix p = whole ? run.read(parts_.p) : ConstMatrix();
  Matrix messages = memory.scratch.matrix(edges.source.size(), q.columns);
  kernels::gather_terms(edges, p, q, messages);
  const ActivationStep activation = whole ? parts_.activation : ActivationStep();
  if (parts_.of_edges) {
    const std::size_t width = parts_.of_edges->inputs();
    const float* values = memory.buffers[static_cast<std::size_t>(parts_.edge_buffer)].data();
    const Panel panel{values + first_edge * width, width, width};
    parts_.of_edges->multiply(run, panel, {.slope = activation.slope(), .before = messages},
                              messages);
  } else {
    kernels::finish_rows(messages, {}, activation.slope(), {}, messages);
  }
  activation.apply(messages);
  if (is_max() && parts_.second) {
    const Matrix second = memory.scratch.matrix(messages.rows, messages.columns);
    parts_.second->multiply(run, kernels::panel_of(messages), {}, second);
    messages = second;
  }
  const auto how = is_max() ? kernels::Combination::largest : kernels::Combination::sum;
  kernels::combine_edges(edges, messages, how, run.write(parts_.totals));
}

// From the totals of the messages to the output.
void EdgeConvolution::finish_totals(const Run& run) const {
  const Matrix totals = run.write(parts_.totals), out = run.write(parts_.out);
  const ConstMatrix after = run.read(parts_.after);
  for_blocks(run, totals.rows, [&](std::size_t first, std::size_t n) {
    const Matrix block = rows_from(totals, first, n);
    if (is_max()) {
      finish_largest(run, block, first);
    } else if (parts_.aggregation == Aggregation::mean) {
      divide_by_count(run, block, first);
    }
    if (!is_max() && parts_.second) return add_second(run, block, first);
    kernels::finish_rows(block, {}, 1, rows_from(after, first, n), rows_from(out, first, n));
  });
}

// Adds what is the same for all messages of a row. Without any the maximum stays at minus infinity,
// and 0 takes its place.
void EdgeConvolution::finish_largest(const Run& run, const Matrix& block, std::size_t first) const {
  const ConstMatrix same = parts_.second ? repeated_row(parts_.second_bias)
                                         : rows_from(run.read(parts_.p), first, block.rows);
  const float slope = parts_.second ? 1 : parts_.activation.slope();
  kernels::finish_rows(block, same, slope, {}, block);
  for (std::size_t i = 0; i < block.rows; ++i)
    if (std::isinf(block.row(i)[0])) std::fill_n(block.row(i), block.stride, 0.0F);
}

void EdgeConvolution::divide_by_count(const Run& run, const Matrix& block,
                                      std::size_t first) const {
  for (std::size_t i = 0; i < block.rows; ++i) {
    const float count = std::max(count_of(run, first + i), 1.0F);
    for (float& total : std::span(block.row(i), block.stride)) total /= count;
  }
}

}  // namespace stationhit::engine
