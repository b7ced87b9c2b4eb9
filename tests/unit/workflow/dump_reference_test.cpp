#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/workflow/dump_reference.hpp>

namespace stationhit::workflow {
namespace {

using inference::DumpedEvent;

// Buckets of the nodes 0, 1, 2 and 3, 4. The rows of 1 and 4 are equal.
DumpedEvent two_buckets(std::uint64_t number = 7) {
  DumpedEvent event;
  event.run_number = 1;
  event.event_number = number;
  event.feature_names = {"localX", "localY"};
  event.features = {1, 10, 2, 20, 3, 30, 4, 40, 2, 20};
  event.edge_sources = {0, 0, 1, 1, 2, 2, 3, 4};
  event.edge_destinations = {1, 2, 0, 2, 0, 1, 4, 3};
  event.scores.assign(5, 0);
  event.kept.assign(5, 0);
  return event;
}

// The nodes from behind.
DumpedEvent reversed(DumpedEvent event) {
  const auto last = static_cast<std::int64_t>(event.n_nodes()) - 1;
  for (auto* nodes : {&event.edge_sources, &event.edge_destinations})
    for (std::int64_t& node : *nodes) node = last - node;
  const std::vector<float> rows = event.features;
  for (std::size_t i = 0; i < rows.size(); ++i)
    event.features[i] = rows[rows.size() - 2 - (i - i % 2) + i % 2];
  return event;
}

class DumpReferenceTest : public testing::Test {
 protected:
  // Compares the events with a dump of the expected ones.
  InputComparison compare(const std::vector<DumpedEvent>& events,
                          const std::vector<DumpedEvent>& expected,
                          EdgeDirection direction = EdgeDirection::matters) {
    inference::EventDumpWriter writer(file_);
    for (const DumpedEvent& event : expected) writer.write(event);
    writer.close();
    DumpReference reference(file_, direction, 1e-4);
    for (const DumpedEvent& event : events) reference.compare(event, "tool.jsonl:3");
    return reference.result();
  }

  test::ScratchFolder scratch_;
  std::filesystem::path file_ = scratch_ / "reference.jsonl";
};

TEST_F(DumpReferenceTest, TheSameEventsAgree) {
  const InputComparison result =
      compare({two_buckets(7), two_buckets(9)}, {two_buckets(7), two_buckets(8), two_buckets(9)});
  EXPECT_TRUE(result.agrees());
  EXPECT_EQ(result.events, 2U);
  EXPECT_EQ(result.nodes, 10U);
  EXPECT_EQ(result.reordered_events, 0U);
  EXPECT_EQ(result.feature_names, two_buckets().feature_names);
}

TEST_F(DumpReferenceTest, AnotherValueIsNamedWithItsPlace) {
  DumpedEvent event = two_buckets();
  event.features[3] = 20.001F;  // within the tolerance
  event.features[5] = 33;
  event.features[7] = 41;
  const InputComparison result = compare({event}, {two_buckets()});
  EXPECT_FALSE(result.agrees());
  EXPECT_EQ(result.features[0].nodes, 0U);
  EXPECT_EQ(result.features[0].where, "");
  EXPECT_EQ(result.features[1].nodes, 2U);
  EXPECT_DOUBLE_EQ(result.features[1].largest, 0.1);
  EXPECT_EQ(result.features[1].where, "tool.jsonl:3, event 7, node 2");
  EXPECT_EQ(result.features[1].value, 33);
  EXPECT_EQ(result.features[1].reference, 30);
  EXPECT_EQ(result.missing_edges + result.additional_edges, 0U);
}

TEST_F(DumpReferenceTest, RoundingIsWithinTheTolerance) {
  DumpedEvent event = two_buckets();
  event.features[3] = 20.001F;
  const InputComparison result = compare({event}, {two_buckets()});
  EXPECT_TRUE(result.agrees());
  EXPECT_NEAR(result.features[1].largest, 5e-5, 1e-6);
}

TEST_F(DumpReferenceTest, TheOrderOfNodesAndEdgesDoesNotMatter) {
  DumpedEvent event = reversed(two_buckets());
  std::swap(event.edge_sources.front(), event.edge_sources.back());
  std::swap(event.edge_destinations.front(), event.edge_destinations.back());
  const InputComparison result = compare({event}, {two_buckets()});
  EXPECT_TRUE(result.agrees());
  EXPECT_EQ(result.reordered_events, 1U);
}

TEST_F(DumpReferenceTest, EdgesOfReorderedNodesAreCompared) {
  DumpedEvent event = reversed(two_buckets());
  event.edge_sources.pop_back();  // from 1 to 0: 4 to 3 of the reference
  event.edge_destinations.pop_back();
  const InputComparison result = compare({event}, {two_buckets()});
  EXPECT_EQ(result.missing_edges, 1U);
  EXPECT_EQ(result.additional_edges, 0U);
  EXPECT_CONTAINS(result.first_other_edge,
                  "tool.jsonl:3, event 7 lacks the edge of " + file_.string() + ":1 from node");
}

TEST_F(DumpReferenceTest, EdgesThatAreMissingTurnedOrGivenTwiceDiffer) {
  DumpedEvent event = two_buckets();
  event.edge_destinations[7] = 2;  // 4 to 2 in the place of 4 to 3
  InputComparison result = compare({event}, {two_buckets()});
  EXPECT_EQ(result.missing_edges, 1U);
  EXPECT_EQ(result.additional_edges, 1U);
  EXPECT_CONTAINS(result.first_other_edge,
                  "lacks the edge of " + file_.string() + ":1 from node 4 to 3 there");
  event = two_buckets();
  event.edge_sources.push_back(0);
  event.edge_destinations.push_back(1);
  result = compare({event}, {two_buckets()});
  EXPECT_EQ(result.missing_edges, 0U);
  EXPECT_EQ(result.additional_edges, 1U);
  EXPECT_CONTAINS(result.first_other_edge,
                  "has an edge that " + file_.string() + ":1 lacks, from node 0 to 1 there");
}

TEST_F(DumpReferenceTest, OneDirectionIsEnoughWhereTheDirectionIsIgnored) {
  DumpedEvent event = two_buckets();
  event.edge_sources = {1, 2, 1, 3};
  event.edge_destinations = {0, 0, 2, 4};
  EXPECT_TRUE(compare({event}, {two_buckets()}, EdgeDirection::is_ignored).agrees());
  EXPECT_TRUE(compare({reversed(event)}, {two_buckets()}, EdgeDirection::is_ignored).agrees());
  const InputComparison result = compare({event}, {two_buckets()});
  EXPECT_EQ(result.missing_edges, 4U);
}

TEST_F(DumpReferenceTest, AnotherNumberOfNodes) {
  DumpedEvent event;
  event.run_number = 1;
  event.event_number = 7;
  event.feature_names = two_buckets().feature_names;
  const InputComparison result = compare({event}, {two_buckets()});
  EXPECT_FALSE(result.agrees());
  EXPECT_EQ(result.other_counts, 1U);
  EXPECT_EQ(result.nodes, 0U);
  EXPECT_EQ(result.first_other_count,
            "tool.jsonl:3, event 7 has 0 nodes, " + file_.string() + ":1 has 5");
}

TEST_F(DumpReferenceTest, AnEventThatDoesNotFollowIsAnError) {
  EXPECT_EQ(test::data_error([&] {
              (void)compare({two_buckets(8), two_buckets(7)}, {two_buckets(7), two_buckets(8)});
            }),
            "tool.jsonl:3: run 1, event 7 does not follow in " + file_.string() +
                "; make both dumps of the same events, in the same order");
}

TEST_F(DumpReferenceTest, OtherFeaturesAreAnError) {
  DumpedEvent other = two_buckets();
  other.feature_names[1] = "localZ";
  EXPECT_EQ(test::data_error([&] { (void)compare({two_buckets()}, {other}); }),
            file_.string() +
                ":1: feature_names are localX, localZ, those of tool.jsonl:3 are localX, localY; "
                "make both dumps with one model");
}

}  // namespace
}  // namespace stationhit::workflow
