#include <cmath>
#include <functional>

#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/plots/figure.hpp>
#include <stationhit/workflow/prune_curve.hpp>

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

std::string curve_csv(const std::vector<PrunePoint>& points) {
  std::string csv = "folder,parameters,ms_per_event,purity,purity_low,purity_high,sizes\n";
  for (const PrunePoint& point : points) {
    const auto& [purity, interval] = point.purity;
    csv += point.network.folder.filename().string() + "," +
           std::to_string(point.network.parameters) + "," + core::to_text(point.milliseconds) +
           "," + core::to_text(purity) + "," + core::to_text(interval.low) + "," +
           core::to_text(interval.high) + ",\"" + point.network.sizes + "\"\n";
  }
  return csv;
}

plots::Figure draw_purity(const std::vector<PrunePoint>& points, const std::string& stem,
                          const plots::Axis& x,
                          const std::function<double(const PrunePoint&)>& quantity) {
  plots::Series series{.draw = plots::Draw::line_with_points};
  for (const PrunePoint& point : points) {
    series.label = point.network.model.architecture;
    series.x.push_back(quantity(point));
    series.y.push_back(point.purity.value);
    series.y_low.push_back(point.purity.interval.low);
    series.y_high.push_back(point.purity.interval.high);
  }
  plots::Figure figure;
  figure.stem = stem;
  figure.x = x;
  figure.y.title =
      "Purity at " + describe_working_point(points.front().working_point) + " hit efficiency";
  figure.series = {series};
  return figure;
}

}  // namespace

// Rounded, because 100 * 0.985 may have more digits than should be shown.
std::string describe_working_point(double working_point) {
  return core::to_text(std::round(1e4 * working_point) / 100) + " %";
}

fs::path write_prune_curve(const std::vector<PrunePoint>& points, const fs::path& folder,
                           const core::SampleInfo& sample) {
  const fs::path table = folder / "curve.csv";
  core::write_text_file(table, curve_csv(points));
  const std::uint64_t events = points.front().n_events;
  const plots::Style style =
      plots::style_of(sample, events > 0 ? std::to_string(events) + " test events" : "");
  plots::write_figure(draw_purity(points, "purity_and_latency",
                                  {.title = "Time per event, ONNX Runtime, one thread [ms]"},
                                  [](const PrunePoint& point) { return point.milliseconds; }),
                      style, folder);
  plots::write_figure(
      draw_purity(
          points, "purity_and_parameters", {.title = "Parameters", .log = true},
          [](const PrunePoint& point) { return static_cast<double>(point.network.parameters); }),
      style, folder);
  return table;
}

}  // namespace stationhit::workflow
