#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>

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

TEST(StyleOf, OriginAndPileUpOfTheSample) {
  const Style style = style_of({"Toy simulation", {200}});
  EXPECT_EQ(style.label, "Toy simulation");
  EXPECT_EQ(style.conditions, "#LT#mu#GT = 200");
  EXPECT_EQ(style_of({}).conditions, "");
}

TEST_F(WriteFigure, FolderThatIsMissingIsNamed) {
  EXPECT_CONTAINS(test::data_error([&] { write_figure(example(), {}, folder_ / "missing"); }),
                  (folder_ / "missing" / "example.csv").string());
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
  const auto [low_decade, high_decade] = axis_range({"", std::nullopt, true}, {2e-4, 1e-3});
  EXPECT_NEAR(low_decade, 1e-4, 1e-12) << "two labels at least";
  EXPECT_NEAR(high_decade, 1e-2, 1e-12);
  EXPECT_EQ(axis_range({"", std::pair{1.0, 2.0}, false}, {50}), std::pair(1.0, 2.0));
  EXPECT_EQ(axis_range({"", std::nullopt, true}, {}), std::pair(0.1, 1.0));
}

}  // namespace
}  // namespace stationhit::plots
