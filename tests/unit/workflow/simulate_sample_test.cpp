#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/recording_observer.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/simulation/simulator.hpp>
#include <stationhit/workflow/event_input.hpp>
#include <stationhit/workflow/simulate_sample.hpp>

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

// Six events in files of two.
class SimulateSample : public testing::Test {
 protected:
  SimulateSample() {
    config.mu = 1;
    config.process = simulation::ProcessChoice::zmumu;
    config.events = 6;
    config.events_per_file = 2;
    config.threads = 1;
    config.output = (folder / "toy").string();
  }

  // Events by the names of the files.
  [[nodiscard]] std::map<std::string, std::vector<core::Event>> files() const {
    std::map<std::string, std::vector<core::Event>> found;
    for (const auto& entry : fs::directory_iterator(config.output))
      if (entry.path().extension() != ".yaml")
        found[entry.path().filename()] = read_events(entry.path(), 100);
    return found;
  }

  test::ScratchFolder folder;
  simulation::SimulationConfig config;
};

TEST_F(SimulateSample, FilesHaveTheirRangeOfEvents) {
  const SimulatedSample sample = simulate_sample(config, core::Observer{});
  EXPECT_FALSE(sample.stopped);
  EXPECT_EQ(sample.statistics.events, 6U);
  const auto made = files();
  ASSERT_EQ(made.size(), 3U);
  EXPECT_EQ(made.at("zmumu_PU1_skip2_n2.root").at(1).header.event_number, 3U);
  EXPECT_EQ(read_sample_info(fs::path(config.output) / "zmumu_PU1_skip2_n2.root"),
            simulation::sample_info(config));
}

TEST_F(SimulateSample, AStoppedCallLeavesWholeFilesAndTheNextOneFinishes) {
  (void)simulate_sample(config, core::Observer{});
  const auto expected = files();
  fs::remove_all(config.output);
  test::RecordingObserver observer;
  observer.stop_at_update(3, "simulate");
  const SimulatedSample stopped = simulate_sample(config, observer);
  EXPECT_TRUE(stopped.stopped);
  EXPECT_EQ(stopped.statistics.events, 3U);
  EXPECT_CONTAINS(observer.warnings.at(0),
                  "stopped after 3 events; the unfinished file was removed");
  EXPECT_EQ(files(), (decltype(files()){*expected.begin()}));
  const SimulatedSample rest = simulate_sample(config, core::Observer{});
  EXPECT_EQ(rest.statistics.events, 4U);
  EXPECT_EQ(files(), expected);
}

TEST_F(SimulateSample, FinishedFilesStayAndDamagedOnesAreMadeAgain) {
  (void)simulate_sample(config, core::Observer{});
  const auto expected = files();
  fs::resize_file(fs::path(config.output) / "zmumu_PU1_skip0_n2.root", 100);
  const test::RecordingObserver observer;
  EXPECT_EQ(simulate_sample(config, observer).statistics.events, 2U);
  EXPECT_EQ(observer.messages.at(0), "2 files are there already, they stay as they are");
  EXPECT_EQ(files(), expected);
}

TEST_F(SimulateSample, AFolderTakesFilesOfOneConfigurationOnly) {
  (void)simulate_sample(config, core::Observer{});
  config.events = 8;
  config.threads = 2;
  EXPECT_EQ(simulate_sample(config, core::Observer{}).statistics.events, 2U);
  config.seed = 1;
  EXPECT_CONTAINS(test::config_error([&] { (void)simulate_sample(config, core::Observer{}); }),
                  "simulate.yaml: the files of this folder were made with another configuration");
}

TEST_F(SimulateSample, OneFileNeedsNoFolder) {
  config.events_per_file = 0;
  config.output = (folder / "one.root").string();
  EXPECT_EQ(simulate_sample(config, core::Observer{}).statistics.events, 6U);
  EXPECT_EQ(read_events(config.output, 100).size(), 6U);
}

}  // namespace
}  // namespace stationhit::workflow
