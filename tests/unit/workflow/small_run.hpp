// A run configuration with small materialized splits on disk, and a network trained on them.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <support/scratch_folder.hpp>
#include <unit/training/toy_run.hpp>

#include <stationhit/config/run_config.hpp>
#include <stationhit/data/checksums.hpp>
#include <stationhit/materialized/materialize.hpp>
#include <stationhit/workflow/train.hpp>

namespace stationhit::workflow {

inline materialized::Settings settings_of(const config::RunConfig& run) {
  return {run.features, run.graph};
}

// One part with all events.
inline void write_split(const std::filesystem::path& folder, const std::vector<core::Event>& events,
                        const config::RunConfig& run) {
  data::PreparedSplit source;
  source.folder = folder.string() + "_source";
  source.manifest.split = folder.filename().string();
  source.manifest.provenance.fingerprint = "0123";
  data::ShardInfo shard{"shard_000000.root", {}, {}};
  data::ColumnHasher hasher;
  for (const core::Event& event : events) {
    shard.counts.add(event);
    hasher.add(event);
  }
  shard.columns = hasher.digest();
  source.manifest.counts = shard.counts;
  source.manifest.shards.push_back(shard);
  const auto open = [&](const std::filesystem::path& path) {
    return std::make_unique<core::MemoryReader>(events, path.string());
  };
  (void)materialized::materialize(source, open, settings_of(run), folder, 1);
}

// Splits of 6, 4 and 5 events of 120 hits in `folder`, and a configuration that trains an edgeconv
// on them in a moment.
inline config::RunConfig make_small_run(const std::filesystem::path& folder) {
  config::RunConfig run;
  run.experiment_dir = folder / "run";
  run.train_path = folder / "train";
  run.val_path = folder / "val";
  run.test_path = folder / "test";
  run.threads = 1;
  run.features = {"localZ", "driftR"};
  run.graph.k = 4;
  run.model.width = 8;
  run.model.blocks = 1;
  run.model.encoding.scales = {-1, 0, 1};
  run.training.epochs = 1;
  run.training.batch_size = 2;
  run.quantization.tolerance = 1;
  write_split(run.train_path, test::learnable_events(100, 6), run);
  write_split(run.val_path, test::learnable_events(200, 4), run);
  write_split(run.test_path, test::learnable_events(300, 5), run);
  return run;
}

// Every test has a run directory of its own with a trained network.
class SmallRun : public ::testing::Test {
 protected:
  SmallRun() : run(make_small_run(folder.path())) { (void)train(run, {}, core::Observer{}); }

  [[nodiscard]] std::filesystem::path checkpoints() const {
    return std::filesystem::path(run.experiment_dir) / "checkpoints";
  }

  // Relative paths of the files below the folder of the test.
  [[nodiscard]] std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path()))
      if (entry.is_regular_file())
        names.insert(std::filesystem::relative(entry.path(), folder.path()));
    return names;
  }

  test::ScratchFolder folder;
  config::RunConfig run;
};

}  // namespace stationhit::workflow
