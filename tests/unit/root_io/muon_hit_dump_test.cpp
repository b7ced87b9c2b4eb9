#include <map>
#include <string>
#include <vector>

#include <TBranch.h>
#include <TFile.h>
#include <TLeaf.h>
#include <TTree.h>
#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>

namespace stationhit::root_io {
namespace {

using test::random_event;

class DumpRoundTrip : public testing::Test {
 protected:
  test::ScratchFolder folder_;
};

void write_events(const std::filesystem::path& path, const std::vector<core::Event>& events) {
  MuonHitDumpWriter writer(path);
  for (const core::Event& event : events) writer.write(event);
  writer.close();
}

std::vector<core::Event> some_events() {
  return {random_event(1, 700, 2), random_event(2, 0, 0), random_event(3, 1, 0),
          random_event(4, 1500, 3)};
}

TEST_F(DumpRoundTrip, GivesBackWhatWasWritten) {
  const auto events = some_events();
  write_events(folder_ / "a.root", events);
  MuonHitDumpReader reader({folder_ / "a.root"});
  EXPECT_EQ(reader.size(), events.size());
  EXPECT_TRUE(reader.missing_branches().empty());
  core::Event event;
  for (const core::Event& expected : events) {
    ASSERT_TRUE(reader.next(event));
    EXPECT_TRUE(event == expected) << reader.where();
  }
  EXPECT_FALSE(reader.next(event));
}

TEST_F(DumpRoundTrip, SeveralFilesAreOneStreamAndRangesCutIt) {
  const auto events = some_events();
  write_events(folder_ / "a.root", {events[0], events[1]});
  write_events(folder_ / "b.root", {events[2], events[3]});
  DumpReaderOptions options;
  options.range = {1, 2};
  MuonHitDumpReader reader({folder_ / "a.root", folder_ / "b.root"}, options);
  EXPECT_EQ(reader.size(), 2U);
  core::Event event;
  ASSERT_TRUE(reader.next(event));
  EXPECT_TRUE(event == events[1]);
  ASSERT_TRUE(reader.next(event));
  EXPECT_TRUE(event == events[2]);
  EXPECT_EQ(reader.where(), (folder_ / "b.root").string() + ", entry 0");
  EXPECT_FALSE(reader.next(event));
}

// The types of the experiment's files, asked of ROOT itself.
TEST_F(DumpRoundTrip, HasTheBranchTypesOfTheExperiment) {
  write_events(folder_ / "a.root", some_events());
  std::map<std::string, std::string> expected{
      {"runNumber", "UInt_t"},
      {"eventNumber", "ULong64_t"},
      {"lbNumber", "UInt_t"},
      {"bcid", "UInt_t"},
      {"mcChannelNumber", "UInt_t"},
      {"mcEventWeight", "Float_t"},
      {"bucket_index", "vector<unsigned short>"},
      {"bucket_stationIndex", "vector<unsigned char>"},
      {"bucket_stationEta", "vector<char>"},
      {"bucket_stationPhi", "vector<unsigned char>"},
      {"bucket_xMin", "vector<float>"},
      {"bucket_xMax", "vector<float>"},
      {"bucket_spacePoints", "vector<vector<unsigned short> >"},
      {"spacePoint_readOutSide", "vector<char>"},
      {"spacePoint_measEta", "vector<bool>"},
      {"spacePoint_measPhi", "vector<bool>"},
      {"spacePoint_nEtaInUse", "vector<unsigned int>"},
      {"spacePoint_nPhiInUse", "vector<unsigned int>"},
      {"spacePoint_technology", "vector<unsigned char>"},
      {"spacePoint_stationIndex", "vector<unsigned char>"},
      {"spacePoint_stationEta", "vector<char>"},
      {"spacePoint_stationPhi", "vector<unsigned char>"},
      {"spacePoint_layer", "vector<unsigned char>"},
      {"spacePoint_channel", "vector<unsigned short>"},
      {"spacePoint_secChannel", "vector<short>"},
      {"spacePoint_truthLink", "vector<char>"},
      {"truthMuon_q", "vector<int>"}};
  for (const char* name :
       {"PositionX", "PositionY", "PositionZ", "globPosX", "globPosY", "globPosZ", "globEdgeLowX",
        "globEdgeLowY", "globEdgeLowZ", "globEdgeHighX", "globEdgeHighY", "globEdgeHighZ", "time",
        "driftR", "covXX", "covXY", "covYX", "covYY"})
    expected[std::string("spacePoint_") + name] = "vector<float>";
  for (const char* name : {"pt", "e", "eta", "phi"})
    expected[std::string("truthMuon_") + name] = "vector<float>";
  ASSERT_EQ(expected.size(), 49U);

  TFile file((folder_ / "a.root").c_str());
  auto* tree = file.Get<TTree>("MuonHitDump");
  ASSERT_NE(tree, nullptr);
  std::map<std::string, std::string> found;
  for (TObject* object : *tree->GetListOfBranches()) {
    auto* branch = static_cast<TBranch*>(object);
    const std::string type = branch->GetClassName();
    found[branch->GetName()] =
        type.empty() ? branch->GetLeaf(branch->GetName())->GetTypeName() : type;
  }
  EXPECT_EQ(found, expected);
}

TEST_F(DumpRoundTrip, AbandonedWriterLeavesNothing) {
  {
    MuonHitDumpWriter writer(folder_ / "a.root");
    writer.write(random_event(1, 100, 1));
  }
  EXPECT_TRUE(folder_.empty());
}

TEST_F(DumpRoundTrip, MissingFolderIsNamed) {
  const auto path = folder_ / "nowhere/a.root";
  EXPECT_CONTAINS(test::data_error([&] { MuonHitDumpWriter writer(path); }),
                  path.string() + ": cannot write here");
}

TEST_F(DumpRoundTrip, TooManyHitsForTheFormatAreRefused) {
  MuonHitDumpWriter writer(folder_ / "a.root");
  EXPECT_CONTAINS(test::data_error([&] { writer.write(random_event(1, 65536, 1)); }),
                  "entry 0: 65536 hits, but bucket_spacePoints can refer to 65535");
  writer.write(random_event(1, 65535, 1));
}

}  // namespace
}  // namespace stationhit::root_io
