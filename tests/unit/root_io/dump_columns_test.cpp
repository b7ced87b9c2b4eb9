// Files that other programs wrote: other widths, fewer branches, nonsense in the values.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <ROOT/RVec.hxx>
#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/derived_columns.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>

#include "foreign_dump.hpp"

namespace stationhit::root_io {
namespace {

using test::data_error;
using test::ForeignDump;

class ForeignFiles : public testing::Test {
 protected:
  ForeignFiles() {
    start_library();
    event_.hits.truth_link = {0, -1, 1, -1};
  }

  // The dictionaries of the types that ROOT does not know.
  void start_library() const {
    MuonHitDumpWriter writer(path_);
    writer.close();
  }
  core::Event read(const ForeignDump& dump, const DumpReaderOptions& options = {}) const {
    dump.write(path_);
    MuonHitDumpReader reader({path_}, options);
    core::Event event;
    EXPECT_TRUE(reader.next(event));
    return event;
  }
  std::string error(const ForeignDump& dump) const {
    return data_error([&] { (void)read(dump); });
  }

  test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_ / "foreign.root";
  core::Event event_ = test::random_event(1, 4, 2);
};

template <class Wide, class Narrow>
std::vector<Wide> widened(const std::vector<Narrow>& values) {
  return {values.begin(), values.end()};
}

TEST_F(ForeignFiles, OtherWidthsGiveTheSameEvent) {
  ForeignDump dump(event_);
  dump.set("spacePoint_truthLink", widened<signed char>(event_.hits.truth_link));
  dump.set("spacePoint_stationEta", widened<short>(event_.hits.station_eta));
  dump.set("spacePoint_stationPhi", widened<int>(event_.hits.station_phi));
  dump.set("spacePoint_stationIndex", widened<unsigned long>(event_.hits.station_index));
  dump.set("spacePoint_technology", widened<unsigned short>(event_.hits.technology));
  dump.set("spacePoint_layer", widened<long>(event_.hits.layer));
  dump.set("spacePoint_channel", widened<unsigned int>(event_.hits.channel));
  dump.set("spacePoint_secChannel", widened<long long>(event_.hits.sec_channel));
  dump.set("spacePoint_measEta", widened<bool>(event_.hits.meas_eta));
  dump.set("spacePoint_measPhi", widened<char>(event_.hits.meas_phi));
  dump.set("spacePoint_nEtaInUse", widened<unsigned char>(event_.hits.n_eta_in_use));
  dump.set("spacePoint_PositionX", widened<double>(event_.hits.local_x));
  dump.set("truthMuon_q", widened<float>(event_.muons.q));
  event_.hits.time = {3.0F, 20000.0F, -25.0F, 0.0F};
  dump.set("spacePoint_time", widened<short>(event_.hits.time));
  dump.set("eventNumber", std::numeric_limits<std::uint64_t>::max());
  dump.set("runNumber", std::int16_t{7});
  dump.set("mcEventWeight", 0.5);
  const core::Event read_event = read(dump);
  EXPECT_TRUE(read_event.hits == event_.hits);
  EXPECT_TRUE(read_event.muons == event_.muons);
  EXPECT_EQ(read_event.header.event_number, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(read_event.header.run_number, 7U);
  EXPECT_EQ(read_event.header.mc_event_weight, 0.5F);
}

TEST_F(ForeignFiles, BucketListsOfOtherWidthsAndWithoutTheirColumns) {
  ForeignDump dump(event_);
  dump.set("bucket_spacePoints", std::vector<std::vector<unsigned int>>{{0, 3}, {}, {2}});
  const core::Event read_event = read(dump);
  EXPECT_EQ(read_event.buckets.offsets, (std::vector<std::uint32_t>{0, 2, 2, 3}));
  EXPECT_EQ(read_event.buckets.hits, (std::vector<std::uint32_t>{0, 3, 2}));
  EXPECT_EQ(read_event.buckets.index, (std::vector<std::uint16_t>{0, 0, 0}));
}

TEST_F(ForeignFiles, LargeLinksAreBackground) {
  ForeignDump dump(event_);
  dump.set("spacePoint_truthLink", std::vector<int>{0, 1000000, 1, 2147483647});
  EXPECT_EQ(read(dump).hits.truth_link, (std::vector<std::int8_t>{0, -1, 1, -1}));
  dump.set("spacePoint_truthLink", std::vector<unsigned int>{0, 4294967295U, 1, 1000000});
  EXPECT_EQ(read(dump).hits.truth_link, (std::vector<std::int8_t>{0, -1, 1, -1}));
  dump.set("spacePoint_truthLink", std::vector<float>{0.0F, 1e6F, 1.0F, 1e9F});
  EXPECT_EQ(read(dump).hits.truth_link, (std::vector<std::int8_t>{0, -1, 1, -1}));
}

TEST_F(ForeignFiles, LinksBeyondTheMuonsAreErrors) {
  ForeignDump dump(event_);
  dump.set("spacePoint_truthLink", std::vector<char>{0, 2, -1, -1});
  EXPECT_CONTAINS(
      error(dump),
      path_.string() + ", entry 0: spacePoint_truthLink[1] = 2, but the event has 2 muons");
  dump.set("spacePoint_truthLink", std::vector<int>{0, -1, -1, 999999});
  EXPECT_CONTAINS(
      error(dump),
      path_.string() +
          ", entry 0: branch spacePoint_truthLink[3] = 999999 is out of range (-128..127)");
}

TEST_F(ForeignFiles, ValuesThatDoNotFitAreErrors) {
  {
    ForeignDump dump(event_);
    dump.set("spacePoint_channel", std::vector<int>{1, 2, -1, 4});
    EXPECT_CONTAINS(
        error(dump),
        path_.string() + ", entry 0: branch spacePoint_channel[2] = -1 is out of range (0..65535)");
  }
  {
    ForeignDump dump(event_);
    dump.set("spacePoint_stationEta", std::vector<float>{1.0F, 2.5F, 0.0F, 0.0F});
    EXPECT_CONTAINS(error(dump),
                    "branch spacePoint_stationEta[1] = 2.5 is out of range (-128..127)");
  }
  {
    ForeignDump dump(event_);
    dump.set("spacePoint_layer", std::vector<float>{std::nanf(""), 2, 3, 4});
    EXPECT_CONTAINS(error(dump), "branch spacePoint_layer[0] = nan is out of range (0..255)");
  }
  {
    ForeignDump dump(event_);
    dump.set("spacePoint_PositionY", std::vector<double>{1, 2, 3, 1e39});
    EXPECT_CONTAINS(error(dump),
                    "branch spacePoint_PositionY[3] = 1e+39 is out of range (float32)");
  }
  {
    ForeignDump dump(event_);
    dump.set("runNumber", -5);
    EXPECT_CONTAINS(error(dump), "branch runNumber[0] = -5 is out of range (0..4294967295)");
  }
}

TEST_F(ForeignFiles, MissingOptionalBranchesAreReportedAndZero) {
  ForeignDump dump(event_);
  dump.drop("spacePoint_covXX");
  dump.drop("spacePoint_globEdgeLowX");
  dump.drop("truthMuon_e");
  dump.write(path_);
  MuonHitDumpReader reader({path_});
  const std::vector<std::string> expected{"runNumber",
                                          "eventNumber",
                                          "lbNumber",
                                          "bcid",
                                          "mcChannelNumber",
                                          "mcEventWeight",
                                          "spacePoint_globEdgeLowX",
                                          "spacePoint_covXX",
                                          "truthMuon_e",
                                          "bucket_spacePoints",
                                          "bucket_index",
                                          "bucket_stationIndex",
                                          "bucket_stationEta",
                                          "bucket_stationPhi",
                                          "bucket_xMin",
                                          "bucket_xMax"};
  EXPECT_EQ(reader.missing_branches(), expected);
  core::Event event = test::random_event(9, 50, 5);  // nothing of it may stay
  ASSERT_TRUE(reader.next(event));
  EXPECT_EQ(event.hits.cov_xx, std::vector<float>(4, 0.0F));
  EXPECT_EQ(event.hits.edge_low_x, std::vector<float>(4, 0.0F));
  EXPECT_EQ(event.muons.e, std::vector<float>(2, 0.0F));
  EXPECT_EQ(event.hits.cov_yy, event_.hits.cov_yy);
  EXPECT_TRUE(event.header == core::EventHeader{});
  EXPECT_TRUE(event.buckets == core::BucketTable{});
}

TEST_F(ForeignFiles, EndsOfTubesStandForPositionsAndWhatIsMeasured) {
  ForeignDump dump(event_);
  for (const char* name : {"PositionX", "PositionY", "PositionZ", "globPosX", "globPosY",
                           "globPosZ", "measEta", "measPhi", "secChannel"})
    dump.drop(std::string("spacePoint_") + name);
  dump.write(path_);
  MuonHitDumpReader reader({path_});
  const std::vector<std::string>& missing = reader.missing_branches();
  for (const char* name : {"spacePoint_PositionY", "spacePoint_globPosZ", "spacePoint_measEta"})
    EXPECT_NE(std::ranges::find(missing, name), missing.end()) << name;
  core::Event event = test::random_event(9, 50, 5);  // nothing of it may stay
  ASSERT_TRUE(reader.next(event));
  core::HitTable expected = event_.hits;
  for (auto* column : {&expected.local_x, &expected.local_y, &expected.local_z})
    std::ranges::fill(*column, 0.0F);
  std::ranges::fill(expected.sec_channel, std::int16_t{-1});
  core::derive_global_positions(expected);
  core::derive_measured_coordinates(expected);
  EXPECT_TRUE(event.hits == expected);

  dump.set("spacePoint_globEdgeLowX", std::vector<float>{1, 2});
  dump.write(path_);
  EXPECT_CONTAINS(data_error([&] { (void)MuonHitDumpReader({path_}).next(event); }),
                  ", entry 0: branch spacePoint_globEdgeLowX has 2 values");
}

TEST_F(ForeignFiles, HalfOfWhatIsMeasuredIsNotEnough) {
  ForeignDump dump(event_);
  dump.drop("spacePoint_measEta");
  EXPECT_CONTAINS(error(dump), "has no branch spacePoint_measEta, which is needed");
  dump.drop("spacePoint_measPhi");
  dump.drop("spacePoint_globPosY");
  EXPECT_CONTAINS(error(dump), "has no branch spacePoint_globPosY, which is needed");
  dump.drop("spacePoint_globPosX");
  dump.drop("spacePoint_globPosZ");
  (void)read(dump);
  dump.drop("spacePoint_globEdgeLowX");
  EXPECT_CONTAINS(error(dump), "has no branch spacePoint_globPosX, which is needed");
}

TEST_F(ForeignFiles, MissingNeededBranchIsNamed) {
  ForeignDump dump(event_);
  dump.drop("spacePoint_driftR");
  EXPECT_CONTAINS(
      error(dump),
      path_.string() + ": tree MuonHitDump has no branch spacePoint_driftR, which is needed");
}

TEST_F(ForeignFiles, DataWithoutTruthCanBeRead) {
  ForeignDump dump(event_);
  dump.drop("spacePoint_truthLink");
  for (const char* name : {"pt", "e", "eta", "phi", "q"})
    dump.drop(std::string("truthMuon_") + name);
  EXPECT_CONTAINS(error(dump),
                  "has no branch spacePoint_truthLink, which is needed; check that the file has "
                  "hits and truth");
  DumpReaderOptions options;
  options.need_truth = false;
  const core::Event event = read(dump, options);
  EXPECT_EQ(event.hits.truth_link, std::vector<std::int8_t>(4, -1));
  EXPECT_EQ(event.muons.size(), 0U);
}

TEST_F(ForeignFiles, LinksWithoutMuonsAreNoTruth) {
  ForeignDump dump(event_);
  dump.drop("truthMuon_phi");
  EXPECT_CONTAINS(error(dump), "has no branch truthMuon_phi, which is needed");
  DumpReaderOptions options;
  options.need_truth = false;
  const core::Event event = read(dump, options);
  EXPECT_EQ(event.hits.truth_link, std::vector<std::int8_t>(4, -1));
  EXPECT_EQ(event.muons.size(), 0U);
}

TEST_F(ForeignFiles, MoreMuonsThanLinksCanName) {
  ForeignDump dump(event_);
  dump.set("spacePoint_truthLink", std::vector<short>{0, 128, -1, -1});
  EXPECT_CONTAINS(error(dump),
                  "branch spacePoint_truthLink[1] = 128 is out of range (-128..127); "
                  "events can have 128 truth muons here");
  DumpReaderOptions options;
  options.leave_out_truth = true;
  EXPECT_EQ(read(dump, options).hits.truth_link, std::vector<std::int8_t>(4, -1));
}

TEST_F(ForeignFiles, HeaderNumbersInAnotherFormAreMissing) {
  ForeignDump dump(event_);
  dump.set("mcEventWeight", std::vector<float>{0.5F, 2.0F});
  dump.set("runNumber", 7U);
  dump.write(path_);
  MuonHitDumpReader reader({path_});
  core::Event event;
  ASSERT_TRUE(reader.next(event));
  EXPECT_EQ(event.header.mc_event_weight, 1.0F);
  EXPECT_EQ(event.header.run_number, 7U);
  const auto& missing = reader.missing_branches();
  EXPECT_EQ(std::count(missing.begin(), missing.end(), "mcEventWeight"), 1);
  EXPECT_EQ(std::count(missing.begin(), missing.end(), "runNumber"), 0);
}

TEST_F(ForeignFiles, VectorsOfRDataFrameAreRead) {
  ForeignDump dump(event_);
  dump.set("spacePoint_PositionX",
           ROOT::RVec<float>(event_.hits.local_x.begin(), event_.hits.local_x.end()));
  dump.set("spacePoint_channel",
           ROOT::RVec<int>(event_.hits.channel.begin(), event_.hits.channel.end()));
  dump.set("truthMuon_pt", ROOT::RVec<double>(event_.muons.pt.begin(), event_.muons.pt.end()));
  const core::Event event = read(dump);
  EXPECT_TRUE(event.hits == event_.hits);
  EXPECT_TRUE(event.muons == event_.muons);
}

TEST_F(ForeignFiles, CArraysAreRead) {
  ForeignDump dump(event_);
  dump.drop("spacePoint_PositionX");
  dump.drop("spacePoint_layer");
  dump.write(path_);
  {
    TFile file(path_.c_str(), "UPDATE");
    auto* tree = file.Get<TTree>("MuonHitDump");
    int n = 4;
    std::array<float, 4> x{};
    std::array<short, 4> layer{};
    std::copy_n(event_.hits.local_x.begin(), 4, x.begin());
    std::copy_n(event_.hits.layer.begin(), 4, layer.begin());
    // The array takes the largest length from its count, so that it must exist before it is filled.
    const std::array branches{
        tree->Branch("n", &n),
        tree->Branch("spacePoint_PositionX", x.data(), "spacePoint_PositionX[n]/F"),
        tree->Branch("spacePoint_layer", layer.data(), "spacePoint_layer[4]/S")};
    for (TBranch* branch : branches) branch->Fill();
    tree->Write("", TObject::kOverwrite);
  }
  MuonHitDumpReader reader({path_});
  core::Event event;
  ASSERT_TRUE(reader.next(event));
  EXPECT_TRUE(event.hits == event_.hits);
}

TEST_F(ForeignFiles, BranchesThatAreNoNumbersAreNamed) {
  ForeignDump dump(event_);
  dump.set("spacePoint_layer", std::vector<std::string>{"a", "b", "c", "d"});
  EXPECT_CONTAINS(error(dump),
                  path_.string() + ": branch spacePoint_layer has the type vector<string>");
  dump.set("spacePoint_layer", 3);
  EXPECT_CONTAINS(error(dump), path_.string() + ": branch spacePoint_layer has the type Int_t");
}

TEST_F(ForeignFiles, UnequalLengthsAreErrors) {
  ForeignDump dump(event_);
  dump.set("spacePoint_time", std::vector<float>{1, 2, 3});
  EXPECT_CONTAINS(
      error(dump),
      path_.string() + ", entry 0: branch spacePoint_time has 3 values, the others have 4");
}

TEST_F(ForeignFiles, BucketsThatReferToNoHitAreErrors) {
  ForeignDump dump(event_);
  dump.set("bucket_spacePoints", std::vector<std::vector<unsigned short>>{{0, 4}});
  EXPECT_CONTAINS(
      error(dump),
      path_.string() + ", entry 0: bucket_spacePoints refers to hit 4, but the event has 4 hits");
}

TEST_F(ForeignFiles, OverflownBucketIndicesAreErrors) {
  ForeignDump dump(test::random_event(1, 65537, 1));
  dump.set("bucket_spacePoints", std::vector<std::vector<unsigned short>>{{0, 4}});
  EXPECT_CONTAINS(error(dump),
                  "65537 hits, but bucket_spacePoints has 16-bit indices, which have overflowed");
}

TEST_F(ForeignFiles, NonFiniteValuesFailAreSkippedOrKept) {
  event_.hits.local_y[2] = std::numeric_limits<float>::infinity();
  const ForeignDump bad(event_);
  bad.write(path_, 2);
  event_.hits.local_y[2] = 1.0F;
  const ForeignDump good(event_);
  good.write(folder_ / "good.root");
  const std::vector<std::filesystem::path> files{path_, folder_ / "good.root"};
  core::Event event;
  {
    MuonHitDumpReader reader(files);
    EXPECT_CONTAINS(data_error([&] { reader.next(event); }),
                    path_.string() + ", entry 0: spacePoint_PositionY[2] = inf");
  }
  DumpReaderOptions options;
  options.non_finite = NonFinite::skip_event;
  MuonHitDumpReader skipping(files, options);
  ASSERT_TRUE(skipping.next(event));
  EXPECT_EQ(skipping.where(), files[1].string() + ", entry 0");
  EXPECT_FALSE(skipping.next(event));
  EXPECT_EQ(skipping.skipped(), 2U);
  options.non_finite = NonFinite::keep;
  MuonHitDumpReader keeping(files, options);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(keeping.next(event));
  EXPECT_FALSE(keeping.next(event));
  EXPECT_EQ(keeping.skipped(), 0U);
}

TEST_F(ForeignFiles, AbsentTreeListsTheOthers) {
  ForeignDump(event_).write(path_, 1, "OtherTree");
  EXPECT_CONTAINS(data_error([&] { MuonHitDumpReader reader({path_}); }),
                  path_.string() + ": no tree MuonHitDump; the file has: OtherTree");
  DumpReaderOptions options;
  options.tree = "OtherTree";
  core::Event event;
  EXPECT_TRUE(MuonHitDumpReader({path_}, options).next(event));
  EXPECT_EQ(count_events(path_, "OtherTree"), 1U);
}

}  // namespace
}  // namespace stationhit::root_io
