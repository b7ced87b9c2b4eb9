#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/data/splits.hpp>

namespace stationhit::data {
namespace {

std::vector<InputFile> files_named(const std::vector<std::string>& names) {
  std::vector<InputFile> files;
  for (const std::string& name : names)
    files.push_back({"/somewhere/" + name, name, process_name(name), 1, 1, {}});
  return files;
}

std::vector<InputFile> numbered(const std::string& process, int n) {
  std::vector<std::string> names;
  for (int i = 0; i < n; ++i)
    names.push_back(process + "_PU200_skip" + std::to_string(i) + "_n1.root");
  return files_named(names);
}

TEST(Splits, ProcessIsTheNameUpToThePileUp) {
  EXPECT_EQ(process_name("/a/b_PU/zmumu_PU200_skip0_n50.root"), "zmumu");
  EXPECT_EQ(process_name("toy.root"), "toy");
  EXPECT_EQ(process_name("jpsi_mu6mu6_PU0.root"), "jpsi_mu6mu6");
}

TEST(Splits, SizesAreExactToOne) {
  const SplitConfig config;
  for (std::size_t n = 0; n < 2000; ++n) {
    const auto sizes = split_sizes(n, config);
    EXPECT_EQ(sizes[0] + sizes[1] + sizes[2], n);
    if (n < 3) continue;
    EXPECT_GE(*std::min_element(sizes.begin(), sizes.end()), 1U) << n;
    if (n < 20) continue;
    EXPECT_NEAR(static_cast<double>(sizes[0]), 0.9 * static_cast<double>(n), 1.0) << n;
    EXPECT_NEAR(static_cast<double>(sizes[1]), 0.05 * static_cast<double>(n), 1.0) << n;
  }
  EXPECT_EQ(split_sizes(1, config), (std::array<std::size_t, 3>{1, 0, 0}));
  SplitConfig no_test;
  no_test.train = 0.5;
  no_test.validation = 0.5;
  EXPECT_EQ(split_sizes(10, no_test), (std::array<std::size_t, 3>{5, 5, 0}));
}

TEST(Splits, WrongFractionsAreErrors) {
  SplitConfig config;
  config.train = 0.9;
  config.validation = 0.2;
  EXPECT_EQ(
      test::config_error([&] { (void)split_sizes(10, config); }),
      "split.train + split.validation is 1.1, expected at most 1; the test split gets the rest");
}

TEST(Splits, AutoNeedsTwentyFilesOfEveryProcess) {
  auto files = numbered("a", 20);
  EXPECT_EQ(split_method(files, {}), SplitMethod::by_file);
  const auto others = numbered("b", 19);
  files.insert(files.end(), others.begin(), others.end());
  EXPECT_EQ(split_method(files, {}), SplitMethod::by_event);
}

TEST(Splits, FilesOfEveryProcessAreEquallyMany) {
  auto files = numbered("a", 40);
  const auto others = numbered("b", 60);
  files.insert(files.end(), others.begin(), others.end());
  const auto result = split_files(files, {});
  std::map<std::pair<std::string, int>, int> count;
  for (std::size_t f = 0; f < files.size(); ++f)
    ++count[{files[f].process, result[f] ? static_cast<int>(*result[f]) : -1}];
  const std::map<std::pair<std::string, int>, int> expected{
      {{"a", 0}, 36}, {{"a", 1}, 2}, {{"a", 2}, 2}, {{"b", -1}, 20},
      {{"b", 0}, 36}, {{"b", 1}, 2}, {{"b", 2}, 2}};
  EXPECT_EQ(count, expected);
}

TEST(Splits, FilesDoNotDependOnTheirOrderButOnTheSeed) {
  auto files = numbered("a", 40);
  const auto by_name = [](const std::vector<InputFile>& of, const SplitConfig& config) {
    std::map<std::string, Split> map;
    const auto result = split_files(of, config);
    for (std::size_t f = 0; f < of.size(); ++f) map[of[f].name] = *result[f];
    return map;
  };
  const auto first = by_name(files, {});
  std::reverse(files.begin(), files.end());
  EXPECT_EQ(by_name(files, {}), first);
  SplitConfig other;
  other.seed = 43;
  EXPECT_NE(by_name(files, other), first);
}

// Splits by name and event number, for two orders of the same files.
TEST(Splits, EventsDoNotDependOnTheOrderOfFiles) {
  auto files = files_named({"a.root", "b.root"});
  std::vector<std::vector<EventKey>> keys(2);
  for (std::uint64_t e = 0; e < 300; ++e) {
    keys[0].push_back({1, e});
    keys[1].push_back({1, e});  // the same numbers in another file are other events
  }
  const auto first = split_events(files, keys, {});
  std::swap(files[0], files[1]);
  const auto second = split_events(files, keys, {});
  EXPECT_EQ(first[0], second[1]);
  EXPECT_EQ(first[1], second[0]);
  EXPECT_NE(first[0], first[1]);
  std::map<Split, int> count;
  for (const auto& file : first)
    for (const Split split : file) ++count[split];
  EXPECT_EQ(count, (std::map<Split, int>{
                       {Split::train, 540}, {Split::validation, 30}, {Split::test, 30}}));
}

TEST(Splits, EqualEventNumbersInAFileAreStillSplitExactly) {
  const auto files = files_named({"a.root"});
  const std::vector<std::vector<EventKey>> keys{std::vector<EventKey>(100)};
  const auto result = split_events(files, keys, {});
  EXPECT_EQ(std::count(result[0].begin(), result[0].end(), Split::train), 90);
}

TEST(Splits, RankUsesSeedNameRunAndEvent) {
  const std::set<std::uint64_t> ranks{
      event_rank(1, "a", {1, 1}), event_rank(2, "a", {1, 1}), event_rank(1, "b", {1, 1}),
      event_rank(1, "a", {2, 1}), event_rank(1, "a", {1, 2}), event_rank(1, "a", {1, 1ULL << 40})};
  EXPECT_EQ(ranks.size(), 6U);
}

}  // namespace
}  // namespace stationhit::data
