// The functions of module metrics on arrays, and the evaluation of a sample as the program writes
// it.
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <stationhit/core/event_truth.hpp>
#include <stationhit/evaluation/evaluation.hpp>
#include <stationhit/evaluation/metrics_json.hpp>
#include <stationhit/metrics/curves.hpp>
#include <stationhit/metrics/intervals.hpp>
#include <stationhit/metrics/ranked_scores.hpp>

#include "bindings.hpp"
#include "event_reader.hpp"
#include "full_events.hpp"
#include "new_array.hpp"

namespace stationhit::python {
namespace {

using metrics::Counts;
using metrics::RankedScores;
using namespace nb::literals;

RankedScores rank(nb::handle scores, nb::handle is_signal) {
  Arrays arrays;
  const auto values = arrays.read<float>(scores, "scores");
  const auto labels = arrays.read<std::uint8_t>(is_signal, "is_signal");
  if (values.size() != labels.size()) {
    const std::string message = "is_signal has " + std::to_string(labels.size()) +
                                " values, but there are " + std::to_string(values.size()) +
                                " scores";
    throw nb::value_error(message.c_str());
  }
  const nb::gil_scoped_release others_run;
  return {values, labels};
}

std::pair<double, double> clopper_pearson(std::uint64_t passed, std::uint64_t total, double level) {
  if (passed > total) {
    const std::string message =
        "passed is " + std::to_string(passed) + ", more than total, " + std::to_string(total);
    throw nb::value_error(message.c_str());
  }
  if (!(level > 0 && level < 1)) {
    const std::string message = "level is " + std::to_string(level) + ", expected one in (0, 1)";
    throw nb::value_error(message.c_str());
  }
  const metrics::Interval interval = metrics::clopper_pearson(passed, total, level);
  return {interval.low, interval.high};
}

nb::dict operating_points(const RankedScores& ranked, std::size_t max_points) {
  const auto points = metrics::operating_points(ranked, max_points);
  std::vector<float> thresholds;
  std::vector<std::uint64_t> true_positives, false_positives;
  for (const metrics::CurvePoint& point : points) {
    thresholds.push_back(point.threshold);
    true_positives.push_back(point.counts.true_positives);
    false_positives.push_back(point.counts.false_positives);
  }
  nb::dict result;
  result["threshold"] = to_array(std::move(thresholds));
  result["true_positives"] = to_array(std::move(true_positives));
  result["false_positives"] = to_array(std::move(false_positives));
  return result;
}

std::string evaluate(nb::handle scores, const nb::dict& columns, const nb::dict& offsets,
                     const std::vector<double>& working_points,
                     const std::vector<float>& validation_thresholds, std::uint32_t replicas,
                     std::uint64_t seed, const std::map<std::uint32_t, std::string>& processes) {
  metrics::check_working_points("working_points", working_points);
  const FullEvents events(columns, offsets);
  Arrays arrays;
  const auto values = arrays.read<float>(scores, "scores");
  const auto of_hits = read_offsets(offsets["hits"], "hits", values.size(), arrays);
  const nb::gil_scoped_release others_run;
  metrics::ScoredSample sample;
  core::Event event;
  for (std::size_t i = 0; i < events.size(); ++i) {
    events.get(i, event);
    metrics::append(sample, core::truth_of(event),
                    values.subspan(static_cast<std::size_t>(of_hits[i]), event.hits.size()));
  }
  evaluation::EvaluationOptions options;
  options.working_points = working_points;
  options.validation_thresholds = validation_thresholds;
  options.bootstrap = {replicas, seed};
  options.process_names = processes;
  return evaluation::metrics_json(evaluation::evaluate(sample, options));
}

void add_counts(nb::module_& module) {
  nb::class_<Counts>(module, "Counts",
                     "Hits kept and dropped at a threshold. 0/0 is NaN, n/0 infinite.")
      .def_ro("true_positives", &Counts::true_positives, "Signal hits kept.")
      .def_ro("false_positives", &Counts::false_positives, "Background hits kept.")
      .def_ro("true_negatives", &Counts::true_negatives, "Background hits dropped.")
      .def_ro("false_negatives", &Counts::false_negatives, "Signal hits dropped.")
      .def_prop_ro("efficiency", &Counts::efficiency, "Share of the signal hits that is kept.")
      .def_prop_ro("purity", &Counts::purity, "Share of the kept hits that is signal.")
      .def_prop_ro("background_efficiency", &Counts::background_efficiency,
                   "Share of the background hits that is kept.")
      .def_prop_ro("rejection", &Counts::rejection, "1 / background efficiency.");
}

}  // namespace

void add_metrics(nb::module_& module) {
  add_counts(module);
  nb::class_<RankedScores>(
      module, "RankedScores",
      "Scores of hits, sorted once, for any number of questions. scores: float32 [n_hits]; "
      "is_signal: bool or uint8 [n_hits]. A hit is kept at threshold t if its score > t. Raises "
      "DataError for a score that is NaN or infinite.")
      .def(
          "__init__",
          [](RankedScores* self, const nb::object& scores, const nb::object& is_signal) {
            new (self) RankedScores(rank(scores, is_signal));
          },
          "scores"_a, "is_signal"_a)
      .def("counts_at", &RankedScores::counts_at, "threshold"_a, "What a threshold keeps.")
      .def("auc", &RankedScores::auc,
           "Probability that a signal hit scores higher than a background hit, ties counted half. "
           "Raises DataError without hits of both kinds.")
      .def("threshold", &RankedScores::working_point_threshold, "working_point"_a,
           "The largest float32 t such that at least the share working_point of the signal hits "
           "has a score > t. Raises ConfigError for a share out of (0, 1], DataError without "
           "signal hits.")
      .def("operating_points", &operating_points, "max_points"_a = 2000,
           "Thresholds (descending) with the signal and background hits that they keep, as arrays "
           "\"threshold\", \"true_positives\", \"false_positives\": ROC and purity curves.");
  module.def("clopper_pearson", &clopper_pearson, "passed"_a, "total"_a,
             "level"_a = metrics::confidence_level,
             "Clopper-Pearson interval (low, high) of the share passed / total; (0, 1) for total = "
             "0. Raises ValueError for passed > total and a level out of (0, 1).");
  module.def("_evaluate", &evaluate, "scores"_a, "columns"_a, "offsets"_a, "working_points"_a,
             "validation_thresholds"_a, "replicas"_a, "seed"_a, "processes"_a);
  module.attr("_working_points") = nb::cast(metrics::default_working_points());
}

}  // namespace stationhit::python
