// Checks the layout of figures.
#include "../../../src/plots/layout.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace stationhit::plots {
namespace {

Figure figure_of(Series series) {
  Figure figure{
      .stem = "example", .x = {"x", std::pair{0.0, 10.0}}, .y = {"y", std::pair{0.0, 1.0}}};
  figure.series.push_back(std::move(series));
  return figure;
}

TEST(Layout, ALineLeavesOutWhatCannotBeShown) {
  Figure figure = figure_of({.label = "a", .x = {-1, 1, 2, 3}, .y = {0.1, 0.2, std::nan(""), 0.4}});
  figure.x.log = true;
  const auto series = lay_out(figure, {}).series[0];
  ASSERT_EQ(series.points.size(), 2U);
  EXPECT_EQ(series.points[0].x, 1);
  EXPECT_EQ(series.points[1].y, 0.4);
  EXPECT_TRUE(series.in_legend);
}

TEST(Layout, ErrorBarsAreLengthsAndMissingEndsAreNone) {
  const auto layout = lay_out(figure_of({.draw = Draw::points,
                                         .x = {2},
                                         .y = {0.5},
                                         .x_low = {1.5},
                                         .x_high = {4},
                                         .y_low = {std::nan("")}}),
                              {});
  const Point& point = layout.series[0].points.at(0);
  EXPECT_EQ(point.left, 0.5);
  EXPECT_EQ(point.right, 2);
  EXPECT_EQ(point.down, 0);
  EXPECT_EQ(point.up, 0);
  EXPECT_FALSE(layout.series[0].in_legend) << "a series without label";
}

TEST(Layout, BarsOfBinsCanStayInTheTable) {
  Series series{.draw = Draw::points, .x = {2}, .y = {0.5}, .x_low = {1}, .x_high = {3}};
  EXPECT_EQ(lay_out(figure_of(series), {}).series[0].points.at(0).right, 1);
  series.x_bars = false;
  EXPECT_EQ(lay_out(figure_of(series), {}).series[0].points.at(0).right, 0);
}

TEST(Layout, AZeroOnALogarithmicAxisIsAnUpperLimit) {
  Series series{.label = "a",
                .draw = Draw::points,
                .x = {2, 3, 4},
                .y = {0, 0.5, 0},
                .x_low = {1, 3, 4},
                .y_low = {0, 0.4, 0},
                .y_high = {0.1, 0.6, 0.01}};
  Figure figure = figure_of(series);
  EXPECT_TRUE(lay_out(figure, {}).series[0].limits.empty()) << "a linear axis shows it";
  figure.y = {"y", std::pair{0.01, 1.0}, true};
  const SeriesLayout layout = lay_out(figure, {}).series[0];
  EXPECT_EQ(layout.points.size(), 1U);
  ASSERT_EQ(layout.limits.size(), 2U);
  EXPECT_EQ(layout.limits[0].x, 2);
  EXPECT_EQ(layout.limits[0].y, 0.1);
  EXPECT_EQ(layout.limits[0].left, 1);
  EXPECT_GT(layout.limits[0].down, 0);
  EXPECT_LT(layout.limits[0].down, 0.09);
  EXPECT_EQ(lay_out(figure, {}).series[0].limits[0].right, 0);
  EXPECT_EQ(layout.limits[1].down, 0) << "no arrow below the frame";
  series.y = {0, 0, 0};
  figure.series = {series};
  EXPECT_TRUE(lay_out(figure, {}).series[0].in_legend);
}

TEST(Layout, PanelsStandBelowEachOtherWithoutGaps) {
  Figure figure = figure_of({.x = {1}, .y = {0.5}});
  EXPECT_EQ(lay_out(figure, {}).frames.size(), 1U);
  figure.panels = {"A", "B", "C"};
  figure.y = {"y", std::pair{1e-4, 1.0}, true};
  const Layout layout = lay_out(figure, {});
  ASSERT_EQ(layout.frames.size(), 3U);
  EXPECT_EQ(layout.frames[0].name, "A");
  EXPECT_NEAR(layout.frames[0].top, 1 - layout.canvas.share_of_height(top_margin), 1e-9);
  EXPECT_NEAR(layout.frames[0].bottom, layout.frames[1].top, 1e-9);
  EXPECT_NEAR(layout.frames[2].bottom, layout.canvas.share_of_height(bottom_margin), 1e-9);
  ASSERT_GE(layout.y_labels.size(), 2U);
  EXPECT_GT(layout.y_labels.front().value, 1e-4) << "would meet the label of the next panel";
  EXPECT_LT(layout.y_labels.back().value, 1);
}

TEST(Layout, StepsBeginAndEndOnTheFloorAlsoAtAGap) {
  Figure figure =
      figure_of({.draw = Draw::histogram, .y = {0.5, 0.25}, .x_low = {0, 2}, .x_high = {1, 3}});
  figure.y.range = std::pair{0.125, 1.0};
  std::vector<std::pair<double, double>> corners;
  const Layout layout = lay_out(figure, {});
  for (const Point& point : layout.series[0].points) corners.emplace_back(point.x, point.y);
  EXPECT_EQ(corners, (std::vector<std::pair<double, double>>{{0, 0.125},
                                                             {0, 0.5},
                                                             {1, 0.5},
                                                             {1, 0.125},
                                                             {2, 0.125},
                                                             {2, 0.25},
                                                             {3, 0.25},
                                                             {3, 0.125}}));
}

TEST(Layout, ShortSegmentsAreDotsAndThoseOutsideTheFrameAreLeftOut) {
  const auto series = lay_out(figure_of({.label = "hits",
                                         .draw = Draw::segments,
                                         .y = {0, 0, 0},
                                         .x_low = {1, 5, 9},
                                         .x_high = {2, 5, 11},
                                         .y_low = {0.5, 0.5, 0.5},
                                         .y_high = {0.5, 0.501, 0.5}}),
                              {})
                          .series[0];
  ASSERT_EQ(series.segments.size(), 1U);
  EXPECT_EQ(series.segments[0].x_high, 2);
  ASSERT_EQ(series.points.size(), 1U);
  EXPECT_EQ(series.points[0].x, 5);
  EXPECT_FALSE(series.thin);
}

TEST(Layout, TheLegendGrowsDownwardsInOneOrTwoColumns) {
  Figure figure = figure_of({.label = "one", .x = {1}, .y = {0.5}});
  const double row = 0.053F;
  const LegendLayout one = lay_out(figure, {}).legend;
  EXPECT_EQ(one.columns, 1);
  EXPECT_NEAR(one.top - one.bottom, row, 1e-6);
  while (figure.series.size() < 5) figure.series.push_back(figure.series[0]);
  const LegendLayout five = lay_out(figure, {}).legend;
  EXPECT_EQ(five.columns, 2);
  EXPECT_NEAR(five.top - five.bottom, 3 * row, 1e-6);
  Figure eight_runs = figure;
  while (eight_runs.series.size() < 8) eight_runs.series.push_back(figure.series[0]);
  const LegendLayout eight = lay_out(eight_runs, {}).legend;
  EXPECT_EQ(eight.columns, 2);
  EXPECT_LT(eight.text_height, five.text_height);
  EXPECT_NEAR(eight.top - eight.bottom, 3 * row, 1e-6) << "four rows in the space of three";
  figure.series[0].label = "a label too long for two";
  const LegendLayout wide = lay_out(figure, {}).legend;
  EXPECT_EQ(wide.columns, 1);
  EXPECT_LT(wide.text_height, five.text_height);
  EXPECT_NEAR(wide.top - wide.bottom, 3 * row, 1e-6) << "five rows in the space of three";
  figure.series.clear();
  EXPECT_TRUE(lay_out(figure, {}).legend.empty);
}

TEST(Layout, EqualUnitsAreEquallyLongOnThePicture) {
  Figure figure = figure_of({});
  for (const double half_width : {13.0, 23.0}) {
    figure.x.range = std::pair{-half_width, half_width};
    figure.y.range = std::pair{-13.0, 13.0};
    figure.unit_lengths = UnitLengths::equal;
    const Canvas canvas = lay_out(figure, {}).canvas;
    const double of_x = (canvas.width - left_margin - right_margin) / (2 * half_width),
                 of_y = (canvas.height - top_margin - bottom_margin) / 26.0;
    EXPECT_NEAR(of_x, of_y, 0.005 * of_x) << "pixels per meter";
  }
  figure.unit_lengths = UnitLengths::independent;
  EXPECT_EQ(lay_out(figure, {}).canvas.height, Canvas().height);
}

TEST(Layout, NamedRowsMakeTheirRangeAndThePictureHigherAndWider) {
  Figure figure = figure_of({.x = {1}, .y = {0}});
  figure.rows.assign(30, "row");
  const Layout layout = lay_out(figure, {});
  EXPECT_EQ(layout.y.low, -0.5);
  EXPECT_EQ(layout.y.high, 29.5);
  EXPECT_EQ(layout.canvas.left, row_margin);
  EXPECT_EQ(layout.canvas.width - row_margin, Canvas().width - left_margin);
  const int high = layout.canvas.height;
  figure.rows.assign(60, "row");
  EXPECT_NEAR(lay_out(figure, {}).canvas.height - high, high - top_margin - bottom_margin, 1);
}

TEST(Layout, LogarithmicAxesHaveLabelsAndLinearOnesLeaveThemToTheTicks) {
  Figure figure = figure_of({});
  figure.x.log = true;
  figure.x.range = std::pair{5000.0, 21000.0};
  const Layout layout = lay_out(figure, {});
  EXPECT_EQ(layout.x_labels.size(), 3U);
  EXPECT_TRUE(layout.y_labels.empty());
}

int frame_width(const Canvas& canvas) { return canvas.width - canvas.left - canvas.right; }

TEST(Layout, LongNumbersGetRoomBesideTheTitle) {
  Figure figure = figure_of({.x = {1}, .y = {1}});
  EXPECT_EQ(lay_out(figure, {}).canvas.left, left_margin);
  for (const bool log : {true, false}) {
    figure.y.log = log;
    figure.y.range = log ? std::pair{4000.0, 21000.0} : std::pair{0.0, 0.002};
    const Layout layout = lay_out(figure, {});
    const char* longest = log ? "20000" : "0.0005";
    EXPECT_GE(layout.canvas.left, title_edge + title_height + title_gap + number_gap +
                                      measure_number(longest, label_height));
    EXPECT_EQ(frame_width(layout.canvas), frame_width({}));
    figure.y.title.clear();
    EXPECT_EQ(lay_out(figure, {}).canvas.left, left_margin) << "there is nothing to touch";
    figure.y.title = "y";
  }
}

TEST(Layout, NumbersAreAsLongAsTheirLetters) {
  EXPECT_DOUBLE_EQ(measure_number("1000", 30), 4 * 0.556 * 30);
  EXPECT_LT(measure_number("0.1", 30), measure_number("100", 30));
  EXPECT_LT(measure_number("10^{#minus3}", 30), measure_number("10#minus3", 30));
  EXPECT_GT(measure_number("10^{#minus3}", 30), measure_number("10", 30));
}

TEST(Layout, AMapHasCellsAndAColorScaleBesideTheFrame) {
  const Layout layout = lay_out(figure_of({.draw = Draw::map,
                                           .y = {0.5, 0.5, 0.5},
                                           .x_low = {0, 1, 2},
                                           .x_high = {1, 2, 3},
                                           .y_low = {0, 0, 0},
                                           .y_high = {1, 1, 1},
                                           .z = {0.01, 0, 100}}),
                                {});
  const std::vector<Cell>& cells = layout.series[0].cells;
  ASSERT_EQ(cells.size(), 2U) << "the empty one stays white";
  EXPECT_EQ(cells[0].color, 0);
  EXPECT_EQ(cells[1].color, 1);
  EXPECT_EQ(cells[1].corners.x_low, 2);
  EXPECT_EQ(layout.z.low, 0.01);
  EXPECT_EQ(layout.z.high, 100);
  EXPECT_GE(layout.z_labels.size(), 2U);
  EXPECT_GT(layout.color_scale.left, layout.frames[0].right);
  EXPECT_GT(layout.canvas.right, right_margin);
  EXPECT_EQ(frame_width(layout.canvas), frame_width({}));
}

TEST(Layout, FourLinesOfTextStayAboveTheFrame) {
  Figure figure = figure_of({});
  figure.notes = {"one", "two"};
  const Layout layout = lay_out(figure, {.label = "Toy", .conditions = "conditions"});
  ASSERT_EQ(layout.lines.size(), 4U);
  EXPECT_GT(layout.lines.back().y, 1 - layout.canvas.share_of_height(top_margin));
}

TEST(Layout, ALineBesideTheLegendEndsInFrontOfIt) {
  Figure figure = figure_of({.label = "one", .x = {1}, .y = {0.5}});
  figure.notes = {"below the legend"};
  const Layout layout = lay_out(figure, {.label = "Toy", .conditions = "conditions"});
  const double left = layout.canvas.share_of_width(left_margin);
  EXPECT_LT(left + layout.lines[0].width, layout.legend.left);
  EXPECT_NEAR(left + layout.lines[2].width, layout.legend.right, 1e-9);
}

TEST(Layout, EmptyLinesOfTextTakeNoSpace) {
  Figure figure = figure_of({});
  figure.notes = {"a note"};
  const auto lines = lay_out(figure, {.label = "", .conditions = "conditions"}).lines;
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].text, "conditions");
  EXPECT_FALSE(lines[0].bold);
  EXPECT_EQ(lines[1].text, "a note");
  const auto labeled = lay_out(figure, {.label = "Toy"}).lines;
  EXPECT_TRUE(labeled[0].bold);
  EXPECT_EQ(labeled[0].y, lines[0].y);
}

}  // namespace
}  // namespace stationhit::plots
