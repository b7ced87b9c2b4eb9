// Checkpoint files: what they hold, and every way in which they can be wrong.
#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>
#include <torch/torch.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/data/safetensors.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/training/checkpoint.hpp>

#include "../../../src/training/checkpoint_io.hpp"
#include "toy_run.hpp"

namespace stationhit::training {
namespace {

CheckpointMetadata some_metadata() {
  CheckpointMetadata metadata;
  metadata.program_version = "1.2.3";
  metadata.git_commit = "abc";
  metadata.config_yaml = "a: 1\n";
  metadata.model.width = 8;
  metadata.model.blocks = 1;
  metadata.model.head = {4};
  metadata.feature_names = {"localY", "driftR"};
  metadata.graph.k = 7;
  metadata.normalization = features::NormalizationConstants{{0.1F, 1e-7F}, {3.0F, 1.0F / 3.0F}};
  metadata.optimizer = "adamw";
  metadata.device = "GPU";
  metadata.pos_weight = 170.25;
  metadata.epoch = 3;
  metadata.metrics.val_loss = 0.1;
  metadata.metrics.val_auc = std::nan("");
  metadata.metrics.val_purities = {{"val_purity_0.9", 0.5}, {"val_purity_0.985", std::nan("")}};
  metadata.thresholds = {{"0.99", -1.234567F}};
  metadata.history = {metadata.metrics};
  metadata.progress = ProgressState{1e-3, 0.1, 3, 1};
  metadata.callbacks = {{"ema", {{"steps", 17}}}};
  return metadata;
}

std::shared_ptr<models::Network> network_of(const CheckpointMetadata& metadata) {
  torch::manual_seed(4);
  return models::build_network(metadata.model, metadata.feature_names, metadata.normalization);
}

TEST(Checkpoint, MetadataSurviveJson) {
  const CheckpointMetadata before = some_metadata(),
                           after = metadata_from_json(to_json(before), "here");
  EXPECT_EQ(after.program_version, "1.2.3");
  EXPECT_EQ(after.git_commit, "abc");
  EXPECT_EQ(after.config_yaml, before.config_yaml);
  EXPECT_EQ(after.model, before.model);
  EXPECT_EQ(after.feature_names, before.feature_names);
  EXPECT_EQ(after.graph, before.graph);
  EXPECT_EQ(after.normalization->mean, before.normalization->mean);
  EXPECT_EQ(after.normalization->inv_std, before.normalization->inv_std);
  EXPECT_EQ(after.device, "GPU");
  EXPECT_EQ(after.pos_weight, 170.25);
  EXPECT_EQ(after.epoch, 3);
  EXPECT_EQ(after.metrics.val_loss, 0.1);
  EXPECT_TRUE(std::isnan(after.metrics.val_auc));
  EXPECT_EQ(after.metrics.val_purities.size(), 2U) << "that at 0.99 is a member of its own";
  EXPECT_EQ(after.metrics.val_purities.at("val_purity_0.9"), 0.5);
  EXPECT_TRUE(std::isnan(after.metrics.val_purities.at("val_purity_0.985")));
  EXPECT_EQ(after.thresholds, before.thresholds);
  EXPECT_EQ(after.progress, before.progress);
  EXPECT_EQ(after.callbacks, before.callbacks);
  EXPECT_EQ(after.history.size(), 1U);
}

TEST(Checkpoint, SettingsThatNothingReadsMayDiffer) {
  const CheckpointMetadata found = some_metadata();
  CheckpointMetadata expected = found;
  const auto error = [&] {
    return test::error_of<core::DataError>(
        [&] { require_same_network(found, expected, "last", "stop"); });
  };
  expected.model.heads = 8;
  expected.model.first_stage.width = 5;
  expected.graph.radius = 3;
  EXPECT_EQ(error(), "");
  expected.graph.edges = graph::EdgeKind::radius;
  EXPECT_EQ(error(), "last: made with graph.edges \"knn\", the configuration has \"radius\"; stop");
  expected = found;
  expected.model.head = {5};
  EXPECT_EQ(error(), "last: made with model.head [4], the configuration has [5]; stop");
}

TEST(Checkpoint, TheLoadedNetworkGivesTheSameLogits) {
  const test::ScratchFolder folder;
  const auto file = folder.path() / "a.safetensors";
  const auto network = network_of(some_metadata());
  network->eval();
  write_checkpoint(file, *network, {}, some_metadata());
  torch::manual_seed(99);
  const auto loaded = load_network(file);
  const models::GraphTensors graph{
      torch::randn({5, 2}), std::get<0>(torch::randint(-1, 5, {5, 7}, torch::kInt).sort(1, true))};
  EXPECT_TRUE(torch::equal(loaded.network->forward(graph), network->forward(graph)));
  EXPECT_FALSE(loaded.network->is_training());
}

TEST(Checkpoint, TensorsHaveModuleNamesForOtherReaders) {
  const test::ScratchFolder folder;
  const auto file = folder.path() / "a.safetensors";
  write_checkpoint(file, *network_of(some_metadata()), {}, some_metadata());
  const data::SafetensorsFile tensors(file);
  EXPECT_EQ(tensors.at("blocks.0.message.0.weight").shape, (std::vector<std::int64_t>{8, 16}));
  EXPECT_EQ(tensors.values<float>("normalization.mean")[0], 0.1F);
  EXPECT_EQ(tensors.at("encoding.frequencies").shape, (std::vector<std::int64_t>{13}));
}

std::string error_of(const std::filesystem::path& file) {
  return test::error_of<core::DataError>([&] { (void)load_network(file); });
}

TEST(Checkpoint, ATruncatedFileIsNamed) {
  const test::ScratchFolder folder;
  const auto file = folder.path() / "cut.safetensors";
  write_checkpoint(file, *network_of(some_metadata()), {}, some_metadata());
  const auto size = std::filesystem::file_size(file);
  for (const auto left : {size - 1, size / 2, std::uintmax_t{20}, std::uintmax_t{0}}) {
    std::filesystem::resize_file(file, left);
    EXPECT_NE(error_of(file).find("cut.safetensors"), std::string::npos)
        << left << ": " << error_of(file);
  }
}

TEST(Checkpoint, AFlippedByteIsNoticed) {
  const test::ScratchFolder folder;
  const auto file = folder.path() / "flipped.safetensors";
  write_checkpoint(file, *network_of(some_metadata()), {}, some_metadata());
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(-3, std::ios::end);
  stream.put('\x5A');
  stream.close();
  EXPECT_NE(error_of(file).find("flipped.safetensors"), std::string::npos);
}

TEST(Checkpoint, WeightsOfAnotherArchitectureAreNamed) {
  const test::ScratchFolder folder;
  const auto file = folder.path() / "other.safetensors";
  CheckpointMetadata wider = some_metadata();
  wider.model.width = 9;
  write_checkpoint(file, *network_of(some_metadata()), {}, wider);
  EXPECT_NE(error_of(file).find("other.safetensors: tensor \"blocks.0.message.0.bias\" is F32 [8], "
                                "the network has F32 [9]"),
            std::string::npos)
      << error_of(file);
  CheckpointMetadata shallower = some_metadata();
  shallower.model.blocks = 0;
  write_checkpoint(file, *network_of(some_metadata()), {}, shallower);
  EXPECT_NE(error_of(file).find("tensor \"blocks.0.message.0.bias\" is not one of the network"),
            std::string::npos)
      << error_of(file);
}

TEST(Checkpoint, FilesThatAreNotCheckpointsAreNamed) {
  const test::ScratchFolder folder;
  const auto file = folder.path() / "plain.safetensors";
  const std::vector<float> values{1, 2};
  const std::vector<data::NamedTensor> tensors{
      {"x", data::view_tensor(std::span<const float>(values), {2})}};
  data::write_safetensors(file, tensors);
  EXPECT_NE(error_of(file).find("no metadata \"stationhit\""), std::string::npos);
  data::write_safetensors(
      file, tensors, {{"stationhit", "{\"format_version\": 7, \"program_version\": \"9.0\"}"}});
  EXPECT_NE(error_of(file).find("checkpoint format 7, this program reads format 1; use the program "
                                "version that wrote it (9.0)"),
            std::string::npos);
  data::write_safetensors(file, tensors, {{"stationhit", "{\"format_version\": 1}"}});
  EXPECT_NE(error_of(file).find("plain.safetensors: the checkpoint's metadata cannot be read"),
            std::string::npos);
  EXPECT_CONTAINS(
      error_of(folder.path() / "absent.safetensors"),
      "absent.safetensors: no such checkpoint; give a file checkpoints/*.safetensors of "
      "a run directory");
}

}  // namespace
}  // namespace stationhit::training
