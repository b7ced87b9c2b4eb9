#include <limits>
#include <set>

#include <stationhit/core/technology.hpp>

#include "prepare_fixture.hpp"

namespace stationhit::data {
namespace {

namespace fs = std::filesystem;

TEST_F(PrepareTest, AsManyThreadsWorkAsFitIntoTheMemoryLimit) {
  constexpr std::uint64_t mib = std::uint64_t{1} << 20U;
  fake.reader_bytes = 100 * mib;
  fake.writer_bytes = 20 * mib;  // three open shards per thread: 160 MiB in all
  config.threads = 16;
  config.events_per_shard = 5;
  std::string log;
  PrepareHooks hooks;
  hooks.log = core::Logger([&](core::LogLevel, const std::string& message) { log += message; });
  const auto threads = [&](std::uint32_t limit) {
    config.memory_limit = limit;
    config.output = (folder / std::to_string(limit)).string();
    return prepare(config, fake.formats(), hooks)->threads;
  };
  EXPECT_EQ(threads(4096), 16U);
  EXPECT_EQ(log, "");
  EXPECT_EQ(threads(2048), 9U);
  EXPECT_EQ(
      log, "9 of 16 threads fit into memory_limit = 2048 MiB; raise it where the machine has more");
  EXPECT_EQ(threads(100), 1U);
}

TEST_F(PrepareTest, SplitByFileAThreadHasOneOpenShardOnly) {
  fake.writer_bytes = std::uint64_t{512} << 20U;
  config.threads = 16;
  config.split.by = SplitUnit::file;
  config.split.train = 1.0;
  config.split.validation = 0.0;
  EXPECT_EQ(prepare(config, fake.formats())->threads, 3U);
}

TEST_F(PrepareTest, BranchesThatAFileLacksAreRecordedAndSaid) {
  const std::string name = "ttbar_PU200_skip0_n45.root";
  fake.missing_branches[name] = {"lbNumber", "spacePoint_covYY"};
  std::string log;
  PrepareHooks hooks;
  hooks.log = core::Logger([&](core::LogLevel, const std::string& message) { log += message; });
  const Manifest manifest = prepare(config, fake.formats(), hooks)->manifest;
  EXPECT_CONTAINS(log, name + ": no branch lbNumber, spacePoint_covYY: written as 0");
  const std::vector<MissingBranches> expected{{name, {"lbNumber", "spacePoint_covYY"}}};
  EXPECT_EQ(manifest.provenance.missing_branches, expected);
  EXPECT_EQ(read_manifest(config.output).provenance.missing_branches, expected);
  EXPECT_EQ(open_split(fs::path(config.output) / "val").manifest.provenance.missing_branches,
            expected);
}

TEST_F(PrepareTest, FilesThatWereNotClosedAreRecordedAndSaid) {
  const core::UnfinishedFile loss{"ttbar_PU200_skip0_n45.root", 45, 1234};
  EXPECT_TRUE(prepare(config, fake.formats())->manifest.provenance.unfinished_inputs.empty());
  fake.losses[loss.file] = loss;
  config.output = (folder / "again").string();
  std::string log;
  PrepareHooks hooks;
  hooks.log = core::Logger([&](core::LogLevel, const std::string& message) { log += message; });
  (void)prepare(config, fake.formats(), hooks);
  EXPECT_CONTAINS(log,
                  "ttbar_PU200_skip0_n45.root: was not closed by its writer: the 45 events that it "
                  "shows are read, what is in the 1234 bytes behind them is lost");
  const std::vector<core::UnfinishedFile> expected{loss};
  EXPECT_EQ(read_manifest(config.output).provenance.unfinished_inputs, expected);
  EXPECT_EQ(open_split(fs::path(config.output) / "val").manifest.provenance.unfinished_inputs,
            expected);
}

TEST_F(PrepareTest, SplitsRecordTheInputsOfTheWholeSet) {
  const Manifest manifest = prepare(config, fake.formats())->manifest;
  EXPECT_EQ(open_split(fs::path(config.output) / "test").manifest.inputs, manifest.inputs);
}

TEST_F(PrepareTest, ImplausibleValuesAreCountedAlsoAfterAnInterruption) {
  const std::string name = "zmumu_PU200_skip0_n60.root";
  std::vector<core::Event> events = inputs.at(name);
  for (const std::size_t entry : {1U, 50U}) events[entry].hits.drift_r[2] = 1e9F;
  fake.add_input(folder / "in" / name, events);
  config.threads = 1;
  fake.write_limit = 85;
  EXPECT_CONTAINS(error(), "No space left");
  fake.write_limit = SIZE_MAX;
  std::string log;
  PrepareHooks hooks;
  hooks.log = core::Logger([&](core::LogLevel, const std::string& message) { log += message; });
  (void)prepare(config, fake.formats(), hooks);
  EXPECT_CONTAINS(log, "2 hits with a drift radius outside of 0 to 50 mm");
}

TEST_F(PrepareTest, FilesWithTheSameMissingBranchesAreNamedTogether) {
  for (const auto& [name, events] : inputs) fake.missing_branches[name] = {"bcid"};
  std::string log;
  PrepareHooks hooks;
  hooks.log = core::Logger([&](core::LogLevel, const std::string& message) { log += message; });
  (void)prepare(config, fake.formats(), hooks);
  EXPECT_CONTAINS(log, "ttbar_PU200_skip0_n45.root and 1 more: no branch bcid: written as 0");
}

TEST_F(PrepareTest, EveryKeptEventIsInExactlyOneSplitWithItsContent) {
  const Manifest manifest = run();
  std::vector<core::Event> expected;
  std::uint64_t muons = 0;
  for (auto& [name, events] : inputs) {
    for (core::Event event : events) {
      if (event.header.event_number % 7 == 3) continue;  // only muon 0 has three hits
      for (std::int8_t& link : event.hits.truth_link)
        link = link == 0 ? std::int8_t{0} : std::int8_t{-1};
      event.muons = core::gather(event.muons, std::vector<std::uint32_t>{0});
      expected.push_back(event);
      ++muons;
    }
  }
  std::vector<core::Event> found;
  for (const std::string name : {"train", "val", "test"}) {
    const auto events = events_of(name);
    EXPECT_EQ(manifest.splits.at(name).events, events.size());
    found.insert(found.end(), events.begin(), events.end());
  }
  ASSERT_EQ(found.size(), expected.size());
  for (const core::Event& event : expected)
    EXPECT_EQ(std::count(found.begin(), found.end(), event), 1);
  EXPECT_EQ(manifest.input_counts.events, 105U);
  EXPECT_EQ(manifest.input_counts.kept_events, expected.size());
  EXPECT_EQ(manifest.input_counts.muons, 210U);
  EXPECT_EQ(manifest.input_counts.muons_failing.at("pt"), 105 - expected.size());
  EXPECT_EQ(manifest.input_counts.muons_failing.at("hits"), 105U);
  EXPECT_EQ(manifest.input_counts.dropped_by.at("hits"), 105 - expected.size());
  EXPECT_EQ(muons, manifest.splits.at("train").muons + manifest.splits.at("val").muons +
                       manifest.splits.at("test").muons);
}

TEST_F(PrepareTest, CountsEqualThoseOfTheEvents) {
  const Manifest manifest = run();
  for (const auto& [name, counts] : manifest.splits) {
    std::uint64_t hits = 0;
    std::uint64_t true_hits = 0;
    std::uint64_t mdt = 0;
    for (const core::Event& event : events_of(name)) {
      hits += event.hits.size();
      true_hits += static_cast<std::uint64_t>(std::count_if(event.hits.truth_link.begin(),
                                                            event.hits.truth_link.end(),
                                                            [](int l) { return l >= 0; }));
      mdt += static_cast<std::uint64_t>(
          std::count(event.hits.technology.begin(), event.hits.technology.end(), 0));
    }
    EXPECT_EQ(counts.hits, hits) << name;
    EXPECT_EQ(counts.true_hits, true_hits) << name;
    EXPECT_EQ(counts.technologies.at("MDT").hits, mdt) << name;
  }
}

TEST_F(PrepareTest, DoesNotDependOnThreadsArgumentsOrFolders) {
  const Manifest first = run();
  config.output = (folder / "again").string();
  config.threads = 1;
  fs::create_directories(folder / "elsewhere");
  config.input.clear();
  for (const auto& [name, events] : inputs) {
    fake.add_input(folder / "elsewhere" / name, events);
    config.input.insert(config.input.begin(), (folder / "elsewhere" / name).string());
  }
  const Manifest second = run();
  EXPECT_EQ(first.shards, second.shards);
  EXPECT_EQ(first.provenance.fingerprint, second.provenance.fingerprint);
}

TEST_F(PrepareTest, SmallSamplesAreTheLowestRanksOfTheirSplit) {
  run();
  const auto key = [](const core::Event& event) {
    return std::pair(event.header.event_number, event.hits.local_x);
  };
  for (const std::string name : {"train", "val", "test"}) {
    const auto all = events_of(name);
    const auto small = events_of(name + "_small");
    EXPECT_EQ(small.size(), std::min<std::size_t>(4, all.size()));
    std::set<std::pair<std::uint64_t, std::vector<float>>> keys;
    for (const core::Event& event : small) {
      EXPECT_EQ(std::count(all.begin(), all.end(), event), 1);
      keys.insert(key(event));
    }
    EXPECT_EQ(keys.size(), small.size());
  }
}

TEST_F(PrepareTest, NaNIsAnErrorOrACountedSkip) {
  auto events = inputs.at("zmumu_PU200_skip0_n60.root");
  events[12].hits.glob_z[5] = std::numeric_limits<float>::quiet_NaN();
  fake.add_input(folder / "in/zmumu_PU200_skip0_n60.root", events);
  config.threads = 1;
  EXPECT_CONTAINS(error(),
                  "zmumu_PU200_skip0_n60.root, event 12: spacePoint_globPosZ[5] = nan; skip such "
                  "events with --skip-bad");
  config.skip_bad = true;
  const Manifest manifest = run();  // goes on in the same folder
  EXPECT_EQ(manifest.input_counts.bad_events, 1U);
  EXPECT_EQ(manifest.input_counts.dropped_events(), 105U - 1 - manifest.input_counts.kept_events);
  config.skip_bad = false;
  EXPECT_CONTAINS(error(), "holds this set with 1 events left out for NaN or Inf");
}

TEST_F(PrepareTest, ALinkBeyondTheMuonsIsDamage) {
  fake.policy.damaged = DamagedInputs::refuse;
  auto events = inputs.at("ttbar_PU200_skip0_n45.root");
  events[3].hits.truth_link[7] = 2;
  fake.add_input(folder / "in/ttbar_PU200_skip0_n45.root", events);
  EXPECT_CONTAINS(error(),
                  "ttbar_PU200_skip0_n45.root, event 3: spacePoint_truthLink[7] = 2, but the event "
                  "has 2 muons");
}

TEST_F(PrepareTest, EventsWithoutHitsAreDroppedAndCounted) {
  core::Event empty;
  empty.header.event_number = 999;
  auto events = inputs.at("ttbar_PU200_skip0_n45.root");
  events[0] = empty;
  fake.add_input(folder / "in/ttbar_PU200_skip0_n45.root", events);
  EXPECT_EQ(run().input_counts.events_without_muon, 1U);
}

TEST_F(PrepareTest, AllEventsFailingTheCutsSaysWhichCut) {
  config.selection.min_pt = 50.0;
  EXPECT_CONTAINS(error(),
                  "no event passes the selection: of 105 events 0 have no truth muon, and the last "
                  "muon failed pT >= 50 GeV in 105, |eta| <= 2.7 in 0, hits >= 3 "
                  "in 0; check the input files, or loosen selection.min_pt");
  config.selection.min_pt = 5.0;
  run();  // the folder can be used again
}

TEST_F(PrepareTest, AnEmptyTrainingSplitIsAnError) {
  config.input = {(folder / "in/ttbar_PU200_skip0_n45.root").string()};
  std::vector<core::Event> events{toy_event(0, 1), toy_event(3, 1)};
  config.split.train = 0.5;
  config.split.validation = 0.5;
  config.split.by = SplitUnit::event;
  const InputFile file{{}, "ttbar_PU200_skip0_n45.root", "ttbar", 0, 2, {}};
  while (split_events(std::span(&file, 1), std::vector<std::vector<EventKey>>{{{7, 0}, {7, 3}}},
                      config.split)[0][0] == Split::train)
    ++config.split.seed;
  fake.add_input(folder / "in/ttbar_PU200_skip0_n45.root", events);
  EXPECT_CONTAINS(error(),
                  "the training split has no event (1 kept events went to validation and test); "
                  "give more input files");
}

TEST_F(PrepareTest, InputsThatMatchNothing) {
  config.input = {(folder / "in/*.txt").string()};
  EXPECT_CONTAINS(error(), "in/*.txt' matches no file; give ROOT files, folders or patterns");
  config.input = {folder.path().string()};
  EXPECT_CONTAINS(error(), "has no *.root or *.h5 file");
  config.input = {};
  EXPECT_CONTAINS(test::config_error([&] { (void)prepare(config, fake.formats()); }),
                  "no input files");
}

TEST_F(PrepareTest, FoldersWithoutRootFilesGiveTheirHdf5Files) {
  const fs::path arrays = folder / "arrays";
  fs::create_directory(arrays);
  for (const char* name : {"b.h5", "a.hdf5", "c.txt"}) core::write_text_file(arrays / name, "");
  const auto names = [&] {
    std::vector<std::string> found;
    for (const fs::path& file : expand_inputs(std::vector{arrays.string()}))
      found.push_back(file.filename().string());
    return found;
  };
  EXPECT_EQ(names(), (std::vector<std::string>{"a.hdf5", "b.h5"}));
  core::write_text_file(arrays / "b.root", "");
  EXPECT_EQ(names(), std::vector<std::string>{"b.root"});
}

TEST_F(PrepareTest, SplitsWholeFilesWhereAsked) {
  for (int i = 0; i < 20; ++i) add("jpsi_PU200_skip" + std::to_string(i) + ".root", 3);
  config.split.by = SplitUnit::file;
  config.split.balance = Balance::none;
  config.split.train = 0.8;
  config.split.validation = 0.1;
  config.input = {(folder / "in/jpsi*").string()};
  const Manifest manifest = run();
  std::map<std::string, int> files;
  for (const InputRecord& record : manifest.inputs) ++files[record.split];
  EXPECT_EQ(files, (std::map<std::string, int>{{"train", 16}, {"val", 2}, {"test", 2}}));
  EXPECT_EQ(manifest.splits.at("train").events, 16U * 3);  // events 0, 1, 2 pass
}

}  // namespace
}  // namespace stationhit::data
