#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/evaluation/report.hpp>

#include "../../../src/evaluation/outputs.hpp"
#include "scored_toy.hpp"

namespace stationhit::evaluation {
namespace {

namespace fs = std::filesystem;

class Report : public testing::Test {
 protected:
  const test::ScratchFolder scratch_;
  const fs::path folder_ = scratch_ / "run";  // not made yet
};

TEST_F(Report, JsonHoldsTheResultInFullPrecision) {
  const metrics::ScoredSample sample = scored_toy(12);
  const EvaluationResult result = evaluate(sample);
  write_evaluation(result, sample, folder_);
  const auto json = nlohmann::json::parse(core::read_text_file(folder_ / "test" / "metrics.json"));
  EXPECT_EQ(json["auc"]["value"].get<double>(), result.estimates["auc"].value);
  EXPECT_EQ(json["events"].get<std::uint64_t>(), 12U);
  ASSERT_EQ(json["working_points"].size(), 3U);
  EXPECT_EQ(json["working_points"][1]["threshold"].get<float>(),
            result.working_points[1].threshold);
  EXPECT_EQ(json["working_points"][1]["purity"]["value"].get<double>(),
            result.working_points[1].estimates["purity"].value);
  EXPECT_EQ(json["working_points"][1]["purity"]["low"].get<double>(),
            result.working_points[1].estimates["purity"].interval.low);
  EXPECT_TRUE(json["technologies"][3]["efficiency"]["value"].is_null()) << "0/0 is null";
  EXPECT_EQ(json["technologies"], json["working_points"][1]["technologies"]);
  EXPECT_NE(json["technologies"], json["working_points"][0]["technologies"]);
  EXPECT_TRUE(json["station_layers"].empty()) << "a sample without places";
  EXPECT_TRUE(json["processes"].empty()) << "a sample of one process";
}

TEST_F(Report, ProcessesHaveATableWhereThereAreSeveral) {
  metrics::ScoredSample sample = scored_toy(12);
  const auto page = [&] { return core::read_text_file(folder_ / "report.html"); };
  write_evaluation(evaluate(sample), sample, folder_);
  EXPECT_EQ(page().find("Processes"), std::string::npos);
  EXPECT_EQ(results_table(evaluate(sample)).find("Processes"), std::string::npos);
  for (std::size_t event = 0; event < 5; ++event) sample.mc_channel_number[event] = 601229;
  const EvaluationResult result = evaluate(sample);
  write_evaluation(result, sample, folder_);
  EXPECT_NE(page().find("<td>601229</td><td>5</td><td>140</td><td>7</td>"), std::string::npos);
  EXPECT_NE(page().find("<td>unknown</td><td>7</td><td>220</td><td>11</td>"), std::string::npos);
  const auto json = nlohmann::json::parse(core::read_text_file(folder_ / "test" / "metrics.json"));
  EXPECT_EQ(json["processes"], json["working_points"][1]["processes"]);
  const auto& process = json["working_points"][0]["processes"][1];
  EXPECT_EQ(process["process"], "601229");
  EXPECT_EQ(process["mc_channel_number"], 601229);
  EXPECT_EQ(process["events"], 5);
  EXPECT_EQ(process["muons"], 7);
  EXPECT_EQ(process["purity"]["value"].get<double>(),
            result.working_points[0].processes[1].estimates["purity"].value);
  const std::string text = results_table(result);
  EXPECT_CONTAINS(text, "Processes at 0.99:\n  process  events  muons  purity ");
  EXPECT_CONTAINS(text, "\n  unknown  7       11     ");
  EXPECT_CONTAINS(text, "\n  601229   5       7      ");
}

TEST_F(Report, ProcessesHaveACsvFileWithTheNumbersOfTheJson) {
  metrics::ScoredSample sample = scored_toy(12);
  for (std::size_t event = 0; event < 5; ++event) sample.mc_channel_number[event] = 601229;
  const EvaluationResult result = evaluate(sample);
  write_evaluation(result, sample, folder_);
  std::istringstream file(core::read_text_file(folder_ / "test" / "processes.csv"));
  const auto next_row = [&] {
    std::vector<std::string> cells;
    std::string line;
    std::getline(file, line);
    std::istringstream text(line);
    for (std::string cell; std::getline(text, cell, ',');) cells.push_back(cell);
    return cells;
  };
  const auto head = next_row();
  for (const WorkingPointResult& point : result.working_points) {
    for (const ProcessResult& process : point.processes) {
      const auto row = next_row();
      ASSERT_EQ(row.size(), head.size());
      const auto cell = [&](const char* column) {
        return row[static_cast<std::size_t>(std::ranges::find(head, column) - head.begin())];
      };
      EXPECT_EQ(cell("process"), process.name);
      EXPECT_EQ(cell("mc_channel_number"), std::to_string(process.mc_channel_number));
      EXPECT_EQ(cell("purity"), core::to_text(process.estimates["purity"].value));
      EXPECT_EQ(cell("muons"), std::to_string(process.kept.muons.total));
      EXPECT_EQ(cell("true_positives"), std::to_string(process.kept.hits.true_positives));
      EXPECT_EQ(cell("events"), std::to_string(process.kept.n_events));
    }
  }
  EXPECT_TRUE(next_row().empty());
}

TEST_F(Report, JsonHasTheMeasuresNodeByNodeWhereThereAreSome) {
  const metrics::ScoredSample sample = scored_toy(12);
  EvaluationResult result = evaluate(sample);
  EXPECT_EQ(results_table(result).find("node by node"), std::string::npos);
  result.nodes = evaluate_nodes(sample);
  write_evaluation(result, sample, folder_);
  const auto json = nlohmann::json::parse(core::read_text_file(folder_ / "test" / "metrics.json"));
  EXPECT_EQ(json["per_node"]["nodes"].get<std::uint64_t>(), 6360U);
  EXPECT_EQ(json["per_node"]["working_points"][2]["purity"], json["working_points"][2]["purity"]);
  EXPECT_NE(results_table(result).find("node by node (6360 nodes, 360 signal): purity 0."),
            std::string::npos);
}

TEST_F(Report, ThresholdsAmongDroppedHitsAreRemarked) {
  metrics::ScoredSample sample = scored_toy(12);
  for (float& score : sample.score)
    if (score < 0) score -= 51.0F;
  EvaluationOptions options;
  options.working_points = {0.5, 0.995};
  const std::string known = results_table(evaluate(sample, options));
  EXPECT_EQ(known.find("the first stage"), std::string::npos);
  options.dropped_ceiling = -51.0F;
  const EvaluationResult result = evaluate(sample, options);
  const std::string remark =
      "Working point 0.995: the threshold " + rounded(result.working_points[1].threshold, 5) +
      " lies among the hits that the first stage dropped, which the second stage does not see; "
      "take a lower working point, or raise model.first_stage.signal_kept and train again";
  EXPECT_CONTAINS(results_table(result), remark + "\n");
  EXPECT_EQ(results_table(result).find("Working point 0.5"), std::string::npos);
  write_evaluation(result, sample, folder_);
  EXPECT_CONTAINS(core::read_text_file(folder_ / "report.html"), "<p>" + remark + ".</p>");
}

TEST_F(Report, EveryLinkOfThePageIsAFile) {
  const metrics::ScoredSample sample = scored_toy(12);
  ReportOptions options;
  options.summary = {{"Features", "a < b & c"}};
  options.files = {"config.yaml"};
  fs::create_directories(folder_);
  core::write_text_file(folder_ / "config.yaml", "seed: 1\n");
  write_evaluation(evaluate(sample), sample, folder_, options);
  const std::string page = core::read_text_file(folder_ / "report.html");
  EXPECT_NE(page.find("a &lt; b &amp; c"), std::string::npos);
  EXPECT_NE(page.find("<a href=\"config.yaml\">config.yaml</a>"), std::string::npos);
  int links = 0;
  for (const std::string attribute : {"href=\"", "src=\""}) {
    for (std::size_t at = page.find(attribute); at != std::string::npos;
         at = page.find(attribute, at + 1), ++links) {
      const std::size_t first = at + attribute.size();
      const std::string link = page.substr(first, page.find('"', first) - first);
      EXPECT_TRUE(fs::is_regular_file(folder_ / link)) << link;
    }
  }
  EXPECT_GE(links, 3);
  for (const auto& entry : fs::recursive_directory_iterator(folder_))
    EXPECT_EQ(entry.path().string().find(".partial"), std::string::npos);
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// A wide one scrolls by itself and not with the page.
TEST_F(Report, EveryTableHasItsOwnScrollContainer) {
  metrics::ScoredSample sample = scored_toy(12);
  for (std::size_t event = 0; event < 5; ++event) sample.mc_channel_number[event] = 601229;
  write_evaluation(evaluate(sample), sample, folder_);
  const std::string page = core::read_text_file(folder_ / "report.html");
  EXPECT_GE(count(page, "<table"), 5U);
  EXPECT_EQ(count(page, "<div class=\"scroll\"><table"), count(page, "<table"));
  EXPECT_CONTAINS(page, ".scroll { overflow-x: auto; }");
  EXPECT_CONTAINS(page, "minmax(min(340px, 100%), 1fr)") << "figures shrink on a narrow screen";
}

TEST_F(Report, CountsTheHitsThatWorkingPointsKeepAndLose) {
  const metrics::ScoredSample sample = scored_toy(12);
  const EvaluationResult result = evaluate(sample);
  write_evaluation(result, sample, folder_);
  const metrics::Counts& counts = result.working_points.front().kept.hits;
  std::string row;
  for (const std::uint64_t count : {counts.true_positives, counts.false_negatives,
                                    counts.false_positives, counts.true_negatives})
    row += "<td>" + std::to_string(count) + "</td>";
  EXPECT_CONTAINS(core::read_text_file(folder_ / "report.html"), "<td>0.985</td>" + row);
}

TEST_F(Report, HeadingNamesTheSampleAsFarAsItIsKnown) {
  const metrics::ScoredSample sample = scored_toy(4);
  const EvaluationResult result = evaluate(sample);
  const auto page = [&](const core::SampleInfo& info) {
    ReportOptions options;
    options.sample = info;
    write_evaluation(result, sample, folder_, options);
    return core::read_text_file(folder_ / "report.html");
  };
  EXPECT_NE(page({"Toy simulation", {60, 200}})
                .find("<p class=\"lead\">Toy simulation, &lt;&mu;&gt; = 60 - 200</p>"),
            std::string::npos);
  EXPECT_NE(page({"", {200}}).find("<p class=\"lead\">&lt;&mu;&gt; = 200</p>"), std::string::npos);
  EXPECT_NE(page({"Data", {}}).find("<p class=\"lead\">Data</p>"), std::string::npos);
  EXPECT_EQ(page({}).find("simulation"), std::string::npos)
      << "who does not say that it is simulated is not called so";
}

TEST_F(Report, WorkingPointsHaveOneCsvRowEach) {
  const metrics::ScoredSample sample = scored_toy(12);
  EvaluationOptions options;
  options.validation_thresholds = {-1.0F, -2.0F, -3.0F};
  write_evaluation(evaluate(sample, options), sample, folder_);
  std::istringstream csv(core::read_text_file(folder_ / "test" / "working_points.csv"));
  std::string line;
  std::vector<std::ptrdiff_t> commas;
  while (std::getline(csv, line)) commas.push_back(std::count(line.begin(), line.end(), ','));
  EXPECT_EQ(commas, std::vector<std::ptrdiff_t>(7, commas.front()));
}

TEST_F(Report, ShowsTheWorkingPointsThatWereAskedFor) {
  const metrics::ScoredSample sample = scored_toy(12);
  EvaluationOptions options;
  options.working_points = {0.9, 0.97};
  const EvaluationResult result = evaluate(sample, options);
  write_evaluation(result, sample, folder_);
  const auto json = nlohmann::json::parse(core::read_text_file(folder_ / "test" / "metrics.json"));
  ASSERT_EQ(json["working_points"].size(), 2U);
  EXPECT_EQ(json["working_points"][1]["working_point"].get<double>(), 0.97);
  const std::string csv = core::read_text_file(folder_ / "test" / "working_points.csv");
  EXPECT_NE(csv.find("\ntest,0.9,"), std::string::npos) << csv;
  EXPECT_NE(csv.find("\ntest,0.97,"), std::string::npos) << csv;
  EXPECT_EQ(csv.find("0.985"), std::string::npos) << csv;
  EXPECT_NE(core::read_text_file(folder_ / "report.html").find("<tr><td>0.97</td>"),
            std::string::npos);
  EXPECT_NE(results_table(result).find("\n  0.97 "), std::string::npos);
}

TEST_F(Report, FolderThatCannotBeMadeIsNamed) {
  core::write_text_file(folder_, "a file");
  const metrics::ScoredSample sample = scored_toy(2);
  EXPECT_CONTAINS(test::data_error([&] { write_evaluation(evaluate(sample), sample, folder_); }),
                  folder_.string());
}

TEST(Digits, AreThoseThatTheStatisticalErrorAllows) {
  EXPECT_EQ(with_interval({0.988123, {0.987423, 0.988823}}, 6), "0.9881 [0.9874, 0.9888]");
  EXPECT_EQ(with_interval({0.941322, {0.9312, 0.9552}}, 6), "0.941 [0.931, 0.955]");
  EXPECT_EQ(with_interval({347.24, {340.1, 354.3}}, 4), "347 [340, 354]");
  EXPECT_EQ(with_interval({0.5, {0.40, 0.592}}, 4), "0.50 [0.40, 0.59]") << "0.096 rounds to 0.10";
  EXPECT_EQ(with_interval({0.941322, {std::nan(""), std::nan("")}}, 6), "0.941322");
  EXPECT_EQ(with_interval({1, {1, 1}}, 4), "1.000 [1.000, 1.000]") << "no error says how many";
  EXPECT_EQ(decimals_of({12, std::numeric_limits<double>::infinity()}), std::nullopt);
}

TEST(ResultsTable, HasOneLinePerWorkingPoint) {
  const std::string text = results_table(evaluate(scored_toy(12)));
  EXPECT_NE(text.find("12 events, 6360 hits (360 signal), 18 muons"), std::string::npos) << text;
  EXPECT_NE(text.find("\nAUC 0.9"), std::string::npos) << text;
  for (const char* working_point : {"\n  0.985 ", "\n  0.99 ", "\n  0.995 "})
    EXPECT_NE(text.find(working_point), std::string::npos) << text;
}

}  // namespace
}  // namespace stationhit::evaluation
