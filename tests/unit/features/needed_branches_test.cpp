#include <algorithm>
#include <functional>
#include <map>

#include <gtest/gtest.h>
#include <support/random_event.hpp>

#include <stationhit/core/missing_columns.hpp>
#include <stationhit/features/features.hpp>
#include <stationhit/features/input_builder.hpp>
#include <stationhit/features/needed_branches.hpp>

namespace stationhit::features {
namespace {

using Names = std::vector<std::string>;

// Without the branch the event has other nodes, too: only those of buckets may be made anew.
std::vector<float> compute(const core::Event& event, const graph::NodeTable& nodes,
                           const std::string& name) {
  return compute_features(event, nodes, Names{name}).values;
}

// Sets the column of a branch to 0, as readers do where a file lacks it.
std::map<std::string, std::function<void(core::Event&)>> clear_columns() {
  std::map<std::string, std::function<void(core::Event&)>> clear;
  core::for_each_hit_column([&](const std::string& column, auto member) {
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
  const graph::NodeTable nodes = graph::make_nodes(event, {});
  for (const FeatureInfo& info : known_features()) {
    const auto needed = branches_of(info.name);
    for (const auto& [branch, clear] : clear_columns()) {
      core::Event without = event;
      clear(without);
      const graph::NodeTable nodes_without =
          branch.starts_with("bucket_") ? graph::make_nodes(without, {}) : nodes;
      const bool changes =
          compute(event, nodes, info.name) != compute(without, nodes_without, info.name);
      const bool listed = std::ranges::find(needed, branch) != needed.end();
      EXPECT_TRUE(listed || !changes) << info.name << " depends on " << branch;
    }
  }
  EXPECT_EQ(Names(branches_of("covY").begin(), branches_of("covY").end()),
            Names{"spacePoint_covYY"});
  EXPECT_EQ(branches_of("localX").front(), "spacePoint_PositionX");
  EXPECT_TRUE(branches_of("nothing").empty());
}

TEST(NeededBranches, ArePartOfEveryFeature) {
  for (const FeatureInfo& info : known_features())
    EXPECT_FALSE(branches_of(info.name).empty()) << info.name;
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

TEST(NeededBranches, OfPositionsMayBeReplacedByTheEdges) {
  const Names missing{"spacePoint_globPosX", "spacePoint_globPosY", "spacePoint_globPosZ",
                      "bucket_spacePoints"};
  EXPECT_FALSE(find_missing_input(Names{"globX", "eta"}, {}, missing));
  Names without_edges = missing;
  without_edges.emplace_back("spacePoint_globEdgeHighZ");
  EXPECT_EQ(find_missing_input(Names{"eta"}, {}, without_edges)->branch, "spacePoint_globPosX");
}

TEST(NeededBranches, HitsThatStandOftenAreNoWholeEvents) {
  graph::GraphConfig graph;
  const Names repeated{core::single_hits}, buckets{core::single_hits, core::whole_events};
  EXPECT_EQ(find_missing_input(Names{"nBuckets"}, graph, repeated)->needed_by,
            "the feature nBuckets");
  EXPECT_FALSE(find_missing_input(Names{"localX"}, graph, buckets));
  for (const auto grouping : {graph::Grouping::sector, graph::Grouping::event}) {
    graph.grouping = grouping;
    EXPECT_EQ(find_missing_input(Names{"localX"}, graph, repeated)->branch, core::single_hits);
    EXPECT_EQ(find_missing_input(Names{"localX"}, graph, buckets)->branch, core::whole_events);
  }
}

TEST(NeededBranches, OfTheGraphAreThoseOfItsGroupsAndItsMetric) {
  graph::GraphConfig graph;
  const Names features{"driftR"};
  const Names local{"spacePoint_PositionY"};
  EXPECT_EQ(find_missing_input(features, graph, local)->needed_by, "graph.metric: localY");
  graph.metric = {"globX", "globY"};
  EXPECT_FALSE(find_missing_input(features, graph, local));
  graph.metric = {"localY"};
  graph.edges = graph::EdgeKind::fully_connected;
  EXPECT_FALSE(find_missing_input(features, graph, local));

  const Names chamber{"spacePoint_stationPhi"};
  EXPECT_FALSE(find_missing_input(features, graph, chamber));
  graph.buckets = graph::BucketSource::build;
  EXPECT_EQ(find_missing_input(features, graph, chamber)->needed_by, "the bucket rule");
  graph.grouping = graph::Grouping::sector;
  EXPECT_EQ(find_missing_input(features, graph, chamber)->needed_by, "graph.grouping: sector");
  graph.grouping = graph::Grouping::event;
  EXPECT_FALSE(find_missing_input(features, graph, chamber));
}

// Columns that only break ties between hits.
const Names tie_breakers{"technology", "stationIndex", "stationEta", "stationPhi",
                         "layer",      "channel",      "secChannel", "PositionX",
                         "PositionY",  "PositionZ",    "driftR",     "time"};

std::vector<graph::GraphConfig> graph_configs() {
  std::vector<graph::GraphConfig> list;
  for (const auto grouping :
       {graph::Grouping::bucket, graph::Grouping::sector, graph::Grouping::event}) {
    for (const auto edges : {graph::EdgeKind::knn, graph::EdgeKind::fully_connected}) {
      graph::GraphConfig config;
      config.grouping = grouping;
      config.edges = edges;
      config.metric = {"localY", "globZ"};
      list.push_back(config);
    }
  }
  return list;
}

TEST(NeededInputs, AreAllThatIsRead) {
  const core::Event event = test::random_event(8, 300, 1);
  for (const FeatureInfo& info : known_features()) {
    const Names features{info.name};
    for (const graph::GraphConfig& config : graph_configs()) {
      for (const auto buckets : {EventBuckets::present, EventBuckets::missing}) {
        const auto needed = find_needed_inputs(features, config, buckets);
        core::Event whole = event;
        if (buckets == EventBuckets::missing) whole.buckets = {};
        core::EventColumns columns(whole);
        core::for_each_column([&](const std::string& name, auto member, auto) {
          const bool is_needed = std::ranges::find(needed, "spacePoint_" + name,
                                                   &MissingInput::branch) != needed.end();
          const bool breaks_ties = std::ranges::find(tie_breakers, name) != tie_breakers.end();
          if (!is_needed && !breaks_ties) columns.hits.*member = {};
        });
        EventInputs inputs;
        InputBuilder(config, features).build(columns, inputs);
        const EventInputs expected = build_inputs(whole, config, features);
        EXPECT_EQ(inputs.features.values, expected.features.values) << info.name;
        EXPECT_EQ(inputs.neighbors.index, expected.neighbors.index) << info.name;
      }
    }
  }
}

}  // namespace
}  // namespace stationhit::features
