// The lanes of a vector hold columns of one row, so a maximum or a sum over neighbors goes over
// whole rows and never across lanes: every instruction set gives the same bits. The maximum keeps
// the row number of the winner in a second vector next to the values; the backward pass then only
// adds each gradient to the row that won. Highway compiles the upper part of this file once per
// instruction set, the lower part selects one at run time.
#include <limits>
#include <type_traits>
#include <vector>

#include <stationhit/kernels/messages.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "messages.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "columns-inl.hpp"
#include "rows-inl.hpp"

#ifndef STATIONHIT_KERNELS_MESSAGE_FUNCTIONS
#define STATIONHIT_KERNELS_MESSAGE_FUNCTIONS
namespace stationhit::kernels {

// The functions that every target provides.
template <class Real>
struct MessageFunctions {
  decltype(&max_message<Real>) max;
  decltype(&max_message_backward<Real>) max_backward;
  decltype(&sum_message<Real>) sum;
  decltype(&sum_message_backward<Real>) sum_backward;
  decltype(&kernels::gather<Real>) gather;
  decltype(&kernels::gather_backward<Real>) gather_backward;
};

}  // namespace stationhit::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// x if x > 0, otherwise slope * x.
template <class D, class V>
HWY_INLINE V activate(D d, V x, V slope) {
  return hn::IfThenElse(hn::Gt(x, hn::Zero(d)), x, hn::Mul(slope, x));
}

template <class D, class Real = hn::TFromD<D>>
HWY_INLINE void add_to(D d, hn::Vec<D> value, Real* sum) {
  hn::StoreU(hn::Add(hn::LoadU(d, sum), value), d, sum);
}

template <class Real>
// p[i] + q[j] is largest over j where q[j] is, because p[i] is the same for all j: the maximum runs
// over q alone, and the activation, which never decreases, is applied once.
struct MaxRow {
  const std::int32_t* neighbors;
  std::size_t k;
  const Real* p;
  MatrixView<const Real> q;
  Real slope;
  Real* out;
  std::int32_t* winner;
};

// Row numbers are kept as floating-point numbers in lanes next to the values (exact below 2^24) and
// stored as int32.
template <class D, class V>
HWY_INLINE void store_rows(D /*d*/, V rows, std::int32_t* to) {
  const hn::Rebind<std::int32_t, D> di;
  if constexpr (sizeof(hn::TFromD<D>) == sizeof(std::int32_t)) {
    hn::StoreU(hn::ConvertTo(di, rows), di, to);
  } else {
    hn::StoreU(hn::DemoteTo(di, rows), di, to);
  }
}

// Loads int32 codes as floating-point numbers; only their sign is used, and it is exact.
template <class D>
HWY_INLINE hn::Vec<D> load_codes(D d, const std::int32_t* from) {
  const auto codes = hn::LoadU(hn::Rebind<std::int32_t, D>(), from);
  if constexpr (sizeof(hn::TFromD<D>) == sizeof(std::int32_t)) {
    return hn::ConvertTo(d, codes);
  } else {
    return hn::PromoteTo(d, codes);
  }
}

// Updates the largest value so far and the row it came from.
template <class D, class V, class Real = hn::TFromD<D>>
HWY_INLINE void take_larger(D d, const Real* values, V row, V& best, V& source) {
  const auto value = hn::LoadU(d, values);
  const auto larger = hn::Gt(value, best);
  best = hn::IfThenElse(larger, value, best);
  source = hn::IfThenElse(larger, row, source);
}

template <class D, class V, class Real = hn::TFromD<D>>
HWY_INLINE void store_max(D d, const MaxRow<Real>& row, std::size_t c, V best, V source) {
  // The winner is stored as j where the activation passed the value on, as -2 - j where it applied
  // its slope, and as -1 where there was no neighbor. The backward pass then needs neither p nor q.
  const auto none = hn::Lt(source, hn::Zero(d));
  const auto x = hn::Add(hn::LoadU(d, row.p + c), best);
  const auto passed = hn::Or(hn::Gt(x, hn::Zero(d)), none);
  hn::StoreU(hn::IfThenZeroElse(none, activate(d, x, hn::Set(d, row.slope))), d, row.out + c);
  store_rows(d, hn::IfThenElse(passed, source, hn::Sub(hn::Set(d, Real{-2}), source)),
             row.winner + c);
}

template <class D, class Real = hn::TFromD<D>>
HWY_INLINE void max_columns(D d, const MaxRow<Real>& row, std::size_t c) {
  auto best = hn::Set(d, -std::numeric_limits<Real>::infinity()), source = hn::Set(d, Real{-1});
  for (std::size_t n = 0; n < row.k; ++n) {
    const std::int32_t j = row.neighbors[n];
    if (j >= 0)
      take_larger(d, row.q.row(static_cast<std::size_t>(j)) + c, hn::Set(d, static_cast<Real>(j)),
                  best, source);
  }
  store_max(d, row, c, best, source);
}

// Processes four vectors together, so that the work per neighbor is done once for all of them.
template <class D, class Real = hn::TFromD<D>>
HWY_INLINE void max_four_vectors(D d, const MaxRow<Real>& row, std::size_t c) {
  const std::size_t lanes = hn::Lanes(d);
  auto best0 = hn::Set(d, -std::numeric_limits<Real>::infinity()), best1 = best0, best2 = best0,
       best3 = best0;
  auto source0 = hn::Set(d, Real{-1}), source1 = source0, source2 = source0, source3 = source0;
  for (std::size_t n = 0; n < row.k; ++n) {
    const std::int32_t j = row.neighbors[n];
    if (j < 0) continue;
    const Real* values = row.q.row(static_cast<std::size_t>(j)) + c;
    const auto from = hn::Set(d, static_cast<Real>(j));
    take_larger(d, values, from, best0, source0);
    take_larger(d, values + lanes, from, best1, source1);
    take_larger(d, values + 2 * lanes, from, best2, source2);
    take_larger(d, values + 3 * lanes, from, best3, source3);
  }
  store_max(d, row, c, best0, source0);
  store_max(d, row, c + lanes, best1, source1);
  store_max(d, row, c + 2 * lanes, best2, source2);
  store_max(d, row, c + 3 * lanes, best3, source3);
}

template <class Real>
void max_over_table(const NeighborTable& table, MatrixView<const Real> p, MatrixView<const Real> q,
                    Real slope, MatrixView<Real> out, MatrixView<std::int32_t> winner) {
  const hn::ScalableTag<Real> d;
  const std::size_t step = 4 * hn::Lanes(d), in_fours = p.columns / step * step;
  for (std::size_t i = 0; i < table.rows; ++i) {
    const MaxRow<Real> row{table.row(i), table.columns, p.row(i),     q,
                           slope,        out.row(i),    winner.row(i)};
    for (std::size_t c = 0; c < in_fours; c += step) max_four_vectors(d, row, c);
    for_columns<Real>(p.columns - in_fours,
                      [&](auto e, std::size_t c) HWY_ATTR { max_columns(e, row, in_fours + c); });
  }
}

template <class Real>
// All nodes of a group have the same neighbors, so the maximum over q is found once per group.
void max_over_groups(const NodeGroups& groups, MatrixView<const Real> p, MatrixView<const Real> q,
                     Real slope, MatrixView<Real> out, MatrixView<std::int32_t> winner) {
  for_groups(groups, [&](std::size_t begin, std::size_t end) HWY_ATTR {
    for_columns<Real>(p.columns, [&](auto d, std::size_t c) HWY_ATTR {
      auto best = hn::Set(d, -std::numeric_limits<Real>::infinity()), source = hn::Set(d, Real{-1});
      for (std::size_t j = begin; j < end; ++j)
        take_larger(d, q.row(j) + c, hn::Set(d, static_cast<Real>(j)), best, source);
      for (std::size_t i = begin; i < end; ++i)
        store_max(d, MaxRow<Real>{nullptr, 0, p.row(i), q, slope, out.row(i), winner.row(i)}, c,
                  best, source);
    });
  });
}

template <class Real>
void max_message(const Edges& edges, MatrixView<const Real> p, MatrixView<const Real> q, Real slope,
                 MatrixView<Real> out, MatrixView<std::int32_t> winner) {
  if (const auto* table = std::get_if<NeighborTable>(&edges)) {
    max_over_table(*table, p, q, slope, out, winner);
  } else {
    max_over_groups(*std::get_if<NodeGroups>(&edges), p, q, slope, out, winner);
  }
}

// Computes what one node passes on: the gradient of its columns and the rows of q that receive it.
template <class D, class Real = hn::TFromD<D>>
HWY_INLINE void pass_on(D d, const std::int32_t* code, std::int32_t own_row, const Real* in,
                        Real slope, Real* out, std::int32_t* rows) {
  const hn::Rebind<std::int32_t, D> di;
  const auto winner = hn::LoadU(di, code), none = hn::Set(di, -1), zero = hn::Zero(di);
  const auto row = hn::IfThenElse(hn::Gt(none, winner), hn::Sub(hn::Set(di, -2), winner), winner);
  // Without neighbors the gradient is 0, so any row may receive it.
  hn::StoreU(hn::IfThenElse(hn::Gt(zero, row), hn::Set(di, own_row), row), di, rows);
  const auto codes = load_codes(d, code), above = hn::LoadU(d, in);
  const auto below =
      hn::IfThenZeroElse(hn::Eq(codes, hn::Set(d, Real{-1})), hn::Mul(hn::Set(d, slope), above));
  hn::StoreU(hn::IfThenElse(hn::Ge(codes, hn::Zero(d)), above, below), d, out);
}

// The last step is scalar, because the columns of a row go to different rows. It has no branches,
// because the signs are practically random and would be mispredicted.
template <class Real>
void max_message_backward(MatrixView<const std::int32_t> winner, Real slope,
                          MatrixView<const Real> gradient, MatrixView<Real> p_gradient,
                          MatrixView<Real> q_gradient) {
  std::vector<std::int32_t> rows(winner.columns);
  for (std::size_t i = 0; i < winner.rows; ++i) {
    Real* own = p_gradient.row(i);
    for_columns<Real>(winner.columns, [&](auto d, std::size_t c) HWY_ATTR {
      pass_on(d, winner.row(i) + c, static_cast<std::int32_t>(i), gradient.row(i) + c, slope,
              own + c, rows.data() + c);
    });
    for (std::size_t c = 0; c < winner.columns; ++c)
      q_gradient.row(static_cast<std::size_t>(rows[c]))[c] += own[c];
  }
}

template <class Row>
HWY_INLINE std::size_t degree(const Row& row) {
  if constexpr (Row::has_itself) return row.size;
  std::size_t count = 0;
  for (std::size_t n = 0; n < row.size; ++n) count += row[n] >= 0 ? 1 : 0;
  return count;
}

template <class Real, class Row>
HWY_INLINE Real divisor(const Row& row, Reduction reduction) {
  return reduction == Reduction::sum ? Real{1}
                                     : static_cast<Real>(HWY_MAX(std::size_t{1}, degree(row)));
}

template <class Real>
void sum_message(const Edges& edges, MatrixView<const Real> p, MatrixView<const Real> q, Real slope,
                 Reduction reduction, MatrixView<Real> out) {
  for_rows(edges, [&](std::size_t i, const auto& row) HWY_ATTR {
    const Real divided_by = divisor<Real>(row, reduction);
    for_columns<Real>(p.columns, [&](auto d, std::size_t c) HWY_ATTR {
      const auto own = hn::LoadU(d, p.row(i) + c), below = hn::Set(d, slope);
      auto sum = hn::Zero(d);
      for (std::size_t n = 0; n < row.size; ++n) {
        if (row[n] < 0) continue;
        const auto other = hn::LoadU(d, q.row(static_cast<std::size_t>(row[n])) + c);
        sum = hn::Add(sum, activate(d, hn::Add(own, other), below));
      }
      hn::StoreU(hn::Div(sum, hn::Set(d, divided_by)), d, out.row(i) + c);
    });
  });
}

template <class Real>
// The sum before the activation is computed again instead of being stored: that costs one addition
// per edge and column, where storing would cost that much memory.
void sum_message_backward(const Edges& edges, MatrixView<const Real> p, MatrixView<const Real> q,
                          Real slope, Reduction reduction, MatrixView<const Real> gradient,
                          MatrixView<Real> p_gradient, MatrixView<Real> q_gradient) {
  for_rows(edges, [&](std::size_t i, const auto& row) HWY_ATTR {
    const Real divided_by = divisor<Real>(row, reduction);
    for_columns<Real>(p.columns, [&](auto d, std::size_t c) HWY_ATTR {
      const auto own = hn::LoadU(d, p.row(i) + c);
      const auto above = hn::Div(hn::LoadU(d, gradient.row(i) + c), hn::Set(d, divided_by)),
                 below = hn::Mul(above, hn::Set(d, slope));
      auto sum = hn::Zero(d);
      for (std::size_t n = 0; n < row.size; ++n) {
        if (row[n] < 0) continue;
        const auto j = static_cast<std::size_t>(row[n]);
        const auto x = hn::Add(own, hn::LoadU(d, q.row(j) + c));
        const auto change = hn::IfThenElse(hn::Gt(x, hn::Zero(d)), above, below);
        sum = hn::Add(sum, change);
        add_to(d, change, q_gradient.row(j) + c);
      }
      hn::StoreU(sum, d, p_gradient.row(i) + c);
    });
  });
}

template <class Real>
void gather(NeighborTable table, MatrixView<const Real> values, MatrixView<Real> out) {
  for (std::size_t edge = 0; edge < out.rows; ++edge) {
    const std::int32_t j = table.row(edge / table.columns)[edge % table.columns];
    for_columns<Real>(out.columns, [&](auto d, std::size_t c) HWY_ATTR {
      hn::StoreU(j < 0 ? hn::Zero(d) : hn::LoadU(d, values.row(static_cast<std::size_t>(j)) + c), d,
                 out.row(edge) + c);
    });
  }
}

template <class Real>
void gather_backward(NeighborTable table, MatrixView<const Real> gradient,
                     MatrixView<Real> values_gradient) {
  for (std::size_t edge = 0; edge < gradient.rows; ++edge) {
    const std::int32_t j = table.row(edge / table.columns)[edge % table.columns];
    if (j < 0) continue;
    for_columns<Real>(gradient.columns, [&](auto d, std::size_t c) HWY_ATTR {
      add_to(d, hn::LoadU(d, gradient.row(edge) + c),
             values_gradient.row(static_cast<std::size_t>(j)) + c);
    });
  }
}

template <class Real>
constexpr MessageFunctions<Real> message_functions{max_message<Real>, max_message_backward<Real>,
                                                   sum_message<Real>, sum_message_backward<Real>,
                                                   gather<Real>,      gather_backward<Real>};
const MessageFunctions<float>* float_message_functions() { return &message_functions<float>; }
const MessageFunctions<double>* double_message_functions() { return &message_functions<double>; }

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {
namespace {

HWY_EXPORT(float_message_functions);
HWY_EXPORT(double_message_functions);

// Selects the functions of the best target for this processor.
template <class Real>
const MessageFunctions<Real>& best_functions() {
  if constexpr (std::is_same_v<Real, float>) {
    return *HWY_DYNAMIC_DISPATCH(float_message_functions)();
  } else {
    return *HWY_DYNAMIC_DISPATCH(double_message_functions)();
  }
}

}  // namespace

template <class Real>
void max_message(const Edges& edges, MatrixView<const Real> p, MatrixView<const Real> q, Real slope,
                 MatrixView<Real> out, MatrixView<std::int32_t> winner) {
  best_functions<Real>().max(edges, p, q, slope, out, winner);
}

template <class Real>
void max_message_backward(MatrixView<const std::int32_t> winner, Real slope,
                          MatrixView<const Real> gradient, MatrixView<Real> p_gradient,
                          MatrixView<Real> q_gradient) {
  best_functions<Real>().max_backward(winner, slope, gradient, p_gradient, q_gradient);
}

template <class Real>
void sum_message(const Edges& edges, MatrixView<const Real> p, MatrixView<const Real> q, Real slope,
                 Reduction reduction, MatrixView<Real> out) {
  best_functions<Real>().sum(edges, p, q, slope, reduction, out);
}

template <class Real>
void sum_message_backward(const Edges& edges, MatrixView<const Real> p, MatrixView<const Real> q,
                          Real slope, Reduction reduction, MatrixView<const Real> gradient,
                          MatrixView<Real> p_gradient, MatrixView<Real> q_gradient) {
  best_functions<Real>().sum_backward(edges, p, q, slope, reduction, gradient, p_gradient,
                                      q_gradient);
}

template <class Real>
void gather(NeighborTable table, MatrixView<const Real> values, MatrixView<Real> out) {
  best_functions<Real>().gather(table, values, out);
}

template <class Real>
void gather_backward(NeighborTable table, MatrixView<const Real> gradient,
                     MatrixView<Real> values_gradient) {
  best_functions<Real>().gather_backward(table, gradient, values_gradient);
}

#define STATIONHIT_INSTANTIATE(Real)                                                               \
  template void max_message(const Edges&, MatrixView<const Real>, MatrixView<const Real>, Real,    \
                            MatrixView<Real>, MatrixView<std::int32_t>);                           \
  template void max_message_backward(MatrixView<const std::int32_t>, Real, MatrixView<const Real>, \
                                     MatrixView<Real>, MatrixView<Real>);                          \
  template void sum_message(const Edges&, MatrixView<const Real>, MatrixView<const Real>, Real,    \
                            Reduction, MatrixView<Real>);                                          \
  template void sum_message_backward(const Edges&, MatrixView<const Real>, MatrixView<const Real>, \
                                     Real, Reduction, MatrixView<const Real>, MatrixView<Real>,    \
                                     MatrixView<Real>);                                            \
  template void gather(NeighborTable, MatrixView<const Real>, MatrixView<Real>);                   \
  template void gather_backward(NeighborTable, MatrixView<const Real>, MatrixView<Real>);
STATIONHIT_INSTANTIATE(float)
STATIONHIT_INSTANTIATE(double)
#undef STATIONHIT_INSTANTIATE

}  // namespace stationhit::kernels
#endif
