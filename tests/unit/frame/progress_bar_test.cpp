#include "frame/progress_bar.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <regex>
#include <string>
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

// The first rate of a text, in steps per second.
double shown_rate(const std::string& text) {
  std::smatch found;
  EXPECT_TRUE(std::regex_search(text, found, std::regex(R"(, ([\d.]+)( .)?/s)"))) << text;
  return found.empty() || found[2].matched ? std::nan("") : std::stod(found[1]);
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
    bar.update(3);
  }
  const std::string text = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(text.starts_with("events 10 % (1/10)\nevents 30 % (3/10), ")) << text;
  // The pause can be longer than what was asked for.
  EXPECT_LE(shown_rate(text), 2 / 0.6);
  EXPECT_NE(text.find(" left\n"), std::string::npos) << text;
}

TEST(ProgressBar, WhatWasThereBeforeTheFirstUpdateHasNoRate) {
  ::testing::internal::CaptureStderr();
  {
    ProgressBar bar("events", 2000000, ProgressBar::Style::lines);
    bar.update(1000000);
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
    bar.update(1000003);
  }
  EXPECT_LE(shown_rate(::testing::internal::GetCapturedStderr()), 3 / 0.6);
}

TEST(ProgressBar, BarEndsItsLine) {
  const std::string text = shown(ProgressBar::Style::bar, 3, 3, "loss 0.5");
  EXPECT_EQ(text, "events [########################] 100 % (3/3), took 0 s, loss 0.5\n");
}

// What a bar leaves on a terminal of this width.
std::string last_line(std::size_t columns, std::uint64_t total) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::tmpfile(), std::fclose);
  StatusLine line(stream.get(), [columns] { return columns; });
  {
    ProgressBar("epoch 1/8 training", total, ProgressBar::Style::bar, line).update(12, "loss 0.1");
  }
  std::rewind(stream.get());
  std::array<char, 256> text{};
  return std::fgets(text.data(), text.size(), stream.get()) == nullptr ? "" : text.data();
}

TEST(ProgressBar, HasFewerPartsOnANarrowTerminal) {
  EXPECT_EQ(last_line(100, 24),
            "epoch 1/8 training [############............] 50 % (12/24), took 0 s, loss 0.1\n");
  EXPECT_EQ(last_line(70, 24),
            "epoch 1/8 training [######......] 50 % (12/24), took 0 s, loss 0.1\n");
  EXPECT_EQ(last_line(60, 24), "epoch 1/8 training [######......] 50 %, took 0 s, loss 0.1\n");
  EXPECT_EQ(last_line(50, 24), "epoch 1/8 training [######......] 50 %, took 0 s\n");
  EXPECT_EQ(last_line(40, 24), "epoch 1/8 training 50 %, took 0 s\n");
  EXPECT_EQ(last_line(30, 24), "epoch 1/8 training 50 %\n");
  EXPECT_EQ(last_line(10, 24), "epoch 1/8\n");
  EXPECT_EQ(last_line(40, 0), "epoch 1/8 training 12, took 0 s\n");
}

TEST(ProgressBar, UnknownTotalMoreThanTheTotalAndNothingDone) {
  EXPECT_TRUE(shown(ProgressBar::Style::lines, 0, 5).starts_with("events 5, "));
  EXPECT_NE(shown(ProgressBar::Style::lines, 2, 3).find("100 % (3/2)"), std::string::npos);
  EXPECT_EQ(shown(ProgressBar::Style::lines, 5, 0), "");
}

TEST(ProgressBar, NoneIsSilent) { EXPECT_EQ(shown(ProgressBar::Style::none, 10, 10), ""); }

TEST(RateText, PicksItsUnits) {
  EXPECT_EQ(rate_text(3.2), "3.20/s");
  EXPECT_EQ(rate_text(78.24), "78.2/s");
  EXPECT_EQ(rate_text(4386), "4386/s");
  EXPECT_EQ(rate_text(12345), "12.3 k/s");
  EXPECT_EQ(rate_text(4385965), "4.39 M/s");
  EXPECT_EQ(rate_text(0.05), "20 s each");
}

TEST(DurationText, PicksItsUnits) {
  EXPECT_EQ(duration_text(0.4), "0 s");
  EXPECT_EQ(duration_text(59.4), "59 s");
  EXPECT_EQ(duration_text(59.6), "1 min 00 s");
  EXPECT_EQ(duration_text(185), "3 min 05 s");
  EXPECT_EQ(duration_text(3720), "1 h 02 min");
}

}  // namespace
}  // namespace stationhit::app
