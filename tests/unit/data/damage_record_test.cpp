// Input files that turn out to be damaged while their events are read.
#include <stationhit/core/files.hpp>

#include "prepare_fixture.hpp"

namespace stationhit::data {
namespace {

namespace fs = std::filesystem;

class DamageFoundWhileReading : public PrepareTest {
 protected:
  DamageFoundWhileReading() { add(bad, 50); }

  // The set without these files.
  Manifest without(const std::set<std::string>& names) {
    PrepareConfig other = config;
    other.input.clear();
    for (const auto& [name, events] : inputs)
      if (!names.contains(name)) other.input.push_back((folder / "in" / name).string());
    other.output = (folder / "without").string();
    return prepare(other, fake.formats()).value().manifest;
  }
  void expect_set_without(const std::set<std::string>& names, const Manifest& made) {
    const Manifest expected = without(names);
    EXPECT_EQ(made.shards, expected.shards);
    EXPECT_EQ(made.splits, expected.splits);
    EXPECT_EQ(made.input_counts, expected.input_counts);
    EXPECT_EQ(made.provenance.fingerprint, expected.provenance.fingerprint);
    std::set<std::string> left_out;
    for (const InputRecord& input : made.inputs)
      if (input.split == "damaged") left_out.insert(input.file);
    EXPECT_EQ(left_out, names);
  }
  void make_piece(std::size_t number, std::size_t of) {
    (void)prepare_piece(config, fake.formats(), {number, of}).value();
  }
  Manifest merge() {
    return prepare(config, fake.formats(), {}, MissingWork::refuse).value().manifest;
  }

  const std::string bad = "mumu_PU200_skip0_n50.root";
};

TEST_F(DamageFoundWhileReading, LeavesTheSetOfTheOtherFiles) {
  for (const SplitUnit by : {SplitUnit::event, SplitUnit::file})
    for (const unsigned threads : {1U, 4U})
      for (const std::size_t entry : {0U, 30U, 49U}) {
        config.split.by = by;
        config.threads = threads;
        config.output = (folder / "out").string();
        fake.damaged_entries = {{bad, entry}};
        expect_set_without({bad}, run());
        EXPECT_EQ(test::count_entries(config.output), 7) << "records are left";
        EXPECT_TRUE(prepare(config, fake.formats()).value().was_complete);
        fs::remove_all(config.output);
        fs::remove_all(folder / "without");
      }
}

TEST_F(DamageFoundWhileReading, IsToldOnceAndStopsWhereThatIsWanted) {
  fake.damaged_entries = {{bad, 30}};
  std::vector<std::string> warnings;
  PrepareHooks hooks;
  hooks.log = core::Logger([&](core::LogLevel level, const std::string& text) {
    if (level == core::LogLevel::warning) warnings.push_back(text);
  });
  (void)prepare(config, fake.formats(), hooks);
  ASSERT_EQ(warnings.size(), 1U);
  // Entries are those of the chunk here.
  EXPECT_CONTAINS(warnings[0], bad + ", event 9: cannot be read (this file is left out; --strict");
  fake.policy.damaged = DamagedInputs::refuse;
  EXPECT_CONTAINS(error(), bad + ": was found to be damaged when " + config.output + " was made");
  config.output = (folder / "strict").string();
  EXPECT_CONTAINS(error(), bad + ", event 9: cannot be read");
}

TEST_F(DamageFoundWhileReading, OfAllFilesIsAnError) {
  for (const auto& [name, events] : inputs) fake.damaged_entries[name] = 10;
  EXPECT_CONTAINS(error(), ": cannot be read; none of the 3 inputs can be used");
  fake.damaged_entries.clear();
  EXPECT_EQ(run().inputs.size(), 3U) << "mended files are taken again";
}

TEST_F(DamageFoundWhileReading, OfEventNumbersIsFoundBeforeTheSplit) {
  config.split.by = SplitUnit::event;
  fake.damaged_keys = {bad};
  expect_set_without({bad}, run());
}

// A damaged file and a copy of it that is whole are no repetition.
TEST_F(DamageFoundWhileReading, ExcusesRepeatedEvents) {
  std::vector<core::Event> events = inputs.at(bad);
  events.push_back(toy_event(99, 1));
  inputs["mumu_PU200_again.root"] = events;
  fake.add_input(folder / "in" / "mumu_PU200_again.root", events);
  for (const std::size_t entry : {5U, 49U}) {
    config.output = (folder / std::to_string(entry)).string();
    fake.damaged_entries = {{bad, entry}};
    expect_set_without({bad}, run());
    fs::remove_all(folder / "without");
  }
}

TEST_F(DamageFoundWhileReading, IsTheSameForAContinuedCall) {
  config.threads = 1;
  fake.damaged_entries = {{bad, 45}};
  for (const std::size_t limit : {10U, 40U, 70U, 100U, 130U}) {
    fake.write_limit = limit;
    EXPECT_CONTAINS(error(), "No space left") << limit;
    fake.write_limit = SIZE_MAX;
    expect_set_without({bad}, run());
    fs::remove_all(config.output);
    fs::remove_all(folder / "without");
  }
}

TEST_F(DamageFoundWhileReading, VoidsThePiecesOfTheOtherPlan) {
  config.split.by = SplitUnit::event;
  fake.damaged_entries = {{bad, 30}};
  const auto whole = [&] {
    config.output = (folder / "whole").string();
    run();
    return manifests_in(config.output);
  }();
  config.output = (folder / "pieces").string();
  make_piece(4, 4);  // reads no event of the damaged file
  make_piece(1, 4);
  make_piece(2, 4);
  make_piece(3, 4);
  const std::string message = test::data_error([&] { (void)merge(); });
  EXPECT_CONTAINS(message, ": piece 4/4 has finished 0 of its ");
  make_piece(4, 4);
  merge();
  EXPECT_EQ(manifests_in(config.output), whole);
  EXPECT_EQ(test::count_entries(config.output), 7) << "records are left";
}

TEST_F(DamageFoundWhileReading, IsMadeUpForByACallWithoutMerge) {
  fake.damaged_entries = {{bad, 30}};
  for (const std::size_t number : {4U, 2U, 1U, 3U}) make_piece(number, 4);
  expect_set_without({bad}, run());
}

TEST_F(DamageFoundWhileReading, OfRemoteFilesStops) {
  const std::string url = "root://host//d/" + bad;
  fake.add_remote_input(url, folder / "in" / bad);
  config.input = {(folder / "in/zmumu_PU200_skip0_n60.root").string(), url};
  fake.damaged_entries = {{bad, 30}};
  EXPECT_CONTAINS(error(), url + ", event 9: cannot be read");
}

// Of files by process that are left unused for the balance, damage matters as well: they could take
// the place of another one.
TEST_F(DamageFoundWhileReading, IsLookedForInUnusedFiles) {
  config.split.by = SplitUnit::file;
  for (const char* name : {"zmumu_PU200_a.root", "zmumu_PU200_b.root", "ttbar_PU200_a.root"})
    add(name, 25);
  add("mumu_PU200_b.root", 25);
  const Manifest all = run();
  std::string unused;
  std::string used;
  for (const InputRecord& input : all.inputs)
    if (input.process == "zmumu") (input.split == "unused" ? unused : used) = input.file;
  ASSERT_FALSE(unused.empty());
  config.output = (folder / "second").string();
  fake.damaged_entries = {{unused, 20}};
  EXPECT_EQ(run().shards, all.shards) << "nobody reads it";
  config.output = (folder / "third").string();
  fake.damaged_entries[used] = 20;
  expect_set_without({unused, used}, run());
}

}  // namespace
}  // namespace stationhit::data
