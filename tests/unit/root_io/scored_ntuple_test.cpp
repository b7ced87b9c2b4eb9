#include <array>
#include <string>
#include <vector>

#include <ROOT/RNTupleModel.hxx>
#include <ROOT/RNTupleWriter.hxx>
#include <ROOT/RVec.hxx>
#include <TFile.h>
#include <TH1D.h>
#include <TLeaf.h>
#include <TNamed.h>
#include <TTree.h>
#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>

#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/root_io/score_cut.hpp>
#include <stationhit/root_io/scored_ntuple.hpp>

#include "foreign_dump.hpp"

namespace stationhit::root_io {
namespace {

using test::data_error;
using test::random_event;

class ScoredNtuple : public testing::Test {
 protected:
  void write_input(const std::vector<core::Event>& events) const {
    MuonHitDumpWriter writer(input_);
    for (const core::Event& event : events) writer.write(event);
    writer.close();
  }
  test::ScratchFolder folder_;
  std::filesystem::path input_ = folder_ / "in.root", output_ = folder_ / "out.root";
};

std::vector<float> scores_of(const core::Event& event) {
  std::vector<float> scores;
  for (std::size_t i = 0; i < event.hits.size(); ++i)
    scores.push_back(static_cast<float>(i) - 7.5F);
  return scores;
}

std::vector<std::uint8_t> every_third(std::size_t n) {
  std::vector<std::uint8_t> keep(n, 0);
  for (std::size_t i = 0; i < n; i += 3) keep[i] = 1;
  return keep;
}

template <class T>
std::vector<T> read_vector(const std::filesystem::path& path, const char* branch, long long entry) {
  TFile file(path.c_str());
  auto* tree = file.Get<TTree>("MuonHitDump");
  std::vector<T>* values = nullptr;
  EXPECT_GE(tree->SetBranchAddress(branch, &values), 0);
  tree->GetEntry(entry);
  std::vector<T> copy = *values;
  tree->ResetBranchAddresses();
  delete values;
  return copy;
}

TEST_F(ScoredNtuple, ScoreModeAddsTheScoresAndNothingElse) {
  const std::vector<core::Event> events{random_event(1, 300, 2), random_event(2, 0, 0),
                                        random_event(3, 200, 1)};
  write_input(events);
  ScoredNtupleWriter writer(input_, output_, ScoredMode::score);
  for (std::size_t i = 0; i < events.size(); ++i) writer.write(i, scores_of(events[i]), {});
  EXPECT_FALSE(std::filesystem::exists(output_));
  writer.close();
  MuonHitDumpReader reader({output_});
  core::Event event;
  for (std::size_t i = 0; i < events.size(); ++i) {
    ASSERT_TRUE(reader.next(event));
    EXPECT_TRUE(event == events[i]);
    EXPECT_EQ(read_vector<float>(output_, "spacePoint_score", static_cast<long long>(i)),
              scores_of(events[i]));
  }
  EXPECT_FALSE(reader.next(event));
}

TEST_F(ScoredNtuple, OutputKeepsWhatTheSampleIs) {
  const core::SampleInfo toy{"Toy simulation", {200}};
  DumpWriterOptions options;
  options.sample = toy;
  MuonHitDumpWriter(input_, options).close();
  ScoredNtupleWriter(input_, output_, ScoredMode::score).close();
  EXPECT_EQ(read_sample_info(output_), toy);
}

TEST_F(ScoredNtuple, FilterModeDropsHitsAndRenumbersBuckets) {
  const std::vector<core::Event> events{random_event(1, 300, 2), random_event(2, 0, 0),
                                        random_event(3, 200, 1)};
  write_input(events);
  ScoredNtupleWriter writer(input_, output_, ScoredMode::filter);
  for (std::size_t i = 0; i < events.size(); ++i)
    writer.write(i, scores_of(events[i]), every_third(events[i].hits.size()));
  writer.close();
  MuonHitDumpReader reader({output_});
  core::Event event;
  for (std::size_t i = 0; i < events.size(); ++i) {
    std::vector<std::uint32_t> kept;
    std::vector<float> kept_scores;
    for (std::uint32_t hit = 0; hit < events[i].hits.size(); hit += 3) {
      kept.push_back(hit);
      kept_scores.push_back(static_cast<float>(hit) - 7.5F);
    }
    ASSERT_TRUE(reader.next(event));
    EXPECT_TRUE(event == core::keep_hits(events[i], kept));
    EXPECT_EQ(read_vector<float>(output_, "spacePoint_score", static_cast<long long>(i)),
              kept_scores);
  }
}

TEST_F(ScoredNtuple, EmptyBucketsStay) {
  core::Event event = random_event(1, 3, 0);
  event.buckets = {};
  event.buckets.index = {1, 2};
  event.buckets.station_index = event.buckets.station_phi = {1, 1};
  event.buckets.station_eta = {1, 1};
  event.buckets.x_min = event.buckets.x_max = {0.0F, 1.0F};
  event.buckets.offsets = {0, 1, 3};
  event.buckets.hits = {0, 1, 2};
  write_input({event});
  ScoredNtupleWriter writer(input_, output_, ScoredMode::filter);
  writer.write(0, std::vector<float>{1, 2, 3}, std::vector<std::uint8_t>{0, 0, 1});
  writer.close();
  core::Event read;
  ASSERT_TRUE(MuonHitDumpReader({output_}).next(read));
  EXPECT_EQ(read.buckets.offsets, (std::vector<std::uint32_t>{0, 0, 1}));
  EXPECT_EQ(read.buckets.hits, (std::vector<std::uint32_t>{0}));
  EXPECT_EQ(read.buckets.index, (std::vector<std::uint16_t>{1, 2}));
}

TEST_F(ScoredNtuple, UnknownBranchesAreKept) {
  write_input({});  // makes ROOT know the types
  test::ForeignDump dump(random_event(1, 4, 1));
  dump.set("spacePoint_quality", std::vector<double>{0.5, 1.5, 2.5, 3.5});
  dump.set("spacePoint_good", std::vector<bool>{true, false, true, true});
  dump.set("spacePoint_name", std::vector<std::string>{"a", "b", "c", "d"});
  dump.set("spacePoint_others", std::vector<std::vector<int>>{{1}, {2, 3}, {}, {4}});
  dump.set("spacePoint_count", 4);
  dump.set("vertex_z", std::vector<float>{7, 8, 9, 10, 11});
  dump.set("averageMu", 200.0F);
  dump.write(input_);
  ScoredNtupleWriter writer(input_, output_, ScoredMode::filter);
  writer.write(0, std::vector<float>{1, 2, 3, 4}, std::vector<std::uint8_t>{0, 1, 0, 1});
  writer.close();
  EXPECT_EQ(read_vector<double>(output_, "spacePoint_quality", 0), (std::vector<double>{1.5, 3.5}));
  EXPECT_EQ(read_vector<bool>(output_, "spacePoint_good", 0), (std::vector<bool>{false, true}));
  EXPECT_EQ(read_vector<std::string>(output_, "spacePoint_name", 0),
            (std::vector<std::string>{"b", "d"}));
  EXPECT_EQ(read_vector<std::vector<int>>(output_, "spacePoint_others", 0),
            (std::vector<std::vector<int>>{{2, 3}, {4}}));
  EXPECT_EQ(read_vector<float>(output_, "vertex_z", 0), (std::vector<float>{7, 8, 9, 10, 11}));
  EXPECT_EQ(read_vector<float>(output_, "spacePoint_score", 0), (std::vector<float>{2, 4}));
  TFile file(output_.c_str());
  auto* tree = file.Get<TTree>("MuonHitDump");
  tree->GetEntry(0);
  EXPECT_EQ(tree->GetLeaf("averageMu")->GetValue(), 200.0);
  EXPECT_EQ(tree->GetLeaf("spacePoint_count")->GetValue(), 4.0);
}

TEST_F(ScoredNtuple, WarnsOfBranchesThatMayBePerHit) {
  write_input({});
  test::ForeignDump dump(random_event(1, 4, 1));
  dump.set("quality", std::vector<double>{0.5, 1.5, 2.5, 3.5});
  dump.set("vertex_z", std::vector<float>{7, 8, 9, 10, 11});
  dump.set("truthMuon_vertex", std::vector<float>{7});
  dump.set("averageMu", 200.0F);
  dump.write(input_);
  std::vector<std::string> log;
  const core::Logger logger(
      [&](core::LogLevel, const std::string& message) { log.push_back(message); });
  for (const ScoredMode mode : {ScoredMode::score, ScoredMode::filter}) {
    ScoredNtupleWriter writer(input_, output_, mode, default_tree, logger);
    writer.write(0, std::vector<float>{1, 2, 3, 4}, std::vector<std::uint8_t>{0, 1, 0, 1});
    writer.close();
    EXPECT_TRUE(mode == ScoredMode::filter || log.empty());
  }
  ASSERT_EQ(log.size(), 2U);
  EXPECT_CONTAINS(log[0], output_.string() + ": branch quality: one value per hit in every event");
  EXPECT_CONTAINS(log[1], output_.string() + ": branch vertex_z: copied as they are");
}

TEST_F(ScoredNtuple, VectorsOfRDataFrameAreFiltered) {
  write_input({});
  test::ForeignDump dump(random_event(1, 4, 1));
  dump.set("spacePoint_quality", ROOT::RVec<double>{0.5, 1.5, 2.5, 3.5});
  dump.write(input_);
  ScoredNtupleWriter writer(input_, output_, ScoredMode::filter);
  writer.write(0, std::vector<float>{1, 2, 3, 4}, std::vector<std::uint8_t>{0, 1, 0, 1});
  writer.close();
  TFile file(output_.c_str());
  auto* tree = file.Get<TTree>("MuonHitDump");
  ROOT::RVec<double>* quality = nullptr;
  tree->SetBranchAddress("spacePoint_quality", &quality);
  tree->GetEntry(0);
  EXPECT_EQ(std::vector<double>(quality->begin(), quality->end()), (std::vector<double>{1.5, 3.5}));
}

TEST_F(ScoredNtuple, ListsOfListsAreFiltered) {
  write_input({});
  using Lists = ROOT::RVec<ROOT::RVec<float>>;
  test::ForeignDump dump(random_event(1, 3, 1));
  dump.set("spacePoint_corners", Lists{{1, 2}, {3}, {}});
  dump.set("spacePoint_names", std::vector<std::vector<std::string>>{{"a"}, {}, {"b", "c"}});
  dump.write(input_);
  ScoredNtupleWriter writer(input_, output_, ScoredMode::filter);
  writer.write(0, std::vector<float>{1, 2, 3}, std::vector<std::uint8_t>{0, 1, 1});
  writer.close();
  TFile file(output_.c_str());
  auto* tree = file.Get<TTree>("MuonHitDump");
  Lists* corners = nullptr;
  tree->SetBranchAddress("spacePoint_corners", &corners);
  tree->GetEntry(0);
  ASSERT_EQ(corners->size(), 2U);
  EXPECT_EQ((*corners)[0].size(), 1U);
  EXPECT_EQ((*corners)[0].at(0), 3.0F);
  EXPECT_TRUE((*corners)[1].empty());
  using Names = std::vector<std::vector<std::string>>;
  EXPECT_EQ(read_vector<std::vector<std::string>>(output_, "spacePoint_names", 0),
            (Names{{}, {"b", "c"}}));
  tree->ResetBranchAddresses();
}

TEST_F(ScoredNtuple, BucketsMayBeOfRVec) {
  core::Event event = random_event(1, 4, 1);
  const auto& offsets = event.buckets.offsets;
  ROOT::RVec<ROOT::RVec<unsigned short>> lists;
  for (std::size_t b = 0; b + 1 < offsets.size(); ++b) {
    lists.emplace_back();
    for (std::uint32_t i = offsets[b]; i < offsets[b + 1]; ++i)
      lists.back().push_back(static_cast<unsigned short>(event.buckets.hits[i]));
  }
  write_input({event});
  const std::vector<float> scores{1, 2, 3, 4};
  const std::vector<std::uint8_t> keep{0, 1, 0, 1};
  const auto filtered = [&] {
    ScoredNtupleWriter writer(input_, output_, ScoredMode::filter);
    writer.write(0, scores, keep);
    writer.close();
    core::Event read;
    EXPECT_TRUE(MuonHitDumpReader({output_}).next(read));
    return read;
  };
  const core::Event expected = filtered();
  test::ForeignDump dump(event);
  dump.set("bucket_spacePoints", lists);
  dump.write(input_);
  const core::Event read = filtered();
  EXPECT_EQ(read.buckets.offsets, expected.buckets.offsets);
  EXPECT_EQ(read.buckets.hits, expected.buckets.hits);
}

// Two entries of 3 and 2 hits as uproot writes them, with a second number per hit.
void write_arrays(const std::filesystem::path& path) {
  TFile file(path.c_str(), "RECREATE");
  TTree tree("MuonHitDump", "");
  int n = 0;
  short other_n = 0;
  std::array<float, 3> x{};
  std::array<std::array<short, 2>, 3> pairs{};
  std::array<double, 3> quality{}, weights{7, 8, 9};
  tree.Branch("n", &n);
  tree.Branch("nweights", &other_n);
  tree.Branch("spacePoint_PositionX", x.data(), "spacePoint_PositionX[n]/F");
  tree.Branch("spacePoint_pairs", pairs.data(), "spacePoint_pairs[n][2]/S");
  tree.Branch("quality", quality.data(), "quality[n]/D");
  tree.Branch("weights", weights.data(), "weights[nweights]/D");
  for (const int hits : {3, 2}) {
    n = hits;
    other_n = static_cast<short>(4 - hits);
    x = {1.0F * static_cast<float>(hits), 11, 12};
    pairs = {{{1, 2}, {3, 4}, {5, 6}}};
    quality = {0.5, 1.5, 2.5};
    tree.Fill();
  }
  tree.Write();
}

std::vector<double> values_of(TTree& tree, const char* name, long long entry) {
  tree.GetEntry(entry);
  TLeaf* leaf = tree.GetLeaf(name);
  std::vector<double> values;
  for (int i = 0; i < leaf->GetLen(); ++i) values.push_back(leaf->GetValue(i));
  return values;
}

TEST_F(ScoredNtuple, CArraysAreFilteredWithTheirLength) {
  write_arrays(input_);
  std::vector<std::string> log;
  const core::Logger logger(
      [&](core::LogLevel, const std::string& message) { log.push_back(message); });
  ScoredNtupleWriter writer(input_, output_, ScoredMode::filter, default_tree, logger);
  writer.write(0, std::vector<float>{1, 2, 3}, std::vector<std::uint8_t>{0, 1, 1});
  writer.write(1, std::vector<float>{1, 2}, std::vector<std::uint8_t>{1, 0});
  EXPECT_CONTAINS(
      data_error([&] {
        writer.write(1, std::vector<float>{1, 2, 3}, std::vector<std::uint8_t>{1, 0, 0});
      }),
      "branch spacePoint_PositionX has 2 values, but there are scores of 3 hits");
  writer.close();
  TFile file(output_.c_str());
  auto* tree = file.Get<TTree>("MuonHitDump");
  using Values = std::vector<double>;
  EXPECT_EQ(values_of(*tree, "n", 0), Values{2});
  EXPECT_EQ(values_of(*tree, "spacePoint_PositionX", 0), (Values{11, 12}));
  EXPECT_EQ(values_of(*tree, "spacePoint_PositionX", 1), Values{2});
  EXPECT_EQ(values_of(*tree, "spacePoint_pairs", 0), (Values{3, 4, 5, 6}));
  EXPECT_EQ(values_of(*tree, "spacePoint_pairs", 1), (Values{1, 2}));
  // It has the length of the hits, by its declaration.
  EXPECT_EQ(values_of(*tree, "quality", 0), (Values{1.5, 2.5}));
  EXPECT_EQ(values_of(*tree, "quality", 1), Values{0.5});
  EXPECT_EQ(values_of(*tree, "weights", 1), (Values{7, 8}));
  ASSERT_EQ(log.size(), 1U);
  EXPECT_CONTAINS(log[0], ": branch weights: copied as they are");
}

TEST_F(ScoredNtuple, ObjectsBesideTheTreeAreCopied) {
  write_input({random_event(1, 3, 1)});
  {
    TFile file(input_.c_str(), "UPDATE");
    TH1D cutflow("cutflow", "events", 3, 0, 3);
    cutflow.Fill(1.5, 42);
    cutflow.Write();
    file.mkdir("dir/sub")->cd();
    cutflow.Write("inner");
    TTree other("luminosity", "");
    int block = 0;
    other.Branch("block", &block);
    for (block = 1; block <= 5; ++block) other.Fill();
    other.Write();
  }
  for (const ScoredMode mode : {ScoredMode::score, ScoredMode::filter}) {
    ScoredNtupleWriter writer(input_, output_, mode);
    writer.write(0, std::vector<float>{1, 2, 3}, std::vector<std::uint8_t>{1, 0, 1});
    writer.close();
    TFile file(output_.c_str());
    ASSERT_NE(file.Get<TH1D>("cutflow"), nullptr);
    EXPECT_EQ(file.Get<TH1D>("cutflow")->GetBinContent(2), 42.0);
    EXPECT_EQ(file.Get<TH1D>("dir/sub/inner")->GetBinContent(2), 42.0);
    auto* other = file.Get<TTree>("dir/sub/luminosity");
    ASSERT_EQ(other->GetEntries(), 5);
    other->GetEntry(3);
    EXPECT_EQ(other->GetLeaf("block")->GetValue(), 4.0);
    EXPECT_EQ(file.Get<TTree>("MuonHitDump")->GetEntries(), 1);
  }
}

TEST_F(ScoredNtuple, ObjectsThatCannotBeCopiedAreNamed) {
  write_input({random_event(1, 3, 1)});
  {
    const std::unique_ptr<TFile> file(TFile::Open(input_.c_str(), "UPDATE"));
    auto model = ROOT::RNTupleModel::Create();
    (void)model->MakeField<int>("run");
    ROOT::RNTupleWriter::Append(std::move(model), "conditions", *file);
  }
  std::string log;
  const core::Logger logger([&](core::LogLevel, const std::string& message) { log += message; });
  ScoredNtupleWriter writer(input_, output_, ScoredMode::score, default_tree, logger);
  writer.write(0, std::vector<float>{1, 2, 3}, {});
  writer.close();
  EXPECT_CONTAINS(log, output_.string() + ": not copied from the input: conditions (ROOT::RNTuple");
}

TEST_F(ScoredNtuple, BranchesThatCannotBeFilteredAreNamed) {
  write_input({});
  test::ForeignDump dump(random_event(1, 2, 1));
  dump.write(input_);
  // Added afterwards: an object, not a vector.
  {
    TFile file(input_.c_str(), "UPDATE");
    auto* tree = file.Get<TTree>("MuonHitDump");
    TNamed object("name", "title");
    auto* branch = tree->Branch("spacePoint_object", &object);
    branch->Fill();
    file.Write("", TObject::kOverwrite);
  }
  EXPECT_CONTAINS(
      data_error([&] { ScoredNtupleWriter writer(input_, output_, ScoredMode::filter); }),
      input_.string() +
          ": branch spacePoint_object is a TNamed, from which hits cannot be dropped");
  ScoredNtupleWriter writer(input_, output_, ScoredMode::score);
  writer.write(0, std::vector<float>{1, 2}, {});
  writer.close();
  EXPECT_EQ(read_vector<float>(output_, "spacePoint_score", 0), (std::vector<float>{1, 2}));
}

TEST_F(ScoredNtuple, LengthsThatAreNotThoseOfTheHitsAreNamed) {
  write_input({});
  test::ForeignDump dump(random_event(1, 3, 1));
  dump.set("spacePoint_corners", std::vector<float>{1, 2, 3, 4, 5, 6});
  dump.write(input_);
  ScoredNtupleWriter filter(input_, output_, ScoredMode::filter);
  EXPECT_CONTAINS(
      data_error([&] {
        filter.write(0, std::vector<float>{1, 2, 3}, std::vector<std::uint8_t>{1, 1, 1});
      }),
      input_.string() +
          ", entry 0: branch spacePoint_corners has 6 values, but there are scores of 3 hits");
  ScoredNtupleWriter score(input_, folder_ / "out2.root", ScoredMode::score);
  score.write(0, std::vector<float>{1, 2, 3}, {});
  EXPECT_CONTAINS(data_error([&] {
                    score.write(0, std::vector<float>{1, 2}, {});
                  }),
                  "branch spacePoint_PositionX has 3 values");
}

TEST_F(ScoredNtuple, OldScoresAreReplaced) {
  const core::Event event = random_event(1, 3, 1);
  write_input({event});
  {
    ScoredNtupleWriter writer(input_, output_, ScoredMode::score);
    writer.write(0, std::vector<float>{1, 2, 3}, {});
    writer.close();
  }
  const auto again = folder_ / "again.root";
  ScoredNtupleWriter writer(output_, again, ScoredMode::score);
  writer.write(0, std::vector<float>{4, 5, 6}, {});
  writer.close();
  EXPECT_EQ(read_vector<float>(again, "spacePoint_score", 0), (std::vector<float>{4, 5, 6}));
  core::Event read;
  ASSERT_TRUE(MuonHitDumpReader({again}).next(read));
  EXPECT_TRUE(read == event);
}

TEST_F(ScoredNtuple, InputIsNeverOverwrittenAndAbandonedOutputGoes) {
  write_input({random_event(1, 3, 1)});
  EXPECT_CONTAINS(data_error([&] { ScoredNtupleWriter writer(input_, input_, ScoredMode::score); }),
                  "is the input file");
  {
    ScoredNtupleWriter writer(input_, output_, ScoredMode::score);
    writer.write(0, std::vector<float>{1, 2, 3}, {});
  }
  EXPECT_FALSE(std::filesystem::exists(output_));
  EXPECT_EQ(test::count_entries(folder_.path()), 1) << "the input alone";
  EXPECT_CONTAINS(data_error([&] {
                    ScoredNtupleWriter writer(input_, folder_ / "nowhere/x.root",
                                              ScoredMode::score);
                  }),
                  "nowhere/x.root: cannot write here");
}

TEST_F(ScoredNtuple, TheCutIsWrittenOnceAndScoresAreReadByEntry) {
  const std::vector<core::Event> events{random_event(1, 20, 1), random_event(2, 30, 1)};
  write_input(events);
  EXPECT_FALSE(read_score_cut(input_)) << "no result of infer";
  ScoredNtupleWriter writer(input_, output_, ScoredMode::score);
  writer.record_cut(-1.25F, "0.99");
  for (std::size_t i = 0; i < events.size(); ++i) writer.write(i, scores_of(events[i]), {});
  writer.close();
  const auto cut = read_score_cut(output_);
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->logit, -1.25F);
  EXPECT_EQ(cut->working_point, "0.99");
  EXPECT_EQ(cut->mode, ScoredMode::score);
  EXPECT_EQ(read_scores(output_, 1), scores_of(events[1]));
  EXPECT_CONTAINS(data_error([&] { (void)read_scores(input_, 0); }), "has no branch");
  // Of a copy of the scored file, only the new cut holds.
  const auto again = folder_ / "again.root";
  ScoredNtupleWriter filter(output_, again, ScoredMode::filter);
  filter.record_cut(0.5F, "");
  filter.close();
  EXPECT_EQ(read_score_cut(again)->working_point, "");
  EXPECT_EQ(read_score_cut(again)->mode, ScoredMode::filter);
}

}  // namespace
}  // namespace stationhit::root_io
