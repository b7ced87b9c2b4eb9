#include <cmath>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/training/epoch_metrics.hpp>
#include <stationhit/training/training_config.hpp>

namespace stationhit::training {
namespace {

EpochMetrics example() {
  EpochMetrics metrics;
  metrics.epoch = 3;
  metrics.train_loss = 0.5;
  metrics.val_loss = 0.25;
  metrics.val_auc = 0.99;
  metrics.val_purity = 0.125;
  metrics.learning_rate = 1e-3;
  metrics.seconds = 2;
  metrics.loader_wait = 0.5;
  metrics.events_per_second = 100;
  return metrics;
}

TEST(EpochMetrics, HaveOneCsvLineEach) {
  const std::vector<EpochMetrics> history{example()};
  EXPECT_EQ(metrics_csv(history),
            "epoch,train_loss,val_loss,val_auc,val_purity_0.99,learning_rate,seconds,loader_wait,"
            "events_per_second\n3,0.5,0.25,0.99,0.125,0.001,2,0.5,100\n");
}

TEST(EpochMetrics, PuritiesAreTheLastColumns) {
  std::vector<EpochMetrics> history{example(), example()};
  history[0].val_purities = {{"val_purity_0.9", 0.75}};
  history[1].val_purities = {{"val_purity_0.985", 0.25}};
  const std::string csv = metrics_csv(history);
  EXPECT_NE(csv.find("events_per_second,val_purity_0.9,val_purity_0.985\n"), std::string::npos);
  EXPECT_NE(csv.find(",100,0.75,nan\n"), std::string::npos);
  EXPECT_NE(csv.find(",100,nan,0.25\n"), std::string::npos);
}

TEST(EpochMetrics, AreComparedByThePuritiesOfTheRunToo) {
  const std::vector<double> points{0.9, 0.99};
  EXPECT_EQ(comparable_metrics(points),
            (std::vector<std::string>{"train_loss", "val_loss", "val_auc", "val_purity_0.99",
                                      "val_purity_0.9"}));
  for (const std::string& metric : comparable_metrics(points))
    EXPECT_NO_THROW(check_metric(monitor_key, metric, points)) << metric;
  EXPECT_EQ(
      test::config_error([&] { check_metric(keep_best_metric_key, "val_purity_0.985", points); }),
      "training.keep_best.metric: expected one of train_loss, val_loss, val_auc, "
      "val_purity_0.99, val_purity_0.9, found 'val_purity_0.985'; did you mean "
      "'val_purity_0.99'?");
}

TEST(EpochMetrics, AreFoldedToLinesOfATerminal) {
  EXPECT_EQ(epoch_line(example()),
            "epoch   3  train loss 0.50000  val loss 0.25000  AUC 0.99000\n"
            "           purity at 99 % 0.1250  lr 0.001  2.0 s, 100.0 events/s  waited 0.5 s");
}

TEST(EpochMetrics, OfLongEpochsHaveNoLongLines) {
  EpochMetrics metrics = example();
  metrics.epoch = 1000;
  metrics.train_loss = 12345;
  metrics.seconds = 123456;
  metrics.loader_wait = 12345;
  std::istringstream lines(epoch_line(metrics));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
}

TEST(EpochMetrics, ThatAreNoNumbersHaveNoSign) {
  EpochMetrics metrics = example();
  metrics.val_auc = -std::nan("");
  EXPECT_NE(epoch_line(metrics).find("AUC nan"), std::string::npos) << epoch_line(metrics);
  EXPECT_NE(metrics_csv(std::vector{metrics}).find(",nan,"), std::string::npos);
}

TEST(EpochMetrics, AreMonitoredAsTheConfigurationPermits) {
  for (const EpochMetric& metric : epoch_metrics) {
    const auto check = [&] { check_metric(monitor_key, metric.name, {}); };
    if (find_monitored_metric(metric.name) != nullptr) {
      EXPECT_NO_THROW(check()) << metric.name;
    } else {
      EXPECT_ANY_THROW(check()) << metric.name;
    }
  }
  EXPECT_EQ(find_monitored_metric("loss"), nullptr);
  EXPECT_EQ(monitored_metrics(),
            (std::vector<std::string>{"train_loss", "val_loss", "val_auc", "val_purity_0.99"}));
}

}  // namespace
}  // namespace stationhit::training
