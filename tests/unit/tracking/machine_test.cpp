#include <algorithm>

#include <gtest/gtest.h>

#include <stationhit/tracking/machine.hpp>

namespace stationhit::tracking {
namespace {

TEST(Machine, IsThisOne) {
  const Machine machine = describe_machine();
  EXPECT_FALSE(machine.host.empty());
  EXPECT_EQ(machine.system, "Linux");
  EXPECT_GE(machine.cores, 1U);
  EXPECT_GT(machine.memory, std::uint64_t{1} << 27U);
  EXPECT_GT(machine.process, 0);
  ASSERT_FALSE(machine.command.empty());
  EXPECT_NE(machine.command[0].find("test_tracking"), std::string::npos);
}

TEST(Machine, TextsLeaveOutWhatIsNotKnown) {
  Machine machine;
  machine.system = "Linux";
  machine.architecture = "arm64";
  machine.cores = 2;
  machine.memory = std::uint64_t{3} << 30U;
  machine.command = {"stationhit", "train"};
  EXPECT_EQ(named_texts(Machine()), std::vector<NamedText>{});
  EXPECT_EQ(named_texts(machine), (std::vector<NamedText>{{"system", "Linux"},
                                                          {"architecture", "arm64"},
                                                          {"cores", "2"},
                                                          {"memory", "3 GiB"},
                                                          {"command", "stationhit train"}}));
}

}  // namespace
}  // namespace stationhit::tracking
