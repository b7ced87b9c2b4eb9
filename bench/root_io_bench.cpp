// Times reading and preparing ntuples with one thread: plain ROOT reading the branches that our
// reader reads, our reader, the whole preparation (read, cuts, shards with checksums), and reading
// the shards back. Before anything is timed, the number of hits and the sums over some columns of
// all four are compared. usage: bench_root_io [ntuple.root] (without a file: 200 toy events at mu =
// 200)
#include <bit>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <TFile.h>
#include <TTree.h>
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <stationhit/data/prepare.hpp>
#include <stationhit/data/prepared_split.hpp>
#include <stationhit/simulation/simulator.hpp>
#include <stationhit/workflow/root_formats.hpp>

namespace {

using namespace stationhit;
namespace fs = std::filesystem;

constexpr std::size_t n_toy_events = 200;

// Sums over events in any order.
struct Content {
  std::uint64_t events = 0, hits = 0, local_y = 0, channel = 0, bucket_hits = 0;

  void add(std::span<const float> y, std::span<const std::uint16_t> channels,
           std::uint64_t n_bucket_hits) {
    ++events;
    hits += y.size();
    for (const float value : y) local_y += std::bit_cast<std::uint32_t>(value);
    for (const std::uint16_t value : channels) channel += value;
    bucket_hits += n_bucket_hits;
  }
  bool operator==(const Content&) const = default;
};

class Folder {
 public:
  Folder()
      : path_(fs::temp_directory_path() /
              ("stationhit_bench_root_io_" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] fs::path operator/(const std::string& name) const { return path_ / name; }

 private:
  fs::path path_;
};

void write_toy(const fs::path& path) {
  const simulation::Simulator simulator{{}};
  root_io::MuonHitDumpWriter writer(path);
  for (std::size_t e = 0; e < n_toy_events; ++e) writer.write(simulator.generate(e));
  writer.close();
}

// Reads all branches into objects of their own types and does nothing else, which is the cost of
// ROOT itself. The types are those that MuonHitDumpWriter writes.
class BareReader {
 public:
  explicit BareReader(const fs::path& path)
      : file_(TFile::Open(path.c_str())), tree_(file_->Get<TTree>(root_io::default_tree)) {
    for (TObject* object : *tree_->GetListOfBranches()) bind(static_cast<TBranch&>(*object));
  }
  ~BareReader() { tree_->ResetBranchAddresses(); }
  BareReader(const BareReader&) = delete;
  BareReader& operator=(const BareReader&) = delete;

  template <class Visit>
  void for_each_entry(Visit&& visit) {
    for (long long entry = 0; entry < tree_->GetEntries(); ++entry) {
      tree_->GetEntry(entry);
      visit(*this);
    }
  }
  [[nodiscard]] const std::vector<float>& local_y() const { return *local_y_; }
  [[nodiscard]] const std::vector<unsigned short>& channel() const { return *channel_; }
  [[nodiscard]] std::uint64_t n_bucket_hits() const {
    std::uint64_t n = 0;
    for (const auto& list : bucket_hits_) n += list.size();
    return n;
  }

 private:
  template <class Value>
  std::vector<Value>& bind_vector(TBranch& branch) {
    auto vector = std::make_shared<std::vector<Value>>();
    auto address = std::make_shared<std::vector<Value>*>(vector.get());
    branch.SetAddress(address.get());
    objects_.push_back(vector);
    objects_.push_back(address);
    return *vector;
  }

  void bind(TBranch& branch) {
    const std::string name = branch.GetName();
    const std::string type = branch.GetClassName();
    if (name == "bucket_spacePoints") {
      branch.SetAddress(&bucket_hits_address_);
    } else if (type == "vector<float>") {
      auto& values = bind_vector<float>(branch);
      if (name == "spacePoint_PositionY") local_y_ = &values;
    } else if (type == "vector<unsigned short>") {
      auto& values = bind_vector<unsigned short>(branch);
      if (name == "spacePoint_channel") channel_ = &values;
    } else if (type == "vector<char>") {
      bind_vector<char>(branch);
    } else if (type == "vector<unsigned char>") {
      bind_vector<unsigned char>(branch);
    } else if (type == "vector<bool>") {
      bind_vector<bool>(branch);
    } else if (type == "vector<short>") {
      bind_vector<short>(branch);
    } else if (type == "vector<unsigned int>") {
      bind_vector<unsigned int>(branch);
    } else if (type == "vector<int>") {
      bind_vector<int>(branch);
    } else if (!type.empty()) {
      throw std::runtime_error("branch " + name + " has the type " + type +
                               "; this benchmark reads files of our own writer");
    }
  }

  std::unique_ptr<TFile> file_;
  TTree* tree_;
  std::vector<std::shared_ptr<void>> objects_;
  std::vector<std::vector<unsigned short>> bucket_hits_;
  std::vector<std::vector<unsigned short>>* bucket_hits_address_ = &bucket_hits_;
  const std::vector<float>* local_y_ = nullptr;
  const std::vector<unsigned short>* channel_ = nullptr;
};

template <class Visit>
void for_each_event(core::EventReader& reader, Visit&& visit) {
  core::Event event;
  while (reader.next(event)) visit(event);
}

void add(Content& content, const core::Event& event) {
  content.add(event.hits.local_y, event.hits.channel, event.buckets.hits.size());
}

class Bench {
 public:
  explicit Bench(const char* input)
      : input_(input != nullptr ? fs::path(input) : folder_ / "toy.root") {
    if (input == nullptr) write_toy(input_);
  }

  [[nodiscard]] Content bare() const {
    Content content;
    BareReader(input_).for_each_entry([&](const BareReader& entry) {
      content.add(entry.local_y(), entry.channel(), entry.n_bucket_hits());
    });
    return content;
  }
  [[nodiscard]] Content reader() const {
    Content content;
    root_io::MuonHitDumpReader reader({input_});
    for_each_event(reader, [&](const core::Event& event) { add(content, event); });
    return content;
  }
  // All events are kept, so that all four read the same events.
  std::uint64_t prepare() const {
    data::PrepareConfig config;
    config.input = {input_.string()};
    config.output = output().string();
    config.selection.drop_events_without_muon = false;
    config.threads = 1;
    fs::remove_all(output());
    return data::prepare(config, workflow::root_formats(config.tree))->hits_read_now;
  }
  [[nodiscard]] Content shards(data::Verification verification) const {
    Content content;
    for (const data::Split split : data::splits) {
      const data::PreparedSplit opened = data::open_split(output() / data::folder_name(split));
      const auto events = data::read_split(opened, workflow::open_shard, verification);
      for_each_event(*events, [&](const core::Event& event) { add(content, event); });
    }
    return content;
  }
  [[nodiscard]] bool answers_are_right() const {
    const Content expected = reader();
    return expected.hits > 0 && bare() == expected && prepare() == expected.hits &&
           shards(data::Verification::checksums) == expected;
  }

 private:
  [[nodiscard]] fs::path output() const { return folder_ / "prepared"; }
  Folder folder_;
  fs::path input_;
};

// One iteration is one pass over the file. The time is that of all threads of the process, because
// ROOT may use threads of its own.
template <class Pass>
void add_benchmark(const char* name, const Content& content, Pass pass) {
  const auto run = [pass, content](benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(pass());
    using benchmark::Counter;
    const auto passes = static_cast<double>(state.iterations());
    state.counters["Mhits/s"] =
        Counter(passes * static_cast<double>(content.hits) * 1e-6, Counter::kIsRate);
    state.counters["per event"] =
        Counter(passes * static_cast<double>(content.events), Counter::kIsRate | Counter::kInvert);
  };
  benchmark::RegisterBenchmark(name, run)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const Bench bench(argc > 1 ? argv[1] : nullptr);
  if (!bench.answers_are_right()) {
    std::fputs("bench_root_io: the four ways of reading give different hits, nothing is timed\n",
               stderr);
    return 1;
  }
  const Content content = bench.reader();
  std::printf("%lu events, %lu hits\n", content.events, content.hits);
  add_benchmark("bare_root", content, [&] { return bench.bare(); });
  add_benchmark("reader", content, [&] { return bench.reader(); });
  add_benchmark("prepare", content, [&] { return bench.prepare(); });
  add_benchmark("shards", content, [&] { return bench.shards(data::Verification::none); });
  add_benchmark("verified_shards", content,
                [&] { return bench.shards(data::Verification::checksums); });
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
