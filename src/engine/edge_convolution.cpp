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

// Numbers of the messages that are visited together: they stay in the first-level cache.
constexpr std::size_t batch_numbers = 6144;

// The edges of the table that exist.
kernels::EdgeList list_edges(kernels::NeighborTable table, Memory& memory) {
  constexpr std::size_t slack = 7;
  const std::size_t room = table.rows * table.columns + slack;
  auto &sources = memory.edge_sources, &targets = memory.edge_targets;
  if (sources.size() < room) sources.resize(room);
  if (targets.size() < room) targets.resize(room);
  const std::size_t n = kernels::list_edges(table, sources.data(), targets.data());
  return {std::span(sources).first(n), std::span(targets).first(n)};
}

// As many rows of numbers that take half of the memory, behind one more.
MatrixView<kernels::OrderedBfloat16> rounded(const Matrix& q) {
  auto* first = reinterpret_cast<kernels::OrderedBfloat16*>(q.data);
  return {first + q.stride, q.rows, q.columns, q.stride};
}

}  // namespace

void EdgeNumbers::run(const Run& run) const {
  constexpr auto per_resolution = static_cast<float>(1 / architecture::edge_resolution);
  const std::size_t rows = run.rows(rows_), width = numbers_.size(), stride = stride_of(width);
  float* out = run.memory().buffers[static_cast<std::size_t>(buffer_)].reserve(rows * stride);
  for_blocks(run, rows, [&](std::size_t first, std::size_t n) {
    const float* numbers = numbers_.of_rows(run, first, n);
    for (std::size_t i = first; i < first + n; ++i, numbers += width) {
      float* to = std::transform(numbers, numbers + width, out + i * stride,
                                 [](float x) { return x * per_resolution; });
      std::fill(to, out + (i + 1) * stride, 0.0F);
    }
  });
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
  const bool keeps_p = !by_table() && (parts_.visits_edges || !is_max());
  fill_q(run, /*with_p=*/keeps_p || !makes_p());
  if (parts_.visits_edges) {
    by_table() ? visit_table(run) : visit_groups(run);
  } else {
    keeps_p ? sum_groups(run) : combine(run);
  }
}

// q of all rows, and p with it where the input would have to be made a second time.
void EdgeConvolution::fill_q(const Run& run, bool with_p) const {
  const Matrix q = run.write(parts_.q);
  const Matrix p = with_p ? run.write(parts_.p) : Matrix();
  if (rounds_q()) std::fill_n(rounded(q).data - q.stride, q.stride, kernels::lowest_ordered);
  for_blocks(run, q.rows, [&](std::size_t first, std::size_t n) {
    const LeftFactor left = left_factor(*parts_.input, run, first, n,
                                        {&parts_.other, with_p ? &parts_.own : &parts_.other});
    if (rounds_q()) {
      kernels::multiply(std::get<kernels::Bfloat16Rows>(left), *parts_.other.in_bfloat16(),
                        run.memory().converted, rows_from(rounded(q), first, n));
    } else {
      parts_.other.multiply(run, left, {}, rows_from(q, first, n));
    }
    if (with_p) parts_.own.multiply(run, left, {}, rows_from(p, first, n));
  });
}

// p of the rows of a block.
ConstMatrix EdgeConvolution::own_terms(const Run& run, std::size_t first, std::size_t n) const {
  if (!makes_p()) return rows_from(run.read(parts_.p), first, n);
  const Matrix p = run.memory().scratch.matrix(n, parts_.p.width);
  parts_.own.multiply(run, panels_of(*parts_.input, run, first, n), {}, p);
  return p;
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
  for_blocks(run, rows, [&](std::size_t first, std::size_t n) {
    combine_block(run, rows_from(table, first, n), own_terms(run, first, n), q, first, n);
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

float EdgeConvolution::start_of_totals() const {
  return is_max() ? -std::numeric_limits<float>::infinity() : 0.0F;
}

// Whole rows of the table at a time: what belongs to them does not leave the cache.
void EdgeConvolution::visit_table(const Run& run) const {
  auto& memory = run.memory();
  const kernels::NeighborTable table = memory.graphs[parts_.graph].table;
  const std::size_t of_row =
      std::max<std::size_t>(table.columns, 1) * kernels::padded_columns(parts_.q.width);
  const std::size_t rows_at_once = std::clamp<std::size_t>(batch_numbers / of_row, 1, block_rows);
  run.write(parts_.out);
  for (std::size_t first = 0; first < table.rows; first += rows_at_once) {
    const std::size_t n = std::min(rows_at_once, table.rows - first);
    memory.scratch.reset();
    const Matrix totals = memory.scratch.matrix(n, parts_.q.width);
    std::fill_n(totals.data, n * totals.stride, start_of_totals());
    const ConstMatrix p = own_terms(run, first, n);
    const kernels::EdgeList edges = list_edges(rows_from(table, first, n), memory);
    visit_batch(run, {edges, first, rows_at_once * table.columns}, p, totals);
    finish_totals(run, totals, p, first);
  }
}

void EdgeConvolution::visit_groups(const Run& run) const {
  auto& memory = run.memory();
  auto &sources = memory.edge_sources, &targets = memory.edge_targets;
  const Matrix totals = run.write(parts_.totals);
  const ConstMatrix p = run.read(parts_.p);
  std::fill_n(totals.data, totals.rows * totals.stride, start_of_totals());
  const std::size_t most = std::max<std::size_t>(batch_numbers / totals.stride, 1);
  sources.clear();
  targets.clear();
  const auto flush = [&] {
    memory.scratch.reset();
    visit_batch(run, {{sources, targets}, 0, most}, p, totals);
    sources.clear();
    targets.clear();
  };
  const auto offsets = run.inputs().offsets;
  for (std::size_t i = 0; i < totals.rows; ++i) {
    const auto group = static_cast<std::size_t>(memory.group_of_node[i]);
    for (auto j = offsets[group]; j < offsets[group + 1]; ++j) {
      sources.push_back(static_cast<std::int32_t>(j));
      targets.push_back(static_cast<std::int32_t>(i));
      if (sources.size() == most) flush();
    }
  }
  if (!sources.empty()) flush();
  run.write(parts_.out);
  for_blocks(run, totals.rows, [&](std::size_t block, std::size_t n) {
    finish_totals(run, rows_from(totals, block, n), rows_from(p, block, n), block);
  });
}

// p and totals: of the targets.
void EdgeConvolution::visit_batch(const Run& run, const EdgeBatch& batch, const ConstMatrix& p,
                                  const Matrix& totals) const {
  const ConstMatrix q = run.read(parts_.q);
  // p and the activation can wait for the maximum, unless a second layer follows.
  const bool whole = !is_max() || parts_.second;
  const ActivationStep activation = whole ? parts_.activation : ActivationStep();
  const Matrix messages =
      messages_of(run, batch, {whole ? p : ConstMatrix(), q, activation.slope()});
  activation.apply(messages);
  if (is_max() && parts_.second)
    return parts_.second->add_largest_products(run, batch.edges, messages, batch.most, totals);
  const auto how = is_max() ? kernels::Combination::largest : kernels::Combination::sum;
  kernels::combine_edges(batch.edges, messages, how, totals);
}

// The values of an edge are sign(d) log(1 + |d|) edge_factor, with the differences d of the numbers
// of its ends.
Matrix EdgeConvolution::messages_of(const Run& run, const EdgeBatch& batch,
                                    const kernels::EdgeTerms& terms) const {
  auto& scratch = run.memory().scratch;
  const std::size_t n = batch.edges.source.size();
  const Matrix messages = rows_from(scratch.matrix(batch.most, terms.q.columns), 0, n);
  if (!parts_.of_edges) {
    kernels::gather_terms(batch.edges, terms.p, terms.q, messages);
    kernels::finish_rows(messages, {}, terms.slope, {}, messages);
    return messages;
  }
  const std::size_t width = parts_.of_edges->inputs(), stride = EdgeNumbers::stride_of(width);
  const float* numbers = run.memory().buffers[static_cast<std::size_t>(parts_.edge_buffer)].data();
  const std::size_t all = n * width, padded = kernels::padded_columns(all);
  float* values = scratch.take(kernels::padded_columns(batch.most * width) + stride);
  kernels::subtract_own(batch.edges, {numbers, terms.q.rows, width, stride},
                        {numbers + batch.first * stride, terms.q.rows - batch.first, width, stride},
                        values);
  std::fill(values + all, values + padded, 0.0F);
  kernels::apply_signed_logarithm({values, padded}, static_cast<float>(architecture::edge_factor));
  parts_.of_edges->multiply_edges(run, batch.edges, terms, {values, width, width}, messages);
  return messages;
}

// From the totals of the messages to the output.
void EdgeConvolution::finish_totals(const Run& run, const Matrix& totals, const ConstMatrix& p,
                                    std::size_t first) const {
  if (is_max()) {
    finish_largest(totals, p);
  } else if (parts_.aggregation == Aggregation::mean) {
    divide_by_count(run, totals, first);
  }
  if (!is_max() && parts_.second) return add_second(run, totals, first);
  kernels::finish_rows(totals, {}, 1, rows_from(run.read(parts_.after), first, totals.rows),
                       rows_from(run.write(parts_.out), first, totals.rows));
}

// Adds what is the same for all messages of a row. Without any the maximum stays at minus infinity,
// and 0 takes its place.
void EdgeConvolution::finish_largest(const Matrix& totals, const ConstMatrix& p) const {
  const ConstMatrix same = parts_.second ? repeated_row(parts_.second_bias) : p;
  const float slope = parts_.second ? 1 : parts_.activation.slope();
  kernels::finish_rows(totals, same, slope, {}, totals);
  for (std::size_t i = 0; i < totals.rows; ++i)
    if (std::isinf(totals.row(i)[0])) std::fill_n(totals.row(i), totals.stride, 0.0F);
}

void EdgeConvolution::divide_by_count(const Run& run, const Matrix& block,
                                      std::size_t first) const {
  for (std::size_t i = 0; i < block.rows; ++i) {
    const float count = std::max(count_of(run, first + i), 1.0F);
    for (float& total : std::span(block.row(i), block.stride)) total /= count;
  }
}

}  // namespace stationhit::engine
