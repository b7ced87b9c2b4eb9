#include <memory>

#include <ROOT/RNTupleModel.hxx>
#include <ROOT/RNTupleWriter.hxx>
#include <TFile.h>
#include <TList.h>
#include <TNamed.h>
#include <TObjString.h>
#include <TTree.h>
#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/root_io/muon_hit_dump.hpp>

namespace stationhit::root_io {
namespace {

class SampleInfoTest : public testing::Test {
 protected:
  test::ScratchFolder folder_;
};

TEST_F(SampleInfoTest, FileKeepsWhatTheSampleIs) {
  const core::SampleInfo toy{"Toy simulation", {62.5, 200}};
  DumpWriterOptions options;
  options.sample = toy;
  MuonHitDumpWriter(folder_ / "toy.root", options).close();
  MuonHitDumpWriter(folder_ / "other.root").close();
  EXPECT_EQ(read_sample_info(folder_ / "toy.root"), toy);
  EXPECT_EQ(read_sample_info(folder_ / "other.root"), core::SampleInfo{});
}

// hadd appends the events of other files and keeps the information of the first one.
TEST_F(SampleInfoTest, ThePileUpOfAMergedFileIsUnknown) {
  DumpWriterOptions options;
  options.sample = {"Toy simulation", {20}};
  MuonHitDumpWriter writer(folder_ / "merged.root", options);
  for (std::uint64_t seed : {1, 2}) writer.write(test::random_event(seed, 20, 1));
  writer.close();
  EXPECT_EQ(read_sample_info(folder_ / "merged.root"), options.sample);
  {
    TFile file((folder_ / "merged.root").c_str(), "UPDATE");
    auto* tree = file.Get<TTree>(default_tree);
    const std::unique_ptr<TTree> copy(tree->CloneTree(0));
    for (int i = 0; i < 3; ++i) {
      tree->GetEntry(i % 2);
      copy->Fill();
    }
    copy->Write("", TObject::kOverwrite);
  }
  EXPECT_EQ(read_sample_info(folder_ / "merged.root"), (core::SampleInfo{"Toy simulation", {}}));
}

TEST_F(SampleInfoTest, AnNtupleHasTextsBesideIt) {
  const auto path = folder_ / "ntuple.root";
  {
    const std::unique_ptr<TFile> file(TFile::Open(path.c_str(), "RECREATE"));
    ROOT::RNTupleWriter::Append(ROOT::RNTupleModel::Create(), default_tree, *file);
  }
  EXPECT_EQ(read_sample_info(path), core::SampleInfo{});
  const auto add = [&](const TObject& object, const char* name) {
    const std::unique_ptr<TFile> file(TFile::Open(path.c_str(), "UPDATE"));
    file->WriteTObject(&object, name);
  };
  add(TObjString("Toy simulation"), "sample_origin");  // as uproot writes texts
  EXPECT_EQ(read_sample_info(path), (core::SampleInfo{"Toy simulation", {}}));
  add(TNamed("sample_mu", "62.5"), "sample_mu");
  EXPECT_EQ(read_sample_info(path), (core::SampleInfo{"Toy simulation", {62.5}}));
}

TEST_F(SampleInfoTest, PileUpThatIsNoNumberIsNamed) {
  {
    TFile file((folder_ / "odd.root").c_str(), "RECREATE");
    TTree tree(default_tree, "");
    tree.GetUserInfo()->Add(new TNamed("sample_mu", "many"));
    tree.Write();
  }
  EXPECT_CONTAINS(test::data_error([&] { (void)read_sample_info(folder_ / "odd.root"); }),
                  "odd.root: its user information sample_mu is \"many\", not a number");
}

}  // namespace
}  // namespace stationhit::root_io
