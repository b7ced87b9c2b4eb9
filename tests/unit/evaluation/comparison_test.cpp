#include <filesystem>
#include <regex>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <support/scratch_folder.hpp>
#include <unistd.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/evaluation/comparison.hpp>

#include "scored_toy.hpp"

namespace stationhit::evaluation {
namespace {

namespace fs = std::filesystem;

// The second model gives every hit another logit by +-0.5 in turn.
Comparison comparison(double median_after) {
  ComparedModel before{.name = "float32",
                       .sample = scored_toy(12),
                       .median_ms = 4,
                       .p99_ms = 6,
                       .ms_of_calls = {3, 4, 6},
                       .file_bytes = 4000};
  ComparedModel after = before;
  after.name = "int8";
  after.median_ms = median_after;
  after.file_bytes = 1000;
  for (std::size_t i = 0; i < after.sample.score.size(); ++i)
    after.sample.score[i] += i % 2 == 0 ? 0.5F : -0.5F;
  return compare(before, after);
}

TEST(Comparison, MeasuresBothAndTheirDifference) {
  const Comparison c = comparison(5);
  EXPECT_NEAR(c.logits.rms, 0.5, 1e-6);
  EXPECT_NEAR(c.logits.largest, 0.5, 1e-6);
  EXPECT_GT(c.logits.correlation, 0.9);
  EXPECT_LT(c.logits.correlation, 1);
  EXPECT_NE(c.before_result.estimates["auc"].value, c.after_result.estimates["auc"].value);
  ASSERT_EQ(c.changes.size(), 3U);
  const double change = c.after_result.working_points[1].estimates["purity"].value /
                            c.before_result.working_points[1].estimates["purity"].value -
                        1;
  EXPECT_LT(c.changes[1]["purity"].interval.low, change);
  EXPECT_GT(c.changes[1]["purity"].interval.high, change);
}

TEST(Comparison, TableSaysSlowerWhereItIsSlower) {
  const std::string slower = comparison_table(comparison(5)),
                    faster = comparison_table(comparison(2));
  EXPECT_NE(slower.find("| ms/event, median | 4.0000 | 5.0000 | +25.000 % |"), std::string::npos)
      << slower;
  EXPECT_NE(slower.find("int8 is slower than float32 by a factor of 1.250"), std::string::npos)
      << slower;
  EXPECT_NE(faster.find("int8 is faster than float32 by a factor of 2.000"), std::string::npos)
      << faster;
  EXPECT_NE(slower.find("| file size, kB | 4.0000 | 1.0000 | -75.000 % |"), std::string::npos)
      << slower;
  EXPECT_EQ(slower.find("threshold of the file"), std::string::npos);
  for (const char* point : {"0.985", "0.99", "0.995"})
    EXPECT_NE(slower.find(std::string("purity at ") + point), std::string::npos);
  EXPECT_TRUE(std::regex_search(
      slower, std::regex(R"(purity at 0.99 \|.* % \[[+-]\d+\.\d\d, [+-]\d+\.\d\d\] \|)")))
      << slower;
}

TEST(Comparison, FilesHoldTheSameNumbers) {
  const test::ScratchFolder folder;
  const Comparison c = comparison(5);
  write_comparison(c, folder / "new", {});
  const auto json = nlohmann::json::parse(core::read_text_file(folder / "new/comparison.json"));
  EXPECT_EQ(json["after"]["metrics"]["auc"]["value"].get<double>(),
            c.after_result.estimates["auc"].value);
  EXPECT_EQ(json["before"]["file_bytes"], 4000);
  EXPECT_EQ(core::read_text_file(folder / "new/table.md"), comparison_table(c));
  EXPECT_TRUE(
      core::read_text_file(folder / "new/table.csv")
          .starts_with("quantity,float32,int8,relative_change,change_low,change_high\n\"AUC\","));
  core::write_text_file(folder / "file", "");
  EXPECT_THROW(write_comparison(c, folder / "file" / "new", {}), core::DataError);
}

}  // namespace
}  // namespace stationhit::evaluation
