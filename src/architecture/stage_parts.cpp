#include "stage_parts.hpp"

#include <numeric>

namespace stationhit::architecture {

Units unit_range(std::int64_t n, std::int64_t first) {
  Units units(static_cast<std::size_t>(n));
  std::iota(units.begin(), units.end(), first);
  return units;
}

Side side_without_axis(std::int64_t size) { return {"", unit_range(size)}; }

Side repeated(const Side& side, int times) {
  Side all{side.axis, {}};
  for (int i = 0; i < times; ++i)
    all.units.insert(all.units.end(), side.units.begin(), side.units.end());
  return all;
}

Side joined(Side side, const Side& behind) {
  side.units.insert(side.units.end(), behind.units.size(), -1);
  return side;
}

std::vector<AxisUse> axis_uses(const Side& outputs, const Side& inputs) {
  std::vector<AxisUse> uses;
  if (!outputs.axis.empty()) uses.push_back({outputs.axis, 0, outputs.units, AxisRole::makes});
  if (!inputs.axis.empty()) uses.push_back({inputs.axis, 1, inputs.units, AxisRole::reads});
  return uses;
}

void add_linear(Stage& stage, const std::string& name, const Side& inputs, const Side& outputs,
                std::uint64_t Work::*per) {
  const std::int64_t in = inputs.size(), out = outputs.size();
  stage.tensors.push_back(
      {name + ".weight", {out, in}, TensorKind::parameter, axis_uses(outputs, inputs)});
  stage.tensors.push_back({name + ".bias", {out}, TensorKind::parameter, axis_uses(outputs)});
  stage.linear_layers.push_back(name);
  stage.work.*per += static_cast<std::uint64_t>(2 * in * out);
}

void add_convolution(Stage& stage, const std::string& name, std::int64_t in, std::int64_t out,
                     std::int64_t cells) {
  stage.tensors.push_back({name + ".weight", {out, in, 3, 3}});
  stage.tensors.push_back({name + ".bias", {out}});
  stage.work.flops_per_event += 2 * static_cast<std::uint64_t>(9 * in * out * cells);
}

std::string arrow_text(std::int64_t in, std::int64_t out) {
  return std::to_string(in) + " -> " + std::to_string(out);
}

}  // namespace stationhit::architecture
