#include <set>
#include <tuple>

#include <stationhit/core/files.hpp>
#include <stationhit/core/named_enum.hpp>

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
  const fs::path copy = folder / "in/zz_ttbar_PU200_skip0_n45.root";
  fake.add_input(copy, inputs.at(base.filename().string()));
  fs::copy_file(base, copy, fs::copy_options::overwrite_existing);
  fake.policy.duplicates = DuplicateInputs::keep_first;
  const Manifest made = run();
  EXPECT_EQ(made.provenance.fingerprint, alone.provenance.fingerprint);
  EXPECT_EQ(made.splits, alone.splits);
  ASSERT_EQ(made.inputs.size(), 3U);
  EXPECT_EQ(made.inputs[2].file, "zz_ttbar_PU200_skip0_n45.root");
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

class RepeatedEventsAllowed : public PrepareTest {
 protected:
  RepeatedEventsAllowed() { fake.policy.duplicates = DuplicateInputs::keep_first; }

  // A file with 25 events of its own, then events of the other ones.
  void add_with_copies() {
    std::vector<core::Event> events;
    for (std::uint64_t n = 500; n < 525; ++n) events.push_back(toy_event(n, 1));
    for (std::size_t n = 3; n < 33; ++n) events.push_back(inputs.at(z)[n]);
    events.push_back(inputs.at(t)[44]);
    inputs[part] = events;
    fake.add_input(folder / "in" / part, events);
  }
  // Run and event number and first coordinate of all events of a split.
  std::set<std::tuple<std::uint64_t, float>> keys_of(const std::string& split) {
    std::set<std::tuple<std::uint64_t, float>> keys;
    for (const core::Event& event : events_of(split))
      EXPECT_TRUE(keys.emplace(event.header.event_number, event.hits.local_y[0]).second);
    return keys;
  }

  const std::string z = "zmumu_PU200_skip0_n60.root", t = "ttbar_PU200_skip0_n45.root",
                    part = "zmumu_PU200_part_of_both.root";
};

TEST_F(RepeatedEventsAllowed, AreThereOnceInTheFileWithTheShortestName) {
  add_with_copies();
  const Manifest made = run();
  EXPECT_EQ(made.input_counts.events, 161U);
  EXPECT_EQ(made.input_counts.repeated_events, 31U);
  ASSERT_EQ(made.repeated_events.size(), 1U);
  EXPECT_EQ(made.inputs[made.repeated_events[0].input].file, part);
  EXPECT_EQ(made.repeated_events[0].first, 25U);
  EXPECT_EQ(made.repeated_events[0].count, 31U);
  std::size_t kept = 0;
  for (const char* split : {"train", "val", "test"}) kept += keys_of(split).size();
  EXPECT_EQ(kept, made.input_counts.kept_events);
  EXPECT_EQ(made.input_counts.dropped_events() + kept + 31, 161U);
  EXPECT_TRUE(prepare(config, fake.formats()).value().was_complete);
  fake.policy.duplicates = DuplicateInputs::refuse;
  EXPECT_CONTAINS(error(), "holds this set with 31 events left out because the input has them");
}

TEST_F(RepeatedEventsAllowed, ChangeNoOtherEvent) {
  config.split.by = SplitUnit::event;
  add_with_copies();
  const Manifest made = run();
  const auto with = keys_of("train");
  const auto small = events_of("train_small");
  // The same keys, but hits that are equal to no other ones.
  for (std::size_t n = 25; n < inputs.at(part).size(); ++n)
    inputs.at(part)[n].hits.local_y[0] = -1e6F - static_cast<float>(n);
  fake.add_input(folder / "in" / part, inputs.at(part));
  config.output = (folder / "other").string();
  EXPECT_EQ(run().input_counts.repeated_events, 0U);
  auto without = keys_of("train");
  std::erase_if(without, [](const auto& key) { return std::get<1>(key) < -9e5F; });
  EXPECT_EQ(with, without);
  EXPECT_EQ(made.splits.at("train_small").events, small.size());
}

TEST_F(RepeatedEventsAllowed, GiveOneSetForAnyThreadsPiecesAndInterruptions) {
  add_with_copies();
  for (const SplitUnit by : {SplitUnit::event, SplitUnit::file}) {
    config.split.by = by;
    config.split.balance = Balance::none;
    config.threads = 1;
    config.output = (folder / std::string(core::name(by))).string();
    run();
    const auto expected = manifests_in(config.output);
    const std::string whole = config.output;
    config.threads = 4;
    config.output = whole + "_threads";
    run();
    EXPECT_EQ(manifests_in(config.output), expected);
    config.output = whole + "_pieces";
    for (const std::size_t number : {3U, 1U, 2U})
      (void)prepare_piece(config, fake.formats(), {number, 3});
    (void)prepare(config, fake.formats(), {}, MissingWork::refuse);
    EXPECT_EQ(manifests_in(config.output), expected);
    config.threads = 1;
    for (const std::size_t limit : {60U, 130U, 141U}) {
      config.output = whole + std::to_string(limit);
      fake.write_limit = limit;
      EXPECT_CONTAINS(error(), "No space left");
      fake.write_limit = SIZE_MAX;
      run();
      EXPECT_EQ(manifests_in(config.output), expected) << limit;
    }
  }
}

TEST_F(RepeatedEventsAllowed, StayOutOfShardsThatAreMadeAgain) {
  add_with_copies();
  const Manifest made = run();
  for (const auto& [name, shards] : made.shards)
    for (const ShardInfo& shard : shards) fs::remove(folder / "out" / name / shard.file);
  const PrepareResult repaired = prepare(config, fake.formats()).value();
  EXPECT_FALSE(repaired.made_again.empty());
  EXPECT_EQ(repaired.manifest.shards, made.shards);
}

TEST_F(RepeatedEventsAllowed, AreFoundInOneFile) {
  std::vector<core::Event> events = inputs.at(z);
  events.push_back(events[7]);
  fake.add_input(folder / "in" / z, events);
  const Manifest made = run();
  ASSERT_EQ(made.repeated_events.size(), 1U);
  EXPECT_EQ(made.repeated_events[0].first, 60U);
}

// Copies mostly get longer names; some of these come first by name.
TEST_F(RepeatedEventsAllowed, CopiesOfFilesWithLongerNamesChangeNothing) {
  const Manifest alone = run();
  config.output = (folder / "second").string();
  for (const std::string& name :
       {"Copy of " + t, "a_" + t, std::string("ttbar_PU200_skip0_n45 (1).root")}) {
    fake.add_input(folder / "in" / name, inputs.at(t));
    fs::copy_file(folder / "in" / t, folder / "in" / name, fs::copy_options::overwrite_existing);
  }
  const Manifest made = run();
  EXPECT_EQ(made.provenance.fingerprint, alone.provenance.fingerprint);
  EXPECT_EQ(made.shards, alone.shards);
  ASSERT_EQ(made.inputs.size(), 5U);
}

}  // namespace
}  // namespace stationhit::data
