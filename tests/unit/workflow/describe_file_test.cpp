#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/data/safetensors.hpp>
#include <stationhit/materialized/materialize.hpp>
#include <stationhit/workflow/describe_file.hpp>

#include "prepared_set.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

class DescribeFile : public testing::Test {
 protected:
  template <class Content>
  static Content describe(const fs::path& path) {
    return std::get<Content>(describe_file(path));
  }
  static std::string error_of(const fs::path& path) {
    return test::data_error([&] { (void)describe_file(path); });
  }
  fs::path write(const std::string& name, const std::string& text) const {
    core::write_text_file(folder / name, text);
    return folder / name;
  }

  PreparedSet folder;
};

TEST_F(DescribeFile, APreparedSetAndItsSplits) {
  folder.prepare();
  EXPECT_EQ(describe<data::Manifest>(folder / "set").input_counts.events, 30U);
  for (const fs::path& path : {folder.split("train"), folder.split("train") / "manifest.json"}) {
    const auto split = describe<data::SplitManifest>(path);
    EXPECT_EQ(split.split, "train");
    EXPECT_EQ(split.counts.events, 15U);
    EXPECT_EQ(split.shards.size(), 3U);
  }
}

TEST_F(DescribeFile, AMaterializedSplit) {
  folder.prepare();
  const materialized::Settings settings{{"localY"}, {}};
  (void)materialized::materialize(data::open_split(folder.split("val")), folder.open(), settings,
                                  folder / "made", 1);
  const auto manifest = describe<materialized::Manifest>(folder / "made");
  EXPECT_EQ(manifest.source_split, "val");
  EXPECT_EQ(manifest.settings.features, settings.features);
}

TEST_F(DescribeFile, AManifestOfTheWorkingFolder) {
  folder.prepare();
  const fs::path before = fs::current_path();
  fs::current_path(folder.split("test"));
  const auto split = describe<data::SplitManifest>("manifest.json");
  fs::current_path(before);
  EXPECT_EQ(split.split, "test");
}

TEST_F(DescribeFile, YamlByItsKeys) {
  EXPECT_EQ(describe<config::RunConfig>(write("run.yaml", "train_path: a\n")).train_path, "a");
  EXPECT_EQ(
      describe<data::PrepareConfig>(write("prepare.yml", "events_per_shard: 7\n")).events_per_shard,
      7U);
  EXPECT_EQ(describe<simulation::SimulationConfig>(write("simulate.yaml", "mu: 3\n")).mu, 3);
  features::NormalizationStats statistics;
  statistics.events = 3;
  statistics.features.push_back({.name = "driftR", .count = 9, .mean = 1, .std = 2});
  config::save_normalization_stats(folder / "statistics.yaml", statistics);
  EXPECT_EQ(describe<features::NormalizationStats>(folder / "statistics.yaml").features[0].count,
            9U);
  EXPECT_CONTAINS(error_of(write("other.yaml", "a: 1\n")), "other.yaml: YAML without any key of ");
}

TEST_F(DescribeFile, ACheckpointAndOtherTensors) {
  const std::vector<float> values(6);
  const std::vector<data::NamedTensor> tensors{
      {"layer.weight", data::view_tensor<float>(values, {2, 3})}};
  for (const auto& [key, is_checkpoint] : {std::pair{"stationhit", true}, {"origin", false}}) {
    const fs::path path = folder / (is_checkpoint ? "a.safetensors" : "without_extension");
    data::write_safetensors(path, tensors, {{key, "{}"}});
    const auto file = describe<TensorFile>(path);
    EXPECT_EQ(file.is_checkpoint, is_checkpoint);
    EXPECT_EQ(file.bytes, fs::file_size(path));
    EXPECT_EQ(file.elements, 6U);
    ASSERT_EQ(file.tensors.size(), 1U);
    EXPECT_EQ(file.tensors[0].name, "layer.weight");
    EXPECT_EQ(file.tensors[0].type, "F32");
    EXPECT_EQ(file.tensors[0].shape, (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(file.metadata.at(key), "{}");
  }
}

TEST_F(DescribeFile, WhatItDoesNotKnowIsNamed) {
  const std::string advice = ": not a file that this program knows; it reads ROOT files";
  EXPECT_CONTAINS(error_of(write("notes.txt", "hello")), "notes.txt" + advice);
  EXPECT_CONTAINS(error_of(write("empty", "")), "empty" + advice);
  EXPECT_CONTAINS(error_of(folder / "in"), "in" + advice);
  EXPECT_CONTAINS(error_of(folder / "none"), "none: no such file or folder");
  EXPECT_CONTAINS(error_of(write("cut.safetensors", "12")), "cut.safetensors: ");
}

}  // namespace
}  // namespace stationhit::workflow
