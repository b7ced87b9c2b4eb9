// Which epochs are the best, and which files are theirs.
#include "../../../src/training/keep_best.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>
#include <support/scratch_folder.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/training/run_files.hpp>

namespace stationhit::training {
namespace {

using Epochs = std::vector<std::int32_t>;

// One epoch after the other, as a training takes them in.
Epochs kept_after(const std::vector<double>& losses, std::int32_t k,
                  const std::string& metric = "val_loss") {
  Epochs kept;
  std::vector<EpochMetrics> history;
  for (const double loss : losses) {
    EpochMetrics row;
    row.epoch = static_cast<std::int32_t>(history.size()) + 1;
    row.val_loss = row.val_auc = loss;
    history.push_back(row);
    kept = choose_best_epochs(kept, history, metric, k);
  }
  return kept;
}

TEST(KeepBest, TheMetricSaysWhatIsBetter) {
  const std::vector<double> values{0.5, 0.3, 0.9, 0.4, 0.8};
  EXPECT_EQ(kept_after(values, 2), (Epochs{2, 4}));
  EXPECT_EQ(kept_after(values, 2, "val_auc"), (Epochs{3, 5}));
  EXPECT_EQ(kept_after(values, 9), (Epochs{1, 2, 3, 4, 5}));
}

TEST(KeepBest, PuritiesAtOtherWorkingPointsAreBetterWhereTheyAreLarger) {
  std::vector<EpochMetrics> history(4);
  for (std::size_t i = 0; i < history.size(); ++i)
    history[i].epoch = static_cast<std::int32_t>(i) + 1;
  history[0].val_purities = {{"val_purity_0.9", 0.5}, {"val_purity_0.985", 0.2}};
  history[1].val_purities = {{"val_purity_0.9", 0.4}, {"val_purity_0.985", 0.3}};
  history[3].val_purities = {{"val_purity_0.9", 0.6}, {"val_purity_0.985", 0.1}};
  EXPECT_EQ(choose_best_epochs({1, 2, 3}, history, "val_purity_0.9", 2), (Epochs{1, 4}));
  EXPECT_EQ(choose_best_epochs({1, 2, 3}, history, "val_purity_0.985", 2), (Epochs{1, 2}));
  EXPECT_EQ(choose_best_epochs({1, 2, 3}, history, "val_purity_0.985", 9), (Epochs{1, 2, 4}))
      << "an epoch that lacks it is left out";
}

TEST(KeepBest, OfEqualEpochsTheEarlierStays) {
  EXPECT_EQ(kept_after({0.5, 0.5, 0.5}, 1), Epochs{1});
  EXPECT_EQ(kept_after({std::nan(""), 0.5, std::nan("")}, 3), Epochs{2});
}

TEST(KeepBest, AnotherMetricOrNumberTakesEffectAtOnce) {
  std::vector<EpochMetrics> history(3);
  for (std::int32_t i = 0; i < 3; ++i) {
    history[static_cast<std::size_t>(i)].epoch = i + 1;
    history[static_cast<std::size_t>(i)].val_loss = i;
    history[static_cast<std::size_t>(i)].val_auc = i;
  }
  EXPECT_EQ(choose_best_epochs({1, 2}, history, "val_auc", 1), Epochs{3});
  EXPECT_EQ(choose_best_epochs({}, {}, "val_auc", 1), Epochs{});
}

TEST(KeepBest, FilesOfOtherEpochsAreRemoved) {
  const test::ScratchFolder folder;
  const std::filesystem::path run = folder / "run";
  remove_epoch_checkpoints(run, {});  // there is no folder yet
  std::filesystem::create_directories(run / "checkpoints");
  EXPECT_EQ(epoch_checkpoint(run, 7), run / "checkpoints" / "epoch_007.safetensors");
  const std::filesystem::path other = run / "checkpoints" / "epoch_x.safetensors";
  for (const auto& file : {epoch_checkpoint(run, 7), epoch_checkpoint(run, 1007),
                           best_checkpoint(run), last_checkpoint(run), other})
    core::write_text_file(file, "");
  EXPECT_EQ(epoch_of_checkpoint(epoch_checkpoint(run, 1007)), 1007);
  remove_epoch_checkpoints(run, {1007});
  EXPECT_FALSE(std::filesystem::exists(epoch_checkpoint(run, 7)));
  for (const auto& file :
       {epoch_checkpoint(run, 1007), best_checkpoint(run), last_checkpoint(run), other})
    EXPECT_TRUE(std::filesystem::exists(file)) << file;
}

}  // namespace
}  // namespace stationhit::training
