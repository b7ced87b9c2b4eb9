// Input files that cannot be used.
#include "prepare_fixture.hpp"

namespace stationhit::data {
namespace {

class DamagedInputsTest : public PrepareTest {
 protected:
  DamagedInputsTest() {
    add("zmumu_PU200_skip60_n30.root", 30);
    fake.damaged = {"zmumu_PU200_skip60_n30.root"};
  }
};

TEST_F(DamagedInputsTest, AreLeftOutAndNamed) {
  std::vector<std::string> warnings;
  PrepareHooks hooks;
  hooks.log = core::Logger([&](core::LogLevel level, const std::string& text) {
    if (level == core::LogLevel::warning) warnings.push_back(text);
  });
  const Manifest made = prepare(config, fake.formats(), hooks).value().manifest;
  EXPECT_EQ(made.input_counts.events, 105U);
  ASSERT_EQ(made.inputs.size(), 3U);
  EXPECT_EQ(made.inputs[2].file, "zmumu_PU200_skip60_n30.root");
  EXPECT_EQ(made.inputs[2].split, "damaged");
  EXPECT_EQ(made.inputs[2].entries, 0U);
  EXPECT_GT(made.inputs[2].size, 0U);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_CONTAINS(warnings[0],
                  "skip60_n30.root: is damaged (this file is left out; --strict stops");
  // The set is that of the other files.
  std::filesystem::remove(folder / "in" / "zmumu_PU200_skip60_n30.root");
  EXPECT_TRUE(prepare(config, fake.formats()).value().was_complete);
}

TEST_F(DamagedInputsTest, StopWhereThatIsWanted) {
  fake.policy.damaged = DamagedInputs::refuse;
  EXPECT_CONTAINS(error(), "skip60_n30.root: is damaged");
  EXPECT_FALSE(std::filesystem::exists(config.output));
}

TEST_F(DamagedInputsTest, AreErrorsIfNoOtherFileCanBeUsed) {
  config.input = {(folder / "in" / "zmumu_PU200_skip60_n30.root").string()};
  const std::string alone = error();
  EXPECT_CONTAINS(alone, "skip60_n30.root: is damaged");
  EXPECT_EQ(alone.find("none of"), std::string::npos);
  config.input = {(folder / "in").string()};
  for (const auto& [name, events] : inputs) fake.damaged.insert(name);
  EXPECT_CONTAINS(error(), ": is damaged; none of the 3 inputs can be used");
}

}  // namespace
}  // namespace stationhit::data
