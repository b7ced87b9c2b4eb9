// What the cache gives ROOT is compared with what ROOT reads without it.
#include "basket_cache.hpp"

#include <cstdlib>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include <Compression.h>
#include <TBasket.h>
#include <TBranch.h>
#include <TFile.h>
#include <TTree.h>
#include <gtest/gtest.h>
#include <support/file_bytes.hpp>
#include <support/scratch_folder.hpp>

#include "root_session.hpp"
#include "zlib_stream.hpp"

namespace stationhit::root_io {
namespace {

constexpr int zlib_1 = 101, lzma_1 = 201, zstd_1 = 501;

class BasketCacheTest : public testing::Test {
 protected:
  // Two entries of n numbers in one basket.
  void write(int compression, std::size_t n) {
    start_root();
    TFile file(path_.c_str(), "RECREATE", "", compression);
    auto* tree = new TTree("t", "");
    std::vector<float> values(n);
    auto* address = &values;
    tree->Branch("values", &address, 1 << 30);
    for (int entry = 0; entry < 2; ++entry) {
      std::iota(values.begin(), values.end(), 0.5F * static_cast<float>(entry));
      tree->Fill();
    }
    tree->Write();
    TBranch& branch = *tree->GetBranch("values");
    position_ = branch.GetBasketSeek(0);
    length_ = branch.GetBasketBytes()[0];
  }

  // The header and the content of the basket; empty if the cache leaves it to ROOT.
  std::string read_through_cache() {
    const std::unique_ptr<TFile> file = open_file(path_);
    TTree& tree = get_tree(*file, "t");
    auto* cache = new BasketCache(tree, 1 << 20);  // belongs to the tree
    tree.AddBranchToCache("values");
    tree.StopCacheLearningPhase();
    tree.LoadTree(0);
    char* basket = nullptr;
    bool is_for_root = false;
    const Int_t length = cache->GetUnzipBuffer(&basket, position_, length_, &is_for_root);
    if (length < 0) return {};
    EXPECT_TRUE(is_for_root);
    const std::unique_ptr<char[]> owned(basket);
    return {basket, static_cast<std::size_t>(length)};
  }

  std::string read_by_root() {
    const std::unique_ptr<TFile> file = open_file(path_);
    TBasket& basket = *get_tree(*file, "t").GetBranch("values")->GetBasket(0);
    return {basket.GetBufferRef()->Buffer(),
            static_cast<std::size_t>(basket.GetObjlen() + basket.GetKeylen())};
  }

  void flip_bit_of_basket(std::size_t at) {
    std::string bytes = test::read_bytes(path_);
    char& byte = bytes[static_cast<std::size_t>(position_) + at];
    byte = static_cast<char>(byte ^ 0x10);
    test::write_bytes(path_, bytes);
  }

  test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_ / "a.root";
  Long64_t position_ = 0;
  Int_t length_ = 0;
};

TEST_F(BasketCacheTest, InflatesWhatRootInflates) {
  write(zlib_1, 5000);
  const std::string basket = read_through_cache();
  ASSERT_GT(basket.size(), 40000);
  EXPECT_EQ(basket, read_by_root());
}

TEST_F(BasketCacheTest, JoinsTheBlocksOfALargeBasket) {
  write(zlib_1, 3'000'000);  // 24 MB, and a block holds 16 MiB at most
  const std::string basket = read_through_cache();
  ASSERT_GT(basket.size(), 24'000'000);
  EXPECT_TRUE(basket == read_by_root());
}

TEST_F(BasketCacheTest, LeavesOtherCompressionsToRoot) {
  for (const int compression : {0, lzma_1, zstd_1}) {
    write(compression, 5000);
    EXPECT_EQ(read_through_cache(), "") << compression;
  }
}

TEST_F(BasketCacheTest, LeavesDamageToRoot) {
  write(zlib_1, 5000);
  const auto header = static_cast<unsigned char>(test::read_bytes(path_)[position_ + 15]);
  constexpr std::size_t head_of_block = 9;
  const auto last = static_cast<std::size_t>(length_) - 1;
  // Method of the block, its lengths, first bytes of the stream, a value, the checksum.
  for (const std::size_t at : {header + 0UL, header + 3UL, header + 8UL, header + head_of_block,
                               header + head_of_block + 1, header + 900UL, last}) {
    flip_bit_of_basket(at);
    EXPECT_EQ(read_through_cache(), "") << at;
    flip_bit_of_basket(at);
  }
  EXPECT_NE(read_through_cache(), "");
}

TEST_F(BasketCacheTest, LengthsOfTheHeaderAreNotTrusted) {
  write(zlib_1, 5000);
  for (const std::size_t at : {6U, 7U, 9U, 14U, 15U}) {  // of the object and of the header
    flip_bit_of_basket(at);
    EXPECT_EQ(read_through_cache(), "") << at;
    flip_bit_of_basket(at);
  }
}

TEST(ZlibStream, ChecksumAndLengthMustBeRight) {
  using namespace std::string_literals;
  std::string stream = "\x78\x9c\x4b\x4c\x84\x01\x00\x14\xe1\x03\xcb"s;  // ten times "a"
  std::string content(10, '\0');
  EXPECT_TRUE(inflate_fast(stream, content));
  EXPECT_EQ(content, "aaaaaaaaaa");
  std::string other(9, '\0');
  EXPECT_FALSE(inflate_fast(stream, other));
  other.resize(11);
  EXPECT_FALSE(inflate_fast(stream, other));
  stream.back() = '\0';
  EXPECT_FALSE(inflate_fast(stream, content));
}

}  // namespace
}  // namespace stationhit::root_io
