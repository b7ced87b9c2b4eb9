#include <algorithm>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/features/features.hpp>

namespace stationhit::config {
namespace {

std::string study_error(const std::string& settings) {
  return test::config_error(
      [&] { (void)parse_text<RunConfig>("study: {" + settings + "}", "run.yaml"); });
}

TEST(StudyConfig, TheDefaultsArePossible) { EXPECT_NO_THROW(check(StudyConfig{})); }

TEST(StudyConfig, EveryFeatureHasAGroupByDefault) {
  std::vector<std::string> grouped;
  const FeatureGroups groups;
  FeatureGroups::describe(groups, [&](const char*, const auto& names, const char*) {
    grouped.insert(grouped.end(), names.begin(), names.end());
  });
  for (const features::FeatureInfo& info : features::known_features())
    EXPECT_EQ(std::ranges::count(grouped, info.name), 1) << info.name;
}

TEST(StudyConfig, RangesOfScalesHaveBothEnds) {
  EXPECT_EQ(scales_of_range("-1..2"), (std::vector<std::int32_t>{-1, 0, 1, 2}));
  EXPECT_EQ(scales_of_range("3..3"), (std::vector<std::int32_t>{3}));
  for (const char* wrong : {"", "3", "2..1", "-21..0", "0..21", "a..b", "1...2"}) {
    EXPECT_EQ(test::config_error([&] { (void)scales_of_range(wrong); }),
              "study.scales: expected ranges within -20..20 such as -6..6, found '" +
                  std::string(wrong) + "'");
  }
}

TEST(StudyConfig, WrongValuesAreNamed) {
  EXPECT_EQ(study_error("seeds: []"),
            "run.yaml: study.seeds is empty; give at least one seed, for example [1, 2, 3]");
  EXPECT_EQ(study_error("seeds: [3, 3]"), "run.yaml: study.seeds has 3 twice; give each once");
  EXPECT_EQ(study_error("groupings: [event, event]"),
            "run.yaml: study.groupings has event twice; give each once");
  EXPECT_EQ(study_error("k: [0]"),
            "run.yaml:1: study.k: expected a list of integers in 1..1024, found '0'");
  EXPECT_EQ(study_error("scales: [6]"),
            "run.yaml: study.scales: expected ranges within -20..20 such as -6..6, found '6'");
  EXPECT_CONTAINS(study_error("groups: {time: [tim]}"),
                  "run.yaml: study.groups.time: unknown feature \"tim\" (did you mean time?)");
  EXPECT_CONTAINS(study_error("wide_metric: [globY, x]"),
                  "run.yaml: study.wide_metric as graph.metric has the unknown coordinate \"x\"");
}

}  // namespace
}  // namespace stationhit::config
