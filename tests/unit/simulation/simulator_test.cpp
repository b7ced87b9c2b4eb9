#include <gtest/gtest.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/simulation/generate_events.hpp>
#include <stationhit/simulation/simulator.hpp>

namespace stationhit::simulation {
namespace {

std::string message_of(const SimulationConfig& config) {
  try {
    const Simulator simulator(config);
  } catch (const core::ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(Simulator, NamesWhatIsWrongInTheConfiguration) {
  SimulationConfig config;
  config.mu = -1;
  EXPECT_EQ(message_of(config), "mu = -1: the mean number of interactions must be from 0 to 250");
  config.mu = 251;
  EXPECT_EQ(message_of(config), "mu = 251: the mean number of interactions must be from 0 to 250");
  config.mu = 200;
  config.process = "zmumuu";
  EXPECT_EQ(message_of(config), "process = \"zmumuu\" is unknown; allowed are jpsi, zmumu, ttbar, mix; did you mean \"zmumu\"?");
  config.process = "jpsi";
  config.first_event = UINT64_MAX;
  EXPECT_NE(message_of(config).find("does not fit 64 bits"), std::string::npos);
}

std::vector<core::Event> events(const SimulationConfig& config, std::uint64_t first, std::uint64_t n, unsigned threads) {
  std::vector<core::Event> result;
  generate_events(Simulator(config), first, n, threads, [&](const core::Event& event) { result.push_back(event); });
  return result;
}

TEST(GenerateEvents, IsBitIdenticalForAnyNumberOfThreadsAndAnyRange) {
  SimulationConfig config;
  const auto one = events(config, 5, 21, 1);
  EXPECT_EQ(one, events(config, 5, 21, 4));
  const auto part = events(config, 10, 3, 2);
  EXPECT_EQ(part, (std::vector<core::Event>(one.begin() + 5, one.begin() + 8)));
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].header.event_number, 5 + i);
  config.seed = 43;
  EXPECT_NE(one.front(), events(config, 5, 1, 1).front());
}

}  // namespace
}  // namespace stationhit::simulation
