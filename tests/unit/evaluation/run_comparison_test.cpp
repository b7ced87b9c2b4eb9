#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/evaluation/run_comparison.hpp>

#include "../../../src/evaluation/outputs.hpp"
#include "scored_toy.hpp"

namespace stationhit::evaluation {
namespace {

namespace fs = std::filesystem;

const std::vector<double> points = metrics::default_working_points();

// test/metrics.json of a run, without figures, which take long.
fs::path write_results(const fs::path& folder, const EvaluationResult& result) {
  fs::create_directories(folder / "test");
  core::write_text_file(folder / "report.html", "");
  core::write_text_file(folder / "test" / "metrics.json", metrics_json(result));
  return folder / "test" / "metrics.json";
}

// The same events with other scores: background gets closer to the signal.
metrics::ScoredSample worsen(metrics::ScoredSample sample) {
  for (std::size_t i = 0; i < sample.score.size(); ++i)
    if (sample.truth_link[i] < 0) sample.score[i] += 0.5F + 0.2F * static_cast<float>(i % 5);
  return sample;
}

class RunComparisonOfToys : public testing::Test {
 protected:
  // Writes the test of a run and reads its results again.
  ComparedRun make_run(const std::string& name, const metrics::ScoredSample& sample) {
    const fs::path folder = scratch_ / name;
    return {.name = name,
            .folder = folder,
            .summary = {{"seed", "42"}},
            .results = read_test_results(write_results(folder, evaluate(sample))),
            .curve = count_points(sample, points).curve};
  }

  // "b" is worse than "a" on the same events, "c" was tested on others.
  RunComparison make_comparison() {
    RunComparison comparison;
    comparison.runs = {make_run("a", sample_), make_run("b & co", worsen(sample_)),
                       make_run("c", scored_toy(8))};
    comparison.runs[1].differences =
        paired_differences(count_points(sample_, points), count_points(worsen(sample_), points));
    comparison.runs[2].same_events = false;
    comparison.settings = {{"seed", {"1", "2", "3"}}};
    return comparison;
  }

  const test::ScratchFolder scratch_;
  const metrics::ScoredSample sample_ = scored_toy(12);
};

TEST(TestResults, AreThoseOfTheEvaluation) {
  const test::ScratchFolder folder;
  const metrics::ScoredSample sample = placed_toy(12);
  const EvaluationResult result = evaluate(sample);
  const TestResults read = read_test_results(write_results(folder.path(), result));
  EXPECT_EQ(read.n_events, result.n_events);
  EXPECT_EQ(read.n_hits, result.n_hits);
  EXPECT_EQ(read.n_true_hits, result.n_true_hits);
  EXPECT_EQ(read.n_muons, result.n_muons);
  EXPECT_EQ(read.estimates["auc"].value, result.estimates["auc"].value);
  ASSERT_EQ(read.working_points.size(), points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    EXPECT_EQ(read.working_points[i].working_point, points[i]);
    EXPECT_EQ(read.working_points[i].threshold, result.working_points[i].threshold);
    for (const char* key : {"purity", "rejection", "muons_kept_share", "whole_segments_share"}) {
      const Estimate &a = read.working_points[i].estimates[key],
                     &b = result.working_points[i].estimates[key];
      EXPECT_EQ(a.value, b.value) << key;
      EXPECT_EQ(a.interval.low, b.interval.low) << key;
      EXPECT_EQ(a.interval.high, b.interval.high) << key;
    }
  }
}

TEST(TestResults, NullIsNoNumber) {
  const test::ScratchFolder folder;
  const TestResults read = read_test_results(write_results(folder.path(), evaluate(scored_toy(4))));
  EXPECT_TRUE(std::isnan(read.working_points[0].estimates["whole_segments_share"].value));
}

TEST(TestResults, OfACardAreThoseThatTheTerminalShows) {
  const test::ScratchFolder folder;
  const TestResults results =
      read_test_results(write_results(folder.path(), evaluate(placed_toy(12))));
  const TestResults read = read_card_results(card_results_json(results), "model.onnx");
  EXPECT_EQ(read.n_true_hits, results.n_true_hits);
  EXPECT_EQ(read.estimates["auc"].interval.low, results.estimates["auc"].interval.low);
  ASSERT_EQ(read.working_points.size(), results.working_points.size());
  ASSERT_EQ(read.validation_thresholds.size(), results.validation_thresholds.size());
  EXPECT_EQ(read.working_points[0].threshold, results.working_points[0].threshold);
  EXPECT_EQ(read.working_points[0].estimates["efficiency"].value,
            results.working_points[0].estimates["efficiency"].value);
  const std::string text = card_results_markdown(read);
  EXPECT_EQ(text, card_results_markdown(read_card_results(card_results_json(read), "again")));
  EXPECT_CONTAINS(text, "| working point | logit > | efficiency here | purity | 1/eps_b |");
  EXPECT_CONTAINS(text, purity_text(read.working_points[1]));
}

TEST(TestResults, OfADamagedCardAreRefused) {
  const auto error = [](const char* json) {
    return test::data_error([json] { (void)read_card_results(json, "model.onnx"); });
  };
  EXPECT_CONTAINS(error("{\"events\": "), "model.onnx");
  EXPECT_CONTAINS(error("{\"events\": 1}"), "hits");
  EXPECT_CONTAINS(error("[1]"), "export the model again");
  for (const char* count : {"-1", "1.5", "1e+30", "\"3\""})
    EXPECT_CONTAINS(error((R"({"events": )" + std::string(count) + "}").c_str()),
                    std::string("events is ") + count + ", expected a whole number in range");
}

TEST(TestResults, OfAnEarlierVersionOrDamagedAreRefused) {
  const test::ScratchFolder folder;
  const fs::path file = write_results(folder.path(), evaluate(scored_toy(4)));
  auto json = nlohmann::json::parse(core::read_text_file(file));
  json["working_points"][1].erase("whole_segments_share");
  core::write_text_file(file, json.dump());
  const auto error = [&file] { return test::data_error([&] { (void)read_test_results(file); }); };
  EXPECT_CONTAINS(error(), file.string());
  EXPECT_CONTAINS(error(), "whole_segments_share");
  EXPECT_CONTAINS(error(), "written by an earlier version: `stationhit test` writes it again");
  core::write_text_file(file, "{\"events\": ");
  EXPECT_CONTAINS(error(), file.string());
}

TEST(PairedDifferences, AreNarrowerThanTheIntervalsOfBothSamples) {
  const metrics::ScoredSample sample = scored_toy(40);
  metrics::ScoredSample other = sample;
  for (std::size_t i = 0; i < other.score.size(); i += 50) other.score[i] += 0.3F;
  const PointCounts first = count_points(sample, points), second = count_points(other, points);
  const auto differences = paired_differences(first, second);
  const EvaluationResult of_first = evaluate(sample), of_second = evaluate(other);
  ASSERT_EQ(differences.size(), points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    const Estimate& difference = differences[i]["purity"];
    const Estimate &a = of_first.working_points[i].estimates["purity"],
                   &b = of_second.working_points[i].estimates["purity"];
    EXPECT_DOUBLE_EQ(difference.value, b.value - a.value);
    EXPECT_LT(difference.interval.low, difference.value);
    EXPECT_GT(difference.interval.high, difference.value);
    EXPECT_LT(difference.interval.high - difference.interval.low,
              0.7 * (a.interval.high - a.interval.low));
    EXPECT_TRUE(std::isnan(differences[i]["whole_segments_share"].value)) << "without places";
  }
}

TEST(PairedDifferences, OfARunWithItselfAreZero) {
  const PointCounts counts = count_points(scored_toy(12), points);
  for (const Estimates& differences : paired_differences(counts, counts)) {
    for (const char* key : {"purity", "rejection", "hits_kept_per_event", "muons_kept_share"}) {
      EXPECT_EQ(differences[key].value, 0) << key;
      EXPECT_EQ(differences[key].interval.low, 0) << key;
      EXPECT_EQ(differences[key].interval.high, 0) << key;
    }
  }
}

TEST(SameEvents, HaveTheSameHitsAndMuonsWhateverTheScores) {
  const metrics::ScoredSample sample = scored_toy(6);
  EXPECT_TRUE(have_same_events(sample, worsen(sample)));
  EXPECT_FALSE(have_same_events(sample, scored_toy(5)));
  EXPECT_FALSE(have_same_events(sample, scored_toy(6, 500, 2))) << "another seed";
  metrics::ScoredSample other = sample;
  other.event_number[3] = 77;
  EXPECT_FALSE(have_same_events(sample, other));
  other = sample;
  std::swap(other.truth_link.front(), other.truth_link.back());
  EXPECT_FALSE(have_same_events(sample, other));
}

TEST_F(RunComparisonOfToys, MarkdownHasValuesAndDifferences) {
  const std::string text = run_comparison_markdown(make_comparison());
  for (const char* heading : {"## Working point 0.985\n", "## Working point 0.99\n",
                              "## Working point 0.995\n", "## Settings that differ\n"})
    EXPECT_CONTAINS(text, heading);
  EXPECT_CONTAINS(text, "| run | purity | 1/eps_b | hits kept/event | muons kept (>= 3 hits) |");
  EXPECT_CONTAINS(text,
                  "\n| difference to a | purity | 1/eps_b | hits kept/event | muons kept (>= "
                  "3 hits) |\n|---|---|---|---|---|\n| b & co | -");
  EXPECT_CONTAINS(text, "Muons in 2 station layers, segments and hit pairs have no difference");
  EXPECT_CONTAINS(text, "No difference is given for c: tested on other events than a.");
  EXPECT_CONTAINS(text, "| seed | 1 | 2 | 3 |");
}

TEST_F(RunComparisonOfToys, WithoutCommonEventsThereAreNoDifferences) {
  RunComparison comparison = make_comparison();
  comparison.runs.erase(comparison.runs.begin() + 1);
  comparison.settings.clear();
  const std::string text = run_comparison_markdown(comparison);
  EXPECT_EQ(text.find("difference to"), std::string::npos) << text;
  EXPECT_CONTAINS(text, "The configurations do not differ.");
}

TEST_F(RunComparisonOfToys, JsonHasTheFullPrecision) {
  const RunComparison comparison = make_comparison();
  write_run_comparison(comparison, scratch_ / "compare");
  const auto json = nlohmann::json::parse(core::read_text_file(scratch_ / "compare/compare.json"));
  const auto& runs = json["runs"];
  ASSERT_EQ(runs.size(), 3U);
  EXPECT_EQ(runs[1]["name"], "b & co");
  EXPECT_EQ(runs[1]["working_points"][0]["purity"]["value"].get<double>(),
            comparison.runs[1].results.working_points[0].estimates["purity"].value);
  EXPECT_EQ(runs[1]["working_points"][0]["difference_to_first"]["purity"]["high"].get<double>(),
            comparison.runs[1].differences[0]["purity"].interval.high);
  EXPECT_TRUE(runs[0]["working_points"][0]["difference_to_first"].is_null());
  EXPECT_TRUE(runs[2]["working_points"][0]["difference_to_first"].is_null());
  EXPECT_EQ(runs[2]["same_events_as_first"], false);
  EXPECT_EQ(json["settings"][0]["values"][2], "3");
}

TEST_F(RunComparisonOfToys, EveryLinkOfThePageIsAFile) {
  RunComparison comparison = make_comparison();
  fs::remove(comparison.runs[2].folder / "report.html");
  const fs::path folder = scratch_ / "deep/compare";
  write_run_comparison(comparison, folder);
  const std::string page = core::read_text_file(folder / "compare.html");
  EXPECT_CONTAINS(page, "b &amp; co");
  EXPECT_CONTAINS(page, "c (none)");
  int links = 0;
  for (const std::string attribute : {"href=\"", "src=\""}) {
    for (std::size_t at = page.find(attribute); at != std::string::npos;
         at = page.find(attribute, at + 1), ++links) {
      const std::size_t first = at + attribute.size();
      std::string link = page.substr(first, page.find('"', first) - first);
      if (const auto escaped = link.find("&amp;"); escaped != std::string::npos)
        link.replace(escaped, 5, "&");
      EXPECT_TRUE(fs::is_regular_file(folder / link)) << link;
    }
  }
  EXPECT_GE(links, 3);
}

}  // namespace
}  // namespace stationhit::evaluation
