// The events of a batch as one graph with the functions of Torch, as on a GPU, against event by
// event in our kernels.
#include <cmath>
#include <tuple>

#include <gtest/gtest.h>
#include <support/case_name.hpp>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>
#include <torch/torch.h>

#include <stationhit/models/aten_forms.hpp>
#include <stationhit/training/trainer.hpp>

#include "../../../src/training/batch_gradients.hpp"
#include "../../../src/training/join_samples.hpp"
#include "network_of.hpp"
#include "some_samples.hpp"
#include "toy_run.hpp"

namespace stationhit::training {
namespace {

GradientSum sum_with(const TrainingRun& run, std::size_t joined_events, double background_share = 1,
                     Precision precision = Precision::float32) {
  StepSettings settings;
  settings.pos_weight = 3;
  settings.neighbor_columns = graph::table_columns(run.graph);
  settings.background_share = background_share;
  settings.seed = 5;
  settings.joined_events = joined_events;
  settings.precision = precision;
  return sum_gradients(*test::network_of(run), test::some_samples(run), settings, 0);
}

void expect_same(const GradientSum& one, const GradientSum& other, double tolerance) {
  EXPECT_NEAR(one.loss, other.loss, tolerance * std::abs(one.loss));
  EXPECT_EQ(one.nodes, other.nodes);
  ASSERT_EQ(one.gradients.size(), other.gradients.size());
  for (std::size_t i = 0; i < one.gradients.size(); ++i)
    EXPECT_LE((one.gradients[i] - other.gradients[i]).norm().item<double>(),
              tolerance * one.gradients[i].norm().item<double>() + 1e-6)
        << i;
}

class JoinedGradients : public testing::TestWithParam<std::tuple<std::string, graph::EdgeKind>> {
 protected:
  JoinedGradients() {
    run_.model.architecture = std::get<0>(GetParam());
    run_.graph.edges = std::get<1>(GetParam());
    run_.model.bands = 2;
    run_.model.encoding.scales = {0, -1};
    run_.model.map = {8, 6, 3, 1};
    test::add_map_features(run_);
  }

  TrainingRun run_ = test::toy_run("unused");
};

TEST_P(JoinedGradients, AreThoseOfTheEventsOneByOne) {
  const GradientSum one_by_one = sum_with(run_, 0);
  expect_same(one_by_one, sum_with(run_, 16), 1e-4);
  expect_same(one_by_one, sum_with(run_, 2), 1e-4);
}

TEST_P(JoinedGradients, ThinTheSameGroups) {
  expect_same(sum_with(run_, 0, 0.4), sum_with(run_, 16, 0.4), 1e-4);
}

TEST_P(JoinedGradients, InBfloat16AreNear) {
  const GradientSum exact = sum_with(run_, 16), rounded = sum_with(run_, 16, 1, Precision::bf16);
  EXPECT_NEAR(rounded.loss, exact.loss, 0.02 * exact.loss);
  EXPECT_NE(rounded.loss, exact.loss) << "autocast did nothing";
}

INSTANTIATE_TEST_SUITE_P(Networks, JoinedGradients,
                         testing::ValuesIn(test::networks_with_edges(
                             {graph::EdgeKind::knn, graph::EdgeKind::fully_connected})),
                         [](const auto& test) {
                           return std::get<0>(test.param) + "_" +
                                  std::string(core::name(std::get<1>(test.param)));
                         });

// A whole training on a GPU, but for the device.
TEST(JoinedTraining, LearnsAsEventByEvent) {
  const test::ToyData data;
  const test::ScratchFolder folder;
  TrainingRun run = test::toy_run(folder / "one_by_one");
  const TrainingResult one_by_one = train(run, data.sources(), {});
  run.directory = folder / "joined";
  run.joins_events = true;
  const TrainingResult joined = train(run, data.sources(), {});
  ASSERT_EQ(joined.history.size(), one_by_one.history.size());
  for (std::size_t i = 0; i < joined.history.size(); ++i) {
    EXPECT_NEAR(joined.history[i].train_loss, one_by_one.history[i].train_loss, 1e-3);
    EXPECT_NEAR(joined.history[i].val_loss, one_by_one.history[i].val_loss, 1e-3);
  }
  run.directory = folder / "bf16";
  run.training.precision = Precision::bf16;
  EXPECT_NEAR(train(run, data.sources(), {}).history.back().val_loss,
              one_by_one.history.back().val_loss, 0.05);
}

TEST(JoinedTraining, Bfloat16WithoutAGpuIsRefused) {
  const test::ToyData data;
  TrainingRun run = test::toy_run("unused");
  run.training.precision = Precision::bf16;
  EXPECT_EQ(test::config_error([&] { (void)train(run, data.sources(), {}); }),
            "training.precision: bf16 is for GPUs, and this training runs on the CPU; set "
            "training.precision: float32, or train with devices: 1 where LibTorch finds a GPU");
}

TEST(JoinSamples, RowsFollowEachOther) {
  const Sample first{.features = {1, 2},
                     .neighbors = {1, -1, 0, -1},
                     .labels = {0, 1},
                     .offsets = {0, 1, 2},
                     .weights = {},
                     .first_logits = {0.5F, 0.25F}};
  const Sample second{.features = {3},
                      .neighbors = {-1, -1},
                      .labels = {1},
                      .offsets = {0, 1},
                      .weights = {4},
                      .first_logits = {0.125F}};
  const Sample nothing;
  const std::vector<const Sample*> samples{&first, &nothing, &second, &first};
  const JoinedSamples joined = join_samples(samples);
  EXPECT_EQ(joined.sample.features, (std::vector<float>{1, 2, 3, 1, 2}));
  EXPECT_EQ(joined.sample.neighbors,
            (std::vector<std::int32_t>{1, -1, 0, -1, -1, -1, 4, -1, 3, -1}));
  EXPECT_EQ(joined.sample.labels, (std::vector<std::uint8_t>{0, 1, 1, 0, 1}));
  EXPECT_EQ(joined.sample.offsets, (std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(joined.sample.weights, (std::vector<float>{1, 1, 4, 1, 1}));
  EXPECT_EQ(joined.sample.first_logits, (std::vector<float>{0.5F, 0.25F, 0.125F, 0.5F, 0.25F}));
  EXPECT_EQ(joined.events, (std::vector<std::int64_t>{0, 0, 1, 2, 2}));
}

TEST(AtenForms, LastAsLongAsTheObject) {
  const torch::Tensor values = torch::ones({2, 2});
  EXPECT_TRUE(models::runs_in_kernels(values));
  {
    const models::AtenForms outer;
    { const models::AtenForms inner; }
    EXPECT_FALSE(models::runs_in_kernels(values));
  }
  EXPECT_TRUE(models::runs_in_kernels(values));
}

}  // namespace
}  // namespace stationhit::training
