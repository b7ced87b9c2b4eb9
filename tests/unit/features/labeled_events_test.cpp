#include <gtest/gtest.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/features/labeled_events.hpp>

#include "support/random_event.hpp"

namespace stationhit::features {
namespace {

const std::vector<std::string> names{"localY", "driftR"};

TEST(LabeledEvents, AreInputsLabelsAndTruth) {
  const core::Event event = test::random_event(9, 300, 2);
  const LabeledEvent labeled = label_event(event, {}, names);
  const EventInputs inputs = build_inputs(event, {}, names);
  EXPECT_EQ(labeled.inputs.nodes.hit, inputs.nodes.hit);
  EXPECT_EQ(labeled.inputs.features.values, inputs.features.values);
  EXPECT_EQ(labeled.inputs.neighbors.index, inputs.neighbors.index);
  EXPECT_EQ(labeled.labels, node_labels(event, inputs.nodes));
  EXPECT_EQ(labeled.truth.event_number, event.header.event_number);
  EXPECT_EQ(labeled.truth.truth_link, event.hits.truth_link);
  EXPECT_EQ(labeled.truth.technology, event.hits.technology);
  EXPECT_EQ(labeled.truth.muon_pt, event.muons.pt);
  EXPECT_EQ(labeled.truth.muon_eta, event.muons.eta);
  EXPECT_EQ(labeled.truth.muon_phi, event.muons.phi);
}

TEST(LabeledEvents, ComeInTheOrderOfTheReaderAndOutliveTheStream) {
  const std::vector<core::Event> events{test::random_event(1, 40, 1), core::Event{},
                                        test::random_event(2, 60, 0)};
  auto stream = label_events(std::make_unique<core::MemoryReader>(events), {}, names);
  EXPECT_EQ(stream->size(), 3U);
  std::vector<LabeledEventStream::Job> jobs;
  while (auto job = stream->next()) jobs.push_back(std::move(*job));
  stream.reset();
  ASSERT_EQ(jobs.size(), 3U);
  for (const std::size_t i : {2U, 0U, 1U}) EXPECT_EQ(jobs[i]().truth, core::truth_of(events[i]));
}

class BrokenReader final : public core::EventReader {
 public:
  bool next(core::Event&) override { throw core::DataError("shard 0, entry 2: broken"); }
  [[nodiscard]] std::string where() const override { return "shard 0"; }
};

TEST(LabeledEvents, TheErrorOfTheReaderPasses) {
  const auto stream = label_events(std::make_unique<BrokenReader>(), {}, names);
  EXPECT_EQ(stream->size(), std::nullopt);
  EXPECT_THROW((void)stream->next(), core::DataError);
}

}  // namespace
}  // namespace stationhit::features
