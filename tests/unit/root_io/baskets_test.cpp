// Damage at chosen places of a file without compression, where nothing but these checks notices it.
#include <string>

#include <TBranch.h>
#include <TFile.h>
#include <TTree.h>
#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/file_bytes.hpp>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/root_io/scored_ntuple.hpp>

namespace stationhit::root_io {
namespace {

using test::random_event;

class Baskets : public testing::Test {
 protected:
  void SetUp() override {
    DumpWriterOptions options;
    options.compression = 0;
    MuonHitDumpWriter writer(path_, options);
    for (std::uint64_t i = 0; i < 4; ++i) writer.write(random_event(i, 60, 2));
    writer.close();
    whole_ = test::read_bytes(path_);
    TFile file(path_.c_str());
    TBranch* branch = file.Get<TTree>("MuonHitDump")->GetBranch("spacePoint_PositionX");
    basket_ = static_cast<std::size_t>(branch->GetBasketSeek(0));
    bytes_ = static_cast<std::size_t>(branch->GetBasketBytes()[0]);
    header_ = static_cast<unsigned char>(whole_[basket_ + 15]);
  }

  void damage(std::size_t at, char byte) {
    std::string bytes = whole_;
    bytes[basket_ + at] = byte;
    test::write_bytes(damaged_, bytes);
  }
  std::string read_error() {
    return test::error_of<core::DataError>([&] {
      MuonHitDumpReader reader({damaged_});
      core::Event event;
      while (reader.next(event)) continue;
    });
  }
  std::string copy_error() {
    return test::error_of<core::DataError>([&] {
      ScoredNtupleWriter writer(damaged_, folder_ / "out.root", ScoredMode::score);
      for (std::uint64_t i = 0; i < 4; ++i)
        writer.write(i, std::vector<float>(random_event(i, 60, 2).hits.size()), {});
    });
  }

  test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_ / "a.root", damaged_ = folder_ / "damaged.root";
  std::string whole_;
  std::size_t basket_ = 0, bytes_ = 0, header_ = 0;
};

// Offsets from the end of the header: flag 1, end 5, entries 9.
TEST_F(Baskets, LengthsInTheHeaderAreCompared) {
  const std::string start =
      damaged_.string() + ", entry 0: branch spacePoint_PositionX is damaged: ";
  const std::vector<std::pair<std::size_t, std::string>> places = {
      {2, "the header of a basket disagrees with the tree"},
      {6, "a basket is longer than the branch"},
      {14, "there is no basket where the tree says"},
      {header_ - 9, "a basket has another number of entries than the tree says"},
      {header_ - 5, "the entries of a basket do not lie inside it"},
      {header_ - 1, "the header of a basket disagrees with the tree"}};
  for (const auto& [at, what] : places) {
    damage(at, 0x41);
    EXPECT_EQ(read_error(), start + what + "; copy the file again or leave it out");
    EXPECT_EQ(copy_error(), start + what + "; copy the file again or leave it out");
  }
}

TEST_F(Baskets, OffsetsAndLengthsOfVectorsAreCompared) {
  damage(header_ + 8, 0x41);  // number of values of the first vector
  EXPECT_CONTAINS(read_error(),
                  "entry 0: branch spacePoint_PositionX is damaged: a vector does not");
  damage(bytes_ - 8, 0x7f);  // offset of the last entry
  EXPECT_CONTAINS(read_error(), "its entries do not lie inside a basket");
}

// The header of a basket holds the name of the tree.
TEST_F(Baskets, AHeaderMayBeLong) {
  DumpWriterOptions options;
  options.tree = std::string(1000, 't');
  MuonHitDumpWriter writer(path_, options);
  writer.write(random_event(1, 60, 2));
  writer.close();
  DumpReaderOptions same_tree;
  same_tree.tree = options.tree;
  MuonHitDumpReader reader({path_}, same_tree);
  core::Event event;
  ASSERT_TRUE(reader.next(event));
  EXPECT_EQ(event.hits.size(), 60);
}

// Every byte of one basket but the values: an error that names the file, or the right events.
TEST_F(Baskets, NoDamagedByteOfAHeaderCrashes) {
  for (std::size_t at = 0; at < header_ + 10; ++at) {
    damage(at, static_cast<char>(whole_[basket_ + at] ^ (at % 2 == 0 ? 0x01 : 0x80)));
    const std::string text = at % 8 == 0 ? copy_error() : read_error();
    if (text.empty()) continue;
    EXPECT_CONTAINS(text, damaged_.string());
  }
}

}  // namespace
}  // namespace stationhit::root_io
