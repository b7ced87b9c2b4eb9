#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/recording_observer.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/workflow/validate_simulation.hpp>

namespace stationhit::workflow {
namespace {

class ValidateSimulation : public testing::Test {
 protected:
  ValidateSimulation() {
    config.events = 3;
    config.threads = 1;
  }

  test::ScratchFolder folder;
  simulation::SimulationConfig config;
};

TEST_F(ValidateSimulation, GivesTheChecksOfTheSampleAndWritesThem) {
  const auto result = validate_simulation(config, {folder.path(), 3}, core::Observer{});
  EXPECT_EQ(result->sample.statistics().events, 3U);
  const auto expected = simulation::validate(result->sample.statistics(), 3);
  EXPECT_EQ(simulation::check_csv(result->checks), simulation::check_csv(expected));
  EXPECT_EQ(core::read_text_file(folder / "validation.csv"), simulation::check_csv(expected));
  EXPECT_TRUE(std::filesystem::exists(folder / "hits_per_event.csv"));
}

TEST_F(ValidateSimulation, AStoppedCallGivesAndWritesNothing) {
  test::RecordingObserver observer;
  observer.stop_at_update(2, "validate");
  EXPECT_FALSE(validate_simulation(config, {folder.path(), 3}, observer));
  EXPECT_EQ(observer.warnings, std::vector<std::string>{"stopped: the validation is not written"});
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(ValidateSimulation, NeedsTheConditionsOfThePublishedSample) {
  config.process = simulation::ProcessChoice::zmumu;
  EXPECT_CONTAINS(test::config_error([&] {
                    (void)validate_simulation(config, {folder.path(), 3}, core::Observer{});
                  }),
                  "--validate with mu = 200, source = generator and process = "
                  "zmumu: the published statistics are those of mu = 200");
}

}  // namespace
}  // namespace stationhit::workflow
