#include "operand.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include <stationhit/architecture/numerical_constants.hpp>
#include <stationhit/architecture/tensor_names.hpp>
#include <stationhit/features/features.hpp>
#include <stationhit/kernels/row_operations.hpp>

namespace stationhit::engine {
namespace {

using architecture::EncodingType;
using architecture::prefix_of;
using kernels::Panel;

std::vector<std::int64_t> all_numbers(const architecture::Stage& encoding,
                                      const std::vector<std::string>& feature_names) {
  std::vector<std::int64_t> all(
      architecture::encoded_layout(encoding.encoding.value(), feature_names).numbers.size());
  std::iota(all.begin(), all.end(), std::int64_t{0});
  return all;
}

}  // namespace

std::span<const Panel> panels_of(const Operand& operand, const Run& run, std::size_t first,
                                 std::size_t n) {
  auto& panels = run.memory().panels;
  panels.clear();
  operand.append(run, first, n, panels);
  return panels;
}

LeftFactor left_factor(const Operand& operand, const Run& run, std::size_t first, std::size_t n,
                       std::initializer_list<const LinearWeights*> weights) {
  const auto is_rounded = [](const LinearWeights* one) { return one->in_bfloat16() != nullptr; };
  if (!std::ranges::all_of(weights, is_rounded)) return panels_of(operand, run, first, n);
  const kernels::Bfloat16Weights& form = *(*weights.begin())->in_bfloat16();
  if (const auto rounded = operand.round(run, first, n, form)) return *rounded;
  return kernels::round_rows(panels_of(operand, run, first, n), 0, n, form, run.memory().rounded);
}

void ValueOperand::append(const Run& run, std::size_t first, std::size_t /*n*/,
                          std::vector<Panel>& panels) const {
  const ConstMatrix values = run.read(value_);
  panels.push_back({values.row(first), values.stride, value_.width});
}

NormedOperand::NormedOperand(const Value& value, const WeightReader& weights,
                             const std::string& stage)
    : value_(value),
      weight_(weights.padded(stage + ".norm.weight", value.width)),
      bias_(weights.padded(stage + ".norm.bias", value.width)) {}

void NormedOperand::append(const Run& run, std::size_t first, std::size_t n,
                           std::vector<Panel>& panels) const {
  const Matrix normed = run.memory().scratch.matrix(n, value_.width);
  kernels::normalize_rows(rows_from(run.read(value_), first, n),
                          {weight_, bias_, static_cast<float>(architecture::norm_epsilon)}, normed);
  panels.push_back(kernels::panel_of(normed));
}

std::size_t JoinedOperand::columns() const {
  return std::accumulate(
      parts_.begin(), parts_.end(), std::size_t{0},
      [](std::size_t sum, const OperandPointer& part) { return sum + part->columns(); });
}

void JoinedOperand::append(const Run& run, std::size_t first, std::size_t n,
                           std::vector<Panel>& panels) const {
  for (const OperandPointer& part : parts_) part->append(run, first, n, panels);
}

NormalizedNumbers::NormalizedNumbers(const Value& features, const architecture::Stage& encoding,
                                     const std::vector<std::string>& feature_names,
                                     const std::vector<std::int64_t>& selection,
                                     const WeightReader& weights)
    : features_(features), limit_(static_cast<float>(encoding.encoding.value().limit)) {
  const auto numbers = architecture::encoded_layout(*encoding.encoding, feature_names).numbers;
  const std::string mean = prefix_of(encoding) + "normalization.mean";
  const bool is_normalized = weights.has(mean);
  for (const auto number : selection) {
    const auto i = static_cast<std::size_t>(number);
    columns_.push_back(static_cast<std::size_t>(numbers.at(i)));
    in_a_row_ = in_a_row_ && columns_.back() == columns_.front() + columns_.size() - 1;
    // Without a normalization (x - 0) * 1, which is x.
    mean_.push_back(is_normalized ? weights.at(mean, numbers.size())[i] : 0);
    inv_std_.push_back(
        is_normalized ? weights.at(prefix_of(encoding) + "normalization.inv_std", numbers.size())[i]
                      : 1);
  }
}

float* NormalizedNumbers::of_rows(const Run& run, std::size_t first, std::size_t n) const {
  const ConstMatrix features = run.read(features_);
  const std::size_t width = size(), all = n * width;
  float* numbers = run.memory().scratch.take(kernels::padded_columns(all));
  const float *mean = mean_.data(), *inv_std = inv_std_.data();
  float* to = numbers;
  for (std::size_t i = first; i < first + n; ++i, to += width) {
    const float* row = features.row(i);
    if (in_a_row_ && width > 0) {
      const float* x = row + columns_.front();
      for (std::size_t c = 0; c < width; ++c) to[c] = (x[c] - mean[c]) * inv_std[c];
    } else {
      for (std::size_t c = 0; c < width; ++c) to[c] = (row[columns_[c]] - mean[c]) * inv_std[c];
    }
  }
  // NaN stays NaN.
  if (limit_ > 0)
    for (float& x : std::span(numbers, all)) x = std::clamp(x, -limit_, limit_);
  std::fill(to, numbers + kernels::padded_columns(all), 0.0F);
  return numbers;
}

EncodedOperand::EncodedOperand(const Value& features, const architecture::Stage& encoding,
                               const std::vector<architecture::ColumnRange>& ranges,
                               const std::vector<std::string>& feature_names,
                               const WeightReader& weights)
    : features_(features),
      type_(encoding.encoding.value().type),
      numbers_(features, encoding, feature_names, all_numbers(encoding, feature_names), weights) {
  const auto& config = *encoding.encoding;
  const auto layout = architecture::encoded_layout(config, feature_names);
  for (const auto& [first, end] : ranges)
    ranges_.push_back({static_cast<std::size_t>(first), static_cast<std::size_t>(end)});
  is_whole_ = ranges_.empty();
  if (is_whole_) ranges_.push_back({0, static_cast<std::size_t>(layout.width())});
  for (const auto& range : ranges_) n_columns_ += range.end - range.first;
  const std::string name = prefix_of(encoding) + "encoding";
  n_scales_ = config.scales.size();
  if (type_ == EncodingType::linear) {
    linear_ = weights.linear(name, numbers_.size(), static_cast<std::size_t>(layout.continuous));
  } else if (has_waves()) {
    const std::size_t per_scale = type_ == EncodingType::fourier ? 1 : numbers_.size();
    waves_ = {weights.matrix(name + ".frequencies", n_scales_, per_scale), numbers_.size(),
              block_rows};
  }
  for (const auto column : layout.codes) {
    const std::string& feature = feature_names[static_cast<std::size_t>(column)];
    const auto codes = features::codes_of(feature);
    Codes of_feature{static_cast<std::size_t>(column), static_cast<float>(codes.first),
                     static_cast<float>(codes.count)};
    const auto rows = static_cast<std::size_t>(codes.count) + 1;
    of_feature.width = rows;
    if (config.discrete == architecture::DiscreteEncoding::embedding) {
      of_feature.width = static_cast<std::size_t>(config.embedding_width);
      const auto table =
          weights.at(std::string(name).append(".").append(feature), rows * of_feature.width);
      of_feature.table.assign(table.begin(), table.end());
    }
    codes_.push_back(std::move(of_feature));
  }
}

bool EncodedOperand::is_read(std::size_t first, std::size_t end) const {
  return std::ranges::any_of(
      ranges_, [&](const Columns& range) { return range.first < end && first < range.end; });
}

// All columns of the encoding become panels, those that nobody reads without data.
void EncodedOperand::append(const Run& run, std::size_t first, std::size_t n,
                            std::vector<Panel>& panels) const {
  const float* numbers = numbers_.of_rows(run, first, n);
  auto& all = run.memory().encoded_panels;
  all.clear();
  if (type_ == EncodingType::none || type_ == EncodingType::hybrid)
    all.push_back({numbers, numbers_.size(), numbers_.size()});
  if (type_ == EncodingType::linear) {
    const Matrix out = run.memory().scratch.matrix(n, linear_.outputs());
    const Panel panel{numbers, numbers_.size(), numbers_.size()};
    linear_.multiply(run, panel, {}, out);
    all.push_back(kernels::panel_of(out));
  } else if (type_ != EncodingType::none) {
    append_waves(run, numbers, n, all);
  }
  append_codes(run, first, n, all);
  append_selected(all, panels);
}

std::optional<kernels::Bfloat16Rows> EncodedOperand::round(
    const Run& run, std::size_t first, std::size_t n,
    const kernels::Bfloat16Weights& weights) const {
  if (!is_whole_ || !has_waves() || !weights.in_pairs()) return {};
  const float* numbers = numbers_.of_rows(run, first, n);
  const Panel itself{numbers, numbers_.size(), numbers_.size()};
  const std::size_t n_before = type_ == EncodingType::hybrid ? 1 : 0;
  auto& codes = run.memory().encoded_panels;
  codes.clear();
  append_codes(run, first, n, codes);
  return kernels::round_encoded({{&itself, n_before}, waves_, numbers, codes}, n, weights,
                                run.memory().rounded);
}

// Scales that nobody reads are not computed.
void EncodedOperand::append_waves(const Run& run, const float* numbers, std::size_t n,
                                  std::vector<Panel>& all) const {
  const std::size_t of_scale = 2 * numbers_.size();
  const std::size_t before = type_ == EncodingType::hybrid ? numbers_.size() : 0;
  std::size_t first = 0, last = n_scales_;
  while (first < last && !is_read(before + first * of_scale, before + (first + 1) * of_scale))
    ++first;
  while (first < last && !is_read(before + (last - 1) * of_scale, before + last * of_scale)) --last;
  float* planes = run.memory().scratch.take(2 * (last - first) * waves_.plane());
  waves_.encode(numbers, n, first, last, planes);
  for (std::size_t plane = 0; plane < 2 * n_scales_; ++plane) {
    const bool exists = plane >= 2 * first && plane < 2 * last;
    all.push_back({exists ? planes + (plane - 2 * first) * waves_.plane() : nullptr,
                   numbers_.size(), numbers_.size()});
  }
}

// A vector for every feature that is a code: unknown codes have the last one of the table.
void EncodedOperand::append_codes(const Run& run, std::size_t first, std::size_t n,
                                  std::vector<Panel>& all) const {
  const ConstMatrix features = run.read(features_);
  for (const Codes& codes : codes_) {
    float* out = run.memory().scratch.take(n * codes.width);
    all.push_back({out, codes.width, codes.width});
    for (std::size_t i = first; i < first + n; ++i, out += codes.width) {
      const float place = features.row(i)[codes.column] - codes.first;
      const bool known = place >= 0 && place < codes.count && place == std::floor(place);
      const auto code = static_cast<std::size_t>(known ? place : codes.count);
      if (codes.table.empty()) {
        std::fill_n(out, codes.width, 0.0F);
        out[code] = 1;
      } else {
        std::copy_n(codes.table.data() + code * codes.width, codes.width, out);
      }
    }
  }
}

void EncodedOperand::append_selected(std::span<const Panel> all, std::vector<Panel>& panels) const {
  for (const Columns& range : ranges_) {
    std::size_t column = 0;
    for (const Panel& panel : all) {
      const std::size_t first = std::max(range.first, column),
                        end = std::min(range.end, column + panel.columns);
      if (first < end) panels.push_back({panel.data + (first - column), panel.stride, end - first});
      column += panel.columns;
    }
  }
}

}  // namespace stationhit::engine
