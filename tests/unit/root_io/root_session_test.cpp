// Files that are cut, flipped or cannot be finished.
#include <string>
#include <thread>
#include <vector>

#include <TBranch.h>
#include <TFile.h>
#include <TTree.h>
#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/file_bytes.hpp>
#include <support/file_size_limit.hpp>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/root_io/score_cut.hpp>
#include <stationhit/root_io/shards.hpp>

namespace stationhit::root_io {
namespace {

using test::data_error;
using test::random_event;

class DamagedFiles : public testing::Test {
 protected:
  void write(int compression = 101, int n_events = 20) {
    DumpWriterOptions options;
    options.compression = compression;
    MuonHitDumpWriter writer(path_, options);
    for (int i = 0; i < n_events; ++i)
      writer.write(random_event(static_cast<std::uint64_t>(i), 800, 2));
    writer.close();
  }
  test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_ / "a.root";
  std::filesystem::path damaged_ = folder_ / "damaged.root";
};

TEST_F(DamagedFiles, MissingAndForeignFilesAreNamed) {
  EXPECT_CONTAINS(data_error([&] { MuonHitDumpReader reader({path_}); }),
                  path_.string() + ": no such file");
  EXPECT_CONTAINS(data_error([&] { MuonHitDumpReader reader({path_.parent_path()}); }),
                  path_.parent_path().string() + ": is a folder");
  test::write_bytes(path_, std::string(5000, 'x'));
  EXPECT_CONTAINS(data_error([&] { MuonHitDumpReader reader({path_}); }),
                  path_.string() + ": not a readable ROOT file");
  test::write_bytes(path_, "\x89HDF\r\n\x1a\n" + std::string(5000, '\0'));
  EXPECT_CONTAINS(data_error([&] { MuonHitDumpReader reader({path_}); }),
                  path_.string() + ": not a readable HDF5 file; copy it again");
  EXPECT_CONTAINS(data_error([&] { (void)read_score_cut(path_); }),
                  path_.string() + ": is an HDF5 file; give a ROOT file here");
  test::write_bytes(path_, "");
  EXPECT_CONTAINS(data_error([&] { MuonHitDumpReader reader({path_}); }),
                  path_.string() + ": not a readable ROOT file");
}

TEST_F(DamagedFiles, TruncatedFilesAreNamed) {
  write();
  const std::string bytes = test::read_bytes(path_);
  for (const double part : {0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.9999}) {
    test::write_bytes(
        damaged_,
        bytes.substr(0, static_cast<std::size_t>(part * static_cast<double>(bytes.size()))));
    const std::string text = data_error([&] { MuonHitDumpReader reader({damaged_}); });
    EXPECT_CONTAINS(
        text, damaged_.string() + ": the ROOT file is truncated or was not closed; copy it again");
  }
}

// A program that was killed leaves the file without its last header; ROOT offers what it finds.
TEST_F(DamagedFiles, FilesThatWereNotClosedAreNamed) {
  {
    TFile file(path_.c_str(), "RECREATE");
    auto* tree = new TTree("MuonHitDump", "");
    std::vector<float> values(1000, 1.0F);
    tree->Branch("spacePoint_PositionX", &values);
    for (int i = 0; i < 100; ++i) tree->Fill();
    tree->AutoSave();
    std::filesystem::copy_file(path_, damaged_);
  }
  EXPECT_CONTAINS(data_error([&] { MuonHitDumpReader reader({damaged_}); }),
                  damaged_.string() + ": the ROOT file is truncated or was not closed");
}

// Flips a byte in the first basket of a branch.
void flip_in_basket(const std::filesystem::path& from, const std::filesystem::path& to,
                    const char* branch_name) {
  std::string bytes = test::read_bytes(from);
  TFile file(from.c_str());
  TBranch* branch = file.Get<TTree>("MuonHitDump")->GetBranch(branch_name);
  ASSERT_GT(branch->GetWriteBasket(), 0);
  const auto begin = static_cast<std::size_t>(branch->GetBasketSeek(0));
  const auto length = static_cast<std::size_t>(branch->GetBasketBytes()[0]);
  bytes[begin + length / 2] = static_cast<char>(bytes[begin + length / 2] ^ 0x55);
  test::write_bytes(to, bytes);
}

// zstd is not among them: ROOT gives it no checksum in a TTree. The branch has to be one that
// compresses: others are stored as they are.
TEST_F(DamagedFiles, FlippedBytesInCompressedBasketsAreErrors) {
  for (const int compression : {101, 207, 404}) {
    write(compression);
    flip_in_basket(path_, damaged_, "spacePoint_technology");
    const std::string text = data_error([&] {
      MuonHitDumpReader reader({damaged_});
      core::Event event;
      for (std::uint64_t i = 0; reader.next(event); ++i)
        EXPECT_TRUE(event == random_event(i, 800, 2))
            << "silently wrong, compression " << compression;
    });
    EXPECT_CONTAINS(text, damaged_.string() + ", entry ");
    EXPECT_CONTAINS(text, "branch spacePoint_technology is damaged; copy the file again");
  }
}

// Wherever one byte is wrong: an error that names the file, or the same events. Headers of unused
// objects are harmless.
TEST_F(DamagedFiles, NoFlippedByteCrashesOrChangesEvents) {
  write(101, 5);
  const std::string bytes = test::read_bytes(path_);
  for (std::size_t position = 50; position < bytes.size(); position += bytes.size() / 60) {
    std::string flipped = bytes;
    flipped[position] = static_cast<char>(flipped[position] ^ 0x24);
    test::write_bytes(damaged_, flipped);
    try {
      MuonHitDumpReader reader({damaged_});
      core::Event event;
      for (std::uint64_t i = 0; reader.next(event); ++i)
        EXPECT_TRUE(event == random_event(i, 800, 2))
            << "silently changed by the byte " << position;
    } catch (const core::DataError& error) {
      EXPECT_CONTAINS(error.what(), damaged_.string());
    }
  }
}

// The record of the folder begins where the header says and has the size of the list of objects
// behind a version and two dates.
TEST_F(DamagedFiles, SizeOfTheListOfObjectsThatNoMemoryHolds) {
  write();
  std::string bytes = test::read_bytes(path_);
  const auto name_bytes = static_cast<unsigned char>(bytes.at(31));
  bytes.at(100 + name_bytes + 10) = '\xd1';
  test::write_bytes(damaged_, bytes);
  EXPECT_CONTAINS(data_error([&] { MuonHitDumpReader reader({damaged_}); }),
                  damaged_.string() + ": ROOT gets no memory for what its header lists");
}

template <class Writer>
void expect_full_disk_is_named(const std::filesystem::path& path, rlim_t limit) {
  const test::FileSizeLimit full(limit);
  const std::string text = data_error([&] {
    Writer writer(path);
    for (std::uint64_t i = 0; i < 400; ++i) writer.write(random_event(i, 3000, 2));
    writer.close();
  });
  EXPECT_CONTAINS(text, path.string() + ": writing ");
  EXPECT_CONTAINS(text, "space");
}

TEST_F(DamagedFiles, FullDiskIsNamedAndLeavesNothing) {
  for (const rlim_t limit : {rlim_t{20000}, rlim_t{3000000}}) {
    expect_full_disk_is_named<MuonHitDumpWriter>(path_, limit);
    EXPECT_TRUE(folder_.empty());
    expect_full_disk_is_named<ShardWriter>(path_, limit);
    EXPECT_TRUE(folder_.empty());
  }
}

TEST_F(DamagedFiles, SeveralThreadsReadPartsOfOneFile) {
  write(101, 40);
  std::vector<int> good(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < good.size(); ++t) {
    threads.emplace_back([&, t] {
      DumpReaderOptions options;
      options.range = {10 * t, 10};
      MuonHitDumpReader reader({path_}, options);
      core::Event event;
      for (std::uint64_t i = 10 * t; reader.next(event); ++i)
        good[t] += static_cast<int>(event == random_event(i, 800, 2));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, std::vector<int>(4, 10));
}

}  // namespace
}  // namespace stationhit::root_io
