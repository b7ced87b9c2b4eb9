#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/plots/figure.hpp>

namespace stationhit::plots {
namespace {

namespace fs = std::filesystem;

Figure example() {
  Figure figure{
      .stem = "example", .x = {"p_{T} [GeV]"}, .y = {"Efficiency, all"}, .notes = {"A note"}};
  figure.series.push_back(
      {.label = "curve, first", .draw = Draw::line, .x = {0, 1, 2}, .y = {0.1, 0.2, 0.5}});
  figure.series.push_back({.label = "points",
                           .draw = Draw::points,
                           .x = {0.5, 1.5},
                           .y = {0.3, std::nan("")},
                           .x_low = {0, 1},
                           .x_high = {1, 2},
                           .y_low = {0.2, 0},
                           .y_high = {0.35, 1}});
  figure.series.push_back({.label = "",
                           .draw = Draw::filled_histogram,
                           .x = {},
                           .y = {0.2, 0.0},
                           .x_low = {0, 1},
                           .x_high = {1, 2}});
  return figure;
}

class WriteFigure : public testing::Test {
 protected:
  const test::ScratchFolder scratch_;
  const fs::path folder_ = scratch_.path();
};

TEST_F(WriteFigure, WritesPngPdfAndCsvAndNothingElse) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  write_figure(example(), {}, folder_);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(core::read_text_file(folder_ / "example.png").substr(0, 8), "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(core::read_text_file(folder_ / "example.pdf").substr(0, 5), "%PDF-");
  EXPECT_EQ(core::read_text_file(folder_ / "example.csv"), figure_csv(example()));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator{}), 3);
}

TEST_F(WriteFigure, EmptyFigureIsDrawnAsAFrame) {
  write_figure({.stem = "empty", .x = {"x"}, .y = {"y", std::nullopt, true}, .series = {{}}}, {},
               folder_);
  EXPECT_TRUE(fs::exists(folder_ / "empty.png"));
}

TEST_F(WriteFigure, SegmentsAndDotsAreDrawnInTheirColor) {
  const auto png = [&](std::vector<double> x_high, const std::string& color) {
    Figure figure{
        .stem = "segments", .x = {"x", std::pair{0.0, 4.0}}, .y = {"y", std::pair{0.0, 1.0}}};
    figure.series.push_back({.label = "hits",
                             .draw = Draw::segments,
                             .y = {0.5},
                             .x_low = {1},
                             .x_high = std::move(x_high),
                             .y_low = {0.5},
                             .y_high = {0.5}});
    figure.series.back().color = color;
    write_figure(figure, {}, folder_);
    return core::read_text_file(folder_ / "segments.png");
  };
  const std::string line = png({3}, "#D55E00"), dot = png({1}, "#D55E00"),
                    outside = png({5}, "#D55E00");
  EXPECT_NE(line, outside);
  EXPECT_NE(dot, outside);
  EXPECT_NE(line, dot);
  EXPECT_NE(line, png({3}, "#0072B2"));
}

TEST_F(WriteFigure, PanelsAndUpperLimitsAreDrawn) {
  const auto png = [&](std::size_t panel, double y) {
    Figure figure{
        .stem = "panels", .x = {"x", std::pair{0.0, 4.0}}, .y = {"y", std::pair{1e-3, 1.0}, true}};
    figure.panels = {"A", "B"};
    figure.series.push_back(
        {.draw = Draw::points, .x = {2}, .y = {y}, .y_low = {y}, .y_high = {0.1}, .panel = panel});
    write_figure(figure, {}, folder_);
    return core::read_text_file(folder_ / "panels.png");
  };
  const std::string above = png(0, 0.05);
  EXPECT_NE(above, png(1, 0.05));
  EXPECT_NE(above, png(0, 0));
  EXPECT_NE(png(0, 0), png(0, std::nan("")));
}

TEST(StyleOf, OriginAndPileUpOfTheSample) {
  const Style style = style_of({"Toy simulation", {200}});
  EXPECT_EQ(style.label, "Toy simulation");
  EXPECT_EQ(style.conditions, "#LT#mu#GT = 200");
  EXPECT_EQ(style_of({}).conditions, "");
  EXPECT_EQ(style_of({"Toy simulation", {200}}, "17 events").conditions,
            "#LT#mu#GT = 200, 17 events");
  EXPECT_EQ(style_of({}, "17 events").conditions, "17 events");
}

TEST_F(WriteFigure, FolderThatIsMissingIsNamed) {
  EXPECT_CONTAINS(test::data_error([&] { write_figure(example(), {}, folder_ / "missing"); }),
                  (folder_ / "missing" / "example.csv").string());
}

Figure map_example() {
  return {.stem = "map",
          .x = {"#eta", std::pair{0.0, 2.0}},
          .y = {"#phi", std::pair{0.0, 1.0}},
          .z_title = "Hits",
          .series = {{.draw = Draw::map,
                      .y = {0.5, 0.5},
                      .x_low = {0, 1},
                      .x_high = {1, 2},
                      .y_low = {0, 0},
                      .y_high = {1, 1},
                      .z = {0.5, 20}}}};
}

TEST_F(WriteFigure, CellsOfAMapHaveTheColorsOfTheirValues) {
  Figure figure = map_example();
  write_figure(figure, {}, folder_);
  const auto whole = fs::file_size(folder_ / "map.pdf");
  figure.series[0].z[1] = 0;
  write_figure(figure, {}, folder_);
  EXPECT_LT(fs::file_size(folder_ / "map.pdf"), whole) << "a cell without value is left out";
}

TEST(FigureCsv, AMapHasItsValues) {
  EXPECT_EQ(figure_csv(map_example()),
            "series,x,x_low,x_high,y,y_low,y_high,n,z\n"
            ",,0,1,0.5,0,1,,0.5\n"
            ",,1,2,0.5,0,1,,20\n");
}

TEST(FigureCsv, OneRowPerPointEmptyCellsForMissingColumns) {
  EXPECT_EQ(figure_csv(example()),
            "series,x,x_low,x_high,y,y_low,y_high,n\n"
            "\"curve, first\",0,,,0.1,,,\n"
            "\"curve, first\",1,,,0.2,,,\n"
            "\"curve, first\",2,,,0.5,,,\n"
            "points,0.5,0,1,0.3,0.2,0.35,\n"
            "points,1.5,1,2,nan,0,1,\n"
            ",,0,1,0.2,,,\n"
            ",,1,2,0,,,\n");
}

TEST(AxisRange, ShowsAllValuesThatCanBeShown) {
  const auto [low, high] = axis_range({"", std::nullopt, false}, {5, std::nan(""), 7});
  EXPECT_LT(low, 5);
  EXPECT_GT(low, 4);
  EXPECT_GT(high, 7);
  EXPECT_EQ(axis_range({"", std::nullopt, false}, {0.1, 9}).first, 0.0)
      << "near zero the axis starts at zero";
  const auto [log_low, log_high] = axis_range({"", std::nullopt, true}, {-1, 0, 10, 1000});
  EXPECT_LT(log_low, 10);
  EXPECT_GT(log_low, 5);
  EXPECT_GT(log_high, 1000);
  const auto [low_label, high_label] = axis_range({"", std::nullopt, true}, {2e-4, 1e-3});
  EXPECT_LT(low_label, 2e-4);
  EXPECT_GT(high_label, 1e-3);
  EXPECT_LT(high_label / low_label, 20) << "no empty decades around the values";
  EXPECT_EQ(axis_range({"", std::pair{0.0, 0.0}, false}, {}), std::pair(0.0, 1.0))
      << "a histogram without entries";
  EXPECT_EQ(axis_range({"", std::pair{1.0, 2.0}, false}, {50}), std::pair(1.0, 2.0));
  EXPECT_EQ(axis_range({"", std::nullopt, true}, {}), std::pair(0.1, 1.0));
}

std::vector<std::string> texts(double low, double high) {
  std::vector<std::string> result;
  for (const TickLabel& label : log_labels(low, high)) result.push_back(label.text);
  return result;
}

using Texts = std::vector<std::string>;

TEST(LogLabels, AreAsDenseAsTheyHaveRoom) {
  EXPECT_EQ(texts(0.5, 200), (Texts{"0.5", "1", "2", "5", "10", "20", "50", "100", "200"}));
  EXPECT_EQ(texts(1e-4, 1), (Texts{"10^{#minus4}", "3#upoint10^{#minus4}", "10^{#minus3}",
                                   "3#upoint10^{#minus3}", "10^{#minus2}", "3#upoint10^{#minus2}",
                                   "10^{#minus1}", "3#upoint10^{#minus1}", "1"}))
      << "ends of the axis too";
  EXPECT_EQ(texts(1e-7, 1).size(), 8U) << "powers of ten";
  EXPECT_EQ(log_labels(1e-20, 1).size(), 11U) << "every second of many decades";
}

TEST(LogLabels, BesideEachOtherTakeTheirWidth) {
  const auto count = [](double low, double high, double axis) {
    return log_labels(low, high, {axis, 18, 15}).size();
  };
  EXPECT_EQ(count(1, 100, 800), 7U);
  EXPECT_EQ(count(1, 100, 250), 5U);
  EXPECT_EQ(count(1, 100, 150), 3U);
  EXPECT_EQ(count(1e-5, 1e-3, 800), 7U);
  EXPECT_EQ(count(1e-5, 1e-3, 500), 5U) << "long numbers";
  EXPECT_EQ(count(1e-5, 1e-3, 300), 3U);
}

TEST(LogLabels, AShortAxisHasRoundNumbersBetweenThem) {
  EXPECT_EQ(texts(5000, 21000), (Texts{"5000", "10000", "20000"}));
  EXPECT_EQ(texts(0.03, 0.1), (Texts{"0.05", "0.1"}));
  EXPECT_EQ(texts(2.5, 4.5), (Texts{"3", "4"})) << "neither 2 nor 5 is in the range";
  EXPECT_EQ(texts(1.5e-5, 6e-5), (Texts{"2#upoint10^{#minus5}", "5#upoint10^{#minus5}"}));
}

TEST(LogLabels, ARangeThatIsNotPositiveHasNone) {
  EXPECT_TRUE(log_labels(0, 10).empty());
  EXPECT_TRUE(log_labels(-1, 10).empty());
  EXPECT_TRUE(log_labels(1, std::numeric_limits<double>::infinity()).empty());
}

TEST(LogLabels, EveryAxisThatFollowsFromItsValuesHasTwo) {
  for (double low = 1e-7; low < 1e7; low *= 1.37) {
    for (const double factor : {1.0, 1.1, 2.0, 4.9, 31.0, 1e5}) {
      const auto [first, last] = axis_range({"", std::nullopt, true}, {low, factor * low});
      EXPECT_GE(log_labels(first, last).size(), 2U) << low << " to " << factor * low;
    }
  }
}

TEST(TitlePerBin, NamesWidthAndUnit) {
  EXPECT_EQ(title_per_bin("Entries", 0.5, "ns"), "Entries / 0.5 ns");
  EXPECT_EQ(title_per_bin("Share of muons", 5.4 / 54), "Share of muons / 0.1");
}

TEST(RoundEdges, HaveBinsOfOneTwoOrFiveTimesAPowerOfTen) {
  const std::vector<double> edges = round_edges(-3.1, 2.4, 80);
  EXPECT_NEAR(edges[1] - edges[0], 0.1, 1e-12);
  EXPECT_NEAR(edges.front(), -3.1, 1e-12);
  EXPECT_GE(edges.back(), 2.4);
  for (const double width : {1e-6, 0.37, 1.0, 7.0, 12345.0}) {
    const std::vector<double> some = round_edges(0.1 * width, 1.1 * width, 50);
    EXPECT_LE(some.front(), 0.1 * width);
    EXPECT_GE(some.back(), 1.1 * width);
    EXPECT_LE(some.size(), 51U);
    EXPECT_GE(some.size(), 18U);
  }
  EXPECT_GE(round_edges(2, 2, 10).size(), 2U);
}

}  // namespace
}  // namespace stationhit::plots
