// What a manifest says, and which runs may use it.
#include <algorithm>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/materialized/manifest.hpp>

#include "small_split.hpp"

namespace stationhit::materialized {
namespace {

namespace fs = std::filesystem;

using test::data_error;

class MaterializedManifest : public SmallSplit {};

TEST_F(MaterializedManifest, OfADamagedFileIsNone) {
  for (const std::string& text : {std::string("{"), std::string(1000, '['), std::string()}) {
    core::write_text_file(folder / "manifest.json", text);
    EXPECT_FALSE(is_materialized_split(folder.path())) << text;
  }
}

TEST_F(MaterializedManifest, ManifestSaysWhatIsThereAndWhereItCameFrom) {
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

TEST_F(MaterializedManifest, RunsWithOtherSettingsAreNamed) {
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

TEST_F(MaterializedManifest, DamagedManifestsAreNamed) {
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
  EXPECT_CONTAINS(error_after("\"format\": 3", "\"format\": 9"),
                  ": has format 9, this program reads formats 1 to 3");
  EXPECT_CONTAINS(error_after("\"format\": 3", "\"format\": \"1\""),
                  ": has format \"1\", this program reads formats 1 to 3");
  EXPECT_CONTAINS(error_after("\"materialised split\"", "[]"),
                  ": is not the manifest of a materialised split");
  EXPECT_CONTAINS(error_after("\"events\"", "\"event\""), ": damaged manifest: ");
  EXPECT_CONTAINS(error_after("\"events\": 7", "\"events\": 8"),
                  ": the counts are not the sum of the parts");
  for (const char* count : {"-7", "7.5", "true", "2000000000000000"})
    EXPECT_CONTAINS(error_after("\"events\": 7", std::string("\"events\": ") + count),
                    std::string(": damaged manifest: counts.events is ") + count +
                        ", expected a whole number from 0 to 1000000000000000; run");
  EXPECT_CONTAINS(error_after("\"k\": 4", "\"k\": 0"), "graph.k: expected ");
  EXPECT_CONTAINS(error_after("materialised split", "prepared split"),
                  ": is not the manifest of a materialised split");
  fs::remove(path);
  EXPECT_CONTAINS(data_error([&] { (void)read_manifest(folder / "train"); }),
                  path.string() + ": cannot be read");
}

}  // namespace
}  // namespace stationhit::materialized
