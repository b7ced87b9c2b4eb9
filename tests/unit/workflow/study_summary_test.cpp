#include <cmath>

#include <gtest/gtest.h>

#include <stationhit/workflow/study_summary.hpp>

namespace stationhit::workflow {
namespace {

StudyRow make_row(const std::string& name, std::uint64_t seed, double auc, double base_auc) {
  StudyRow row;
  row.name = row.label = name;
  row.seed = seed;
  row.measured[auc_index].value = auc;
  row.base[auc_index].value = base_auc;
  row.parameters = 10;
  row.ms_per_event = 2;
  return row;
}

TEST(StudySummary, ErrorsAreStandardErrorsAndDifferencesArePairedBySeed) {
  // The seeds differ by much, the variant from its base always by 0.1, 0.1 and 0.4.
  const auto entries = summarize_study(
      {make_row("a", 1, 0.2, 0.1), make_row("a", 2, 0.5, 0.4), make_row("a", 3, 0.8, 0.4)});
  ASSERT_EQ(entries.size(), 1);
  EXPECT_EQ(entries[0].seeds, 3);
  EXPECT_NEAR(entries[0].values[auc_index].value, 0.5, 1e-12);
  EXPECT_NEAR(entries[0].values[auc_index].error, 0.3 / std::sqrt(3), 1e-12);
  EXPECT_NEAR(entries[0].differences[auc_index].value, 0.2, 1e-12);
  EXPECT_NEAR(entries[0].differences[auc_index].error, std::sqrt(0.03) / std::sqrt(3), 1e-12);
  EXPECT_EQ(entries[0].ms_per_event.value, 2);
}

TEST(StudySummary, OneSeedTakesItsErrorsFromTheReplicas) {
  StudyRow row = make_row("a", 1, 0.5, 0.4);
  row.measured[auc_index].replicas = {0.4, 0.6};
  row.base[auc_index].replicas = {0.3, 0.5};
  const auto entry = summarize_study({row}).front();
  EXPECT_NEAR(entry.values[auc_index].error, std::sqrt(0.02), 1e-12);
  EXPECT_NEAR(entry.differences[auc_index].value, 0.1, 1e-12);
  EXPECT_NEAR(entry.differences[auc_index].error, 0, 1e-12);  // the same events in both
  EXPECT_TRUE(std::isnan(
      summarize_study({make_row("a", 1, 0.5, 0.4)}).front().differences[auc_index].error));
}

TEST(StudySummary, NamesAndMethodsKeepTheirOrderAndStaySeparate) {
  StudyRow permuted = make_row("a", 1, 0.1, 0.4);
  permuted.method = StudyMethod::permuted;
  const auto entries = summarize_study(
      {make_row("b", 1, 1, 1), make_row("a", 1, 1, 1), permuted, make_row("b", 2, 1, 1)});
  ASSERT_EQ(entries.size(), 3);
  EXPECT_EQ(entries[0].name, "b");
  EXPECT_EQ(entries[0].seeds, 2);
  EXPECT_EQ(entries[1].method, StudyMethod::trained);
  EXPECT_EQ(entries[2].method, StudyMethod::permuted);
}

}  // namespace
}  // namespace stationhit::workflow
