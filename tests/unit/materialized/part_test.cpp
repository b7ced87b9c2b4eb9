// The tensors of a part, and parts whose tensors do not fit each other.
#include <algorithm>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/data/safetensors.hpp>

#include "small_split.hpp"

namespace stationhit::materialized {
namespace {

using test::data_error;

class Part : public SmallSplit {};

TEST_F(Part, FullyConnectedGroupsHaveNoNeighbors) {
  settings.graph.edges = graph::EdgeKind::fully_connected;
  (void)make();
  EXPECT_FALSE(data::SafetensorsFile(part("000000")).contains("neighbours"));
  const auto events = read({0, 1, 2});
  for (std::size_t i = 0; i < 3; ++i) expect_equal(events[i], shards[0][i]);
}

TEST_F(Part, SlotsAreThePlacesInTheGroups) {
  (void)make();
  const data::SafetensorsFile file(part("000004"));
  const auto slots = file.values<std::uint32_t>("slots");
  std::vector<std::uint32_t> expected;
  for (const core::Event& event : shards[2]) {
    const auto nodes = graph::make_nodes(event, settings.graph);
    for (std::size_t g = 0; g < nodes.n_groups(); ++g) {
      for (std::uint32_t node = nodes.offsets[g]; node < nodes.offsets[g + 1]; ++node)
        expected.push_back(node - nodes.offsets[g]);
    }
  }
  EXPECT_TRUE(std::ranges::equal(slots, expected));
  EXPECT_EQ(file.at("features").shape,
            (std::vector<std::int64_t>{static_cast<std::int64_t>(slots.size()), 3}));
  EXPECT_EQ(file.at("neighbours").shape,
            (std::vector<std::int64_t>{static_cast<std::int64_t>(slots.size()), 4}));
}

TEST_F(Part, TensorsThatDoNotFitAreNamed) {
  (void)make();
  const data::SafetensorsFile file(part("000000"));
  for (const std::string name :
       {"features", "neighbours", "labels", "slots", "offsets", "technology", "event_nodes",
        "event_hits", "muon_phi", "muon_q", "station_index", "station_eta", "station_phi", "layer",
        "event_buckets", "bucket_offsets", "bucket_hits", "mc_channel_number"}) {
    std::vector<data::NamedTensor> tensors;
    for (const std::string& other : file.names()) {
      data::TensorView tensor = file.at(other);
      if (other == name) {
        tensor.bytes =
            tensor.bytes.first(tensor.bytes.size() - static_cast<std::size_t>(tensor.bytes.size()) /
                                                         static_cast<std::size_t>(tensor.shape[0]));
        --tensor.shape[0];
      }
      tensors.push_back({other, tensor});
    }
    data::write_safetensors(part("000004"), tensors);
    EXPECT_CONTAINS(data_error([&] { (void)read({2}); }),
                    part("000004").string() + ": the tensor '");
  }
}

}  // namespace
}  // namespace stationhit::materialized
