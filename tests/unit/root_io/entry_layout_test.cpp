// Lengths that an entry claims, in files without compression, where nothing else notices damage.
#include <array>
#include <list>
#include <string>
#include <vector>

#include <ROOT/RVec.hxx>
#include <TBranch.h>
#include <TFile.h>
#include <TTree.h>
#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/file_bytes.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/root_io/scored_ntuple.hpp>

namespace stationhit::root_io {
namespace {

using namespace std::string_literals;

class EntryLayouts : public testing::Test {
 protected:
  // Registers the dictionaries.
  EntryLayouts() { MuonHitDumpWriter(folder_ / "empty.root").close(); }

  template <class Values>
  void write(Values values) {
    TFile file(path_.c_str(), "RECREATE", "", 0);
    TTree tree("MuonHitDump", "");
    tree.Branch("values", &values);
    tree.Fill();
    tree.Write();
  }

  std::string copy_error() {
    return test::error_of<core::DataError>([&] {
      ScoredNtupleWriter writer(path_, folder_ / "out.root", ScoredMode::score);
      writer.write(0, {}, {});
    });
  }

  // Replaces the first four bytes of this text, the number of elements, by a huge number.
  void claim_many(const std::string& text) {
    std::string bytes = test::read_bytes(path_);
    const std::size_t at = bytes.find(text);
    ASSERT_NE(at, std::string::npos);
    test::write_bytes(path_, bytes.replace(at, 4, "\x3f\xff\xff\xf0"s));
  }

  template <class Values>
  void expect_bounded(const Values& values, const std::string& start) {
    write(values);
    EXPECT_EQ(copy_error(), "");
    claim_many(start);
    EXPECT_CONTAINS(copy_error(), path_.string() +
                                      ", entry 0: branch values is damaged: a vector does not fill "
                                      "its entry");
  }

  test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_ / "a.root";
};

TEST_F(EntryLayouts, ClaimedLengthsAreBoundedByTheBytes) {
  const std::string one = "\x3f\x80\x00\x00"s;
  expect_bounded(std::vector<float>{1, 2, 3}, "\0\0\0\x03"s + one);
  expect_bounded(ROOT::RVec<float>{1, 2, 3}, "\0\0\0\x03"s + one);
  expect_bounded(ROOT::RVec<ROOT::RVec<float>>{{1, 2}, {}}, "\0\0\0\x02"s + one);
  expect_bounded(std::vector<std::string>{"alpha", "beta"}, "\0\0\0\x02\x05"s + "alpha");
  expect_bounded(std::vector<std::vector<std::string>>{{"alpha"}}, "\0\0\0\x01\x05"s + "alpha");
  expect_bounded(std::list<int>{1, 2, 3}, "\0\0\0\x03\0\0\0\x01"s);
}

TEST_F(EntryLayouts, CArraysHaveTheLengthOfTheirBytes) {
  std::size_t at = 0;
  {
    TFile file(path_.c_str(), "RECREATE", "", 0);
    TTree tree("MuonHitDump", "");
    int n = 3;
    std::array<float, 3> values{1, 2, 3};
    TBranch* lengths = tree.Branch("n", &n);
    tree.Branch("values", values.data(), "values[n]/F");
    tree.Fill();
    tree.Write();
    at = static_cast<std::size_t>(lengths->GetBasketSeek(0));
  }
  EXPECT_EQ(copy_error(), "");
  std::string bytes = test::read_bytes(path_);
  at += static_cast<unsigned char>(bytes[at + 15]);  // the length of the header of the basket
  ASSERT_EQ(bytes.substr(at, 4), "\0\0\0\x03"s);
  bytes[at + 3] = 2;
  test::write_bytes(path_, bytes);
  EXPECT_CONTAINS(copy_error(),
                  "branch values is damaged: an array does not have the length that the file says");
}

}  // namespace
}  // namespace stationhit::root_io
