// The trees MuonSPId and MuonBucketDump, as their writers make them.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/missing_columns.hpp>
#include <stationhit/root_io/describe.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/root_io/scored_ntuple.hpp>

#include "foreign_dump.hpp"

namespace stationhit::root_io {
namespace {

using test::data_error;
using test::ForeignDump;
using Floats = std::vector<float>;

class RelatedTrees : public testing::Test {
 protected:
  RelatedTrees() {
    // The dictionaries of the types that ROOT does not know.
    MuonHitDumpWriter writer(path_);
    writer.close();
  }

  // A tree without the branches of MuonHitDump.
  static ForeignDump make_empty() {
    ForeignDump dump{core::Event()};
    core::for_each_hit_column(
        [&](const char* name, auto) { dump.drop(std::string("spacePoint_") + name); });
    core::for_each_muon_column(
        [&](const char* name, auto) { dump.drop(std::string("truthMuon_") + name); });
    return dump;
  }
  static ForeignDump make_spid() {
    ForeignDump dump = make_empty();
    dump.set("x", Floats{1, 2, 3, 4});
    dump.set("y", Floats{5, 6, 7, 8});
    dump.set("z", Floats{9, 10, 11, 12});
    dump.set("driftR", Floats{0, 1, 2, 3});
    dump.set("stationIndex", std::vector<unsigned char>{2, 2, 4, 4});
    dump.set("layer", std::vector<unsigned char>{1, 2, 1, 1});
    dump.set("label", std::vector<unsigned char>{0, 1, 0, 0});
    dump.set("bucket_index", std::vector<unsigned char>{255, 255, 0, 3});
    return dump;
  }
  static ForeignDump make_buckets() {
    ForeignDump dump = make_empty();
    for (const char* name :
         {"localPositionX", "localPositionY", "localPositionZ", "globalPositionX",
          "globalPositionY", "globalPositionZ", "covX", "covY", "driftR"})
      dump.set(name, Floats{1, 2});
    dump.set("covY", Floats{3, 4});
    dump.set("id_stationIndex", std::vector<unsigned char>{2, 3});
    dump.set("id_stationEta", std::vector<char>{-1, 2});
    dump.set("id_stationPhi", std::vector<unsigned char>{5, 6});
    for (const char* name : {"isMdt", "isStrip", "measuresEta", "measuresPhi", "Layer"})
      dump.set(name, std::vector<unsigned short>{1, 0});
    dump.set("bucket_min", -50.0F);
    dump.set("bucket_max", 70.0F);
    // In this tree it is the number of hits.
    dump.set("bucket_spacePoints", static_cast<unsigned short>(2));
    return dump;
  }

  DumpReaderOptions options(const std::string& tree) const {
    DumpReaderOptions options;
    options.tree = tree;
    options.need_truth = false;
    return options;
  }
  core::Event read(const ForeignDump& dump, const std::string& tree) {
    dump.write(path_, 1, tree.c_str());
    MuonHitDumpReader reader({path_}, options(tree));
    missing_ = reader.missing_branches();
    core::Event event;
    EXPECT_TRUE(reader.next(event));
    return event;
  }
  bool misses(const std::string& name) const {
    return std::ranges::find(missing_, name) != missing_.end();
  }
  std::string error_of(const ForeignDump& dump, const std::string& tree) {
    return data_error([&] { (void)read(dump, tree); });
  }

  test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_ / "related.root";
  std::vector<std::string> missing_;
};

TEST_F(RelatedTrees, HitsOfAnEventStandInTheirBuckets) {
  const core::Event event = read(make_spid(), "MuonSPId");
  EXPECT_EQ(event.hits.local_x, (Floats{1, 2, 3, 4}));
  EXPECT_EQ(event.hits.local_z, (Floats{9, 10, 11, 12}));
  EXPECT_EQ(event.hits.drift_r, (Floats{0, 1, 2, 3}));
  EXPECT_EQ(event.hits.station_index, (std::vector<std::uint8_t>{2, 2, 4, 4}));
  EXPECT_EQ(event.hits.layer, std::vector<std::uint8_t>(4, 0)) << "it counts other layers";
  EXPECT_EQ(event.hits.truth_link, std::vector<std::int8_t>(4, -1));
  EXPECT_EQ(event.hits.station_phi, std::vector<std::uint8_t>(4, 1));
  // The number of a bucket has 8 bits.
  EXPECT_EQ(event.buckets.offsets, (std::vector<std::uint32_t>{0, 2, 3, 4}));
  EXPECT_EQ(event.buckets.hits, (std::vector<std::uint32_t>{0, 1, 2, 3}));
  EXPECT_TRUE(misses("spacePoint_technology"));
  EXPECT_TRUE(misses("spacePoint_layer"));
  EXPECT_TRUE(misses("spacePoint_globPosX"));
  EXPECT_TRUE(misses("bucket_xMin"));
  EXPECT_TRUE(misses(core::single_hits));
  EXPECT_FALSE(misses(core::whole_events));
  EXPECT_FALSE(misses("bucket_spacePoints"));
  EXPECT_FALSE(misses("spacePoint_PositionX"));
}

TEST_F(RelatedTrees, NewerFilesHaveNoBuckets) {
  ForeignDump dump = make_spid();
  dump.drop("bucket_index");
  dump.drop("layer");
  dump.set("Layer", std::vector<unsigned short>{1, 2, 1, 1});
  EXPECT_EQ(read(dump, "MuonSPId").buckets.size(), 0U);
  EXPECT_TRUE(misses("bucket_spacePoints"));
}

TEST_F(RelatedTrees, AnEntryIsABucket) {
  const core::Event event = read(make_buckets(), "MuonBucketDump");
  EXPECT_EQ(event.hits.glob_z, (Floats{1, 2}));
  EXPECT_EQ(event.hits.cov_yy, (Floats{3, 4}));
  EXPECT_EQ(event.hits.station_eta, (std::vector<std::int8_t>{-1, 2}));
  EXPECT_EQ(event.hits.meas_phi, (std::vector<std::uint8_t>{1, 0}));
  ASSERT_EQ(event.buckets.size(), 1U);
  EXPECT_EQ(event.buckets.hits, (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(event.buckets.x_min, Floats{-50});
  EXPECT_EQ(event.buckets.x_max, Floats{70});
  for (const char* name : {"spacePoint_technology", "spacePoint_covXY", "spacePoint_nEtaInUse",
                           core::single_hits, core::whole_events})
    EXPECT_TRUE(misses(name)) << name;
  for (const char* name : {"spacePoint_globPosX", "bucket_xMin", "bucket_spacePoints"})
    EXPECT_FALSE(misses(name)) << name;
}

TEST_F(RelatedTrees, EmptyEntriesHaveNoBucket) {
  ForeignDump dump = make_spid();
  for (const char* name : {"x", "y", "z", "driftR"}) dump.set(name, Floats());
  for (const char* name : {"stationIndex", "layer", "label", "bucket_index"})
    dump.set(name, std::vector<unsigned char>());
  const core::Event event = read(dump, "MuonSPId");
  EXPECT_EQ(event.hits.size(), 0U);
  EXPECT_EQ(event.buckets.size(), 0U);
}

TEST_F(RelatedTrees, DamagedEntriesAreErrors) {
  ForeignDump dump = make_spid();
  dump.set("bucket_index", std::vector<unsigned char>{1, 1, 1});
  EXPECT_CONTAINS(error_of(dump, "MuonSPId"),
                  path_.string() + ", entry 0: branch bucket_index has 3 values, the hits are 4");
  dump = make_spid();
  dump.set("y", Floats{1, 2});
  EXPECT_CONTAINS(error_of(dump, "MuonSPId"), "spacePoint_PositionY has 2 values");
  dump = make_spid();
  dump.set("stationIndex", std::vector<int>{2, 2, 4, 400});
  EXPECT_CONTAINS(error_of(dump, "MuonSPId"), "branch stationIndex[3] = 400 is out of range");
  dump.set("stationIndex", std::vector<std::string>{"a"});
  EXPECT_CONTAINS(error_of(dump, "MuonSPId"), "branch stationIndex has the type vector<string>");
}

TEST_F(RelatedTrees, HaveNoMuonsToTrainOn) {
  for (const std::string tree : {"MuonSPId", "MuonBucketDump"}) {
    (tree == "MuonSPId" ? make_spid() : make_buckets()).write(path_, 1, tree.c_str());
    DumpReaderOptions with_truth = options(tree);
    with_truth.need_truth = true;
    EXPECT_CONTAINS(
        data_error([&] { const MuonHitDumpReader reader({path_}, with_truth); }),
        "(" + tree + ") and no muons: it can be scored (infer), not prepared or trained on");
    EXPECT_CONTAINS(describe(path_).kind, "(" + tree + "), which can be scored");
  }
}

TEST_F(RelatedTrees, TreesThatLackWhatTheyAreKnownByAreOthers) {
  ForeignDump dump = make_spid();
  dump.drop("label");
  EXPECT_CONTAINS(error_of(dump, "MuonSPId"),
                  "has no branch spacePoint_PositionX, which is needed");
}

TEST_F(RelatedTrees, HitsAreNotDropped) {
  make_spid().write(path_, 1, "MuonSPId");
  EXPECT_CONTAINS(data_error([&] {
                    const ScoredNtupleWriter writer(path_, folder_ / "out.root", ScoredMode::filter,
                                                    "MuonSPId");
                  }),
                  "which a tree as MuonSPId does not have; take --mode score");
}

}  // namespace
}  // namespace stationhit::root_io
