// Efficiency and purity of the hits of every technology and station layer at the reference working
// point: the numbers of the tables, drawn.
#include <stationhit/core/text.hpp>

#include "figure_sets.hpp"
#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

struct DrawnQuantity {
  const char* key;
  const char* stem;
  const char* title;
  const char* caption;
  std::uint64_t (metrics::Counts::*n)() const;  // entries behind a value
  const char* entry;
  const char* after_entry;
};

constexpr DrawnQuantity drawn[] = {
    {"efficiency", "hit_efficiency_of_", "Hit efficiency", "Share of the signal hits kept",
     &metrics::Counts::signal, "signal hit", ""},
    {"purity", "purity_of_", "Purity", "Share of signal hits among the hits kept",
     &metrics::Counts::kept, "hit", " kept"}};

struct ClassNames {
  const char* stem;
  const char* title;
  const char* in_text;
};

constexpr ClassNames technologies{"technologies", "Technology", "technology"};
constexpr ClassNames station_layers{"station_layers", "Station layer", "station layer"};

CaptionedFigure make_class_figure(const EvaluationResult& result,
                                  const std::vector<HitClassResult>& classes,
                                  const DrawnQuantity& quantity, const ClassNames& names) {
  plots::Series series{.draw = plots::Draw::points};
  plots::Figure figure{
      .stem = std::string(quantity.stem) + names.stem,
      .x = {names.title, std::pair{-0.5, static_cast<double>(classes.size()) - 0.5}},
      .y = {quantity.title}};
  std::uint64_t entries = 0;
  for (const HitClassResult& of_class : classes) {
    const Estimate& estimate = of_class.estimates[quantity.key];
    const std::uint64_t n = (of_class.counts.*quantity.n)();
    series.x.push_back(static_cast<double>(figure.categories.size()));
    series.y.push_back(estimate.value);
    series.y_low.push_back(estimate.interval.low);
    series.y_high.push_back(estimate.interval.high);
    series.n.push_back(static_cast<double>(n));
    figure.categories.push_back(of_class.name);
    entries += n;
  }
  figure.series = {series};
  figure.notes = {"Working point " + core::to_text(result.reference_point) + ", " +
                  count_text(entries, quantity.entry) + quantity.after_entry};
  return {figure, std::string(quantity.caption) + " by " + names.in_text +
                      ", at the same threshold for all, with 68 % intervals."};
}

}  // namespace

std::vector<CaptionedFigure> class_figures(const EvaluationResult& result) {
  const WorkingPointResult& point = result.working_points[result.reference_index()];
  std::vector<CaptionedFigure> figures;
  for (const DrawnQuantity& quantity : drawn)
    figures.push_back(make_class_figure(result, point.technologies, quantity, technologies));
  if (point.station_layers.empty()) return figures;
  for (const DrawnQuantity& quantity : drawn)
    figures.push_back(make_class_figure(result, point.station_layers, quantity, station_layers));
  return figures;
}

}  // namespace stationhit::evaluation
