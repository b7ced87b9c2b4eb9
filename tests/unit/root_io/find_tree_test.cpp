// Trees in folders, other objects under the name of the tree, friends in other files, and writers
// that died.
#include <string>
#include <vector>

#include <TChain.h>
#include <TFile.h>
#include <TNamed.h>
#include <TTree.h>
#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/root_io/describe.hpp>
#include <stationhit/root_io/event_numbers.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/root_io/score_cut.hpp>
#include <stationhit/root_io/shards.hpp>

#include "foreign_dump.hpp"

namespace stationhit::root_io {
namespace {

using test::data_error;
using test::random_event;

class FindTree : public testing::Test {
 protected:
  void write_object(const TObject& object) {
    TFile file(path_.c_str(), "RECREATE");
    object.Write("MuonHitDump");
  }
  void write_in_folder() {
    TFile file(path_.c_str(), "RECREATE");
    file.mkdir("dir/sub")->cd();
    TTree tree("MuonHitDump", "");
    int number = 0;
    tree.Branch("eventNumber", &number);
    for (number = 0; number < 4; ++number) tree.Fill();
    tree.Write();
  }
  std::string count_error() {
    return data_error([&] { (void)count_events(path_); });
  }
  test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_ / "a.root";
};

TEST_F(FindTree, OtherObjectsUnderTheNameAreNamedByTheirClass) {
  write_object(TNamed("MuonHitDump", ""));
  EXPECT_CONTAINS(count_error(),
                  path_.string() + ": MuonHitDump is a TNamed, but a TTree is needed");
  TChain chain("MuonHitDump");
  chain.AddFile("other.root", 3);
  write_object(chain);
  EXPECT_CONTAINS(count_error(), ": MuonHitDump is a TChain, but a TTree is needed: a TChain only");
  ShardWriter shard(path_);
  shard.write(random_event(1, 20, 1));
  shard.close();
  EXPECT_EQ(count_events(path_, "events"), 1U);
  EXPECT_CONTAINS(count_error(), ": no tree MuonHitDump; the file has: events (--tree names");
  EXPECT_CONTAINS(data_error([&] { (void)read_scores(path_, 0, "events"); }),
                  path_.string() + ": events is an RNTuple, but a TTree is needed");
  write_object(TNamed("other", ""));
  EXPECT_CONTAINS(data_error([&] { (void)count_events(path_, "none"); }),
                  ": no tree none, and no other tree either; the file has: MuonHitDump (TNamed)");
}

TEST_F(FindTree, FoldersAreSearchedAndMayBeNamed) {
  write_in_folder();
  EXPECT_CONTAINS(count_error(),
                  ": no tree MuonHitDump; the file has: dir/sub/MuonHitDump (--tree");
  EXPECT_EQ(count_events(path_, "dir/sub/MuonHitDump"), 4U);
  EXPECT_EQ(count_events(path_, "dir/sub/MuonHitDump;1"), 4U);
  EXPECT_CONTAINS(data_error([&] { (void)count_events(path_, "none/MuonHitDump"); }),
                  ": no tree none/MuonHitDump; the file has: dir/sub/MuonHitDump");
}

TEST_F(FindTree, FriendsInOtherFilesAreLeftAlone) {
  const core::Event event = random_event(1, 20, 1);
  MuonHitDumpWriter writer(path_);
  writer.write(event);
  writer.close();
  {
    TFile file(path_.c_str(), "UPDATE");
    auto* tree = file.Get<TTree>("MuonHitDump");
    const std::filesystem::path elsewhere = folder_ / "friend.root";
    {
      TFile other(elsewhere.c_str(), "RECREATE");
      TTree beside("beside", "");
      int number = 0;
      beside.Branch("number", &number);
      beside.Fill();
      beside.Write();
    }
    tree->AddFriend("beside", elsewhere.c_str());
    file.cd();
    tree->Write("", TObject::kOverwrite);
    std::filesystem::remove(elsewhere);
  }
  MuonHitDumpReader reader({path_});
  core::Event read;
  ASSERT_TRUE(reader.next(read));
  EXPECT_TRUE(read == event);
}

// Saves the tree after `saved` of `filled` events and copies the file as it is then on the disk.
void write_and_die(const std::filesystem::path& path, const std::filesystem::path& copy, int saved,
                   int filled) {
  TFile file(path.c_str(), "RECREATE");
  TTree tree("MuonHitDump", "");
  std::vector<float> values(1000);
  tree.Branch("spacePoint_PositionX", &values);
  for (int i = 0; i < filled; ++i) {
    values.assign(1000, static_cast<float>(i));
    tree.Fill();
    if (i + 1 == saved) tree.AutoSave("SaveSelf");
  }
  tree.FlushBaskets(false);
  std::filesystem::copy_file(path, copy);
}

TEST_F(FindTree, EventsBehindTheLastSaveOfADeadWriterAreMissed) {
  const std::filesystem::path dead = folder_ / "dead.root";
  write_and_die(path_, dead, 30, 50);
  for (const std::string& text :
       {data_error([&] { (void)count_events(dead); }), data_error([&] { (void)describe(dead); })}) {
    EXPECT_CONTAINS(text, dead.string() +
                              ": the ROOT file is truncated or was not closed; copy it "
                              "again or recreate it: its tree MuonHitDump shows 30 "
                              "events, later ones are lost");
  }
}

TEST_F(FindTree, WhatADeadWriterSavedIsReadWhereThatIsWanted) {
  const std::filesystem::path dead = folder_ / "dead.root";
  write_and_die(path_, dead, 30, 50);
  const auto read = describe(dead, core::UnfinishedFiles::read);
  EXPECT_FALSE(read.was_closed);
  ASSERT_EQ(read.objects.size(), 1U);
  EXPECT_EQ(read.objects[0].entries, 30U);
  EXPECT_EQ(read_event_numbers(dead, "MuonHitDump", core::UnfinishedFiles::read).size(), 30U);
  EXPECT_TRUE(describe(path_, core::UnfinishedFiles::read).was_closed);
}

// ROOT does not shorten a file from whose end objects were deleted.
TEST_F(FindTree, DeletedObjectsAtTheEndAreNoLoss) {
  {
    TFile file(path_.c_str(), "RECREATE");
    TTree tree("MuonHitDump", "");
    int number = 0;
    tree.Branch("eventNumber", &number);
    tree.Fill();
    tree.Write();
    TNamed("large", std::string(100000, 'x').c_str()).Write();
  }
  const auto bytes = std::filesystem::file_size(path_);
  {
    TFile file(path_.c_str(), "UPDATE");
    file.Delete("large;*");
  }
  ASSERT_LE(std::filesystem::file_size(path_), bytes + 5000);
  EXPECT_EQ(count_events(path_), 1U);
}

}  // namespace
}  // namespace stationhit::root_io
