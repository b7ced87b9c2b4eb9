#include "neighbour_ops.hpp"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <limits>

#include <ATen/Parallel.h>
#include <torch/torch.h>

// One copy of the inner loops per vector width; the processor's own is taken at run time.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define STATIONHIT_ANY_VECTOR_WIDTH __attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3")))
#else
#define STATIONHIT_ANY_VECTOR_WIDTH
#endif

namespace stationhit::models {
namespace {

using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

// Rows and columns that one task of a parallel loop takes at least. Backward passes split columns, never rows: every sum is then made by one
// thread in ascending order of the rows, and results do not depend on the number of threads.
constexpr std::int64_t row_grain = 256;
constexpr std::int64_t column_grain = 16;

// best[c] = max(best[c], value[c]), remembering in winner[c] the row it came from.
template <class Real>
[[gnu::always_inline]] inline void take_larger_body(const Real* __restrict value, std::int32_t row, std::int64_t n, Real* __restrict best,
                                                    std::int32_t* __restrict winner) {
  for (std::int64_t c = 0; c < n; ++c) {
    const bool larger = value[c] > best[c];
    best[c] = larger ? value[c] : best[c];
    winner[c] = larger ? row : winner[c];
  }
}
STATIONHIT_ANY_VECTOR_WIDTH void take_larger(const float* value, std::int32_t row, std::int64_t n, float* best, std::int32_t* winner) {
  take_larger_body(value, row, n, best, winner);
}
STATIONHIT_ANY_VECTOR_WIDTH void take_larger(const double* value, std::int32_t row, std::int64_t n, double* best, std::int32_t* winner) {
  take_larger_body(value, row, n, best, winner);
}

// Everything the loops over nodes need: sizes and the table.
struct Table {
  const std::int32_t* index;
  std::int64_t nodes, k, columns;
};

template <class Real>
void max_over_neighbours(const Table& table, const Real* values, std::int64_t node, Real* best, std::int32_t* winner) {
  std::fill_n(best, table.columns, -std::numeric_limits<Real>::infinity());
  std::fill_n(winner, table.columns, -1);
  const std::int32_t* row = table.index + node * table.k;
  for (std::int64_t slot = 0; slot < table.k; ++slot) {
    if (row[slot] >= 0) take_larger(values + row[slot] * table.columns, row[slot], table.columns, best, winner);
  }
  for (std::int64_t c = 0; c < table.columns; ++c) {
    if (winner[c] < 0) best[c] = Real{0};
  }
}

template <class Real>
void forward_max(const Table& table, const Real* values, Real* best, std::int32_t* winner) {
  at::parallel_for(0, table.nodes, row_grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) max_over_neighbours(table, values, i, best + i * table.columns, winner + i * table.columns);
  });
}

template <class Real>
void backward_max(const Table& table, const Real* gradient, const std::int32_t* winner, Real* result) {
  at::parallel_for(0, table.columns, column_grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = 0; i < table.nodes; ++i) {
      for (std::int64_t c = begin; c < end; ++c) {
        const auto source = winner[i * table.columns + c];
        if (source >= 0) result[source * table.columns + c] += gradient[i * table.columns + c];
      }
    }
  });
}

template <class Real>
void forward_gather(const Table& table, const Real* values, Real* result) {
  at::parallel_for(0, table.nodes * table.k, row_grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t edge = begin; edge < end; ++edge) {
      Real* out = result + edge * table.columns;
      const auto source = table.index[edge];
      source < 0 ? std::fill_n(out, table.columns, Real{0}) : std::copy_n(values + source * table.columns, table.columns, out);
    }
  });
}

template <class Real>
void backward_gather(const Table& table, const Real* gradient, Real* result) {
  at::parallel_for(0, table.columns, column_grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t edge = 0; edge < table.nodes * table.k; ++edge) {
      if (table.index[edge] < 0) continue;
      Real* __restrict out = result + table.index[edge] * table.columns;
      const Real* __restrict in = gradient + edge * table.columns;
      for (std::int64_t c = begin; c < end; ++c) out[c] += in[c];
    }
  });
}

Table view(const Tensor& neighbours, std::int64_t columns) {
  return {neighbours.const_data_ptr<std::int32_t>(), neighbours.size(0), neighbours.size(1), columns};
}

// Calls work(Real{}) with the type of the tensor.
template <class Work>
void for_real_type(const Tensor& tensor, Work&& work) {
  assert(tensor.scalar_type() == torch::kFloat || tensor.scalar_type() == torch::kDouble);
  tensor.scalar_type() == torch::kFloat ? work(float{}) : work(double{});
}

struct MaxFunction : torch::autograd::Function<MaxFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& values, const Tensor& neighbours) {
    const Tensor dense = values.contiguous();
    const Tensor best = torch::empty_like(dense);
    const Tensor winner = torch::empty(dense.sizes(), torch::kInt);
    for_real_type(dense, [&]<class Real>(Real) {
      forward_max(view(neighbours, dense.size(1)), dense.const_data_ptr<Real>(), best.data_ptr<Real>(), winner.data_ptr<std::int32_t>());
    });
    context->save_for_backward({winner});
    return best;
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const Tensor winner = context->get_saved_variables()[0];
    const Tensor gradient = gradients[0].contiguous();
    const Tensor result = torch::zeros_like(gradient);
    for_real_type(gradient, [&]<class Real>(Real) {
      const Table table{nullptr, gradient.size(0), 0, gradient.size(1)};
      backward_max(table, gradient.const_data_ptr<Real>(), winner.const_data_ptr<std::int32_t>(), result.data_ptr<Real>());
    });
    return {result, Tensor()};
  }
};

struct GatherFunction : torch::autograd::Function<GatherFunction> {
  static Tensor forward(AutogradContext* context, const Tensor& values, const Tensor& neighbours) {
    const Tensor dense = values.contiguous();
    const Tensor result = torch::empty({neighbours.size(0), neighbours.size(1), dense.size(1)}, dense.options());
    for_real_type(dense,
                  [&]<class Real>(Real) { forward_gather(view(neighbours, dense.size(1)), dense.const_data_ptr<Real>(), result.data_ptr<Real>()); });
    context->save_for_backward({neighbours});
    return result;
  }

  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const Tensor neighbours = context->get_saved_variables()[0];
    const Tensor gradient = gradients[0].contiguous();
    const Tensor result = torch::zeros({gradient.size(0), gradient.size(2)}, gradient.options());
    for_real_type(gradient, [&]<class Real>(Real) {
      backward_gather(view(neighbours, gradient.size(2)), gradient.const_data_ptr<Real>(), result.data_ptr<Real>());
    });
    return {result, Tensor()};
  }
};

}  // namespace

Tensor as_neighbour_table(const Tensor& neighbours, [[maybe_unused]] std::int64_t n_nodes) {
  assert(neighbours.dim() == 2 && neighbours.size(0) == n_nodes && neighbours.size(1) >= 1);
  return neighbours.to(torch::kInt).contiguous();
}

Tensor neighbour_max(const Tensor& values, const Tensor& neighbours) { return MaxFunction::apply(values, neighbours); }

Tensor gather_neighbours(const Tensor& values, const Tensor& neighbours) { return GatherFunction::apply(values, neighbours); }

}  // namespace stationhit::models
