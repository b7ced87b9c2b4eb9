// What is kept of the hits of every technology and station layer and of the events of every process
// at the reference working point: the numbers of the tables, drawn.
#include <algorithm>
#include <array>
#include <iterator>
#include <span>

#include <stationhit/core/text.hpp>

#include "figure_sets.hpp"
#include "outputs.hpp"

namespace stationhit::evaluation {
namespace {

using Kept = metrics::KeptAtThreshold;

enum class Drawn { value, inverse };

struct DrawnQuantity {
  const char* key;
  const char* stem;
  const char* title;
  const char* caption;
  std::uint64_t (*n)(const Kept&);  // entries behind a value
  const char* entry;
  const char* after_entry = "";
  Drawn drawn = Drawn::value;
};

constexpr DrawnQuantity hit_efficiency{"efficiency",
                                       "hit_efficiency_of_",
                                       "Hit efficiency",
                                       "Share of the signal hits kept",
                                       [](const Kept& kept) { return kept.hits.signal(); },
                                       "signal hit"};
constexpr DrawnQuantity purity{"purity",
                               "purity_of_",
                               "Purity",
                               "Share of signal hits among the hits kept",
                               [](const Kept& kept) { return kept.hits.kept(); },
                               "hit",
                               " kept"};
// The rejection is infinite where no background hit is kept.
constexpr DrawnQuantity background_efficiency{
    "rejection",
    "background_efficiency_of_",
    "Background efficiency #varepsilon_{b}",
    "Share of the background hits kept",
    [](const Kept& kept) { return kept.hits.background(); },
    "background hit",
    "",
    Drawn::inverse};
constexpr DrawnQuantity muons_kept{"muons_kept_share",
                                   "muons_kept_of_",
                                   "Share of muons kept",
                                   "Share of the muons that keep 3 hits",
                                   [](const Kept& kept) { return kept.muons.total; },
                                   "muon"};

constexpr std::array by_class{hit_efficiency, purity};
constexpr std::array by_process{hit_efficiency, purity, background_efficiency, muons_kept};

// The names of more processes would meet.
constexpr std::size_t most_processes_shown = 8;

struct ClassNames {
  const char* stem;
  const char* title;
  const char* in_text;
};

constexpr ClassNames technologies{"technologies", "Technology", "technology"};
constexpr ClassNames station_layers{"station_layers", "Station layer", "station layer"};
constexpr ClassNames processes{"processes", "Process", "process"};

Kept kept_of(const HitClassResult& of_class) { return {.hits = of_class.counts}; }
const Kept& kept_of(const ProcessResult& process) { return process.kept; }

Estimate shown_estimate(const Estimate& estimate, Drawn drawn) {
  if (drawn == Drawn::value) return estimate;
  return {1 / estimate.value, {1 / estimate.interval.high, 1 / estimate.interval.low}};
}

template <class Class>
CaptionedFigure make_class_figure(const EvaluationResult& result, const std::vector<Class>& classes,
                                  const DrawnQuantity& quantity, const ClassNames& names) {
  plots::Series series{.draw = plots::Draw::points};
  plots::Figure figure{
      .stem = std::string(quantity.stem) + names.stem,
      .x = {names.title, std::pair{-0.5, static_cast<double>(classes.size()) - 0.5}},
      .y = {quantity.title}};
  std::uint64_t entries = 0;
  for (const Class& of_class : classes) {
    const Estimate estimate = shown_estimate(of_class.estimates[quantity.key], quantity.drawn);
    const std::uint64_t n = quantity.n(kept_of(of_class));
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

template <class Class>
std::vector<CaptionedFigure> make_class_figures(const EvaluationResult& result,
                                                const std::vector<Class>& classes,
                                                std::span<const DrawnQuantity> quantities,
                                                const ClassNames& names) {
  std::vector<CaptionedFigure> figures;
  if (classes.empty()) return figures;
  for (const DrawnQuantity& quantity : quantities)
    figures.push_back(make_class_figure(result, classes, quantity, names));
  return figures;
}

}  // namespace

std::vector<CaptionedFigure> class_figures(const EvaluationResult& result) {
  const WorkingPointResult& point = result.at_reference();
  auto figures = make_class_figures(result, point.technologies, by_class, technologies);
  std::ranges::move(make_class_figures(result, point.station_layers, by_class, station_layers),
                    std::back_inserter(figures));
  return figures;
}

std::vector<CaptionedFigure> process_figures(const EvaluationResult& result) {
  const std::vector<ProcessResult>& found = result.at_reference().processes;
  if (found.size() > most_processes_shown) return {};
  return make_class_figures(result, found, by_process, processes);
}

}  // namespace stationhit::evaluation
