#include "frame/progress_bar.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace stationhit::app {
namespace {

std::string shown(ProgressBar::Style style, std::uint64_t total, std::uint64_t steps,
                  const std::string& note = "") {
  ::testing::internal::CaptureStderr();
  {
    ProgressBar bar("events", total, style);
    for (std::uint64_t i = 1; i <= steps; ++i) bar.update(i, note);
  }
  return ::testing::internal::GetCapturedStderr();
}

TEST(ProgressBar, LinesAboutEveryTenPercent) {
  const std::string text = shown(ProgressBar::Style::lines, 1000, 1000);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 10);
  EXPECT_NE(text.find("events 10 % (100/1000)\n"), std::string::npos) << text;
  EXPECT_NE(text.find("events 100 % (1000/1000), "), std::string::npos);
  EXPECT_NE(text.find(", took 0 s\n"), std::string::npos);
}

TEST(ProgressBar, ARateIsShownOnceItWasMeasured) {
  ::testing::internal::CaptureStderr();
  {
    ProgressBar bar("events", 10, ProgressBar::Style::lines);
    bar.update(1);
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    bar.update(2);
  }
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(text.starts_with("events 10 % (1/10)\nevents 20 % (2/10), 3.")) << text;
  EXPECT_NE(text.find(" left\n"), std::string::npos) << text;
}

TEST(ProgressBar, BarIsDrawnInPlaceAndEndsItsLine) {
  const std::string text = shown(ProgressBar::Style::bar, 3, 3, "loss 0.5");
  EXPECT_TRUE(text.starts_with("\r"));
  EXPECT_NE(text.find("[########################] 100 % (3/3)"), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with(", loss 0.5\n"));
}

TEST(ProgressBar, UnknownTotalMoreThanTheTotalAndNothingDone) {
  EXPECT_TRUE(shown(ProgressBar::Style::lines, 0, 5).starts_with("events 5, "));
  EXPECT_NE(shown(ProgressBar::Style::lines, 2, 3).find("100 % (3/2)"), std::string::npos);
  EXPECT_EQ(shown(ProgressBar::Style::lines, 5, 0), "");
}

TEST(ProgressBar, NoneIsSilent) { EXPECT_EQ(shown(ProgressBar::Style::none, 10, 10), ""); }

TEST(DurationText, PicksItsUnits) {
  EXPECT_EQ(duration_text(0.4), "0 s");
  EXPECT_EQ(duration_text(59.4), "59 s");
  EXPECT_EQ(duration_text(59.6), "1 min 00 s");
  EXPECT_EQ(duration_text(185), "3 min 05 s");
  EXPECT_EQ(duration_text(3720), "1 h 02 min");
}

}  // namespace
}  // namespace stationhit::app
