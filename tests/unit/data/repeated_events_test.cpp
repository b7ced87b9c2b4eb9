#include "prepare_fixture.hpp"

namespace stationhit::data {
namespace {

namespace fs = std::filesystem;

using RepeatedEventsTest = PrepareTest;

TEST_F(RepeatedEventsTest, FilesOfTheSameContentAreRefusedAtOnce) {
  const fs::path base = folder / "in/ttbar_PU200_skip0_n45.root";
  const fs::path copy = folder / "in/zcopy.root";
  fake.add_input(copy, inputs.at(base.filename().string()));
  fs::copy_file(base, copy, fs::copy_options::overwrite_existing);
  EXPECT_CONTAINS(error(), fs::canonical(base).string() + " and " + fs::canonical(copy).string() +
                               " have the same content");
  EXPECT_EQ(fake.inputs_opened, 0U);
}

TEST_F(RepeatedEventsTest, TheFirstOfEqualFilesIsKeptWhereThatIsWanted) {
  const Manifest alone = run();
  config.output = (folder / "second").string();
  const fs::path base = folder / "in/ttbar_PU200_skip0_n45.root";
  const fs::path copy = folder / "in/zcopy.root";
  fake.add_input(copy, inputs.at(base.filename().string()));
  fs::copy_file(base, copy, fs::copy_options::overwrite_existing);
  fake.policy.duplicates = DuplicateInputs::keep_first;
  const Manifest made = run();
  EXPECT_EQ(made.provenance.fingerprint, alone.provenance.fingerprint);
  EXPECT_EQ(made.splits, alone.splits);
  ASSERT_EQ(made.inputs.size(), 3U);
  EXPECT_EQ(made.inputs[2].file, "zcopy.root");
  EXPECT_EQ(made.inputs[2].split, "duplicate");
}

TEST_F(RepeatedEventsTest, AFileNamedTwiceCountsOnce) {
  fs::create_symlink(folder / "in/ttbar_PU200_skip0_n45.root", folder / "link.root");
  config.input.push_back((folder / "link.root").string());
  config.input.push_back((folder / "in/../in/*.root").string());
  EXPECT_EQ(run().input_counts.events, 105U);
}

TEST_F(RepeatedEventsTest, NameBothPlacesOfAnEvent) {
  const std::string name = "zmumu_PU200_skip0_n60.root";
  fake.add_input(folder / "in/zz_part.root",
                 {toy_event(500, 1), toy_event(501, 1), inputs.at(name)[33]});
  config.threads = 1;
  const std::string message = error();
  EXPECT_CONTAINS(message, name + ", entry 33 and ");
  EXPECT_CONTAINS(message, "zz_part.root, entry 2 are the same event");
  EXPECT_CONTAINS(message, "give every event once");
}

TEST_F(RepeatedEventsTest, AreFoundInOneFileAndAfterAnInterruption) {
  std::vector<core::Event> events = inputs.at("zmumu_PU200_skip0_n60.root");
  events.push_back(events[7]);
  fake.add_input(folder / "in/zmumu_PU200_skip0_n60.root", events);
  config.threads = 1;
  fake.write_limit = 60;  // the first chunks are complete
  EXPECT_CONTAINS(error(), "No space left");
  fake.write_limit = SIZE_MAX;
  EXPECT_CONTAINS(error(), "n60.root, entry 60 are the same event");
}

TEST_F(RepeatedEventsTest, EqualNumbersOrNoHitsAreNoRepetition) {
  std::vector<core::Event> events;
  for (int i = 0; i < 10; ++i) {
    events.push_back(toy_event(0, 50 + i));  // all have run 7, event 0
    events.emplace_back();
  }
  fake.add_input(folder / "in/ttbar_PU200_skip0_n45.root", events);
  EXPECT_EQ(run().input_counts.events, 80U);
}

}  // namespace
}  // namespace stationhit::data
