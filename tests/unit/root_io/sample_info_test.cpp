#include <TFile.h>
#include <TList.h>
#include <TNamed.h>
#include <TTree.h>
#include <gtest/gtest.h>
#include <support/expected_error.hpp>
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
