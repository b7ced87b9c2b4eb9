#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/scratch_folder.hpp>
#include <zlib.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/simulation/generate_events.hpp>
#include <stationhit/simulation/hepmc_reader.hpp>
#include <stationhit/simulation/output_files.hpp>
#include <stationhit/simulation/simulator.hpp>

namespace stationhit::simulation {
namespace {

namespace fs = std::filesystem;

const std::string header = "HepMC::Version 3.01.02\nHepMC::Asciiv3-START_EVENT_LISTING\n";
const std::string footer = "HepMC::Asciiv3-END_EVENT_LISTING\n\n";

struct Particle {
  int pid = 13;
  double px = 0, py = 0, pz = 0;
  int status = 1;
};

std::string event_text(int number, const std::vector<Particle>& outgoing,
                       const std::string& units = "GEV MM", const std::string& more = "") {
  std::string text = "E " + std::to_string(number) + " 1 " + std::to_string(outgoing.size() + 1) +
                     "\nU " + units + "\n" + more;
  text += "P 1 0 2212 0 0 7000 7000 0.938 4\nV -1 0 [1] @ 0 0 250 0\n";
  for (std::size_t i = 0; i < outgoing.size(); ++i) {
    const auto& [pid, px, py, pz, status] = outgoing[i];
    text += "P " + std::to_string(i + 2) + " -1 " + std::to_string(pid);
    for (const double value : {px, py, pz, std::sqrt(px * px + py * py + pz * pz)})
      text += " " + std::to_string(value);
    text += " 0.10566 " + std::to_string(status) + "\n";
  }
  return text;
}

const std::string one_muon = event_text(0, {{13, 30, 0, 0}});

class HepmcFile : public ::testing::Test {
 protected:
  void write(const std::string& text) const { std::ofstream(path_, std::ios::binary) << text; }
  void write_gzip(const std::string& text) const {
    gzFile file = gzopen(path_.c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
  }
  [[nodiscard]] SimulationConfig config(std::uint64_t events) const {
    SimulationConfig config;
    config.source = MuonSource::hepmc;
    config.hepmc_file = path_.string();
    config.events = events;
    config.mu = 5;
    return config;
  }
  [[nodiscard]] HardEvent first() const { return HepmcReader(config(1)).read(0); }
  // The message of the error when all events of the configuration are read, without the path.
  [[nodiscard]] std::string message(const SimulationConfig& config) const {
    const std::string text = test::data_error([&] {
      HepmcReader reader(config);
      for (std::uint64_t n = 0; n < config.events; ++n)
        static_cast<void>(reader.read(config.first_event + n));
    });
    const std::string prefix = path_.string() + ": ";
    EXPECT_EQ(text.rfind(prefix, 0), 0U) << text;
    return text.substr(std::min(prefix.size(), text.size()));
  }

  const test::ScratchFolder folder_;
  const std::filesystem::path path_ = folder_ / "events.hepmc3";
};

TEST_F(HepmcFile, GivesFinalStateMuonsAndNothingElse) {
  write(header +
        event_text(
            0,
            {{13, 3, 4, 0}, {-13, 0, -30, 40}, {13, 9, 9, 9, 2}, {211, 20, 0, 0}, {14, 20, 0, 0}}) +
        footer);
  const HardEvent event = first();
  ASSERT_EQ(event.muons.size(), 2U);
  EXPECT_DOUBLE_EQ(event.muons[0].pt, 5);
  EXPECT_NEAR(event.muons[0].phi, std::atan2(4, 3), 1e-12);
  EXPECT_EQ(event.muons[0].eta, 0);
  EXPECT_EQ(event.muons[0].charge, -1);
  EXPECT_DOUBLE_EQ(event.muons[1].pt, 30);
  EXPECT_NEAR(event.muons[1].eta, std::asinh(40.0 / 30.0), 1e-12);
  EXPECT_EQ(event.muons[1].charge, 1);
}

TEST_F(HepmcFile, ConvertsUnits) {
  write(header + event_text(0, {{13, 30000, 0, 0}}, "MEV CM") + footer);
  EXPECT_NEAR(first().muons.at(0).pt, 30, 1e-9);
}

TEST_F(HepmcFile, GivesProcessAndWeight) {
  write(header + event_text(0, {{13, 30, 0, 0}}, "GEV MM", "W 2.5 7\nA 0 signal_process_id 221\n") +
        footer);
  EXPECT_EQ(first().channel_number, 221U);
  EXPECT_FLOAT_EQ(first().weight, 2.5F);
  write(header + one_muon + footer);
  EXPECT_EQ(first().channel_number, 0U);
  EXPECT_FLOAT_EQ(first().weight, 1.0F);
}

TEST_F(HepmcFile, CanBeGzipWithoutEndMarkOrOfVersion2) {
  write_gzip(header + one_muon + footer);
  EXPECT_DOUBLE_EQ(first().muons.at(0).pt, 30);
  write(header + one_muon);
  EXPECT_DOUBLE_EQ(first().muons.at(0).pt, 30);
  write(
      "HepMC::Version 2.06.09\nHepMC::IO_GenEvent-START_EVENT_LISTING\nE 0 -1 0 0 0 221 -1 1 1 2 0 "
      "1 1.5\nU GEV MM\nV -1 0 0 0 0 0 1 1 0\n"
      "P 1 2212 0 0 7000 7000 0.938 4 0 0 -1 0\nP 2 13 30 0 0 30 0.10566 1 0 0 0 "
      "0\nHepMC::IO_GenEvent-END_EVENT_LISTING\n");
  EXPECT_DOUBLE_EQ(first().muons.at(0).pt, 30);
  EXPECT_EQ(first().channel_number, 221U);
  EXPECT_FLOAT_EQ(first().weight, 1.5F);
}

TEST_F(HepmcFile, SkipsToTheEventAskedFor) {
  write(header + event_text(0, {}) + event_text(1, {{13, 10, 0, 0}}) + event_text(2, {}) +
        event_text(3, {{13, 30, 0, 0}}) + footer);
  SimulationConfig late = config(3);
  late.first_event = 1;
  HepmcReader reader(late);
  EXPECT_DOUBLE_EQ(reader.read(1).muons.at(0).pt, 10);
  EXPECT_DOUBLE_EQ(reader.read(3).muons.at(0).pt, 30);
}

TEST_F(HepmcFile, ThatIsMissing) {
  EXPECT_EQ(message(config(1)),
            "cannot be read: No such file or directory; the key hepmc_file names it, a relative "
            "path begins at the working folder");
}

TEST_F(HepmcFile, ThatIsNoHepmc) {
  const std::string rest = ", not with \"HepMC::Version\"";
  write("root\1\2 and more bytes than a message should show of them");
  EXPECT_EQ(
      message(config(1)),
      "not a HepMC ascii file: it starts with \"root?? and more bytes than a message sho\"" + rest);
  write("");
  EXPECT_EQ(message(config(1)), "not a HepMC ascii file: it starts with \"\"" + rest);
}

TEST_F(HepmcFile, WithFewerEventsThanAskedFor) {
  write(header + one_muon + one_muon + footer);
  EXPECT_EQ(
      message(config(3)),
      "has 2 events, but first_event = 0 and events = 3 ask for more; set events to at most 2");
  SimulationConfig late = config(1);
  late.first_event = 2;
  EXPECT_EQ(message(late),
            "has 2 events, but first_event = 2 is behind its end; lower first_event");
  write(header + footer);
  EXPECT_EQ(message(config(1)), "has no events");
}

TEST_F(HepmcFile, TruncatedInsideAnEvent) {
  const std::string text = header + one_muon + event_text(1, {{13, 30, 0, 0}, {-13, 20, 0, 0}});
  const std::string expected =
      "event 1 of 2 cannot be parsed: the file is truncated or damaged there; make it again, or "
      "use the events before it";
  for (const std::size_t cut : {1U, 2U, 5U, 20U, 60U, 120U, 150U}) {
    write(text.substr(0, text.size() - cut));
    EXPECT_EQ(message(config(2)), expected) << cut;
  }
}

TEST_F(HepmcFile, TruncatedInsideTheCompressedStream) {
  write_gzip(header + one_muon + one_muon + footer);
  fs::resize_file(path_, fs::file_size(path_) - 20);
  EXPECT_EQ(message(config(2)),
            "unexpected end of file: the compressed file is truncated or damaged; make it again");
}

TEST_F(HepmcFile, WithoutAnyMuon) {
  write(header + event_text(0, {{211, 30, 0, 0}}) + event_text(1, {{13, 30, 0, 0, 2}}) + footer);
  EXPECT_EQ(message(config(1)),
            "none of its 2 events has a final-state muon (status 1, PDG id +-13); generate a "
            "process with muons");
}

TEST_F(HepmcFile, WithNumbersThatAreNotFinite) {
  write(header + event_text(0, {{13, std::nan(""), 0, 0}}) + footer);
  EXPECT_EQ(
      message(config(1)),
      "event 0: a momentum component of particle 2 is nan; the file is damaged: make it again");
  write(header + event_text(0, {{13, 30, 0, 0}}, "GEV MM", "W 1e300\n") + footer);
  EXPECT_EQ(message(config(1)), "event 0: the weight is inf; the file is damaged: make it again");
}

std::vector<core::Event> simulate(const SimulationConfig& config, std::uint64_t first,
                                  std::uint64_t n, unsigned threads) {
  SimulationConfig range = config;
  range.first_event = first;
  range.events = n;
  const Simulator simulator(range);
  std::vector<core::Event> events;
  generate_events(simulator, make_hard_events(range, simulator), first, n, threads,
                  [&](const SimulatedEvent& event) { events.push_back(event.event); });
  return events;
}

TEST_F(HepmcFile, GivesTheSameEventsForAnyNumberOfThreadsAndAnyRange) {
  std::string text = header;
  for (int i = 0; i < 30; ++i) text += event_text(i, {{13, 20.0 + i, 5, 10.0 * i - 100}});
  write(text + footer);
  const auto one = simulate(config(30), 0, 30, 1);
  EXPECT_EQ(one, simulate(config(30), 0, 30, 3));
  const auto part = simulate(config(30), 11, 9, 2);
  EXPECT_EQ(part, (std::vector<core::Event>(one.begin() + 11, one.begin() + 20)));
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].header.event_number, i);
    EXPECT_NEAR(one[i].muons.pt.at(0), std::hypot(20.0 + static_cast<double>(i), 5), 1e-4);
  }
}

// One path for both sources: the muons of the toy generator, given from outside, make the same
// event.
TEST_F(HepmcFile, MuonsAreTreatedAsThoseOfTheGenerator) {
  const Simulator simulator(SimulationConfig{});
  for (std::uint64_t n = 0; n < 5; ++n)
    EXPECT_EQ(simulator.generate(n), simulator.simulate(n, simulator.hard_event(n)).event);
  const TruthMuon soft = muon_from_momentum(1, 0, 0, 1), forward = muon_from_momentum(4, 0, 100, 1),
                  good = muon_from_momentum(30, 0, 5, 1);
  const core::Event event = simulator.simulate(0, {{soft, forward, good}, 7, 0.5F}).event;
  EXPECT_EQ(event.muons.size(), 1U);
  EXPECT_EQ(event.header.mc_channel_number, 7U);
  EXPECT_EQ(event.header.mc_event_weight, 0.5F);
}

TEST_F(HepmcFile, MoreMuonsThanTruthLinksHold) {
  const Simulator simulator(config(1));
  EXPECT_EQ(test::data_error([&] {
              static_cast<void>(simulator.simulate(
                  4, {std::vector<TruthMuon>(128, muon_from_momentum(30, 0, 5, 1)), 0, 1}));
            }),
            "event 4: 128 muons are in the acceptance, truth links hold 127; leave pile-up "
            "out of the file, the background of the toy "
            "simulation stands for it");
}

TEST(HepmcSource, OutputFilesBearTheNameOfTheHepmcFile) {
  SimulationConfig config;
  config.source = MuonSource::hepmc;
  config.hepmc_file = "folder/zmumu_pythia.hepmc3.gz";
  config.output = "out";
  config.events = config.events_per_file = 10;
  EXPECT_EQ(output_files(config).at(0).path, "out/zmumu_pythia_PU200_skip0_n10.root");
}

}  // namespace
}  // namespace stationhit::simulation
