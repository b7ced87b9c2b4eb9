// A small prepared split and what is made of it, for all tests of this module.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/materialized/materialize.hpp>
#include <stationhit/materialized/materialized_split.hpp>

namespace stationhit::materialized {

// A prepared split whose shards are in memory: a part for each, one of them without events.
class SmallSplit : public ::testing::Test {
 protected:
  SmallSplit() {
    settings.features = {"localY", "driftR", "neighbors"};
    settings.graph.k = 4;
    shards = {{test::random_event(1, 90, 2), core::Event{}, test::random_event(2, 1, 0)},
              {},
              {test::random_event(3, 60, 0), test::random_event(4, 200, 1),
               test::random_event(5, 70, 1), test::random_event(6, 80, 3)}};
    shards[0][1].header.event_number = 77;
    shards[0][1].header.mc_channel_number = 999001;
    source.folder = "source";
    source.manifest.split = "train";
    source.manifest.provenance.fingerprint = "0123";
    source.manifest.provenance.sample = {"Toy simulation", {20, 200}};
    describe_shards();
  }

  void describe_shards() {
    source.manifest.shards.clear();
    source.manifest.counts = {};
    for (std::size_t i = 0; i < shards.size(); ++i) {
      data::ShardInfo shard{"shard_00000" + std::to_string(2 * i) + ".root", {}, {}};
      data::ColumnHasher hasher;
      for (const core::Event& event : shards[i]) {
        shard.counts.add(event);
        hasher.add(event);
      }
      shard.columns = hasher.digest();
      source.manifest.counts += shard.counts;
      source.manifest.shards.push_back(shard);
    }
  }

  std::unique_ptr<core::EventReader> open(const std::filesystem::path& path) {
    if (shards_opened == fails_at) throw core::DataError("interrupted");
    ++shards_opened;
    for (std::size_t i = 0; i < shards.size(); ++i) {
      if (source.shard_path(i) == path)
        return std::make_unique<core::MemoryReader>(shards[i], path.string());
    }
    throw core::DataError(path.string() + ": no such shard");
  }

  std::optional<Manifest> make(const Hooks& hooks = {}, unsigned threads = 2,
                               const Jobs& jobs = {}) {
    return materialize(
        source, [this](const std::filesystem::path& path) { return open(path); }, settings,
        folder / "train", threads, hooks, jobs);
  }

  [[nodiscard]] std::filesystem::path part(const std::string& number) const {
    return folder / "train" / ("shard_" + number + ".safetensors");
  }

  std::vector<features::LabeledEvent> read(std::vector<std::size_t> parts) const {
    const auto stream = MaterializedSplit(folder / "train").read(std::move(parts));
    std::vector<features::LabeledEvent> events;
    while (const auto job = stream->next()) events.push_back((*job)());
    EXPECT_EQ(events.size(), stream->size());
    return events;
  }

  void expect_equal(const features::LabeledEvent& found, const core::Event& event) const {
    const features::LabeledEvent expected =
        features::label_event(event, settings.graph, settings.features);
    EXPECT_EQ(found.inputs.nodes.hit, expected.inputs.nodes.hit);
    EXPECT_EQ(found.inputs.nodes.offsets, expected.inputs.nodes.offsets);
    EXPECT_EQ(found.inputs.features.names, expected.inputs.features.names);
    EXPECT_EQ(found.inputs.features.values, expected.inputs.features.values);
    EXPECT_EQ(found.inputs.neighbors.k, expected.inputs.neighbors.k);
    EXPECT_EQ(found.inputs.neighbors.index, expected.inputs.neighbors.index);
    EXPECT_EQ(found.labels, expected.labels);
    EXPECT_EQ(found.truth, expected.truth);
  }

  void flip_byte(const std::filesystem::path& path, std::uint64_t from_end) const {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(-static_cast<std::streamoff>(from_end), std::ios::end);
    const auto byte = static_cast<char>(file.get() ^ 1);
    file.seekp(-static_cast<std::streamoff>(from_end), std::ios::end);
    file.put(byte);
  }

  test::ScratchFolder folder;
  Settings settings;
  std::vector<std::vector<core::Event>> shards;
  data::PreparedSplit source;
  std::size_t shards_opened = 0;
  std::optional<std::size_t> fails_at;  // this many shards are opened, then reading fails
};

}  // namespace stationhit::materialized
