// A prepared set whose shards are in memory; manifests and folders are on disk.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>
#include <unit/data/fake_formats.hpp>

#include <stationhit/data/prepared_split.hpp>

namespace stationhit::workflow {

// An event of 60 hits, all with time 5; the first muon, of 5 hits, passes the cuts.
inline core::Event selected_event(std::uint64_t number) {
  core::Event event = test::random_event(number, 60, 2);
  event.header.run_number = 7;
  event.header.event_number = number;
  for (std::size_t i = 0; i < event.hits.size(); ++i)
    event.hits.truth_link[i] = static_cast<std::int8_t>(i < 5 ? 0 : (i < 8 ? 1 : core::no_muon));
  std::ranges::fill(event.hits.time, 5.0F);
  event.muons.pt = {20.0F, 1.0F};
  event.muons.eta = {0.5F, -0.5F};
  return event;
}

// One input file of n_events events, prepared with shards of about five training events.
class PreparedSet {
 public:
  explicit PreparedSet(std::uint64_t n_events = 30) {
    std::filesystem::create_directories(root_ / "in");
    data::FakeFormats::Events events;
    for (std::uint64_t n = 0; n < n_events; ++n) events.push_back(selected_event(n));
    formats_.add_input(root_ / "in" / "zmumu_PU200_skip0_n30.root", std::move(events));
  }

  [[nodiscard]] data::PrepareConfig config() const {
    data::PrepareConfig config;
    config.input = {(root_ / "in").string()};
    config.output = (root_ / "set").string();
    config.events_per_shard = 10;
    config.small_events = 2;
    config.split.train = 0.5;
    config.split.validation = 0.25;
    config.threads = 1;
    return config;
  }
  void prepare() { (void)data::prepare(config(), formats()).value(); }

  [[nodiscard]] data::PrepareFormats formats() { return formats_.formats(); }
  [[nodiscard]] data::ShardOpener open() { return formats().open_shard; }
  [[nodiscard]] std::filesystem::path split(const std::string& name) const {
    return root_ / "set" / name;
  }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return root_ / name;
  }

 private:
  test::ScratchFolder root_;
  data::FakeFormats formats_;
};

}  // namespace stationhit::workflow
