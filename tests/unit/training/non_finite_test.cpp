// A step that is not finite is refused with the place of the first number that is not.
#include "../../../src/training/non_finite.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/case_name.hpp>
#include <support/expected_error.hpp>
#include <torch/torch.h>

#include "network_of.hpp"
#include "toy_run.hpp"

namespace stationhit::training {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
const std::string next_step =
    "; lower training.optimizer.learning_rate, or set training.optimizer.gradient_clip or "
    "normalization_stats";

std::vector<std::shared_ptr<const Sample>> numbered_samples(const TrainingRun& run) {
  std::vector<std::shared_ptr<const Sample>> samples;
  for (const std::uint64_t number : {71U, 72U, 73U}) {
    Sample sample = make_sample(
        features::label_event(test::learnable_events(number, 1)[0], run.graph, run.features));
    sample.event_number = number;
    samples.push_back(std::make_shared<const Sample>(std::move(sample)));
  }
  return samples;
}

class NonFinite : public testing::Test {
 protected:
  void SetUp() override { make(); }
  void make() {
    samples_ = numbered_samples(run_);
    network_ = test::network_of(run_);
    network_->train();
  }

  [[nodiscard]] StepSettings settings() const { return {{}, pos_weight_, run_.graph.k, 1, 0, 1}; }
  [[nodiscard]] BatchGradients step() {
    return batch_gradients(*network_, samples_, settings(), 4);
  }
  // The message for the step, which must fail.
  [[nodiscard]] std::string refusal() {
    const BatchGradients mean = step();
    EXPECT_FALSE(is_finite(mean));
    return test::data_error([&] {
      refuse_step(*network_, {samples_, 4, mean.loss, 2, 4}, settings(), {});
    });
  }
  torch::Tensor weights(const std::string& name) {
    const torch::NoGradGuard no_grad;
    return network_->named_parameters()[name].detach();
  }
  void set_feature(std::size_t sample, std::size_t at, float value) {
    Sample changed = *samples_[sample];
    changed.features.at(at) = value;
    samples_[sample] = std::make_shared<const Sample>(std::move(changed));
  }

  TrainingRun run_ = test::toy_run("unused");
  double pos_weight_ = 3;
  std::vector<std::shared_ptr<const Sample>> samples_;
  std::shared_ptr<models::Network> network_;
};

TEST_F(NonFinite, AStepOfFiniteNumbersIsFinite) { EXPECT_TRUE(is_finite(step())); }

TEST_F(NonFinite, WeightsComeBeforeWhatTheyGive) {
  weights("head.0.bias")[0] = infinity;
  EXPECT_EQ(refusal(),
            "the loss is nan in epoch 2 after 4 events: the weights head.0.bias are not "
            "finite" +
                next_step);
}

TEST_F(NonFinite, AFeatureIsNamedWithItsEvent) {
  set_feature(1, 2 * 5 + 1, std::nanf(""));
  EXPECT_EQ(refusal(),
            "the loss is nan in epoch 2 after 4 events: the feature driftR of event 72 is not "
            "finite; leave this feature out, or prepare the set again without this event");
}

TEST_F(NonFinite, AnOutputIsNamedWithTheFirstEventThatGivesIt) {
  weights("head.0.weight").fill_(3e38F);
  EXPECT_CONTAINS(refusal(),
                  " in epoch 2 after 4 events: the output of head.0 of event 71 is the "
                  "first that is not finite" +
                      next_step);
}

TEST_F(NonFinite, AGradientIsNamedWhereTheLossIsFinite) {
  // Hidden values of 1e12 that the head brings back to logits of a few, and a loss of 1e30.
  weights("input.bias").fill_(1e12F);
  weights("head.0.weight").mul_(1e-12F);
  pos_weight_ = 1e30;
  EXPECT_EQ(refusal(),
            "a gradient is not finite in epoch 2 after 4 events: the gradient of "
            "head.0.weight of event 71 is the first that is not finite" +
                next_step);
}

TEST_F(NonFinite, WhatCannotBeFoundAgainIsSaid) {
  EXPECT_EQ(test::data_error([&] {
              refuse_step(*network_, {samples_, 4, infinity, 2, 4}, settings(), {});
            }),
            "the loss is inf in epoch 2 after 4 events: only the sum over the events is not "
            "finite" +
                next_step);
}

struct Layer {
  const char* architecture;
  const char* weights;  // that are made too large
  const char* name;     // of the layer that the message names
};

class NonFiniteLayer : public NonFinite, public testing::WithParamInterface<Layer> {
  void SetUp() override {
    run_.model.architecture = GetParam().architecture;
    run_.model.bands = 2;
    test::add_map_features(run_);
    make();
  }
};

TEST_P(NonFiniteLayer, IsNamedAsInTheNetwork) {
  weights(GetParam().weights).fill_(3e38F);
  EXPECT_CONTAINS(refusal(), std::string(": the output of ") + GetParam().name + " of event 71 is");
}

INSTANTIATE_TEST_SUITE_P(
    Networks, NonFiniteLayer,
    testing::Values(
        Layer{"mlp", "blocks.0.linear.weight", "blocks.0"},
        Layer{"edgeconv", "input.weight", "input"},
        Layer{"edgeconv", "blocks.0.message.0.weight", "blocks.0"},
        Layer{"edgeconv_gat", "blocks.0.edgeconv.message.0.weight", "blocks.0.edgeconv"},
        Layer{"edgeconv_gat", "blocks.0.attention.weight", "blocks.0.attention"},
        Layer{"edgeconv_attention", "bands.1.message.0.weight", "bands.1"},
        Layer{"edgeconv_attention", "blocks.0.feed_forward.in.weight", "blocks.0.feed_forward"},
        Layer{"two_stage", "first_stage.input.weight", "first_stage.input"},
        Layer{"two_stage", "blocks.0.map.in.weight", "blocks.0.map"},
        Layer{"two_stage", "last.message.0.weight", "last"}),
    [](const auto& layer) {
      std::string name = std::string(layer.param.architecture) + "_" + layer.param.name;
      std::ranges::replace(name, '.', '_');
      return name;
    });

}  // namespace
}  // namespace stationhit::training
