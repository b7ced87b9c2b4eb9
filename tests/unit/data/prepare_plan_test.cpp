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

class RemoteInputsTest : public PrepareTest {
 protected:
  RemoteInputsTest() {
    for (const auto& [name, events] : inputs)
      fake.add_remote_input("root://host//d/" + name + "?authz=secret", folder / "in" / name);
  }
  void use_remote_inputs() {
    config.input.clear();
    for (const auto& [name, events] : inputs)
      config.input.push_back("root://host//d/" + name + "?authz=secret");
  }
};

TEST_F(RemoteInputsTest, GiveTheSetOfTheirCopies) {
  const Manifest local = prepare(config, fake.formats()).value().manifest;
  use_remote_inputs();
  EXPECT_TRUE(prepare(config, fake.formats()).value().was_complete);
  config.output = (folder / "remote").string();
  EXPECT_EQ(prepare(config, fake.formats()).value().manifest.inputs, local.inputs);
}

TEST_F(RemoteInputsTest, AreDuplicatesOfTheirCopies) {
  const std::string& name = inputs.begin()->first;
  config.input.push_back("root://host//d/" + name + "?authz=secret");
  EXPECT_CONTAINS(error(), "have the same content");
}

// Whoever is not reached today may answer tomorrow, and the set must not depend on that.
TEST_F(RemoteInputsTest, StopWhereTheyCannotBeRead) {
  use_remote_inputs();
  fake.damaged.insert(inputs.begin()->first);
  EXPECT_CONTAINS(error(), "?authz=secret: is damaged");
  EXPECT_FALSE(std::filesystem::exists(config.output));
}

TEST_F(RemoteInputsTest, AreNamedOneByOne) {
  config.input = {"root://host//d/*.root"};
  EXPECT_CONTAINS(error(),
                  "input 'root://host//d/*.root': folders of other machines are not searched for "
                  "patterns; give the names of the files");
}

}  // namespace
}  // namespace stationhit::data
