#include <algorithm>
#include <functional>
#include <map>

#include <gtest/gtest.h>
#include <support/random_event.hpp>

#include <stationhit/features/features.hpp>
#include <stationhit/features/needed_branches.hpp>

namespace stationhit::features {
namespace {

using Names = std::vector<std::string>;

std::vector<float> compute(const core::Event& event, const std::string& name) {
  return compute_features(event, graph::make_nodes(event, {}), Names{name}).values;
}

// The columns that a reader fills with 0 if their branch is missing.
std::map<std::string, std::function<void(core::Event&)>> clear_optional_columns() {
  std::map<std::string, std::function<void(core::Event&)>> clear;
  core::for_each_hit_column([&](const std::string& column, auto member) {
    if (!column.starts_with("cov") && !column.starts_with("globEdge") && !column.ends_with("InUse"))
      return;
    clear["spacePoint_" + column] = [member](core::Event& event) {
      std::ranges::fill(event.hits.*member, 0);
    };
  });
  clear["bucket_xMin"] = [](core::Event& e) { std::ranges::fill(e.buckets.x_min, 0.0F); };
  clear["bucket_xMax"] = [](core::Event& e) { std::ranges::fill(e.buckets.x_max, 0.0F); };
  return clear;
}

TEST(NeededBranches, AreThoseThatChangeTheFeature) {
  const core::Event event = test::random_event(3, 200, 2);
  ASSERT_GT(event.buckets.size(), 0U);
  for (const FeatureInfo& info : known_features()) {
    const auto needed = optional_branches_of(info.name);
    for (const auto& [branch, clear] : clear_optional_columns()) {
      core::Event without = event;
      clear(without);
      const bool changes = compute(event, info.name) != compute(without, info.name);
      const bool listed = std::ranges::find(needed, branch) != needed.end();
      EXPECT_TRUE(listed || !changes) << info.name << " depends on " << branch;
    }
  }
  EXPECT_EQ(Names(optional_branches_of("covY").begin(), optional_branches_of("covY").end()),
            Names{"spacePoint_covYY"});
  EXPECT_TRUE(optional_branches_of("localX").empty());
  EXPECT_TRUE(optional_branches_of("nothing").empty());
}

TEST(NeededBranches, NameTheFeatureThatLacksOne) {
  const Names missing{"lbNumber", "spacePoint_covYY"};
  const auto found = find_missing_input(Names{"localX", "covY"}, {}, missing);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->branch, "spacePoint_covYY");
  EXPECT_EQ(found->needed_by, "the feature covY");
  EXPECT_FALSE(find_missing_input(Names{"localX", "covX"}, {}, missing));
  EXPECT_FALSE(find_missing_input(Names{"covY"}, {}, {}));
}

TEST(NeededBranches, OfBucketsDependOnWhereTheyComeFrom) {
  graph::GraphConfig graph;
  const Names ranges{"bucket_xMin"};
  EXPECT_EQ(find_missing_input(Names{"isolation"}, graph, ranges)->branch, "bucket_xMin");
  graph.buckets = graph::BucketSource::build;
  EXPECT_FALSE(find_missing_input(Names{"isolation"}, graph, ranges));
  graph.buckets = graph::BucketSource::automatic;
  EXPECT_FALSE(
      find_missing_input(Names{"isolation"}, graph, Names{"bucket_spacePoints", "bucket_xMin"}));
  graph.buckets = graph::BucketSource::file;
  EXPECT_EQ(find_missing_input(Names{"localX"}, graph, Names{"bucket_spacePoints"})->needed_by,
            "graph.buckets: file");
  graph.grouping = graph::Grouping::sector;
  EXPECT_FALSE(
      find_missing_input(Names{"isolation"}, graph, Names{"bucket_spacePoints", "bucket_xMin"}));
}

TEST(NeededBranches, BuiltBucketsNeedTheEdges) {
  graph::GraphConfig graph;
  const Names edges{"spacePoint_globEdgeLowX"};
  EXPECT_FALSE(find_missing_input(Names{"localX"}, graph, edges));
  EXPECT_TRUE(find_missing_input(Names{"edgeDirY"}, graph, edges));
  EXPECT_TRUE(find_missing_input(Names{"localX"}, graph,
                                 Names{"spacePoint_globEdgeLowX", "bucket_spacePoints"}));
  graph.buckets = graph::BucketSource::build;
  EXPECT_EQ(find_missing_input(Names{"localX"}, graph, edges)->needed_by, "the bucket rule");
  graph.grouping = graph::Grouping::event;
  EXPECT_FALSE(find_missing_input(Names{"localX"}, graph, edges));
}

}  // namespace
}  // namespace stationhit::features
