#include <algorithm>
#include <cstdio>

#include <stationhit/config/load.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/models/cost.hpp>

#include "describe.hpp"

namespace stationhit::app {
namespace {

// The event for which work is stated: 220 buckets of 31 hits, every hit with k neighbors or, fully
// connected, with all hits of its bucket.
constexpr std::uint64_t n_buckets = 220, bucket_hits = 31, n_hits = n_buckets * bucket_hits;

std::string millions(std::uint64_t number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", static_cast<double>(number) / 1e6);
  return text;
}

std::uint64_t flops_of_event(const models::NetworkCost& cost, const graph::GraphConfig& graph) {
  const auto neighbors =
      graph::has_table(graph)
          ? std::min<std::uint64_t>(static_cast<std::uint64_t>(graph.k), bucket_hits - 1)
          : bucket_hits;
  return cost.flops(n_hits, n_hits * neighbors, n_hits * bucket_hits);
}

std::string row(const std::string& name, const std::string& description,
                const std::string& parameters, const std::string& mflop) {
  char line[256];
  std::snprintf(line, sizeof line, "%-28.40s %-62.90s %10s %10s\n", name.c_str(),
                description.c_str(), parameters.c_str(), mflop.c_str());
  return line;
}

constexpr int box_width = 560, box_height = 52, gap = 26, margin = 20;

std::string text_at(int x, int y, const std::string& style, const std::string& text) {
  return "  <text x=\"" + std::to_string(x) + "\" y=\"" + std::to_string(y) + "\" " + style + ">" +
         core::escape_markup(text) + "</text>\n";
}

std::string box(int y, const std::string& color, const std::string& title, const std::string& left,
                const std::string& right) {
  return "  <rect x=\"" + std::to_string(margin) + "\" y=\"" + std::to_string(y) + "\" width=\"" +
         std::to_string(box_width) + "\" height=\"" + std::to_string(box_height) +
         "\" rx=\"6\" fill=\"" + color + "\" stroke=\"#444\"/>\n" +
         text_at(margin + 12, y + 21, "font-weight=\"bold\"", title) +
         text_at(margin + 12, y + 41, "", left) +
         text_at(margin + box_width - 12, y + 21, "text-anchor=\"end\" fill=\"#555\"", right);
}

std::string arrow_to(int y) {
  const std::string x = std::to_string(margin + box_width / 2);
  return "  <path d=\"M" + x + " " + std::to_string(y - gap) + " V" + std::to_string(y - 2) +
         "\" stroke=\"#444\" marker-end=\"url(#head)\"/>\n";
}

// Stages that look at other hits stand out.
std::string color_of(const models::Stage& stage) {
  if (stage.description.find("ttention") != std::string::npos) return "#f6d5c3";
  return stage.description.starts_with("EdgeConv") ? "#cfe3f3" : "#eeeeee";
}

std::string drawing(const config::RunConfig& run) {
  const auto stages = models::stages(run.model, run.features);
  const int height =
      2 * margin + static_cast<int>(stages.size() + 1) * (box_height + gap) + box_height;
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" +
                    std::to_string(box_width + 2 * margin) + "\" height=\"" +
                    std::to_string(height) + "\" font-family=\"sans-serif\" font-size=\"14\">\n" +
                    "  <defs><marker id=\"head\" markerWidth=\"8\" markerHeight=\"8\" refX=\"7\" "
                    "refY=\"4\" orient=\"auto\">"
                    "<path d=\"M0 0 L8 4 L0 8 z\" fill=\"#444\"/></marker></defs>\n  <rect "
                    "width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  int y = margin;
  svg += box(y, "#ffffff", "features",
             std::to_string(run.features.size()) + " numbers per hit, " +
                 std::string(core::name(run.graph.edges)) + " graph in every " +
                 std::string(core::name(run.graph.grouping)),
             "");
  for (const models::Stage& stage : stages) {
    y += box_height + gap;
    svg += arrow_to(y) + box(y, color_of(stage), stage.name, stage.description,
                             std::to_string(stage.cost.parameters) + " parameters");
  }
  y += box_height + gap;
  svg += arrow_to(y) +
         box(y, "#ffffff", "logit",
             "one per hit; " + std::string(run.model.residual ? "every block adds to its input"
                                                              : "no residual sums"),
             std::to_string(models::cost(run.model, run.features).parameters) + " parameters");
  return svg + "</svg>\n";
}

}  // namespace

std::string describe_network(const config::RunConfig& run) {
  std::string text = "\n" + row("network " + run.model.architecture, "", "parameters", "MFLOP");
  models::NetworkCost total;
  for (const models::Stage& stage : models::stages(run.model, run.features)) {
    text += row(stage.name, stage.description, std::to_string(stage.cost.parameters),
                millions(flops_of_event(stage.cost, run.graph)));
    total += stage.cost;
  }
  text +=
      row("sum", "", std::to_string(total.parameters), millions(flops_of_event(total, run.graph)));
  return text + "MFLOP: matrix products and attention of one event of " + std::to_string(n_hits) +
         " hits in " + std::to_string(n_buckets) + " buckets, as the networks run here\n";
}

std::string draw_network(const std::filesystem::path& config_file,
                         const std::filesystem::path& svg) {
  const auto run = config::load<config::RunConfig>(config_file, {});
  core::write_text_file(svg, drawing(run));
  return "wrote " + svg.string() + "\n";
}

}  // namespace stationhit::app
