#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <sstream>
#include <tuple>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/evaluation/comparison.hpp>
#include <stationhit/evaluation/report.hpp>
#include <stationhit/evaluation/run_comparison.hpp>

#include "../../../src/evaluation/outputs.hpp"
#include "scored_toy.hpp"

namespace stationhit::evaluation {
namespace {

namespace fs = std::filesystem;

ReportOptions with_curves() {
  using Scale = TrainingCurve::Scale;
  ReportOptions options;
  options.training_curves = {
      {"train_loss", "training_loss", "Loss", "Training"},
      {"val_loss", "training_loss", "Loss", "Validation"},
      {"val_auc", "training_auc", "1 - AUC", "Validation", Scale::distance_to_one},
      {"val_purity_0.99", "training_purity", "Purity", "Validation"},
      {"learning_rate", "training_learning_rate", "Learning rate", "", Scale::logarithmic},
      {"not_there", "training_not_there", "Of a newer version"}};
  return options;
}

class Figures : public testing::Test {
 protected:
  [[nodiscard]] std::set<std::string> stems() const {
    std::set<std::string> result;
    for (const auto& entry : fs::directory_iterator(folder_ / "plots"))
      result.insert(entry.path().stem().string());
    return result;
  }

  const test::ScratchFolder scratch_;
  const fs::path folder_ = scratch_.path();
};

// A run whose curve is that of a toy and whose training is in `csv`; no file if it is empty.
ComparedRun make_compared_run(const fs::path& folder, const std::string& name,
                              const std::string& csv) {
  const metrics::ScoredSample sample = scored_toy(4);
  fs::create_directories(folder / name);
  if (!csv.empty()) core::write_text_file(folder / name / "metrics.csv", csv);
  ComparedRun run;
  run.name = name;
  run.folder = folder / name;
  run.results.n_events = sample.n_events();
  for (const double point : metrics::default_working_points())
    run.results.working_points.push_back({point, 0, {}});
  run.curve = count_points(sample, metrics::default_working_points()).curve;
  return run;
}

TEST_F(Figures, OfSeveralRunsHaveOneCurveEach) {
  const std::string two = "epoch,val_loss\n1,0.5\n2,0.4\n", one = "epoch,val_loss\n1,0.6\n";
  RunComparison comparison;
  comparison.runs = {make_compared_run(folder_, "first", two),
                     make_compared_run(folder_, "bare", ""),
                     make_compared_run(folder_, "third", one)};
  comparison.training_curves = {{"val_loss", "val_loss", "Loss, Validation"},
                                {"not_there", "not_there", "Of a newer version"}};
  fs::create_directories(folder_ / "plots");
  const auto written = write_run_comparison_figures(comparison, folder_ / "plots", {});
  EXPECT_EQ(stems(), (std::set<std::string>{"roc", "rejection_vs_efficiency",
                                            "purity_vs_efficiency", "val_loss"}));
  ASSERT_EQ(written.size(), 4U);
  EXPECT_EQ(written.back().section, "Training");
  EXPECT_EQ(core::read_text_file(folder_ / "plots/val_loss.csv"),
            "series,x,x_low,x_high,y,y_low,y_high,n\nfirst,1,,,0.5,,,\nfirst,2,,,0.4,,,\n"
            "third,1,,,0.6,,,\n");
  const std::string roc = core::read_text_file(folder_ / "plots/roc.csv");
  for (const char* name : {"\nfirst,", "\nbare,", "\nthird,"}) EXPECT_CONTAINS(roc, name);
}

TEST_F(Figures, AComparisonHasFour) {
  ComparedModel before{.name = "float32",
                       .sample = scored_toy(4),
                       .p99_ms = 2,
                       .ms_of_calls = {1, 2},
                       .file_bytes = 1000};
  ComparedModel after = before;
  after.name = "int8";
  for (float& score : after.sample.score) score += 0.01F;
  write_comparison(compare(before, after), folder_, {});
  for (const std::string stem : {"roc", "rejection_vs_efficiency", "score_difference", "latency"}) {
    for (const std::string ending : {".png", ".pdf", ".csv"})
      EXPECT_TRUE(fs::exists(folder_ / (stem + ending))) << stem << ending;
  }
  EXPECT_NE(core::read_text_file(folder_ / "roc.csv").find("int8"), std::string::npos);
}

TEST_F(Figures, EveryFigureIsPngPdfAndCsv) {
  core::write_text_file(folder_ / "metrics.csv",
                        "epoch,train_loss,val_loss,val_auc,val_purity_0.99,learning_rate,"
                        "seconds\n1,0.9,0.8,0.99,0.2,0.001,5\n2,0.6,0.5,0.995,,0.001,5\n");
  const metrics::ScoredSample sample = placed_toy(12);
  write_evaluation(evaluate(sample), sample, folder_, with_curves());
  const std::set<std::string> expected{"roc",
                                       "rejection_vs_efficiency",
                                       "purity_vs_efficiency",
                                       "rejection_vs_purity",
                                       "threshold_scan",
                                       "hit_efficiency_occupancy",
                                       "purity_occupancy",
                                       "background_efficiency_occupancy",
                                       "muon_loss_pt",
                                       "muon_loss_eta",
                                       "muon_loss_phi",
                                       "muon_loss_charge_eta",
                                       "muon_loss_distance",
                                       "segment_loss_pt",
                                       "segment_loss_eta",
                                       "segment_loss_phi",
                                       "segment_loss_charge_eta",
                                       "segment_loss_distance",
                                       "hit_efficiency_pt",
                                       "hit_efficiency_eta",
                                       "hit_efficiency_phi",
                                       "hit_efficiency_charge_eta",
                                       "hit_efficiency_distance",
                                       "hit_loss_by_technology_pt",
                                       "hit_loss_by_technology_eta",
                                       "hit_loss_by_technology_phi",
                                       "hit_efficiency_of_technologies",
                                       "purity_of_technologies",
                                       "hit_efficiency_of_station_layers",
                                       "purity_of_station_layers",
                                       "score_distribution",
                                       "calibration",
                                       "hits_per_event",
                                       "hits_per_muon",
                                       "muons_per_event",
                                       "technology_shares",
                                       "training_loss",
                                       "training_purity",
                                       "training_auc",
                                       "training_learning_rate"};
  EXPECT_EQ(stems(), expected);
  for (const std::string& stem : expected) {
    for (const char* extension : {".png", ".pdf", ".csv"})
      EXPECT_GT(fs::file_size(folder_ / "plots" / (stem + extension)), 20U) << stem << extension;
  }
}

TEST_F(Figures, WhatTheSampleLacksIsLeftOut) {
  metrics::ScoredSample sample = scored_toy(12);  // no places, no charges
  sample.muon_pt = {};
  sample.muon_offsets = {0};
  for (std::size_t event = 0; event < sample.n_events(); ++event) {  // one muon per event
    sample.muon_pt.push_back(20);
    sample.muon_offsets.push_back(sample.muon_pt.size());
  }
  for (std::int8_t& link : sample.truth_link) link = std::min<std::int8_t>(link, 0);
  sample.muon_eta.resize(sample.n_muons());
  sample.muon_phi.resize(sample.n_muons());
  write_evaluation(evaluate(sample), sample, folder_);
  const std::set<std::string> written = stems();
  EXPECT_TRUE(written.contains("muon_loss_eta"));
  EXPECT_TRUE(written.contains("purity_of_technologies"));
  for (const std::string& stem : written) {
    for (const std::string lacking : {"segment", "charge", "distance", "layer", "process"})
      EXPECT_EQ(stem.find(lacking), std::string::npos) << stem;
  }
}

TEST_F(Figures, BinsOfTheMuonEfficiencyHoldAllMuonsInRange) {
  const metrics::ScoredSample sample = scored_toy(12);
  write_evaluation(evaluate(sample), sample, folder_);
  std::istringstream csv(core::read_text_file(folder_ / "plots" / "muon_loss_pt.csv"));
  std::string line;
  std::getline(csv, line);
  EXPECT_EQ(line, "series,x,x_low,x_high,y,y_low,y_high,n");
  double muons = 0;
  while (std::getline(csv, line)) muons += std::stod(line.substr(line.rfind(',') + 1));
  EXPECT_EQ(muons, 18);
}

// The lines of a series, as numbers after its label.
std::vector<std::vector<double>> rows_of(const fs::path& csv, const std::string& label) {
  std::istringstream lines(core::read_text_file(csv));
  std::string line, cell;
  std::vector<std::vector<double>> rows;
  while (std::getline(lines, line)) {
    if (!line.starts_with(label + ",")) continue;
    std::istringstream cells(line.substr(label.size() + 1));
    rows.emplace_back();
    while (std::getline(cells, cell, ','))
      rows.back().push_back(cell.empty() ? std::nan("") : std::stod(cell));
  }
  return rows;
}

TEST_F(Figures, BinsOfPtHoldEnoughMuonsAndEndWithThem) {
  metrics::ScoredSample sample = scored_toy(60);
  for (std::size_t i = 0; i < sample.muon_pt.size(); ++i)
    sample.muon_pt[i] = 5.5F * std::exp(0.03F * static_cast<float>(i));
  sample.muon_pt.back() = 700.0F;
  write_evaluation(evaluate(sample), sample, folder_);
  const auto rows = rows_of(folder_ / "plots" / "muon_loss_pt.csv", "");
  ASSERT_GT(rows.size(), 2U);
  double end = 5, muons = 0;
  for (const auto& row : rows) {
    EXPECT_EQ(row.at(1), end) << "no gap";
    EXPECT_GE(row.at(6), 10);
    end = row.at(2);
    muons += row.at(6);
  }
  EXPECT_EQ(end, 800) << "the round number above the highest";
  EXPECT_EQ(muons, sample.n_muons());
}

TEST_F(Figures, FewMuonsShareFewBins) {
  for (const auto& [events, bins] : {std::pair<std::size_t, double>{12, 6}, {120, 9}}) {
    const metrics::ScoredSample sample = scored_toy(events);
    write_evaluation(evaluate(sample), sample, folder_);
    const auto rows = rows_of(folder_ / "plots" / "hit_efficiency_eta.csv", "");
    ASSERT_FALSE(rows.empty());
    EXPECT_NEAR(rows[0].at(2) - rows[0].at(1), 5.4 / bins, 1e-9) << events << " events";
  }
}

TEST_F(Figures, LossesAreWhatEfficienciesLack) {
  const metrics::ScoredSample sample = placed_toy(40);
  EvaluationOptions options;
  options.working_points = {0.6};
  const EvaluationResult result = evaluate(sample, options);
  write_evaluation(result, sample, folder_);
  const auto lost = [&](const std::string& stem, const std::string& label) {
    double sum = 0, total = 0;
    for (const auto& row : rows_of(folder_ / "plots" / (stem + ".csv"), label)) {
      sum += row.at(3) * row.at(6);
      total += row.at(6);
    }
    return sum / total;
  };
  const metrics::KeptAtThreshold& kept = result.working_points.front().kept;
  EXPECT_NEAR(lost("muon_loss_pt", "3 hits"), 1 - kept.muons.value(), 1e-9);
  EXPECT_NEAR(lost("muon_loss_phi", "3 hits in 2 station layers"), 1 - kept.two_layer_muons.value(),
              1e-9);
  EXPECT_NEAR(lost("segment_loss_eta", "Not whole"), 1 - kept.whole_segments.value(), 1e-9);
  EXPECT_NEAR(lost("segment_loss_eta", "Not usable"), 1 - kept.usable_segments.value(), 1e-9);
  EXPECT_NEAR(lost("hit_efficiency_pt", ""), kept.hits.efficiency(), 1e-9);
}

TEST_F(Figures, ProcessesStandBesideEachOther) {
  metrics::ScoredSample sample = scored_toy(12);
  EvaluationOptions options;
  options.process_names = {{7, "ttbar"}};
  for (std::size_t event = 0; event < 12; ++event)
    sample.mc_channel_number[event] = event % 2 == 0 ? 7 : 8;
  const EvaluationResult result = evaluate(sample, options);
  write_evaluation(result, sample, folder_);
  const std::set<std::string> written = stems();
  for (const std::string stem : {"hit_efficiency_of_processes", "purity_of_processes",
                                 "background_efficiency_of_processes", "muons_kept_of_processes"})
    EXPECT_TRUE(written.contains(stem)) << stem;
  const auto rows = rows_of(folder_ / "plots" / "background_efficiency_of_processes.csv", "");
  ASSERT_EQ(rows.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const metrics::Counts& hits = result.at_reference().processes[i].kept.hits;
    EXPECT_NEAR(rows[i][3], hits.background_efficiency(), 1e-12);
    EXPECT_LE(rows[i][4], rows[i][3]);
    EXPECT_GE(rows[i][5], rows[i][3]);
    EXPECT_EQ(rows[i][6], static_cast<double>(hits.background()));
  }
}

TEST_F(Figures, MoreProcessesThanCanBeNamedAreNotDrawn) {
  metrics::ScoredSample sample = scored_toy(12);
  for (std::size_t event = 0; event < 12; ++event)
    sample.mc_channel_number[event] = static_cast<std::uint32_t>(event % 9);
  write_evaluation(evaluate(sample), sample, folder_);
  EXPECT_FALSE(stems().contains("purity_of_processes"));
}

TEST_F(Figures, AgainstTheHitsOfTheEventHoldAllHits) {
  const metrics::ScoredSample sample = scored_toy(60);
  const EvaluationResult result = evaluate(sample);
  write_evaluation(result, sample, folder_);
  for (const WorkingPointResult& point : result.working_points) {
    const metrics::Counts& counts = point.kept.hits;
    for (const auto& [stem, part, total] :
         {std::tuple{"hit_efficiency_occupancy", counts.true_positives, counts.signal()},
          {"purity_occupancy", counts.true_positives, counts.kept()},
          {"background_efficiency_occupancy", counts.false_positives, counts.background()}}) {
      const auto rows = rows_of(folder_ / "plots" / (std::string(stem) + ".csv"),
                                "Working point " + core::to_text(point.working_point));
      EXPECT_GE(rows.size(), 2U);
      double entries = 0, passed = 0, end = 0;
      for (const auto& row : rows) {
        EXPECT_GE(row.at(1), end) << "bins do not overlap";
        end = row.at(2);
        EXPECT_LE(row.at(4), row.at(3));
        EXPECT_GE(row.at(5), row.at(3));
        entries += row.at(6);
        passed += row.at(3) * row.at(6);
      }
      EXPECT_EQ(entries, static_cast<double>(total)) << stem;
      EXPECT_NEAR(passed, static_cast<double>(part), 1e-6) << stem;
    }
  }
}

TEST_F(Figures, OfManyWorkingPointsShowTheReferenceAgainstTheHitsOfTheEvent) {
  const metrics::ScoredSample sample = scored_toy(12);
  EvaluationOptions options;
  options.working_points = {0.5, 0.6, 0.7, 0.8, 0.9};
  write_evaluation(evaluate(sample, options), sample, folder_);
  const fs::path csv = folder_ / "plots" / "purity_occupancy.csv";
  EXPECT_FALSE(rows_of(csv, "Working point 0.9").empty());
  EXPECT_TRUE(rows_of(csv, "Working point 0.8").empty());
}

TEST_F(Figures, ThresholdScanPassesTheWorkingPoint) {
  const metrics::ScoredSample sample = scored_toy(60);
  const EvaluationResult result = evaluate(sample);
  write_evaluation(result, sample, folder_);
  const auto csv = folder_ / "plots" / "threshold_scan.csv";
  const auto efficiency = rows_of(csv, "Hit efficiency"), purity = rows_of(csv, "Purity");
  ASSERT_EQ(efficiency.size(), purity.size());
  const auto at = std::ranges::find_if(
      efficiency, [&](const auto& row) { return row.at(0) <= result.reference_threshold; });
  ASSERT_NE(at, efficiency.end());
  EXPECT_NEAR(at->at(3), 0.99, 0.01);
  const WorkingPointResult& point = result.working_points[result.reference_index()];
  EXPECT_NEAR(purity.at(static_cast<std::size_t>(at - efficiency.begin())).at(3),
              point.kept.hits.purity(), 0.02);
}

TEST_F(Figures, TrainingCurvesOfOneNameShareAFigure) {
  core::write_text_file(folder_ / "metrics.csv",
                        "epoch,train_loss,val_loss,val_auc\n1,0.5,0.25,1\n"
                        "2,0.4,0.125,0.875\n");
  const metrics::ScoredSample sample = scored_toy(4);
  write_evaluation(evaluate(sample), sample, folder_, with_curves());
  EXPECT_EQ(core::read_text_file(folder_ / "plots" / "training_loss.csv"),
            "series,x,x_low,x_high,y,y_low,y_high,n\n"
            "Training,1,,,0.5,,,\nTraining,2,,,0.4,,,\n"
            "Validation,1,,,0.25,,,\nValidation,2,,,0.125,,,\n");
  EXPECT_CONTAINS(core::read_text_file(folder_ / "plots" / "training_auc.csv"),
                  "Validation,2,,,0.125,,,");
}

TEST_F(Figures, OfTheTrainingMarkTheBestEpoch) {
  core::write_text_file(folder_ / "metrics.csv",
                        "epoch,train_loss,val_loss,learning_rate\n1,0.5,0.25,0.1\n"
                        "2,0.4,0.375,0.01\n");
  const metrics::ScoredSample sample = scored_toy(4);
  ReportOptions options = with_curves();
  options.best_epoch = 1;
  write_evaluation(evaluate(sample), sample, folder_, options);
  const auto table = [this](const std::string& stem) {
    return core::read_text_file(folder_ / "plots" / (stem + ".csv"));
  };
  EXPECT_TRUE(table("training_loss").ends_with("Validation,2,,,0.375,,,\nBest epoch,1,,,0.25,,,\n"))
      << table("training_loss");
  EXPECT_EQ(table("training_learning_rate").find("Best"), std::string::npos) << "no legend";
  options.best_epoch = 7;
  write_evaluation(evaluate(sample), sample, folder_, options);
  EXPECT_EQ(table("training_loss").find("Best"), std::string::npos) << "no such epoch";
}

TEST_F(Figures, BinsHaveRoundWidths) {
  const metrics::ScoredSample sample = scored_toy(12);
  write_evaluation(evaluate(sample), sample, folder_);
  for (const std::string stem : {"hits_per_event", "hits_per_muon", "score_distribution"}) {
    std::istringstream csv(core::read_text_file(folder_ / "plots" / (stem + ".csv")));
    std::string line, cell;
    std::getline(csv, line);
    std::getline(csv, line);
    std::istringstream cells(line);
    std::vector<std::string> row;
    while (std::getline(cells, cell, ',')) row.push_back(cell);
    const double width = std::stod(row.at(3)) - std::stod(row.at(2));
    const double leading = width / std::pow(10.0, std::floor(std::log10(width * (1 + 1e-9))));
    EXPECT_TRUE(std::abs(leading - 1) < 1e-6 || std::abs(leading - 2) < 1e-6 ||
                std::abs(leading - 5) < 1e-6)
        << stem << ": " << width;
  }
}

TEST_F(Figures, HitsThatTheFirstStageDroppedDoNotStretchTheScores) {
  metrics::ScoredSample sample = scored_toy(12);
  std::size_t signal_dropped = 0;
  for (std::size_t hit = 0; hit < sample.n_hits(); ++hit) {
    if (sample.score[hit] > -1) continue;
    sample.score[hit] -= 51.0F;
    signal_dropped += sample.truth_link[hit] >= 0 ? 1 : 0;
  }
  ASSERT_GT(signal_dropped, 0U);
  EvaluationOptions options;
  options.working_points = {0.9};
  options.dropped_ceiling = -51.0F;
  const EvaluationResult result = evaluate(sample, options);
  write_evaluation(result, sample, folder_);
  const auto csv = folder_ / "plots" / "score_distribution.csv";
  for (const std::string label : {"Signal hits", "Background hits"}) {
    const auto rows = rows_of(csv, label);
    ASSERT_FALSE(rows.empty());
    EXPECT_GE(rows.front().at(1), -2) << label;
    double entries = 0, share = 0;
    for (const auto& row : rows) {
      share += row.at(3);
      entries += row.at(6);
    }
    const auto& of_class =
        label == "Signal hits" ? result.ranked.signal() : result.ranked.background();
    const auto shown = std::ranges::count_if(of_class, [](float score) { return score > -51.0F; });
    EXPECT_EQ(entries, shown) << label;
    EXPECT_NEAR(share, static_cast<double>(shown) / static_cast<double>(of_class.size()), 1e-12);
  }
  EXPECT_EQ(rows_of(csv, "Cut at working point 0.9").size(), 2);
  const auto scan = folder_ / "plots" / "threshold_scan.csv";
  EXPECT_EQ(rows_of(scan, "Working point 0.9").size(), 2);
  // A cut among the dropped hits has no place on the axis.
  options.working_points = {1.0};
  write_evaluation(evaluate(sample, options), sample, folder_);
  EXPECT_TRUE(rows_of(csv, "Cut at working point 1").empty());
  EXPECT_TRUE(rows_of(scan, "Working point 1").empty());
  ASSERT_FALSE(rows_of(scan, "Purity").empty());
  for (const auto& row : rows_of(scan, "Purity")) EXPECT_GT(row.at(0), -51);
}

TEST_F(Figures, RejectionAgainstPurityKeepsToTheEfficienciesOfTheOtherFigures) {
  const metrics::ScoredSample sample = scored_toy(12);
  const EvaluationResult result = evaluate(sample);
  write_evaluation(result, sample, folder_);
  std::istringstream csv(core::read_text_file(folder_ / "plots" / "rejection_vs_purity.csv"));
  std::string line;
  std::getline(csv, line);
  int rows = 0;
  while (std::getline(csv, line)) {
    const double kept = std::stod(line.substr(line.rfind(',') + 1));
    EXPECT_GE(kept, 0.8 * static_cast<double>(result.n_true_hits)) << line;
    ++rows;
  }
  EXPECT_GT(rows, 3);
}

TEST_F(Figures, TrainingTableWithTextIsNamed) {
  core::write_text_file(folder_ / "metrics.csv", "epoch,train_loss\n1,0.5\n2,oops\n");
  const metrics::ScoredSample sample = scored_toy(4);
  EXPECT_CONTAINS(test::data_error([&] { write_evaluation(evaluate(sample), sample, folder_); }),
                  "metrics.csv:3, train_loss: \"oops\" is not a number");
}

}  // namespace
}  // namespace stationhit::evaluation
