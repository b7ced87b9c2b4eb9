// What is written comes back bit by bit; a killed run goes on; damaged and foreign files are named.
#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <support/random_event.hpp>
#include <unit/data/temp_folder.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/data/safetensors.hpp>
#include <stationhit/materialized/materialize.hpp>
#include <stationhit/materialized/materialized_split.hpp>

namespace stationhit::materialized {
namespace {

namespace fs = std::filesystem;

using data::data_error;
using features::LabeledEvent;

// A prepared split whose shards are in memory: a part for each, one of them without events.
class MaterializedTest : public ::testing::Test {
 protected:
  MaterializedTest() {
    settings.features = {"localY", "driftR", "neighbors"};
    settings.graph.k = 4;
    shards = {{test::random_event(1, 90, 2), core::Event{}, test::random_event(2, 1, 0)},
              {},
              {test::random_event(3, 60, 0), test::random_event(4, 200, 1),
               test::random_event(5, 70, 1), test::random_event(6, 80, 3)}};
    shards[0][1].header.event_number = 77;
    source.folder = "source";
    source.manifest.split = "train";
    source.manifest.provenance.fingerprint = "0123";
    source.manifest.provenance.sample = {"Toy simulation", {20, 200}};
    describe_shards();
  }

  void describe_shards() {
    source.manifest.shards.clear();
    source.manifest.counts = {};
    for (std::size_t i = 0; i < shards.size(); ++i) {
      data::ShardInfo shard{"shard_00000" + std::to_string(2 * i) + ".root", {}, {}};
      data::ColumnHasher hasher;
      for (const core::Event& event : shards[i]) {
        shard.counts.add(event);
        hasher.add(event);
      }
      shard.columns = hasher.digest();
      source.manifest.counts += shard.counts;
      source.manifest.shards.push_back(shard);
    }
  }

  std::unique_ptr<core::EventReader> open(const fs::path& path) {
    if (shards_opened == fails_at) throw core::DataError("interrupted");
    ++shards_opened;
    for (std::size_t i = 0; i < shards.size(); ++i) {
      if (source.shard_path(i) == path)
        return std::make_unique<core::MemoryReader>(shards[i], path.string());
    }
    throw core::DataError(path.string() + ": no such shard");
  }

  std::optional<Manifest> make(const Hooks& hooks = {}, unsigned threads = 2) {
    return materialize(
        source, [this](const fs::path& path) { return open(path); }, settings, folder / "train",
        threads, hooks);
  }

  [[nodiscard]] fs::path part(const std::string& number) const {
    return folder / "train" / ("shard_" + number + ".safetensors");
  }

  std::vector<LabeledEvent> read(std::vector<std::size_t> parts) const {
    const auto stream = MaterializedSplit(folder / "train").read(std::move(parts));
    std::vector<LabeledEvent> events;
    while (const auto job = stream->next()) events.push_back((*job)());
    EXPECT_EQ(events.size(), stream->size());
    return events;
  }

  void expect_equal(const LabeledEvent& found, const core::Event& event) const {
    const LabeledEvent expected = features::label_event(event, settings.graph, settings.features);
    EXPECT_EQ(found.inputs.nodes.hit, expected.inputs.nodes.hit);
    EXPECT_EQ(found.inputs.nodes.offsets, expected.inputs.nodes.offsets);
    EXPECT_EQ(found.inputs.features.names, expected.inputs.features.names);
    EXPECT_EQ(found.inputs.features.values, expected.inputs.features.values);
    EXPECT_EQ(found.inputs.neighbors.k, expected.inputs.neighbors.k);
    EXPECT_EQ(found.inputs.neighbors.index, expected.inputs.neighbors.index);
    EXPECT_EQ(found.labels, expected.labels);
    EXPECT_EQ(found.truth, expected.truth);
  }

  void flip_byte(const fs::path& path, std::uint64_t from_end) const {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(-static_cast<std::streamoff>(from_end), std::ios::end);
    const auto byte = static_cast<char>(file.get() ^ 1);
    file.seekp(-static_cast<std::streamoff>(from_end), std::ios::end);
    file.put(byte);
  }

  data::TempFolder folder;
  Settings settings;
  std::vector<std::vector<core::Event>> shards;
  data::PreparedSplit source;
  std::size_t shards_opened = 0;
  std::optional<std::size_t> fails_at;  // this many shards are opened, then reading fails
};

TEST_F(MaterializedTest, EventsComeBackInTheOrderOfThePartsThatIsAskedFor) {
  (void)make();
  const auto events = read({0, 1, 2});
  ASSERT_EQ(events.size(), 7U);
  for (std::size_t i = 0; i < 3; ++i) expect_equal(events[i], shards[0][i]);
  for (std::size_t i = 0; i < 4; ++i) expect_equal(events[3 + i], shards[2][i]);
  const auto other = read({2, 0});
  ASSERT_EQ(other.size(), 7U);
  expect_equal(other[0], shards[2][0]);
  expect_equal(other[4], shards[0][0]);
}

TEST_F(MaterializedTest, FullyConnectedGroupsHaveNoNeighbors) {
  settings.graph.edges = graph::EdgeKind::fully_connected;
  (void)make();
  EXPECT_FALSE(data::SafetensorsFile(part("000000")).contains("neighbours"));
  const auto events = read({0, 1, 2});
  for (std::size_t i = 0; i < 3; ++i) expect_equal(events[i], shards[0][i]);
}

TEST_F(MaterializedTest, JobsOutliveTheSplitAndTheirStream) {
  (void)make();
  auto split = std::make_unique<MaterializedSplit>(folder / "train");
  auto stream = split->read({0});
  const auto job = stream->next();
  stream.reset();
  split.reset();
  expect_equal((*job)(), shards[0][0]);
}

TEST_F(MaterializedTest, SlotsAreThePlacesInTheGroups) {
  (void)make();
  const data::SafetensorsFile file(part("000004"));
  const auto slots = file.values<std::uint32_t>("slots");
  std::vector<std::uint32_t> expected;
  for (const core::Event& event : shards[2]) {
    const auto nodes = graph::make_nodes(event, settings.graph);
    for (std::size_t g = 0; g < nodes.n_groups(); ++g) {
      for (std::uint32_t node = nodes.offsets[g]; node < nodes.offsets[g + 1]; ++node)
        expected.push_back(node - nodes.offsets[g]);
    }
  }
  EXPECT_TRUE(std::ranges::equal(slots, expected));
  EXPECT_EQ(file.at("features").shape,
            (std::vector<std::int64_t>{static_cast<std::int64_t>(slots.size()), 3}));
  EXPECT_EQ(file.at("neighbours").shape,
            (std::vector<std::int64_t>{static_cast<std::int64_t>(slots.size()), 4}));
}

TEST_F(MaterializedTest, ManifestSaysWhatIsThereAndWhereItCameFrom) {
  const Manifest made = make().value();
  EXPECT_TRUE(is_materialized_split(folder / "train"));
  EXPECT_FALSE(is_materialized_split(folder.path()));
  const Manifest manifest = read_manifest(folder / "train");
  EXPECT_EQ(manifest.parts, made.parts);
  EXPECT_EQ(manifest.settings.features, settings.features);
  EXPECT_EQ(manifest.settings.graph, settings.graph);
  EXPECT_EQ(manifest.source_split, "train");
  EXPECT_EQ(manifest.source_fingerprint, "0123");
  EXPECT_EQ(manifest.sample, source.manifest.provenance.sample);
  EXPECT_EQ(manifest.counts.events, 7U);
  EXPECT_EQ(manifest.counts.hits, source.counts().hits);
  EXPECT_EQ(manifest.counts.muons, 7U);
  EXPECT_EQ(manifest.parts[1].file, "shard_000002.safetensors");
  EXPECT_EQ(manifest.parts[1].shard, "shard_000002.root");
  std::uint64_t nodes = 0, signal = 0;
  for (const auto& event : read({0, 1, 2})) {
    nodes += event.labels.size();
    signal += static_cast<std::uint64_t>(std::ranges::count(event.labels, 1));
  }
  EXPECT_EQ(manifest.counts.nodes, nodes);
  EXPECT_EQ(manifest.counts.signal_nodes, signal);
  EXPECT_GT(signal, 0U);
}

TEST_F(MaterializedTest, FilesDoNotDependOnTheNumberOfThreads) {
  (void)make({}, 1);
  const std::string one = core::read_text_file(part("000004"));
  fs::remove_all(folder / "train");
  (void)make({}, 3);
  EXPECT_EQ(core::read_text_file(part("000004")), one);
}

TEST_F(MaterializedTest, AnInterruptedRunGoesOnAfterEveryPart) {
  const auto expected = make().value().parts;
  for (std::size_t finished = 0; finished <= shards.size(); ++finished) {
    fs::remove_all(folder / "train");
    fails_at = finished;
    shards_opened = 0;
    if (finished < shards.size()) {
      EXPECT_EQ(data_error([&] { (void)make(); }), "interrupted");
    } else {
      (void)make();
      fs::remove(folder / "train" / "manifest.json");
    }
    fails_at.reset();
    std::ofstream(folder / "train" / "shard_000004.safetensors.partial") << "cut off";
    EXPECT_FALSE(fs::exists(folder / "train" / "manifest.json"));
    shards_opened = 0;
    EXPECT_EQ(make().value().parts, expected);
    EXPECT_EQ(shards_opened, shards.size() - finished) << "finished parts are kept";
    EXPECT_FALSE(fs::exists(folder / "train" / "shard_000004.safetensors.partial"));
    EXPECT_EQ(read({0, 1, 2}).size(), 7U);
  }
}

TEST_F(MaterializedTest, AStoppedRunLeavesWholePartsOnly) {
  Hooks hooks;
  hooks.stop_requested = [&] { return shards_opened == 3; };
  EXPECT_FALSE(make(hooks));
  EXPECT_TRUE(fs::exists(part("000000")) && fs::exists(part("000002")));
  EXPECT_FALSE(fs::exists(part("000004")) || fs::exists(folder / "train" / "manifest.json"));
  EXPECT_EQ(make().value().counts.events, 7U);
}

TEST_F(MaterializedTest, ADamagedPartIsMadeAgain) {
  const auto expected = make().value().parts;
  flip_byte(part("000004"), 100);
  std::string warning;
  Hooks hooks;
  hooks.log = core::Logger([&](core::LogLevel level, const std::string& text) {
    warning += level == core::LogLevel::warning ? text : "";
  });
  shards_opened = 0;
  EXPECT_EQ(make(hooks).value().parts, expected);
  EXPECT_EQ(shards_opened, 1U);
  EXPECT_CONTAINS(warning,
                  part("000004").string() + ": damaged safetensors file: the data have checksum ");
  EXPECT_CONTAINS(warning, "(this part is made again now)");
}

TEST_F(MaterializedTest, ADamagedPartIsNamed) {
  (void)make();
  flip_byte(part("000004"), 100);
  EXPECT_EQ(read({0}).size(), 3U);
  const std::string text = data_error([&] { (void)read({0, 2}); });
  EXPECT_CONTAINS(text,
                  part("000004").string() + ": damaged safetensors file: the data have checksum ");
  EXPECT_CONTAINS(text, "`stationhit prepare --materialize` makes missing and damaged parts again");
}

TEST_F(MaterializedTest, TruncatedMissingAndForeignPartsAreNamed) {
  (void)make();
  const std::string whole = core::read_text_file(part("000004"));
  for (const std::size_t size : {whole.size() - 1, whole.size() / 2, std::size_t{9}}) {
    fs::resize_file(part("000004"), size);
    EXPECT_CONTAINS(data_error([&] { (void)read({2}); }),
                    part("000004").string() + ": damaged safetensors file");
    core::write_text_file(part("000004"), whole);
  }
  fs::copy_file(part("000000"), part("000004"), fs::copy_options::overwrite_existing);
  EXPECT_CONTAINS(data_error([&] { (void)read({2}); }),
                  part("000004").string() + ": is not the part that the manifest lists");
  fs::resize_file(part("000004"), 0);
  EXPECT_CONTAINS(data_error([&] { (void)read({0}); }),
                  part("000004").string() + ": the part is empty");
  fs::remove(part("000004"));
  EXPECT_CONTAINS(data_error([&] { (void)read({0}); }),
                  part("000004").string() +
                      ": the manifest of the split lists this part, but it cannot be read");
}

TEST_F(MaterializedTest, TensorsThatDoNotFitAreNamed) {
  (void)make();
  const data::SafetensorsFile file(part("000000"));
  for (const std::string name : {"features", "neighbours", "labels", "slots", "offsets",
                                 "technology", "event_nodes", "event_hits", "muon_phi"}) {
    std::vector<data::NamedTensor> tensors;
    for (const std::string& other : file.names()) {
      data::TensorView tensor = file.at(other);
      if (other == name) {
        tensor.bytes =
            tensor.bytes.first(tensor.bytes.size() - static_cast<std::size_t>(tensor.bytes.size()) /
                                                         static_cast<std::size_t>(tensor.shape[0]));
        --tensor.shape[0];
      }
      tensors.push_back({other, tensor});
    }
    data::write_safetensors(part("000004"), tensors);
    EXPECT_CONTAINS(data_error([&] { (void)read({2}); }),
                    part("000004").string() + ": the tensor '");
  }
}

TEST_F(MaterializedTest, OtherSettingsOrEventsNeverMix) {
  (void)make();
  const std::string advice = "; choose another output folder or remove this one";
  settings.graph.k = 5;
  EXPECT_CONTAINS(data_error([&] { (void)make(); }),
                  part("000000").string() +
                      ": was made from other events, or with other features or another graph");
  settings.graph.k = 4;
  settings.features = {"localY"};
  EXPECT_CONTAINS(data_error([&] { (void)make(); }), advice);
  settings.features = {"localY", "driftR", "neighbors"};
  shards[0][0].hits.local_y[3] += 1;
  describe_shards();
  EXPECT_CONTAINS(data_error([&] { (void)make(); }), advice);
}

TEST_F(MaterializedTest, ForeignFilesAreNotMixedWith) {
  fs::create_directories(folder / "train");
  std::ofstream(folder / "train" / "shard_000001.safetensors") << "of another set";
  EXPECT_CONTAINS(
      data_error([&] { (void)make(); }),
      "shard_000001.safetensors: is no part of what is made here; choose another output folder");
  fs::remove(folder / "train" / "shard_000001.safetensors");
  data::write_manifest(folder / "train", source.manifest);
  EXPECT_CONTAINS(data_error([&] { (void)make(); }),
                  "manifest.json: is no part of what is made here; choose another output folder");
}

TEST_F(MaterializedTest, ADamagedShardIsNamedAndLeavesNoPart) {
  shards[2][1].hits.local_y[3] += 1;  // after the checksums of the manifest
  EXPECT_CONTAINS(data_error([&] { (void)make(); }), "source/shard_000004.root: ");
  EXPECT_FALSE(fs::exists(part("000004")));
}

TEST_F(MaterializedTest, RunsWithOtherSettingsAreNamed) {
  const Manifest manifest = make().value();
  const auto error = [&](const Settings& run) -> std::string {
    try {
      require_same_settings(manifest, "data/train", run);
    } catch (const core::ConfigError& what) {
      return what.what();
    }
    return "no error";
  };
  EXPECT_EQ(error(settings), "no error");
  Settings run = settings;
  run.features = {"localY"};
  EXPECT_EQ(error(run),
            "data/train: was materialized with features [\"localY\",\"driftR\",\"neighbors\"], the "
            "run file has [\"localY\"]; run `stationhit prepare "
            "--materialize` with this run file into another folder, or change the run file");
  run = settings;
  run.graph.k = 8;
  EXPECT_CONTAINS(error(run), "data/train: was materialized with graph.k 4, the run file has 8; ");
  run = settings;
  run.graph.edges = graph::EdgeKind::radius;
  EXPECT_CONTAINS(error(run), "graph.edges \"knn\", the run file has \"radius\"; ");
  run = settings;
  run.graph.metric = {"localY"};
  EXPECT_CONTAINS(error(run),
                  "graph.metric [\"localY\",\"localZ\"], the run file has [\"localY\"]; ");
  run = settings;
  run.graph.radius = 33;  // knn has no radius
  EXPECT_EQ(error(run), "no error");
}

TEST_F(MaterializedTest, DamagedManifestsAreNamed) {
  (void)make();
  const fs::path path = folder / "train" / "manifest.json";
  const std::string whole = core::read_text_file(path);
  const auto error_after = [&](const std::string& from, const std::string& to) {
    std::string text = whole;
    text.replace(text.find(from), from.size(), to);
    core::write_text_file(path, text);
    return data_error([&] { (void)read_manifest(folder / "train"); });
  };
  EXPECT_CONTAINS(error_after("{", ""), path.string() + ": is not a JSON object");
  EXPECT_CONTAINS(error_after("\"format\": 1", "\"format\": 9"),
                  ": has format 9, this program reads format 1");
  EXPECT_CONTAINS(error_after("\"format\": 1", "\"format\": \"1\""),
                  ": has format \"1\", this program reads format 1");
  EXPECT_CONTAINS(error_after("\"materialised split\"", "[]"),
                  ": is not the manifest of a materialised split");
  EXPECT_CONTAINS(error_after("\"events\"", "\"event\""), ": damaged manifest: ");
  EXPECT_CONTAINS(error_after("\"events\": 7", "\"events\": 8"),
                  ": the counts are not the sum of the parts");
  EXPECT_CONTAINS(error_after("\"k\": 4", "\"k\": 0"), "graph.k: expected ");
  EXPECT_CONTAINS(error_after("materialised split", "prepared split"),
                  ": is not the manifest of a materialised split");
  fs::remove(path);
  EXPECT_CONTAINS(data_error([&] { (void)read_manifest(folder / "train"); }),
                  path.string() + ": cannot be read");
}

}  // namespace
}  // namespace stationhit::materialized
