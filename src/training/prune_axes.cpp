#include "prune_axes.hpp"

#include <numeric>

#include <stationhit/models/cost.hpp>

namespace stationhit::training {
namespace {

using Units = std::vector<std::int64_t>;

Units range(std::int64_t n, std::int64_t first = 0) {
  Units units(static_cast<std::size_t>(n));
  std::iota(units.begin(), units.end(), first);
  return units;
}

Units repeated(const Units& units, int times) {
  Units all;
  for (int i = 0; i < times; ++i) all.insert(all.end(), units.begin(), units.end());
  return all;
}

bool ends_with_any(const std::string& name, std::initializer_list<const char*> ends) {
  for (const char* end : ends) {
    if (name.ends_with(end)) return true;
  }
  return false;
}

// "blocks.3.attention.in.weight" -> "3"
std::string number_after(const std::string& name, const std::string& prefix) {
  return name.substr(prefix.size(), name.find('.', prefix.size()) - prefix.size());
}

class Axes {
 public:
  Axes(const architecture::ModelConfig& model, const std::vector<std::string>& feature_names)
      : model_(model), layout_(models::encoded_layout(model.encoding, feature_names)) {}

  [[nodiscard]] std::vector<AxisUse> of(const std::string& name) const {
    if (name.starts_with("encoding.")) return of_encoding(name);
    if (name.starts_with("head.")) return of_head(name);
    if (name.starts_with("bands.")) return of_band(name);
    if (name == "input.weight")
      return {made("width", width()), read("scales", 1, encoded_columns())};
    if (name == "input.bias") return {made("width", width())};
    if (name.starts_with("blocks.")) return of_block(name);
    return {};
  }

 private:
  [[nodiscard]] Units width() const { return range(model_.width); }
  static AxisUse made(const std::string& axis, Units units) {
    return {axis, 0, std::move(units), true};
  }
  static AxisUse read(const std::string& axis, std::int64_t dimension, Units units) {
    return {axis, dimension, std::move(units), false};
  }

  // The scale of every column of the encoded input, -1 for the others.
  [[nodiscard]] Units encoded_columns() const {
    const auto scales = static_cast<std::int64_t>(model_.encoding.scales.size());
    const auto numbers = static_cast<std::int64_t>(layout_.numbers.size());
    Units units;
    if (model_.encoding.type == architecture::EncodingType::hybrid)
      units.assign(layout_.numbers.size(), -1);
    const std::int64_t waves = layout_.continuous - static_cast<std::int64_t>(units.size());
    for (std::int64_t i = 0; i < waves; ++i)
      units.push_back(model_.encoding.type == architecture::EncodingType::none
                          ? -1
                          : i / (2 * numbers) % scales);
    units.insert(units.end(), static_cast<std::size_t>(layout_.discrete), -1);
    return units;
  }

  [[nodiscard]] std::vector<AxisUse> of_encoding(const std::string& name) const {
    const bool linear = model_.encoding.type == architecture::EncodingType::linear &&
                        ends_with_any(name, {".weight", ".bias"});
    if (linear) return {read("scales", 0, encoded_columns())};
    if (name == "encoding.frequencies")
      return {read("scales", 0, range(static_cast<std::int64_t>(model_.encoding.scales.size())))};
    return {};
  }

  [[nodiscard]] std::vector<AxisUse> of_head(const std::string& name) const {
    const auto layer = static_cast<std::size_t>(std::stoi(number_after(name, "head.")));
    std::vector<AxisUse> uses;
    if (layer < model_.head.size())
      uses.push_back(made("head." + std::to_string(layer), range(model_.head[layer])));
    if (!name.ends_with("weight")) return uses;
    uses.push_back(
        layer == 0 ? read("width", 1, width())
                   : read("head." + std::to_string(layer - 1), 1, range(model_.head[layer - 1])));
    return uses;
  }

  // An EdgeConv of its own for every band, each with a part of the width and of the scales.
  [[nodiscard]] std::vector<AxisUse> of_band(const std::string& name) const {
    const auto band = static_cast<std::size_t>(std::stoi(number_after(name, "bands.")));
    const std::int64_t of_width = model_.width / model_.bands;
    const AxisUse rows = made("width", range(of_width, static_cast<std::int64_t>(band) * of_width));
    if (name.ends_with("bias")) return {rows};
    if (name.find("message.1") != std::string::npos) return {rows, read("width", 1, rows.units)};
    const auto columns = models::band_columns(model_, layout_);
    const Units all = encoded_columns();
    const auto first =
        all.begin() + std::accumulate(columns.begin(),
                                      columns.begin() + static_cast<std::ptrdiff_t>(band),
                                      std::int64_t{0});
    Units input(first, first + columns[band]);
    input.insert(input.end(), static_cast<std::size_t>(layout_.discrete), -1);
    return {rows, read("scales", 1, repeated(input, 2))};
  }

  [[nodiscard]] std::vector<AxisUse> of_block(const std::string& name) const {
    const std::string block = number_after(name, "blocks.");
    if (ends_with_any(name, {".norm.weight", ".norm.bias"})) return {read("width", 0, width())};
    if (model_.architecture == "edgeconv_attention") return of_attention_block(name, block);
    if (is_flattened(name) || name.ends_with("bias")) return {made("width", width())};
    const bool message = name.find("message.0.weight") != std::string::npos;
    return {made("width", width()), read("width", 1, message ? repeated(width(), 2) : width())};
  }

  [[nodiscard]] std::vector<AxisUse> of_attention_block(const std::string& name,
                                                        const std::string& block) const {
    const bool attention = name.find(".attention.") != std::string::npos,
               in = name.find(".in.") != std::string::npos;
    const std::string axis = (attention ? "attention." : "feed_forward.") + block;
    const Units inner = attention ? width() : range(model_.feed_forward);
    std::vector<AxisUse> uses{in ? made(axis, attention ? repeated(inner, 3) : inner)
                                 : made("width", width())};
    if (name.ends_with("weight"))
      uses.push_back(in ? read("width", 1, width()) : read(axis, 1, inner));
    return uses;
  }

  const architecture::ModelConfig& model_;
  models::EncodedLayout layout_;
};

}  // namespace

bool is_flattened(const std::string& tensor) {
  return ends_with_any(tensor, {".target", ".source"});
}

std::vector<AxisUse> axes_of(const std::string& name, const architecture::ModelConfig& model,
                             const std::vector<std::string>& feature_names) {
  return Axes(model, feature_names).of(name);
}

}  // namespace stationhit::training
