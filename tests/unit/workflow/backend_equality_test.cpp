#include <gtest/gtest.h>
#include <support/recording_observer.hpp>
#include <unit/workflow/small_run.hpp>

#include <stationhit/workflow/backend_equality.hpp>
#include <stationhit/workflow/export_checkpoint.hpp>
#include <stationhit/workflow/labeled_split.hpp>
#include <stationhit/workflow/trained_network.hpp>

namespace stationhit::workflow {
namespace {

constexpr std::uint64_t all_events = 100;

class BackendEquality : public SmallRun {
 protected:
  BackendEquality()
      : loaded(load_trained_network(run).loaded),
        split(open_labeled_split(run.test_path, settings_of(run))),
        classifier(export_checkpoint(run, {}, {}, core::Observer{})->file) {}

  metrics::LogitDifference compare(const training::LoadedNetwork& network, std::uint64_t max_events,
                                   const core::Observer& observer = {}) {
    return compare_node_logits({&classifier, 1}, *network.network, *split->read_all(), max_events,
                               observer)
        .front();
  }

  // A network of the same settings with other weights.
  training::LoadedNetwork train_other_network() {
    config::RunConfig other = run;
    other.experiment_dir = folder / "other";
    other.seed = 5;
    return *train(other, {}, core::Observer{}).network;
  }

  training::LoadedNetwork loaded;
  std::unique_ptr<LabeledSplit> split;
  inference::HitClassifier classifier;
};

TEST_F(BackendEquality, AnExportedNetworkGivesTheLogitsOfTheNetwork) {
  const metrics::LogitDifference difference = compare(loaded, all_events);
  EXPECT_LE(difference.largest_relative, metrics::backend_tolerance);
  EXPECT_EQ(difference.events, 5);
  EXPECT_GE(difference.compared, 5 * 120);
}

TEST_F(BackendEquality, AnotherNetworkIsTold) {
  EXPECT_GT(compare(train_other_network(), all_events).largest_relative,
            metrics::backend_tolerance);
}

TEST_F(BackendEquality, HitScoresAreComparedOnEventsWithoutPreparedInputs) {
  const auto events = test::learnable_events(300, 5);
  const metrics::LogitDifference difference =
      compare_hit_scores(classifier, loaded, events, core::Observer{});
  EXPECT_LE(difference.largest_relative, metrics::backend_tolerance);
  EXPECT_EQ(difference.events, 5);
  EXPECT_EQ(difference.compared, 5 * 120);
}

TEST_F(BackendEquality, EndsAfterTheEventsThatAreAskedFor) {
  EXPECT_EQ(compare(loaded, 2).events, 2);
}

TEST_F(BackendEquality, EndsAfterTheEventInWhichTheObserverAsksToStop) {
  test::RecordingObserver observer;
  observer.stop();
  EXPECT_EQ(compare(loaded, all_events, observer).events, 1);
  EXPECT_EQ(compare_hit_scores(classifier, loaded, test::learnable_events(300, 5), observer).events,
            1);
}

TEST_F(BackendEquality, AnExportSaysHowFarItsFileIsFromTheNetwork) {
  const auto model = export_checkpoint(run, {.events = 3}, {}, core::Observer{});
  ASSERT_TRUE(model && model->difference);
  EXPECT_EQ(model->difference->events, 3);
}

}  // namespace
}  // namespace stationhit::workflow
