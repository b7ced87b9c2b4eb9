#include "learning_rate_figure.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include <stationhit/plots/figure.hpp>

namespace stationhit::workflow {
namespace {

plots::Series make_series(const training::LearningRateTest& test, const std::string& label,
                          double training::LearningRateStep::*value, plots::Draw draw) {
  plots::Series series{.label = label, .draw = draw};
  for (const training::LearningRateStep& step : test.steps) {
    series.x.push_back(step.learning_rate);
    series.y.push_back(step.*value);
  }
  return series;
}

}  // namespace

void draw_learning_rates(const training::LearningRateTest& test, std::optional<double> suggestion,
                         const core::SampleInfo& sample, const std::filesystem::path& folder) {
  using Step = training::LearningRateStep;
  plots::Figure figure;
  figure.stem = "loss";
  figure.x = {.title = "Learning rate", .log = true};
  figure.y = {.title = "Loss", .log = true};
  figure.series = {make_series(test, "Step", &Step::loss, plots::Draw::points),
                   make_series(test, "Smoothed", &Step::smoothed, plots::Draw::line)};
  if (suggestion) {
    const auto [low, high] = std::ranges::minmax(test.steps, {}, &Step::loss);
    std::array<char, 32> label{};
    std::snprintf(label.data(), label.size(), "Suggestion %.2g", *suggestion);
    figure.series.push_back({.label = label.data(),
                             .draw = plots::Draw::dashed_line,
                             .x = {*suggestion, *suggestion},
                             .y = {low.loss, high.loss}});
  }
  plots::write_figure(figure, plots::style_of(sample), folder);
}

}  // namespace stationhit::workflow
