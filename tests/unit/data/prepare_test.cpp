#include <limits>
#include <set>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/core/technology.hpp>
#include <stationhit/data/prepared_split.hpp>

#include "fake_formats.hpp"

namespace stationhit::data {
namespace {

namespace fs = std::filesystem;

// Number n of a file; every seventh event has no muon that passes the cuts.
core::Event toy_event(std::uint64_t n, std::uint64_t seed) {
  core::Event event = test::random_event(seed * 1000 + n, 40 + n % 5, 2);
  event.header.run_number = 7;
  event.header.event_number = n;
  for (std::size_t i = 0; i < event.hits.size(); ++i)
    event.hits.truth_link[i] = static_cast<std::int8_t>(i < 4 ? 0 : (i < 6 ? 1 : -1));
  event.muons.pt = {20.0F, 30.0F};
  event.muons.eta = {0.5F, -0.5F};
  if (n % 7 == 3) event.muons.pt[0] = 1.0F;
  return event;
}

class PrepareTest : public ::testing::Test {
 protected:
  PrepareTest() {
    fs::create_directories(folder / "in");
    for (const std::string name : {"zmumu_PU200_skip0_n60.root", "ttbar_PU200_skip0_n45.root"})
      add(name, name.starts_with("z") ? 60 : 45);
    config.input = {(folder / "in").string()};
    config.output = (folder / "out").string();
    config.events_per_shard = 20;
    config.small_events = 4;
    config.threads = 2;
  }

  void add(const std::string& name, std::uint64_t n) {
    std::vector<core::Event> events;
    for (std::uint64_t i = 0; i < n; ++i)
      events.push_back(toy_event(i, name.size() + static_cast<unsigned char>(name[0])));
    inputs[name] = events;
    fake.add_input(folder / "in" / name, events);
  }

  Manifest run() { return prepare(config, fake.formats()).value().manifest; }
  std::string error() {
    return test::data_error([&] { (void)prepare(config, fake.formats()); });
  }

  // All events of a split, through its manifest.
  std::vector<core::Event> events_of(const std::string& name) {
    const PreparedSplit split = open_split(fs::path(config.output) / name);
    const auto reader = read_split(split, fake.formats().open_shard);
    std::vector<core::Event> events;
    core::Event event;
    while (reader->next(event)) events.push_back(event);
    EXPECT_EQ(reader->size(), events.size());
    return events;
  }

  test::ScratchFolder folder;
  FakeFormats fake;
  PrepareConfig config;
  std::map<std::string, std::vector<core::Event>> inputs;
};

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
  config.split.by = "file";
  config.split.train = 1.0;
  config.split.validation = 0.0;
  EXPECT_EQ(prepare(config, fake.formats())->threads, 3U);
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

TEST_F(PrepareTest, ManifestReadsBack) {
  const Manifest made = run();
  const Manifest read = read_manifest(config.output);
  EXPECT_EQ(read.splits, made.splits);
  EXPECT_EQ(read.shards, made.shards);
  EXPECT_EQ(read.inputs, made.inputs);
  EXPECT_EQ(read.input_counts, made.input_counts);
  EXPECT_EQ(read.provenance.fingerprint, made.provenance.fingerprint);
  EXPECT_EQ(read.provenance.split_method, "event");
  EXPECT_EQ(read.inputs.at(0).process, "ttbar");
  EXPECT_FALSE(fs::exists(fs::path(config.output) / "prepare.journal"));
}

TEST_F(PrepareTest, ManifestsSayWhatTheFilesKnowOfTheirSample) {
  PrepareFormats formats = fake.formats();
  formats.examine = [examine = formats.examine](const fs::path& file) {
    InputSummary summary = examine(file);
    summary.sample = {"Toy simulation", {file.filename().string().starts_with("z") ? 200.0 : 60.0}};
    return summary;
  };
  (void)prepare(config, formats);
  const core::SampleInfo expected{"Toy simulation", {60, 200}};
  EXPECT_EQ(read_manifest(config.output).provenance.sample, expected);
  EXPECT_EQ(read_split_manifest(fs::path(config.output) / "test").provenance.sample, expected);
}

TEST_F(PrepareTest, SetsThatDoNotRecordTheirSampleAreRead) {
  (void)run();
  const fs::path path = fs::path(config.output) / "test" / manifest_file_name;
  std::string text = core::read_text_file(path);
  const std::size_t key = text.find("\"sample\"");
  ASSERT_NE(key, std::string::npos);
  core::write_text_file(path, text.replace(key, 8, "\"unheard\""));
  EXPECT_EQ(read_split_manifest(path.parent_path()).provenance.sample, core::SampleInfo{});
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

// Stops the run after each possible number of written events; the continued run gives the same set.
TEST_F(PrepareTest, AnInterruptedRunContinuesToTheSameSet) {
  config.threads = 1;
  const Manifest expected = run();
  for (std::size_t limit = 0; limit < 100; limit += 7) {
    config.output = (folder / ("out" + std::to_string(limit))).string();
    fake.write_limit = limit;
    EXPECT_CONTAINS(error(), "No space left on device");
    EXPECT_FALSE(fs::exists(fs::path(config.output) / manifest_file_name));
    for (const auto& entry : fs::recursive_directory_iterator(config.output))
      EXPECT_NE(entry.path().extension(), ".partial");
    fake.write_limit = SIZE_MAX;
    fake.inputs_opened = 0;
    const Manifest manifest = run();
    EXPECT_EQ(manifest.shards, expected.shards);
    EXPECT_EQ(manifest.input_counts, expected.input_counts);
    EXPECT_TRUE(limit < 40 || fake.inputs_opened < 6) << "finished chunks are read again";
  }
}

TEST_F(PrepareTest, AJournalCutOffInALineIsContinued) {
  config.threads = 1;
  const Manifest expected = run();
  config.output = (folder / "cut").string();
  fake.write_limit = 60;
  (void)error();
  fake.write_limit = SIZE_MAX;
  const fs::path journal = folder / "cut" / "prepare.journal";
  fs::resize_file(journal, fs::file_size(journal) - 10);
  EXPECT_EQ(run().shards, expected.shards);
}

TEST_F(PrepareTest, ADamagedShardOfTheFirstRunIsMadeAgainAndNamed) {
  config.threads = 1;
  const Manifest expected = run();
  config.output = (folder / "damaged").string();
  fake.write_limit = 60;
  (void)error();
  fake.write_limit = SIZE_MAX;
  fake.damage_shard(folder / "damaged/train/shard_000000.fake");
  std::string warnings;
  PrepareHooks hooks;
  hooks.log =
      core::Logger([&](core::LogLevel, const std::string& message) { warnings += message; });
  EXPECT_EQ(prepare(config, fake.formats(), hooks)->manifest.shards, expected.shards);
  EXPECT_CONTAINS(warnings,
                  "damaged/train/shard_000000.fake: the content differs from the checksums of the "
                  "manifest (columns spacePoint_PositionY)");
}

TEST_F(PrepareTest, StopsWhenAskedAndContinues) {
  config.threads = 1;
  const Manifest expected = run();
  config.output = (folder / "stopped").string();
  int calls = 0;
  PrepareHooks hooks;
  hooks.stop_requested = [&] { return ++calls > 50; };
  EXPECT_FALSE(prepare(config, fake.formats(), hooks).has_value());
  EXPECT_FALSE(fs::exists(fs::path(config.output) / manifest_file_name));
  EXPECT_EQ(run().shards, expected.shards);
}

TEST_F(PrepareTest, ASecondCallDoesNothing) {
  run();
  fake.inputs_opened = 0;
  EXPECT_TRUE(prepare(config, fake.formats())->was_complete);
  EXPECT_EQ(fake.inputs_opened, 0U);
}

TEST_F(PrepareTest, NeverMixesWithAnotherSet) {
  run();
  config.selection.min_pt = 10.0;
  EXPECT_CONTAINS(error(), "out: holds a set prepared with other settings or other input files");
  config.output = (folder / "unfinished").string();
  fake.write_limit = 60;
  config.threads = 1;
  (void)error();
  fake.write_limit = SIZE_MAX;
  config.selection.min_pt = 6.0;
  EXPECT_CONTAINS(error(), "this folder holds an unfinished set with other settings");
  config.output = (folder / "foreign").string();
  fs::create_directories(folder / "foreign/train");
  std::ofstream(folder / "foreign/train/notes.txt") << "mine";
  EXPECT_CONTAINS(error(), "foreign/train: holds files that no known preparation made");
  EXPECT_TRUE(fs::exists(folder / "foreign/train/notes.txt"));
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

TEST_F(PrepareTest, ALinkBeyondTheMuonsIsAnError) {
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
  config.split.by = "event";
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
  EXPECT_CONTAINS(error(), "has no *.root file");
  config.input = {};
  EXPECT_CONTAINS(error(), "no input files");
}

TEST_F(PrepareTest, SplitsWholeFilesWhereAsked) {
  for (int i = 0; i < 20; ++i) add("jpsi_PU200_skip" + std::to_string(i) + ".root", 3);
  config.split.by = "file";
  config.split.balance = "none";
  config.split.train = 0.8;
  config.split.validation = 0.1;
  config.input = {(folder / "in/jpsi*").string()};
  const Manifest manifest = run();
  std::map<std::string, int> files;
  for (const InputRecord& record : manifest.inputs) ++files[record.split];
  EXPECT_EQ(files, (std::map<std::string, int>{{"train", 16}, {"val", 2}, {"test", 2}}));
  EXPECT_EQ(manifest.splits.at("train").events, 16U * 3);  // events 0, 1, 2 pass
}

// ---- prepared splits ----

TEST_F(PrepareTest, OpenSplitNamesWhatIsWrong) {
  run();
  const fs::path train = fs::path(config.output) / "train";
  fake.damage_shard(train / "shard_000000.fake");
  EXPECT_CONTAINS(test::data_error([&] { (void)events_of("train"); }),
                  "train/shard_000000.fake: the content differs from the checksums");
  EXPECT_CONTAINS(test::data_error([&] { (void)open_split(config.output); }),
                  "describes a prepared set, not a prepared split; name the folder of a split");
  EXPECT_CONTAINS(test::data_error([&] { (void)read_manifest(train); }),
                  "describes a prepared split, not a prepared set");
  fs::remove(train / "shard_000000.fake");
  EXPECT_CONTAINS(
      test::data_error([&] { (void)open_split(train); }),
      "shard_000000.fake: the manifest of the split lists this shard, but it cannot be read");
  EXPECT_CONTAINS(test::data_error([&] { (void)open_split(folder / "in"); }),
                  "no such file; this is no complete prepared split");
}

TEST_F(PrepareTest, DamagedManifestsAreErrors) {
  run();
  const fs::path file = fs::path(config.output) / "val" / manifest_file_name;
  const std::string text = core::read_text_file(file);
  const auto error_with = [&](const std::string& content) {
    core::write_text_file(file, content);
    return test::data_error([&] { (void)open_split(fs::path(config.output) / "val"); });
  };
  const auto replaced = [&](const std::string& from, const std::string& to) {
    return std::string(text).replace(text.find(from), from.size(), to);
  };
  EXPECT_CONTAINS(error_with(text.substr(0, text.size() / 2)),
                  "val/manifest.json: is not a JSON object");
  EXPECT_CONTAINS(error_with(replaced("\"format\": 1", "\"format\": 99")),
                  "has format 99, this program reads format 1");
  EXPECT_CONTAINS(error_with(replaced("\"shards\"", "\"sherds\"")), "damaged manifest: ");
  EXPECT_CONTAINS(error_with(replaced("\"true_hits\": ", "\"true_hits\": 9")),
                  "not the sum of its shards");
}

}  // namespace
}  // namespace stationhit::data
