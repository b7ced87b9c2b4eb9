#include "linear_weights.hpp"

namespace stationhit::engine {
namespace {

// Below it there is nothing to gain.
constexpr std::size_t least_bfloat16_inputs = 16;

struct Product {
  const Run& run;
  std::span<const kernels::Panel> panels;
  const kernels::ProductEnd& end;
  const Matrix& out;

  void operator()(const kernels::PackedWeights& weights) const {
    kernels::multiply(panels, weights, end, out);
  }
  template <class Weights>
  void operator()(const Weights& weights) const {
    kernels::multiply(panels, weights, end, run.memory().converted, out);
  }
};

}  // namespace

LinearWeights::LinearWeights(ConstMatrix weight, std::span<const float> bias, Precision precision) {
  if (precision == Precision::bfloat16 && weight.columns >= least_bfloat16_inputs) {
    form_ = kernels::Bfloat16Weights(weight, bias);
  } else {
    form_ = kernels::PackedWeights(weight, bias);
  }
}

std::size_t LinearWeights::inputs() const {
  return std::visit([](const auto& weights) { return weights.inputs(); }, form_);
}
std::size_t LinearWeights::outputs() const {
  return std::visit([](const auto& weights) { return weights.outputs(); }, form_);
}
std::size_t LinearWeights::bytes() const {
  return std::visit([](const auto& weights) { return weights.bytes(); }, form_);
}

void LinearWeights::multiply(const Run& run, const LeftFactor& left, const kernels::ProductEnd& end,
                             const Matrix& out) const {
  if (const auto* rounded = std::get_if<kernels::Bfloat16Rows>(&left))
    return kernels::multiply(*rounded, std::get<kernels::Bfloat16Weights>(form_), end, out);
  const auto panels = std::get<std::span<const kernels::Panel>>(left);
  std::visit(Product{run, panels, end, out}, form_);
}

void LinearWeights::multiply_edges(const Run& run, const kernels::EdgeList& edges,
                                   const kernels::EdgeTerms& terms, const kernels::Panel& values,
                                   const Matrix& out) const {
  if (const auto* weights = std::get_if<kernels::PackedWeights>(&form_))
    return kernels::multiply_edges(edges, terms, values, *weights, out);
  kernels::gather_terms(edges, terms.p, terms.q, out);
  multiply(run, values, {.slope = terms.slope, .before = out}, out);
}

void LinearWeights::add_largest_products(const Run& run, const kernels::EdgeList& edges,
                                         const Matrix& rows, std::size_t most,
                                         const Matrix& totals) const {
  if (const auto* weights = std::get_if<kernels::PackedWeights>(&form_))
    return kernels::add_largest_products(edges, kernels::panel_of(rows), *weights, totals);
  const Matrix products =
      rows_from(run.memory().scratch.matrix(most, totals.columns), 0, rows.rows);
  multiply(run, kernels::panel_of(rows), {}, products);
  kernels::combine_edges(edges, products, kernels::Combination::largest, totals);
}

}  // namespace stationhit::engine
